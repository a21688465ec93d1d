//! The tools beside `run`: what they print is what Ansible's tools print, and what they write opens there.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;

use crate::scenario::{Outcome, Scenario};

/// Written by `ansible-vault encrypt --vault-id dev@...` of ansible-core 2.19 with the password `secret`.
const THEIRS: &str = "\
$ANSIBLE_VAULT;1.2;AES256;dev
61303935666661356530643061303531326134333837393532353638666662363330316438626532
3033363861383333646339633336343531656637373333310a383735326235383464346531333466
35303136383937343865353530313939623837643135623661636161313730636263376265376332
3630373862623165630a363563393835613336666262393765393936633537323734613131633436
32303163313864363332613132346364613432656461663437356537313239313230646635386161
3964623637336663646262376363336132346662303764386435
";

/// Runs the program by the name of one of Ansible's tools.
fn called(scenario: &Scenario, name: &str) -> Outcome {
    let output = scenario.command().arg0(name).output().unwrap();
    Outcome {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

#[test]
fn exec_prints_what_a_program_says_and_ends_with_its_fate() {
    let good = Scenario::new().args(["exec", "localhost", "-a", "echo hi"]).run();
    assert_eq!(good.stdout, "localhost | CHANGED | rc=0 >>\nhi\n");
    assert_eq!(good.code, 0);
    let bad =
        Scenario::new().args(["exec", "localhost", "-m", "shell", "-a", "echo a; echo b >&2; exit 3"]).run();
    assert!(bad.stdout.ends_with("localhost | FAILED | rc=3 >>\nabnon-zero return code\n"), "{}", bad.stdout);
    assert_eq!(bad.code, 2);
}

#[test]
fn a_link_named_ansible_runs_one_task() {
    let scenario = Scenario::new().args(["localhost", "-m", "debug", "-a", "var=x", "-e", "x=4", "-o"]);
    let outcome = called(&scenario, "/usr/bin/ansible");
    assert_eq!(outcome.stdout, "localhost | SUCCESS => {    \"changed\": false,    \"x\": \"4\"}\n");
}

#[test]
fn a_pause_for_somebody_stops_us_and_not_ansible_where_nobody_is() {
    let playbook = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - pause: { prompt: Go on? }\n";
    let outcome =
        called(&Scenario::new().file("p.yml", playbook).args(["p.yml"]), "/usr/bin/ansible-playbook");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("Not waiting for response to prompt"), "{outcome:?}");
    let outcome = Scenario::new().playbook(playbook).run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.stdout.contains("nobody is at a terminal"), "{outcome:?}");
}

#[test]
fn exec_writes_a_tree_of_results() {
    let scenario = Scenario::new().args(["exec", "localhost", "-m", "ping", "-t", "tree"]);
    assert_eq!(scenario.run().code, 0);
    let text = std::fs::read_to_string(scenario.path("tree/localhost")).unwrap();
    assert_eq!(text, "{\"changed\": false, \"ping\": \"pong\"}");
}

#[test]
fn exec_refuses_a_program_without_a_word() {
    let outcome = Scenario::new().args(["exec", "localhost"]).run();
    assert_eq!(outcome.code, 5);
    assert!(outcome.stderr.contains("No argument passed to command module"), "{}", outcome.stderr);
}

#[test]
fn a_vault_of_the_other_tool_opens_with_its_password_only() {
    let scenario = Scenario::new().file("w.yml", THEIRS).file("right", "secret\n").file("wrong", "other\n");
    let view = |file: &str| {
        let mut command = scenario.command();
        command.args(["vault", "view", "--vault-id", &format!("dev@{file}"), "w.yml"]).output().unwrap()
    };
    assert_eq!(String::from_utf8(view("right").stdout).unwrap(), "greeting: hello from the other tool\n");
    assert_eq!(view("wrong").status.code(), Some(1));
    assert!(view("wrong").stdout.is_empty());
}

#[test]
fn a_playbook_reads_encrypted_variables() {
    let outcome = Scenario::new()
        .file("w.yml", THEIRS)
        .file("right", "secret\n")
        .playbook(
            "- hosts: localhost\n  gather_facts: false\n  vars_files: [w.yml]\n  tasks:\n    - copy: { content: '{{ greeting }}', dest: '{{ playbook_dir }}/out' }\n",
        )
        .args(["--vault-password-file", "right"]);
    assert_eq!(outcome.run().code, 0);
    assert_eq!(std::fs::read_to_string(outcome.path("out")).unwrap(), "hello from the other tool");
}

