use switchover_sdk::export::Refusal;

/// Modules that playbooks name and that stay a program's work: one row for each family.
pub const REFUSED: &[Refusal] = &[
    (
        &["expect"],
        "programs get no terminal here",
        "give the answers on standard input: `command: { cmd: PROGRAM, stdin: ANSWERS }`",
    ),
    (
        &["subversion", "svn"],
        "Subversion is not among the systems this program knows",
        "run `svn` with `command`, or use `git`",
    ),
    (
        &["docker_*", "community.docker.*", "podman_*", "containers.podman.*"],
        "containers are left to their own tool",
        "run `docker` or `podman` with `command`, or keep a compose file with `template` and run `docker compose up -d`",
    ),
    (
        &["k8s*", "kubernetes.core.*", "helm", "helm_*", "community.kubernetes.*", "oc_*", "openshift.*"],
        "clusters of Kubernetes are left to their own tools",
        "run `kubectl apply -f` or `helm upgrade --install` with `command`",
    ),
    (
        &[
            "openssl_*",
            "x509_*",
            "luks_device",
            "acme_*",
            "community.crypto.*",
            "get_certificate",
            "certificate_complete_chain",
        ],
        "keys and certificates are left to their own tools",
        "run `openssl` with `command`, `creates` and, for a passphrase, `stdin`",
    ),
    (
        &["xml"],
        "documents of XML are not edited in place",
        "keep the whole file with `template`, or a line of it with `replace`",
    ),
    (
        &["win_*", "ansible.windows.*", "community.windows.*", "microsoft.ad.*", "chocolatey*"],
        "hosts have to understand POSIX",
        "keep hosts with Windows in a playbook of their own",
    ),
    (
        &[
            "ec2*",
            "s3_*",
            "aws_*",
            "amazon.aws.*",
            "community.aws.*",
            "azure_*",
            "azure.azcollection.*",
            "gcp_*",
            "google.cloud.*",
            "os_*",
            "openstack.cloud.*",
            "vmware_*",
            "community.vmware.*",
            "hetzner.hcloud.*",
        ],
        "clouds are left to their own tools",
        "run the cloud's program (`aws`, `az`, `gcloud`, `openstack`) with `command` and `delegate_to: localhost`",
    ),
    (
        &[
            "ios_*",
            "cisco.*",
            "junos_*",
            "junipernetworks.*",
            "eos_*",
            "arista.*",
            "ansible.netcommon.*",
            "vyos.*",
        ],
        "network devices have no POSIX shell",
        "keep network devices in a playbook of their own",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_says_why_and_what_to_write() {
        for (names, why, instead) in REFUSED {
            assert!(!names.is_empty() && !why.is_empty() && !instead.is_empty(), "{names:?}");
        }
    }
}
