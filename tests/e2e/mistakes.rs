//! What people get wrong: each message names the place and the remedy, and nothing is touched.

use crate::scenario::{Outcome, Scenario};

/// Runs a playbook whose first task would leave a mark, and returns what was said once no mark is there.
fn refused(playbook: &str) -> Outcome {
    let scenario = Scenario::new().playbook(playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.run();
    assert!(!scenario.path("mark").exists(), "{}", outcome.stdout);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
    outcome
}

fn play(second: &str) -> String {
    format!("- hosts: all\n  gather_facts: false\n  tasks:\n    - command: touch mark\n{second}")
}

#[test]
fn an_unknown_module_is_told_with_the_nearest() {
    let said = refused(&play("    - coppy: {src: a, dest: b}\n")).stderr;
    assert!(said.contains("site.yml:5:7") && said.contains("copy"), "{said}");
}

#[test]
fn an_unknown_keyword_is_told_with_the_nearest() {
    let said = refused(&play("    - command: ls\n      whne: true\n")).stderr;
    assert!(said.contains("site.yml:6:7") && said.contains("`when`"), "{said}");
}

#[test]
fn an_unknown_argument_is_told_with_the_nearest() {
    let said = refused(&play("    - copy: {scr: a, dest: /tmp/b}\n")).stderr;
    assert!(said.contains("site.yml:5:14") && said.contains("src"), "{said}");
}

#[test]
fn a_wrong_type_is_told() {
    let said = refused(&play("    - file: {path: /tmp/b, recurse: perhaps}\n")).stderr;
    assert!(said.contains("site.yml:5") && said.contains("perhaps"), "{said}");
}

/// Also where the file stands apart; one that a variable names, or whose failure is provided for, has its turn.
#[test]
fn an_unknown_filter_in_a_template_file_is_told_before_the_host_is_touched() {
    let playbook = play("    - template: {src: a.j2, dest: /tmp/b}\n");
    let scenario = Scenario::new().playbook(&playbook).inventory("h ansible_connection=local\n");
    let scenario = scenario.file("templates/a.j2", "one\n{{ x | nosuch }}\n");
    let outcome = scenario.run();
    assert!(outcome.stderr.contains("templates/a.j2:2:8") && outcome.code == 4, "{outcome:?}");
    assert!(outcome.stderr.contains("`nosuch`") || outcome.stderr.contains("'nosuch'"), "{outcome:?}");
    assert!(!scenario.path("mark").exists());
    for late in [
        "{src: '{{ n }}', dest: /tmp/b}\n      vars: {n: a.j2}\n",
        "{src: a.j2, dest: /tmp/b}\n      ignore_errors: true\n",
    ] {
        let playbook = play(&format!("    - template: {late}"));
        let scenario = Scenario::new().playbook(&playbook).inventory("h ansible_connection=local\n");
        let scenario = scenario.file("templates/a.j2", "one\n{{ x | nosuch }}\n");
        let outcome = scenario.run();
        assert!(
            outcome.stdout.contains("No filter named 'nosuch'. (") && scenario.path("mark").exists(),
            "{outcome:?}"
        );
    }
}

#[test]
fn malformed_yaml_is_told_with_its_line() {
    let said = refused(&play("    - command: 'ls\n")).stderr;
    assert!(said.contains("site.yml:5"), "{said}");
}

#[test]
fn a_file_that_is_imported_and_not_there_is_told() {
    let said = refused(&play("    - import_tasks: nowhere.yml\n")).stderr;
    assert!(said.contains("site.yml:5") && said.contains("nowhere.yml"), "{said}");
}

/// Ansible leaves out how the task itself ended, though it changed the host.
#[test]
fn a_notification_that_reaches_nobody_is_told_after_what_was_done() {
    let playbook = play("      notify: nobody\n    - debug: msg=unreached\n");
    let scenario = Scenario::new().playbook(&playbook).inventory("h ansible_connection=local\n");
    let scenario = scenario.args(["--output", "ansible"]);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("changed: [h]") && scenario.path("mark").exists(), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("unreached"), "{}", outcome.stdout);
    let said = outcome.stderr;
    assert!(
        said.contains("The requested handler 'nobody' was not found") && said.contains("site.yml:4"),
        "{said}"
    );
}

