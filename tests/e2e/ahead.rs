//! Simple steps of a single host travel together: nobody can tell, but by the round trips.

use std::path::Path;

use crate::scenario::{Outcome, Scenario};

const LOCAL: &str = "one ansible_connection=local\n";

/// Runs a play of tasks; `LOG` in them stands for a file that tells what ran, in order, which is returned.
fn run(tasks: &str, arguments: &[&str]) -> (Outcome, String) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let play = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    let play = play.replace("LOG", &log.display().to_string());
    let scenario = Scenario::new().playbook(&play).inventory(LOCAL).args(["--output", "ansible"]);
    let outcome = scenario.args(arguments.iter().copied()).run();
    (
        outcome,
        std::fs::read_to_string(&log).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
    )
}

/// Runs a play both ways; both have to give the same. Returns what was printed and what ran.
fn alike(tasks: &str) -> (Outcome, String) {
    let (together, ran) = run(tasks, &[]);
    let (apart, ran_apart) = run(tasks, &["--no-batch"]);
    assert_eq!(ran, ran_apart, "{}", together.stdout);
    assert_eq!(without_times(&together.stdout), without_times(&apart.stdout));
    assert_eq!(together.code, apart.code);
    (together, ran)
}

/// Times, and folders that each run has for itself, are no difference.
fn without_times(text: &str) -> String {
    let lines = text.lines().take_while(|line| !line.starts_with("After mending"));
    let lines = lines.map(|line| {
        let head = line.split("\"cmd\"").next().unwrap_or_default();
        if head.len() < line.len() { head.to_owned() } else { hidden_folder(line) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn hidden_folder(line: &str) -> String {
    let words = line.split(' ').map(|word| if word.contains("/tmp") { "/..." } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn notes(words: &str) -> String {
    words.split(' ').map(|word| format!("    - shell: echo {word} >> LOG\n")).collect()
}

#[test]
fn forty_mixed_tasks_give_the_same_both_ways() {
    let tasks = [
        notes("a b c d e f g h"),
        "    - { name: skipped, shell: echo no >> LOG, when: false }\n".into(),
        "    - { name: calm, shell: echo calm >> LOG, changed_when: false }\n".into(),
        "    - { shell: wc -l < LOG, register: seen }\n    - debug: var=seen.stdout\n".into(),
        notes("i j k"),
        "    - command: { cmd: touch LOG.once, creates: LOG.once }\n".into(),
        "    - command: { cmd: touch LOG.once, creates: LOG.once }\n".into(),
        "    - { shell: echo told >> LOG, notify: reload }\n".into(),
        notes("l m n"),
        "    - { shell: 'echo loop{{ item }} >> LOG', loop: [1, 2, 3] }\n".into(),
        notes("o p"),
        "    - { shell: 'echo nine >> LOG; exit 9', ignore_errors: true }\n".into(),
        notes("q r s t u v w x y z"),
        "    - { shell: 'echo two >> LOG', no_log: true }\n".into(),
        "    - shell: cat >> LOG\n      args: { stdin: typed }\n".into(),
        notes("end"),
        "  handlers:\n    - { name: reload, shell: echo reload >> LOG }\n".into(),
    ];
    let (outcome, ran) = alike(&tasks.concat());
    let all = "a b c d e f g h calm i j k told l m n loop1 loop2 loop3 o p nine q r s t u v w x y z two typed end \
               reload";
    assert_eq!(ran, all, "{}", outcome.stdout);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn a_failure_in_the_middle_leaves_what_follows_undone() {
    let (outcome, ran) = alike(&[notes("a b"), "    - shell: exit 3\n".into(), notes("c d")].concat());
    assert_eq!(ran, "a b");
    assert_eq!(outcome.code, 2);
}

#[test]
fn a_failure_goes_to_rescue_and_always() {
    let tasks = "    - block:
        - shell: echo a >> LOG
        - shell: echo b >> LOG; exit 1
        - shell: echo never >> LOG
      rescue:
        - shell: echo r1 >> LOG
        - shell: echo r2 >> LOG
      always:
        - shell: echo x >> LOG
";
    let (outcome, ran) = alike(&[tasks, &notes("after end")].concat());
    assert_eq!(ran, "a b r1 r2 x after end");
    assert_eq!(outcome.code, 0);
}

#[test]
fn an_ignored_failure_runs_everything_once() {
    let ignored = "    - { shell: echo bad >> LOG; exit 1, ignore_errors: true }\n";
    let (_, ran) = alike(&[&notes("a"), ignored, &notes("b c"), ignored, &notes("d")].concat());
    assert_eq!(ran, "a bad b c bad d");
}

#[test]
fn a_task_whose_words_depend_on_the_task_before_waits_for_it() {
    let tasks = "    - shell: sleep 0.2; echo first >> LOG
    - shell: echo second-{{ lookup('file', 'LOG') }} >> LOG
    - shell: echo third >> LOG
      when: \"'LOG' is file\"
    - shell: echo {{ undefined_here }}
      ignore_errors: true
    - shell: echo last >> LOG
";
    assert_eq!(alike(tasks).1, "first second-first third last");
}

#[test]
fn a_mistake_in_changed_when_stops_the_play_before_the_next_program() {
    let tasks = "    - { shell: echo a >> LOG, changed_when: nothing_of_this_name }\n";
    assert_eq!(alike(&[tasks, &notes("b")].concat()).1, "a");
}

#[test]
fn a_time_does_not_count_the_programs_before() {
    let tasks = "    - shell: sleep 1
    - shell: 'true'
      register: it
    - shell: echo {{ it.delta }} >> LOG
";
    let (_, delta) = run(tasks, &[]);
    assert!(delta.starts_with("0:00:00."), "{delta}");
}

#[test]
fn steps_wait_for_no_round_trip_of_their_own() {
    let lines = |arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("lines");
        let shell = recorder(folder.path(), &log);
        let tasks = ["    - shell: sleep 1\n".to_owned(), "    - shell: 'true'\n".repeat(19)].concat();
        let play = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
        let inventory = format!("one ansible_connection=local ansible_shell_executable={shell}\n");
        let scenario = Scenario::new().playbook(&play).inventory(&inventory).args(arguments.iter().copied());
        let outcome = scenario.run();
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        let text = std::fs::read_to_string(&log).unwrap();
        text.lines().filter(|line| line.starts_with("sw_quit=")).count()
    };
    assert_eq!(lines(&["--no-batch"]), 20);
    assert!(lines(&[]) < 20, "every step was sent by itself");
}

/// Makes a shell that writes down what it is sent.
fn recorder(folder: &Path, log: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("recorder");
    let text = format!("#!/bin/sh\ntee {} | /bin/sh \"$@\"\n", log.display());
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn after_a_lost_connection_nothing_runs_twice_or_by_surprise() {
    let tasks = "    - shell: echo a >> LOG\n    - shell: echo b >> LOG; kill -9 $PPID\n";
    let (outcome, ran) = run(&[tasks, &notes("c d")].concat(), &[]);
    assert_eq!(ran, "a b");
    assert_ne!(outcome.code, 0);
    assert!(outcome.stdout.contains("may or may not have happened"), "{}", outcome.stdout);
}

#[test]
fn an_interrupted_run_tells_of_everything_that_ran() {
    let tasks = "- hosts: all
  gather_facts: false
  tasks:
    - shell: touch started; until [ -e go ]; do sleep 0.02; done; echo ran >> log
    - shell: echo ran >> log
    - shell: echo ran >> log
    - shell: echo ran >> log
";
    let scenario = Scenario::new().playbook(tasks).inventory(LOCAL).args(["--output", "ansible"]);
    let child = scenario.command().stdout(std::process::Stdio::piped()).spawn().unwrap();
    while !scenario.path("started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    std::fs::write(scenario.path("go"), "").unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).matches("changed: [one]").count();
    let ran = std::fs::read_to_string(scenario.path("log")).unwrap().lines().count();
    assert_eq!(told, ran);
}
