use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::play;
use crate::scenario::{Outcome, Scenario};

const TASKS: &str = "    - { shell: echo word, register: it, effect: reads }
    - { shell: echo a >> log }
    - { shell: 'echo b-{{ it.stdout }} >> log', notify: reload }
    - { shell: echo c >> log }
    - { name: Wipe, shell: echo wiped >> log, effect: { destroys: the disk } }
    - { shell: 'echo loop{{ item }} >> log', loop: [1, 2] }
    - { include_tasks: more.yml, loop: [x, y] }
    - block:
        - { shell: echo d >> log; exit 1 }
      rescue:
        - { shell: echo rescued >> log }
      always:
        - { shell: echo always >> log }
    - { copy: { content: text, dest: '{{ playbook_dir }}/copied' } }
    - { shell: echo end >> log }
  handlers:
    - { name: reload, shell: echo reload >> log }
";

const WHOLE: &str = "a b-word c wiped loop1 loop2 in-x in-y d rescued always end reload";

fn scenario() -> Scenario {
    play(TASKS).file("more.yml", "- { shell: 'echo in-{{ item }} >> log' }\n").args([
        "--approve",
        "all",
        "--output",
        "jsonl",
    ])
}

/// Runs a command and kills it after so many events; returns whether it was still at work.
pub fn killed_after(mut command: Command, events: usize) -> bool {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let read = lines.take(events).count();
    child.kill().unwrap();
    child.wait().unwrap();
    read == events
}

/// What a human does at the stop: looks at the host, and says of each step what became of it.
fn look(scenario: &Scenario) -> Vec<String> {
    let shown = scenario.tell(&["runs", "show", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let log = scenario.log();
    let words: Vec<&str> = log.split(' ').collect();
    let unfinished = shown["unfinished"].as_array().unwrap();
    unfinished
        .iter()
        // `copy` tells by itself what is there.
        .filter(|open| open["intent"]["place"]["line"] != 17)
        .flat_map(|open| {
            let place = open["intent"]["place"]["line"].as_u64().unwrap();
            let item = open["intent"]["item"].as_u64().unwrap_or_default() as usize;
            let file = open["intent"]["place"]["file"].as_str().unwrap();
            let ordinal = open["intent"]["ordinal"].as_u64().unwrap();
            let done = words.contains(&trace(file, place, item, ordinal));
            let word = match (done, place) {
                (true, 12) => "failed",
                (true, _) => "done",
                (false, _) => "again",
            };
            ["--assume".to_owned(), format!("{}={word}", open["step"])]
        })
        .collect()
}

/// Returns what a step leaves in the log.
fn trace(file: &str, line: u64, item: usize, ordinal: u64) -> &'static str {
    if file.ends_with("more.yml") {
        // The eighth step of the host is the first of the two that are included.
        return if ordinal == 8 { "in-x" } else { "in-y" };
    }
    match line - 3 {
        2 => "a",
        3 => "b-word",
        4 => "c",
        5 => "wiped",
        6 => ["loop1", "loop2"][item],
        9 => "d",
        11 => "rescued",
        13 => "always",
        15 => "end",
        17 => "reload",
        other => panic!("no step at {other}"),
    }
}

fn resume(scenario: &Scenario) -> Outcome {
    // A program that was sent already may still be at work on the host.
    std::thread::sleep(Duration::from_millis(200));
    let mut arguments = vec!["resume".to_owned()];
    arguments.extend(look(scenario));
    arguments.extend(["--approve".to_owned(), "all".to_owned()]);
    scenario.tell(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every how manyth boundary is tried; `SWITCHOVER_FAULTS=all` tries all.
pub fn stride(few: usize) -> usize {
    if std::env::var("SWITCHOVER_FAULTS").is_ok_and(|word| word == "all") { 1 } else { few }
}

#[test]
fn a_controller_killed_at_any_event_loses_nothing_and_does_nothing_twice() {
    let (mut tried, mut events) = (0, 1);
    loop {
        let scenario = scenario();
        if !killed_after(scenario.command(), events) {
            break;
        }
        if scenario.tell(&["runs"]).stdout.contains("complete") {
            break;
        }
        let outcome = resume(&scenario);
        assert_eq!(outcome.code, 0, "killed after event {events}: {}{}", outcome.stdout, outcome.stderr);
        assert_eq!(scenario.log(), WHOLE, "killed after event {events}: {}", outcome.stdout);
        assert_eq!(std::fs::read_to_string(scenario.path("copied")).unwrap(), "text");
        tried += 1;
        events += stride(6);
    }
    println!("controller killed: {tried} moments tried, data lost 0, double starts 0");
    assert!(tried > 3, "only {tried} moments were tried");
}

#[test]
fn a_command_whose_end_nobody_saw_waits_for_a_human() {
    let tasks =
        "    - { shell: echo a >> log; touch begun; sleep 0.3, register: it }\n    - shell: echo b >> log\n";
    let scenario = play(tasks);
    let mut child = scenario.command().stdout(Stdio::null()).spawn().unwrap();
    while !scenario.path("begun").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let stop = scenario.tell(&["resume"]);
    assert_eq!(stop.code, 11, "{}{}", stop.stdout, stop.stderr);
    assert!(stop.stdout.contains("nothing on the host tells"), "{}", stop.stdout);
    assert!(stop.stdout.contains("=done"), "{}", stop.stdout);
    // The one next command is what a human types who saw that all is well; FILE holds what it printed.
    let next = stop.stderr.lines().last().unwrap().trim().replace("@FILE", "@printed");
    let words: Vec<&str> = next.split(' ').skip(1).collect();
    assert_eq!(words[2], "--assume", "{}", stop.stderr);
    let scenario = scenario.file("printed", "");
    let again = scenario.tell(&words);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(scenario.log().matches('a').count(), 1);
}
