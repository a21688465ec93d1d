//! Modules for the machine itself, in namespaces of their own, so that this machine stays as it is.
#![expect(clippy::print_stderr, reason = "a test says why it is skipped")]

use std::process::Command;

use crate::scenario::Scenario;

/// Runs `script` as root in namespaces of its own, where `"$@"` is the scenario's run; returns what it prints at the end.
/// `None`, with a word, where that is not possible or a program is missing.
fn apart(scenario: &Scenario, script: &str, needs: &[&str]) -> Option<String> {
    let has =
        |program: &&&str| Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null", program]).status();
    if let Some(missing) = needs.iter().find(|program| !has(program).is_ok_and(|status| status.success())) {
        eprintln!("skipped: this machine has no {missing}");
        return None;
    }
    if !Command::new("unshare").args(["-m", "-n", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: namespaces need root");
        return None;
    }
    let run = scenario.command();
    let mut command = Command::new("unshare");
    command.args(["-m", "-n", "sh", "-ec", script, "sh"]).arg(run.get_program()).args(run.get_args());
    command.current_dir(run.get_current_dir().unwrap());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(stdout.split("== state ==\n").nth(1).unwrap_or_default().to_owned())
}

/// Runs the scenario two times; the second time nothing may change.
const TWICE: &str = r#""$@" >first && "$@" >second || { cat first second; exit 1; }
grep -q 'changed=0 ' second || { cat second; exit 1; }
echo '== state =='
"#;

fn play(tasks: &str) -> Scenario {
    let lines: Vec<String> = tasks.lines().map(|line| format!("    {line}\n")).collect();
    let play = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{}", lines.concat());
    Scenario::new()
        .playbook(&play)
        .inventory("here ansible_connection=local\n")
        .args(["--output", "ansible", "-v"])
}

#[test]
fn the_packet_filter_gets_its_rules_once() {
    let run = play(
        "- iptables: { chain: OWN, chain_management: true }
- iptables: { chain: OWN, protocol: tcp, destination_ports: ['80', '443'], ctstate: NEW, jump: ACCEPT, comment: it's web }
- iptables: { chain: OWN, source: '!192.0.2.0/24', reject_with: icmp-port-unreachable }
- iptables: { chain: INPUT, jump: OWN, action: insert, ip_version: ipv4 }
- iptables: { chain: FORWARD, policy: DROP, ip_version: both }
- iptables: { chain: PREROUTING, table: nat, protocol: tcp, destination_port: 80, jump: REDIRECT, to_ports: 8600 }",
    );
    let state = format!("{TWICE}iptables -S; iptables -t nat -S PREROUTING; ip6tables -S FORWARD");
    let Some(state) = apart(&run, &state, &["iptables"]) else { return };
    let expected = "-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N OWN\n-A INPUT -j OWN\n\
         -A OWN -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -m comment --comment \"it\\'s web\" -j ACCEPT\n\
         -A OWN ! -s 192.0.2.0/24 -j REJECT --reject-with icmp-port-unreachable\n-P PREROUTING ACCEPT\n\
         -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8600\n-P FORWARD DROP\n";
    assert_eq!(state, expected);
}

#[test]
fn debconf_gets_its_answers_once() {
    let run = play(
        "- debconf: { name: swtest, question: swtest/area, vtype: select, value: Europe }
- debconf: { name: swtest, question: swtest/many, vtype: multiselect, value: [b, a] }
- debconf: { name: swtest, question: swtest/flag, vtype: boolean, value: true }
- debconf: { name: swtest, question: swtest/word, vtype: password, value: \"it's secret\" }",
    );
    let script = format!(
        "cp -a /var/cache/debconf here && mount --bind here /var/cache/debconf\n{TWICE}debconf-show swtest | sort\n\
         echo GET swtest/word | debconf-communicate\nif grep -l secret first second; then exit 1; fi"
    );
    let Some(state) = apart(&run, &script, &["debconf-communicate"]) else { return };
    let expected = "* swtest/area: Europe\n* swtest/flag: true\n* swtest/many: b, a\n* swtest/word: (password omitted)\n\
                    0 it's secret\n";
    assert_eq!(state, expected);
}

#[test]
fn lists_and_capabilities_of_files_are_kept_once() {
    let run = play(
        "- acl: { path: '{{ playbook_dir }}/file', etype: user, entity: '1', permissions: rw, state: present }
- acl: { path: '{{ playbook_dir }}', etype: group, entity: '1', permissions: rx, default: true, state: present }
- capabilities: { path: '{{ playbook_dir }}/program', capability: cap_net_bind_service=+ep }
- htpasswd: { path: '{{ playbook_dir }}/users', name: joe, password: sesame, mode: '0640' }",
    )
    .file("file", "")
    .file("program", "");
    let state = format!(
        "{TWICE}getfacl -cn file | grep :1:; getfacl -cnd . | grep :1:; getcap program
printf sesame | openssl passwd -apr1 -salt \"$(cut -d'$' -f3 users)\" -stdin | grep -qxF \"$(cut -d: -f2 users)\" && stat -c %a users
if grep -l sesame first second; then exit 1; fi"
    );
    let Some(state) = apart(&run, &state, &["setfacl", "setcap", "openssl"]) else { return };
    assert_eq!(state, "user:1:rw-\ngroup:1:r-x\nprogram cap_net_bind_service=ep\n640\n");
}

#[test]
fn a_program_is_chosen_and_a_package_held_once() {
    let run = play(
        "- alternatives: { name: swtest, link: '{{ playbook_dir }}/link', path: '{{ playbook_dir }}/one' }
- alternatives: { name: swtest, path: '{{ playbook_dir }}/two', priority: 90, state: present }
- dpkg_selections: { name: dpkg, selection: hold }",
    )
    .file("one", "")
    .file("two", "");
    let script = format!(
        "for folder in /etc/alternatives /var/lib/dpkg; do cp -a $folder here && mount --bind here $folder && mv here ${{folder##*/}}; done
{TWICE}update-alternatives --query swtest | grep -E '^(Status|Priority)'; readlink link; dpkg --get-selections dpkg | tr -s '\t' ' '"
    );
    let Some(state) = apart(&run, &script, &["update-alternatives", "dpkg"]) else { return };
    let mut lines = state.lines();
    assert_eq!(lines.next(), Some("Status: manual"));
    assert_eq!(lines.by_ref().take(2).collect::<Vec<_>>(), ["Priority: 50", "Priority: 90"]);
    assert_eq!(lines.next(), Some("/etc/alternatives/swtest"));
    assert_eq!(lines.next(), Some("dpkg hold"));
}

#[test]
fn ufw_gets_its_rules_once() {
    let run = play(
        "- ufw: { rule: allow, port: '443', proto: tcp, comment: a b }
- ufw: { rule: deny, port: '1', delete: true }
- ufw: { default: reject, direction: outgoing }
- ufw: { logging: medium }",
    );
    let script = format!(
        "mkdir u && cp -a /etc/ufw /etc/default u && mount --bind u/ufw /etc/ufw && mount --bind u/default /etc/default
{TWICE}grep -h '^### tuple' /etc/ufw/user.rules | cut -d' ' -f1-5; grep OUTPUT_POLICY /etc/default/ufw; grep LOGLEVEL /etc/ufw/ufw.conf"
    );
    let Some(state) = apart(&run, &script, &["ufw"]) else { return };
    assert_eq!(state, "### tuple ### allow tcp\nDEFAULT_OUTPUT_POLICY=\"REJECT\"\nLOGLEVEL=medium\n");
}
