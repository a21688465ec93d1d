/// A tool of Ansible's that is not here.
pub struct RefusedTool {
    pub name: &'static str,
    pub why: &'static str,
    pub instead: &'static str,
}

impl RefusedTool {
    /// Returns its name as a command of this program: `galaxy`.
    pub fn command(&self) -> &'static str {
        self.name.strip_prefix("ansible-").unwrap_or(self.name)
    }
}

/// Every tool of ansible-core that has no counterpart.
pub const REFUSED_TOOLS: &[RefusedTool] = &[
    RefusedTool {
        name: "ansible-galaxy",
        why: "nothing is downloaded by a program that reaches all your hosts",
        instead: "roles and collections are folders: put them into `roles/`, or into `collections/ansible_collections/`, \
                  with git or with ansible-galaxy on any machine",
    },
    RefusedTool {
        name: "ansible-console",
        why: "there is no shell of its own",
        instead: "run single tasks with `switchover exec PATTERN -m MODULE -a ARGUMENTS`",
    },
    RefusedTool {
        name: "ansible-pull",
        why: "hosts do not fetch playbooks here",
        instead: "on the host: `git pull`, then `switchover run PLAYBOOK -i localhost, -c local`",
    },
    RefusedTool {
        name: "ansible-test",
        why: "it tests Ansible's own collections",
        instead: "try playbooks with `switchover lint` and `--check`, modules with `switchover plugin check`",
    },
    RefusedTool {
        name: "ansible-connection",
        why: "it is a part of Ansible's connections to network devices",
        instead: "connections are kept by the run itself",
    },
];