#[test]
fn what_a_play_expects_is_held_before_anything_is_done() {
    let playbook = play("").replace("  tasks", "  expect: inventory_hostname == 'other'\n  tasks");
    let scenario = Scenario::new().playbook(&playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.run();
    assert!(outcome.stderr.contains("h is not as the play expects"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("site.yml:3"), "{}", outcome.stderr);
    assert_eq!((outcome.code, scenario.path("mark").exists()), (1, false));
}

#[test]
fn a_rule_of_a_role_that_nobody_judges_is_told() {
    let specs =
        "argument_specs:\n  main:\n    required_if: [[a, x, [b]]]\n    options:\n      a: {type: str}\n";
    let outcome = Scenario::new()
        .file("roles/r/meta/argument_specs.yml", specs)
        .file("roles/r/tasks/main.yml", "- debug: msg=hi\n")
        .playbook("- hosts: localhost\n  gather_facts: false\n  roles: [r]\n")
        .run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome.stderr.contains("role::unjudged-rule") && outcome.stderr.contains("argument_specs.yml:3:5"),
        "{outcome:?}"
    );
}

#[test]
fn a_mistake_that_the_author_provides_for_is_that_task_s_failure() {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n\
                    \x20   - copy: {scr: a}\n      ignore_errors: true\n      register: first\n\
                    \x20   - block: [{file: {state: none_such}}]\n      rescue: [{command: touch rescued}]\n\
                    \x20   - copy: {content: '{{ first.msg }}', dest: '{{ playbook_dir }}/said'}\n";
    let scenario = Scenario::new().playbook(playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.run();
    assert_eq!((outcome.code, scenario.path("rescued").exists()), (0, true), "{outcome:?}");
    let said = std::fs::read_to_string(scenario.path("said")).unwrap();
    assert!(said.starts_with("Unsupported parameters for (copy) module: scr. Supported"), "{said}");
}

#[test]
fn a_mistake_in_notify_is_told_before_the_task_runs() {
    let outcome = Scenario::new()
        .playbook("- hosts: localhost\n  gather_facts: false\n  tasks:\n    - command: touch mark\n      notify: '{{ nope }}'\n");
    let said = outcome.run();
    assert_eq!((said.code, outcome.path("mark").exists()), (2, false), "{said:?}");
    assert!(said.stdout.contains("Error processing keyword 'notify': 'nope' is undefined"), "{said:?}");
}

#[test]
fn options_for_scp_are_refused_with_what_to_write_instead() {
    let outcome = Scenario::new().playbook(&play("")).args(["--scp-extra-args", "-C"]).run();
    assert_ne!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome.stderr.contains("--scp-extra-args") && outcome.stderr.contains("--ssh-common-args"),
        "{outcome:?}"
    );
}

#[test]
fn a_reader_that_goes_away_ends_no_listing_in_a_panic() {
    let scenario = Scenario::new().args(["plugin", "list"]);
    let mut command = scenario.command();
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What `ansible-doc --list` names, without its collection.
const BUILTIN: &str = include_str!("builtin_modules.txt");

#[test]
fn every_builtin_module_is_there_or_refused_with_what_to_write_instead() {
    let spellings = ["", "ansible.builtin.", "ansible.legacy."];
    let names = BUILTIN.lines().filter(|name| *name != "import_playbook");
    let tasks: Vec<String> =
        names.flat_map(|name| spellings.map(|collection| format!("    - {collection}{name}:\n"))).collect();
    let said = refused(&play(&tasks.concat())).stderr;
    assert!(!said.contains("playbook::unknown-module"), "{said}");
    let refusals: Vec<&str> = said.lines().filter(|line| line.contains("playbook::refused-module")).collect();
    assert_eq!(refusals.len(), 2 * spellings.len(), "{refusals:#?}");
    assert!(
        refusals.iter().all(|line| line.contains("expect'") || line.contains("subversion'")),
        "{refusals:#?}"
    );
}

#[test]
fn a_task_that_expects_is_told_to_use_standard_input() {
    let said =
        refused(&play("    - name: x\n      expect: {command: passwd, responses: {Password: x}}\n")).stderr;
    assert!(said.contains("site.yml:6:7") && said.contains("stdin: ANSWERS"), "{said}");
    let said = refused(&play("    - community.docker.docker_container: {name: x}\n")).stderr;
    assert!(said.contains("containers are left to their own tool"), "{said}");
}

#[test]
fn a_refused_module_under_a_condition_fails_only_where_the_condition_holds() {
    let text = |holds: bool| {
        play(&format!(
            "    - when: {holds}\n      block:\n        - expect: {{command: passwd, responses: {{Password: x}}}}\n"
        ))
    };
    let run =
        |holds| Scenario::new().playbook(&text(holds)).inventory("web1 ansible_connection=local\n").run();
    let passed = run(false);
    assert_eq!(passed.code, 0, "{passed:?}");
    assert!(passed.stderr.contains("where its condition holds, the task fails"), "{passed:?}");
    let failed = run(true);
    assert_eq!(failed.code, 2, "{failed:?}");
    assert!(failed.stdout.contains("couldn't resolve module/action 'expect'"), "{failed:?}");
}

#[test]
fn variables_of_a_callback_that_are_not_followed_are_named() {
    let scenario = Scenario::new().playbook(&play("")).args(["--output", "ansible"]);
    let mut command = scenario.command();
    command
        .env("ANSIBLE_CALLBACKS_ENABLED", "junit")
        .env("JUNIT_OUTPUT_DIR", scenario.path("junit"))
        .env("JUNIT_HIDE_TASK_ARGUMENTS", "true");
    let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(stderr.contains("the variable JUNIT_HIDE_TASK_ARGUMENTS is not followed"), "{stderr}");
    assert!(!stderr.contains("JUNIT_OUTPUT_DIR"), "{stderr}");
}

#[test]
fn what_would_be_of_rsync_alone_is_refused() {
    let task = "    - synchronize: {src: /etc, dest: /srv/x, rsync_path: sudo rsync}\n";
    let outcome = Scenario::new().playbook(&play(task)).run();
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stderr.contains("rsync_path") && outcome.stderr.contains("become"), "{outcome:?}");
}

#[test]
fn a_broken_file_of_variables_ends_the_run_before_its_play() {
    let playbook = "- hosts: all\n  gather_facts: false\n  vars_files: [broken.yml]\n  tasks:\n    - command: touch mark\n";
    let scenario = Scenario::new().playbook(playbook).inventory("h ansible_connection=local\n");
    std::fs::write(scenario.path("broken.yml"), "a: [\n").unwrap();
    let outcome = scenario.run();
    assert_eq!(outcome.code, 4, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("broken.yml:1:4"), "{}", outcome.stderr);
    assert!(!scenario.path("mark").exists(), "{}", outcome.stdout);
}

#[test]
fn what_is_delegated_to_nobody_known_is_not_done() {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - set_fact: {a: 1}\n      delegate_to: \"{{ nobody }}\"\n    - command: touch mark\n";
    let scenario = Scenario::new().playbook(playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.run();
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("'nobody' is undefined"), "{}", outcome.stdout);
    assert!(!scenario.path("mark").exists(), "{}", outcome.stdout);
}

/// As in Ansible the result keeps what the task gave; the place of the condition is told beside it.
#[test]
fn a_condition_on_a_result_that_cannot_be_told_fails_the_task_and_keeps_its_result() {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo done\n      register: r\n      \
                    failed_when: nope == 1\n      ignore_errors: true\n    - debug: msg={{ r.stdout }}--{{ r.failed_when_result }}\n";
    let scenario = Scenario::new().playbook(playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.args(["--output", "ansible"]).run();
    let said = &outcome.stdout;
    assert!(said.contains("done--Error while evaluating conditional: 'nope' is undefined"), "{said}");
    assert!(said.contains("site.yml:6:20") && outcome.code == 0, "{said}{}", outcome.stderr);
}

#[test]
fn tags_that_are_not_defined_end_the_run() {
    let playbook = play("      tags: \"{{ nope }}\"\n");
    let scenario = Scenario::new().playbook(&playbook).inventory("h ansible_connection=local\n");
    let outcome = scenario.run();
    assert!(!scenario.path("mark").exists(), "{}", outcome.stdout);
    assert!(outcome.code == 1 && outcome.stderr.contains("site.yml:5:13"), "{}", outcome.stderr);
}
