//! Stops and kills inside of a loop, and between the attempts of `until`.

use std::process::{Command, Stdio};

use super::play;
use crate::scenario::Scenario;
use crate::web::until;

/// Starts a run, interrupts it once its log says this, and returns what it said at its end.
fn interrupted_at(scenario: &Scenario, word: &str) -> String {
    let child = scenario.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until(word, || scenario.log().contains(word));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(99), "{said}");
    said
}

fn goes_on_at_the_next_item(more: &str) {
    let tasks = format!(
        "    - name: Move shards\n      shell: echo {{{{ item }}}} >> log; sleep 0.3\n      loop: [s1, s2, s3, s4]\n      \
         {more}\n      register: moved\n    - shell: echo {{{{ moved.results | length }}}} >> log\n"
    );
    let scenario = play(&tasks).args(["--approve", "all"]);
    let said = interrupted_at(&scenario, "s2");
    assert!(said.contains("(2 of 4 items are done)"), "{said}");
    assert!(said.contains("one  2 tasks of this play, from: Move shards"), "{said}");
    assert_eq!(scenario.log(), "s1 s2");
    let again = scenario.tell(&["resume", "--approve", "all"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(scenario.log(), "s1 s2 s3 s4 4");
}

#[test]
fn a_loop_that_was_interrupted_goes_on_at_its_next_item() {
    goes_on_at_the_next_item("effect: changes");
}

#[test]
fn a_loop_that_destroys_goes_on_at_its_next_item() {
    goes_on_at_the_next_item("effect: { destroys: a shard }");
}

#[test]
fn a_loop_of_jobs_goes_on_at_its_next_item() {
    goes_on_at_the_next_item("async: 100\n      poll: 1");
}

#[test]
fn attempts_that_were_interrupted_are_no_failure() {
    let tasks = "    - block:
        - shell: echo try >> log; test -e there
          until: it is success
          retries: 100
          delay: 0.2
          register: it
      rescue:
        - shell: echo rolled-back >> log
    - shell: echo end >> log
";
    let scenario = play(tasks);
    let said = interrupted_at(&scenario, "try try");
    assert!(said.contains("of 101 attempts are made)"), "{said}");
    std::fs::write(scenario.path("there"), "").unwrap();
    let again = scenario.tell(&["resume"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(scenario.log().ends_with("try end") && !scenario.log().contains("rolled"), "{}", scenario.log());
}

#[test]
fn behind_an_item_whose_end_is_unknown_no_other_begins() {
    let tasks = "    - shell: echo {{ item }} >> log; sleep 0.5\n      loop: [s1, s2, s3]\n      effect: { destroys: a shard }\n";
    let scenario = play(tasks).args(["--approve", "all"]);
    let mut child = scenario.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("s2", || scenario.log().contains("s2"));
    child.kill().unwrap();
    child.wait().unwrap();
    let stop = scenario.tell(&["resume", "--approve", "all"]);
    assert_eq!(stop.code, 11, "{stop:?}");
    assert_eq!(scenario.log(), "s1 s2");
    let next = stop.stderr.lines().last().unwrap().trim();
    let words: Vec<&str> = next.split(' ').skip(1).chain(["--approve", "all"]).collect();
    assert_eq!(scenario.tell(&words).code, 0, "{words:?}");
    assert_eq!(scenario.log(), "s1 s2 s3");
}

#[test]
fn no_other_run_begins_while_nobody_knows_how_a_destroying_step_ended() {
    let tasks = "    - name: Wipe\n      shell: echo start >> log; sleep 1; echo end >> log\n      effect: { destroys: all }\n";
    let scenario = play(tasks).args(["--approve", "all"]);
    let mut child = scenario.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("it wipes", || scenario.log().contains("start"));
    child.kill().unwrap();
    child.wait().unwrap();
    let second = scenario.run();
    assert_eq!(second.code, 13, "{second:?}");
    assert!(second.stderr.contains("stopped at a step whose end is unknown"), "{second:?}");
    let resume = second.stderr.split('`').find(|word| word.starts_with("switchover resume ")).unwrap();
    // The run that was refused is not the one to go on with.
    let words: Vec<&str> = resume.split(' ').skip(1).collect();
    for words in [words, vec!["resume"]] {
        let stop = scenario.tell(&words);
        assert_eq!(stop.code, 11, "{stop:?}");
        assert!(stop.stdout.contains("nothing on the host tells"), "{stop:?}");
    }
    until("the program has ended", || scenario.log() == "start end");
    let next = scenario.tell(&["resume"]);
    let words: Vec<&str> = next.stderr.lines().last().unwrap().trim().split(' ').skip(1).collect();
    assert_eq!(scenario.tell(&words).code, 0, "{words:?}");
    assert_eq!(scenario.log(), "start end");
}

#[test]
fn variables_of_a_file_under_a_name_come_back() {
    let tasks = "    - { include_vars: { file: given.yml, name: all_of_it } }
    - include_vars: given.yml
    - shell: test -e go
    - shell: echo {{ all_of_it.word }}-{{ word }} >> log
";
    let scenario = play(tasks).file("given.yml", "word: given\n");
    assert_eq!(scenario.run().code, 2);
    std::fs::write(scenario.path("go"), "").unwrap();
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "given-given");
}
