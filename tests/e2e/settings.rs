//! Settings of `ansible.cfg` and their variables: each is seen in what a run does.

use crate::scenario::{Outcome, Scenario};

const LOCAL: &str = "a ansible_connection=local\n";

fn with(scenario: &Scenario, variables: &[(&str, &str)]) -> Outcome {
    let outcome = Outcome::of(scenario.command().envs(variables.iter().copied()));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    outcome
}

fn tasks(tasks: &str) -> Scenario {
    let head = "- hosts: all\n  gather_facts: false\n  tasks:\n";
    Scenario::new().playbook(&format!("{head}{tasks}")).inventory(LOCAL)
}

#[test]
fn hash_behaviour_merges_dictionaries_of_several_places() {
    let scenario = tasks("    - copy: { content: \"{{ d | to_json }}\", dest: out }\n")
        .file("group_vars/all.yml", "d: { a: 1, deep: { x: 1 } }\n")
        .file("host_vars/a.yml", "d: { b: 2, deep: { y: 2 } }\n");
    let text = || std::fs::read_to_string(scenario.path("out")).unwrap();
    with(&scenario, &[]);
    assert_eq!(text(), r#"{"b": 2, "deep": {"y": 2}}"#);
    with(&scenario, &[("ANSIBLE_HASH_BEHAVIOUR", "merge")]);
    assert_eq!(text(), r#"{"a": 1, "deep": {"x": 1, "y": 2}, "b": 2}"#);
}

#[test]
fn smart_gathering_asks_no_host_twice_and_explicit_asks_none() {
    let play = "- hosts: all\n  tasks: [ping: ]\n";
    let scenario = Scenario::new().playbook(&play.repeat(2)).inventory(LOCAL).args(["--output", "ansible"]);
    let asked = |how: &str| {
        with(&scenario, &[("ANSIBLE_GATHERING", how)]).stdout.matches("TASK [Gathering Facts]").count()
    };
    assert_eq!(["implicit", "smart", "explicit"].map(asked), [2, 1, 0]);
}

#[test]
fn facts_are_cached_in_files_and_forgotten_when_that_is_wanted() {
    let scenario = tasks(
        "    - setup: { gather_subset: ['!all', min] }\n      when: ask | default(false) | bool\n    - debug: { msg: \"{{ ansible_facts.system is defined }}\" }\n",
    );
    let cache = scenario.path("cache").display().to_string();
    let variables = [
        ("ANSIBLE_CACHE_PLUGIN", "jsonfile"),
        ("ANSIBLE_CACHE_PLUGIN_CONNECTION", cache.as_str()),
        ("ANSIBLE_STDOUT_CALLBACK", "default"),
    ];
    let knows = |scenario: &Scenario| with(scenario, &variables).stdout.contains("\"msg\": true");
    assert!(!knows(&scenario));
    let asking = scenario.args(["-e", "ask=true"]);
    assert!(knows(&asking));
    let file = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_to_string(file).unwrap().contains("system"));
    let again = asking.args(["-e", "ask=false"]);
    assert!(knows(&again));
    assert!(!knows(&again.args(["--flush-cache"])));
}

#[test]
fn max_diff_size_keeps_long_files_off_the_screen() {
    let copy = "    - copy: { content: \"a long new text\\n\", dest: out }\n    - lineinfile: { path: out, line: more }\n";
    let scenario = tasks(copy).args(["--diff", "--output", "ansible"]);
    let outcome = with(&scenario, &[("ANSIBLE_MAX_DIFF_SIZE", "5")]);
    assert!(outcome.stdout.contains("diff skipped: source file size is greater than 5\n"), "{outcome:?}");
    assert!(!outcome.stdout.contains("+a long new text"), "{outcome:?}");
    assert!(outcome.stdout.contains("+more\n"), "{outcome:?}");
    let all = with(&tasks(copy).args(["--diff", "--output", "ansible"]), &[]);
    assert!(all.stdout.contains("+a long new text"), "{all:?}");
}

#[test]
fn names_of_groups_become_valid_where_that_is_wanted() {
    let inventory = "[web-servers]\na\n[1x:children]\nweb-servers\n";
    let run = |how: &str| {
        let graph = Scenario::new().file("hosts", inventory).args(["inventory", "-i", "hosts", "--graph"]);
        with(&graph, &[("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", how)])
    };
    for (how, name, warns) in [
        ("always", "@web_servers:", true),
        ("silently", "@web_servers:", false),
        ("never", "@web-servers:", true),
        ("ignore", "@web-servers:", false),
    ] {
        let outcome = run(how);
        assert!(outcome.stdout.contains(name), "{how}: {outcome:?}");
        assert_eq!(!outcome.stderr.is_empty(), warns, "{how}: {outcome:?}");
    }
    assert!(run("always").stdout.contains("  |--@_x:\n  |  |--@web_servers:\n"));
}

#[test]
fn templates_know_where_they_come_from_and_who_manages_them() {
    let text = "{{ ansible_managed }}|{{ template_path }}|{{ template_destpath }}|{{ template_uid is string }}|{{ template_run_date.year > 2000 }}\n";
    let scenario = tasks("    - template: { src: t.j2, dest: out }\n").file("t.j2", text);
    let out = || std::fs::read_to_string(scenario.path("out")).unwrap();
    with(&scenario, &[]);
    assert_eq!(out(), "Ansible managed|t.j2|out|True|True\n");
    let scenario = scenario.file("ansible.cfg", "[defaults]\nansible_managed = made of {file}\n");
    with(&scenario, &[]);
    let out = || std::fs::read_to_string(scenario.path("out")).unwrap();
    assert!(out().starts_with("made of t.j2|"), "{}", out());
    let scenario = scenario.args(["-e", "ansible_managed=mine"]);
    with(&scenario, &[]);
    assert!(std::fs::read_to_string(scenario.path("out")).unwrap().starts_with("mine|"));
}

#[test]
fn tools_that_are_not_here_say_what_to_do_instead() {
    for (tool, word) in [("galaxy", "roles/"), ("console", "switchover exec"), ("pull", "git pull")] {
        let outcome = Scenario::new().args([tool, "install"]).run();
        assert_eq!(outcome.code, 5, "{outcome:?}");
        assert!(outcome.stderr.contains(word), "{outcome:?}");
    }
}

#[test]
fn the_configuration_tells_where_a_value_comes_from() {
    let scenario = Scenario::new().file("ansible.cfg", "[defaults]\nforks = 7\n").args([
        "ansible-config",
        "dump",
        "--only-changed",
    ]);
    let outcome = with(&scenario, &[("ANSIBLE_TIMEOUT", "3")]);
    let expected = format!(
        "ANSIBLE_NOCOLOR(env: NO_COLOR) = True\nDEFAULT_FORKS({}) = 7\nDEFAULT_TIMEOUT(env: ANSIBLE_TIMEOUT) = 3\n",
        scenario.path("ansible.cfg").display()
    );
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn what_is_printed_goes_into_the_log_without_colours_and_without_secrets() {
    let scenario = tasks("    - debug: { msg: hello }\n    - command: echo s3cret\n      no_log: true\n");
    let log = scenario.path("run.log");
    let variables = [
        ("ANSIBLE_LOG_PATH", log.to_str().unwrap()),
        ("ANSIBLE_STDOUT_CALLBACK", "default"),
        ("ANSIBLE_FORCE_COLOR", "1"),
    ];
    with(&scenario, &variables);
    with(&scenario, &variables);
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.matches("INFO| PLAY RECAP ***").count(), 2, "{text}");
    assert!(text.contains("INFO| ok: [a] => {\n    \"msg\": \"hello\"\n}\n"), "{text}");
    assert!(!text.contains('\x1b') && !text.contains("s3cret"), "{text}");
}
