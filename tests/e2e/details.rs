//! What `-v` to `-vvv` tell, and what they never tell.

use crate::scenario::{Outcome, Scenario};

const HOSTS: &str = "a ansible_connection=local\n";

fn run(tasks: &str, arguments: &[&str]) -> Outcome {
    let playbook = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    let handlers = "  handlers:\n    - name: H\n      command: echo handled\n";
    let scenario = Scenario::new().file("imported.yml", "- debug: msg=imported\n");
    scenario.playbook(&format!("{playbook}{handlers}")).inventory(HOSTS).args(arguments.iter().copied()).run()
}

#[test]
fn two_tell_the_way_through_the_playbook() {
    let tasks = "    - import_tasks: imported.yml\n    - command: echo\n      notify: H\n";
    let outcome = run(tasks, &["--output", "ansible", "-vv"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for expected in [
        "ansible-playbook [core 2.19.",
        "No config file found; using defaults\n",
        "statically imported: /",
        "PLAYBOOK: site.yml ***",
        "task path: /",
        "Notification for handler H has been saved.\n",
        "NOTIFIED HANDLER H for a\n",
    ] {
        assert!(outcome.stdout.contains(expected), "{expected}: {}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains("EXEC"), "{}", outcome.stdout);
}

#[test]
fn three_tell_what_is_done_on_the_host_and_with_which_arguments() {
    let tasks = "    - command: echo 'a b'\n    - copy: { content: x, dest: out }\n";
    let outcome = run(tasks, &["--output", "ansible", "-vvv"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for expected in [
        "<a> ESTABLISH LOCAL CONNECTION FOR USER: ",
        "<a> EXEC echo 'a b'\n",
        "<a> PUT out\n",
        "    \"invocation\": {\n        \"module_args\": {\n            \"_raw_params\": \"echo 'a b'\",\n",
        "            \"chdir\": null,\n",
    ] {
        assert!(outcome.stdout.contains(expected), "{expected}: {}", outcome.stdout);
    }
}

#[test]
fn what_no_log_hides_stays_hidden_while_it_is_done() {
    let tasks = "    - shell: echo open; echo sesame\n      no_log: true\n";
    for form in ["default", "ansible"] {
        for more in ["-v", "-vv", "-vvv", "-vvvv"] {
            let outcome = run(tasks, &["--output", form, more]);
            assert_eq!(outcome.code, 0, "{outcome:?}");
            let all = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(!all.contains("sesame"), "{form} {more}: {all}");
        }
    }
}

#[test]
fn secret_arguments_are_not_among_those_told() {
    let tasks =
        "    - user: { name: root, password: xy }\n      check_mode: true\n      ignore_errors: true\n";
    let outcome = run(tasks, &["--output", "ansible", "-vvv"]);
    assert!(outcome.stdout.contains("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("\"xy\""), "{}", outcome.stdout);
}