#[test]
fn a_vault_is_written_for_its_owner_only_and_read_back() {
    let scenario = Scenario::new().file("plain", "text\n").file("right", "secret\n");
    let vault = |words: &[&str]| {
        let mut command = scenario.command();
        command.arg("vault").args(words).args(["--vault-password-file", "right"]).output().unwrap()
    };
    assert!(vault(&["encrypt", "--output", "closed", "plain"]).status.success());
    let meta = std::fs::metadata(scenario.path("closed")).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    assert!(
        std::fs::read_to_string(scenario.path("closed")).unwrap().starts_with("$ANSIBLE_VAULT;1.1;AES256\n")
    );
    assert!(vault(&["decrypt", "closed"]).status.success());
    assert_eq!(std::fs::read_to_string(scenario.path("closed")).unwrap(), "text\n");
    let twice = vault(&["encrypt", "closed", "closed", "--output", "x"]);
    assert_eq!(twice.status.code(), Some(5));
}

#[test]
fn an_editor_changes_a_vault() {
    let scenario = Scenario::new().file("w.yml", THEIRS).file("right", "secret\n");
    let mut edit = scenario.command();
    edit.env("EDITOR", "sed -i s/hello/bye/").args(["vault", "edit", "--vault-id", "dev@right", "w.yml"]);
    assert!(edit.status().unwrap().success());
    let mut view = scenario.command();
    let shown = view.args(["vault", "view", "--vault-id", "dev@right", "w.yml"]).output().unwrap();
    assert_eq!(String::from_utf8(shown.stdout).unwrap(), "greeting: bye from the other tool\n");
    let text = std::fs::read_to_string(scenario.path("w.yml")).unwrap();
    assert!(text.starts_with("$ANSIBLE_VAULT;1.2;AES256;dev\n"), "{text}");
}

#[test]
fn a_wrong_setting_is_told_with_its_place() {
    let outcome = Scenario::new()
        .file("ansible.cfg", "[defaults]\nforks = many\n")
        .args(["exec", "localhost", "-m", "ping"])
        .run();
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("ansible.cfg:2:1"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("is no whole number"), "{}", outcome.stderr);
}

#[test]
fn settings_that_are_not_followed_are_named() {
    let outcome = Scenario::new()
        .file("ansible.cfg", "[defaults]\nexecutable = /bin/bash\nno_such_key = 1\nnocows = 1\n")
        .args(["exec", "localhost", "-m", "ping"])
        .run();
    assert_eq!(outcome.code, 0);
    assert!(
        outcome.stderr.contains("these settings are ignored: no_such_key of [defaults]"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("the setting DEFAULT_EXECUTABLE is not followed"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("nocows"), "{}", outcome.stderr);
}

#[test]
fn a_configuration_of_ansible_gives_its_format() {
    let scenario = Scenario::new()
        .file("my.cfg", "[defaults]\ninventory = here.ini\nstrategy = free\n")
        .file("here.ini", "one ansible_connection=local\n")
        .playbook("- hosts: all\n  gather_facts: false\n  tasks: [{ command: 'true' }]\n");
    assert!(!scenario.run().stdout.contains("PLAY RECAP"));
    let output = scenario.command().env("ANSIBLE_CONFIG", "my.cfg").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nPLAY RECAP ***"), "{text}");
    assert!(text.contains("\nchanged: [one]\n"), "{text}");
}

#[test]
fn an_unknown_output_is_refused_by_name() {
    let scenario = Scenario::new().playbook("- hosts: localhost\n  tasks: []\n");
    let output = scenario.command().env("ANSIBLE_STDOUT_CALLBACK", "dense").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no stdout_callback `dense`"));
}

#[test]
fn vars_tells_where_a_value_stands_and_what_it_shadows() {
    let outcome = Scenario::new()
        .file("group_vars/all.yml", "port: 80\nurl: 'http://{{ port }}'\n")
        .file("host_vars/one.yml", "port: 81\n")
        .args(["vars", "one", "port", "url", "--origin", "--playbook-dir", "elsewhere"])
        .inventory("one\n")
        .run();
    let expected = "\
port: 81
    from ./host_vars/one.yml:1:7 (host_vars beside the inventory)
    shadows ./group_vars/all.yml:1:7 (group_vars/all beside the inventory)
url: \"http://81\"
    from ./group_vars/all.yml:2:6 (group_vars/all beside the inventory)
";
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn a_mistake_in_an_encrypted_file_tells_its_place_and_nothing_of_it() {
    let scenario = Scenario::new()
        .file("right", "secret\n")
        .file("plain", "user: x\npassword:hunter2\nother: [hunter2\n");
    let mut encrypt = scenario.command();
    encrypt.args(["vault", "encrypt", "--vault-password-file", "right", "--output", "closed.yml", "plain"]);
    assert!(encrypt.output().unwrap().status.success());
    let outcome = scenario
        .playbook("- hosts: localhost\n  gather_facts: false\n  tasks: []\n")
        .args(["--vault-password-file", "right", "-e", "@closed.yml"])
        .run();
    assert!(!outcome.stderr.contains("hunter2") && !outcome.stdout.contains("hunter2"), "{outcome:?}");
    assert!(
        outcome.stderr.contains("closed.yml:") && outcome.stderr.contains("switchover vault view"),
        "{outcome:?}"
    );
}
