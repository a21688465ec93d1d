//! What a run leaves for programs and for those who were not there: JSON, JUnit's XML, a page, Ansible's own layouts.

use serde_json::Value;

use crate::scenario::{Outcome, Scenario};

const PLAYBOOK: &str = r#"
- name: First
  hosts: all
  gather_facts: false
  tasks:
    - name: works
      command: echo "<b>&"
    - name: breaks
      shell: echo lost >&2; exit 3
      when: inventory_hostname == 'b'
    - name: tells
      debug: { msg: "one\ntwo" }
    - set_stats: { data: { seen: ["{{ inventory_hostname }}"], count: 1 } }
"#;

fn scenario() -> Scenario {
    let hosts = "a ansible_connection=local\nb ansible_connection=local\n";
    Scenario::new().playbook(PLAYBOOK).inventory(hosts).args(["-f", "1"])
}

fn with(scenario: &Scenario, variables: &[(&str, &str)]) -> Outcome {
    Outcome::of(scenario.command().envs(variables.iter().copied()))
}

#[test]
fn json_is_one_document_of_plays_and_stats() {
    let outcome = with(&scenario(), &[("ANSIBLE_STDOUT_CALLBACK", "ansible.posix.json")]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let tasks = &document["plays"][0]["tasks"];
    assert_eq!(tasks[0]["hosts"]["a"]["stdout"], "<b>&");
    assert_eq!(tasks[1]["hosts"]["b"]["rc"], 3);
    assert_eq!(tasks[1]["hosts"]["a"]["skipped"], true);
    assert_eq!(document["stats"]["b"]["failures"], 1);
    assert_eq!(document["global_custom_stats"], serde_json::json!({ "seen": ["a"], "count": 1 }));
}

#[test]
fn junit_writes_a_case_for_each_step() {
    let scenario = scenario().args(["--output", "junit"]);
    let folder = scenario.path("junit").display().to_string();
    let outcome = with(&scenario, &[("JUNIT_OUTPUT_DIR", &folder)]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.contains(r#"<testsuite disabled="0" errors="0" failures="1" name="site" skipped="1" tests="6""#),
        "{text}"
    );
    assert!(text.contains(r#"name="[b] First: breaks""#), "{text}");
    assert!(text.contains("&lt;b&gt;&amp;"), "{text}");
}

#[test]
fn a_page_tells_failures_and_holds_no_markup_of_hosts() {
    let scenario = scenario().args(["--report", "run.html", "--no-journal"]);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let page = std::fs::read_to_string(scenario.path("run.html")).unwrap();
    assert!(page.contains("<h3>breaks on b</h3>"), "{page}");
    assert!(page.contains("<pre>lost</pre>"), "{page}");
    assert!(page.contains("not all was done"), "{page}");
    assert!(!page.contains("<b>&"), "{page}");
    let left = std::fs::read_dir(scenario.path("")).unwrap();
    let left = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".new"));
    assert_eq!(left.count(), 0);
}

#[test]
fn results_are_yaml_where_that_is_wanted() {
    let variables = [("ANSIBLE_STDOUT_CALLBACK", "default"), ("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")];
    let outcome = with(&scenario(), &variables);
    assert!(
        outcome.stdout.contains("ok: [a] => \n    msg: |-\n        one\n        two\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn custom_stats_are_shown_at_the_end() {
    let variables = [("ANSIBLE_STDOUT_CALLBACK", "default"), ("ANSIBLE_SHOW_CUSTOM_STATS", "1")];
    let outcome = with(&scenario(), &variables);
    assert!(
        outcome.stdout.ends_with("\n\tRUN: { \"count\": 1, \"seen\": [  \"a\" ]}\n\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn callbacks_that_there_are_not_are_named() {
    let variables = [("ANSIBLE_STDOUT_CALLBACK", "default"), ("ANSIBLE_CALLBACKS_ENABLED", "timer,mail")];
    let outcome = with(&scenario(), &variables);
    assert!(outcome.stderr.contains("the callback mail is not followed"), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("Playbook run took 0 days, 0 hours, 0 minutes, "), "{}", outcome.stdout);
    let outcome = with(&scenario(), &[("ANSIBLE_STDOUT_CALLBACK", "community.general.yaml")]);
    assert_eq!(outcome.code, 4);
    assert!(outcome.stderr.contains("callback_result_format = yaml"), "{}", outcome.stderr);
}

#[test]
fn a_limit_that_leaves_no_host_is_refused() {
    let outcome = scenario().args(["--limit", "nobody"]).run();
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains("leaves us with no hosts to target"), "{}", outcome.stderr);
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = Scenario::new().args(["completions", shell]).run();
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert!(outcome.stdout.contains("inventory"), "{shell}");
    }
}
