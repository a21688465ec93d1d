//! `switchover lint`: what is no mistake yet, told at its place.

use serde_json::Value;

use crate::scenario::{Outcome, Scenario};

fn lint(playbook: &str, more: &[&str]) -> Outcome {
    Scenario::new().file("site.yml", playbook).args(["lint", "site.yml"]).args(more.iter().copied()).run()
}

/// Returns code and line of everything that was found.
fn found(playbook: &str) -> Vec<(String, u64)> {
    let outcome = lint(playbook, &["--format", "json"]);
    let list: Vec<Value> =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome:?}"));
    list.iter().map(|one| (one["code"].as_str().unwrap().to_owned(), one["line"].as_u64().unwrap())).collect()
}

fn in_a_play(task: &str) -> Vec<(String, u64)> {
    found(&format!("- name: A play\n  hosts: all\n  tasks:\n    - name: A task\n{task}"))
}

#[test]
fn each_rule_finds_its_own_place() {
    for (task, code, line) in [
        ("      ping:\n      when: \"{{ a }}\"\n", "template::wrapped-condition", 6),
        ("      ping:\n      when: a == true\n", "lint::compared-with-literal", 6),
        ("      command: mkdir /x\n      changed_when: true\n", "lint::command-for-module", 5),
        ("      shell: uptime -p\n      changed_when: false\n", "lint::shell-without-need", 5),
        ("      command: uptime\n", "lint::always-changed", 5),
        ("      command: login {{ db_password }}\n      changed_when: true\n", "lint::secret-shown", 5),
        ("      file: { path: /x, mode: 644 }\n", "lint::decimal-mode", 5),
        ("      ping:\n      ignore_errors: true\n", "lint::unjudged-errors", 6),
        (
            "      command: wipe /x\n      changed_when: true\n      effect: \"destroys: all data\"\n",
            "lint::destroys-unexpected",
            5,
        ),
    ] {
        assert_eq!(in_a_play(task), [(code.to_owned(), line)], "{task}");
    }
    let unnamed = found("- hosts: all\n  tasks:\n    - ping:\n");
    assert_eq!(unnamed, [("lint::unnamed-play".to_owned(), 1), ("lint::unnamed-task".to_owned(), 3)]);
}

#[test]
fn what_is_well_written_is_left_alone() {
    for task in [
        "      command: make install\n      args: { creates: /x }\n      no_log: true\n",
        "      shell: ls | wc -l\n      changed_when: false\n",
        "      file: { path: /x, mode: \"0644\" }\n",
        "      file: { path: /x, mode: 0644 }\n",
        "      command: login {{ db_password }}\n      changed_when: true\n      no_log: true\n",
        "      command: mkdir /x # noqa: command-for-module\n      changed_when: true\n",
        "      command: mkdir /x # noqa\n      changed_when: true\n",
    ] {
        assert_eq!(in_a_play(task), [], "{task}");
    }
}

#[test]
fn mistakes_are_errors_and_the_exit_code_says_which_it_was() {
    let clean = lint("- name: A play\n  hosts: all\n", &[]);
    assert_eq!((clean.code, clean.stdout.as_str()), (0, "0 errors, 0 warnings\n"), "{clean:?}");
    let warned = lint("- hosts: all\n", &[]);
    assert_eq!(warned.code, 1, "{warned:?}");
    assert!(
        warned.stderr.contains("warning[lint::unnamed-play]") && warned.stderr.contains("site.yml:1:10"),
        "{warned:?}"
    );
    let skipped = lint("- hosts: all\n", &["--skip", "unnamed-play"]);
    assert_eq!(skipped.code, 0, "{skipped:?}");
    let wrong = lint("- hosts: all\n  tasks:\n    - copy: { scr: a, dest: b } # noqa\n", &[]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(wrong.stderr.contains("did you mean `src`?"), "{wrong:?}");
    let unknown = lint("- hosts: all\n", &["--skip", "nothing"]);
    assert_eq!(unknown.code, 5, "{unknown:?}");
}

#[test]
fn the_rules_are_listed() {
    let outcome = Scenario::new().args(["lint", "--list-rules"]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("lint::decimal-mode "), "{outcome:?}");
}
