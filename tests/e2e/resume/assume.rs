//! What a human says of a step whose end nobody saw.

use std::process::Stdio;
use std::time::Duration;

use super::play;
use crate::scenario::Scenario;

/// Runs it until this file is there, and kills it.
fn killed_at(scenario: &Scenario, file: &str) {
    let mut child = scenario.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !scenario.path(file).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // The program on the host hears that nobody listens any more.
    std::thread::sleep(Duration::from_millis(300));
}

const LOOP: &str = "    - shell: '[ {{ item }} = x ] || { touch begun; sleep 30; }; echo out-{{ item }}'
      register: it
      loop: [x, y]
    - shell: 'echo {{ it.results[1].stdout }} {{ it.results[1].rc }} >> log'
";

#[test]
fn a_step_whose_result_is_read_later_is_not_taken_as_done_without_it() {
    let scenario = play(LOOP);
    killed_at(&scenario, "begun");
    let stop = scenario.tell(&["resume"]);
    assert_eq!(stop.code, 11, "{stop:?}");
    // Whoever reads it knows which item it is, why, and what is wanted.
    assert!(stop.stderr.contains("(item=y) on one, registered as `it`"), "{}", stop.stderr);
    assert!(stop.stdout.contains("nothing on the host tells"), "{}", stop.stdout);
    let next = stop.stderr.lines().last().unwrap().to_owned();
    let step = next.split("--assume ").nth(1).unwrap().split('=').next().unwrap().to_owned();
    assert!(next.contains(&format!("--assume-result {step}=@FILE")), "{next}");
    for words in [["--assume", &format!("{step}=done")], ["--assume", "all=done"]] {
        let refused = scenario.tell(&[&["resume"], &words[..]].concat());
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.stderr.contains("registers `it`"), "{}", refused.stderr);
    }
    let (done, result) = (format!("{step}=done"), format!("{step}=out-y"));
    let outcome = scenario.tell(&["resume", "--assume", &done, "--assume-result", &result]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "out-y 0");
}

#[test]
fn words_for_a_step_that_is_not_open_are_refused() {
    let scenario = play("    - shell: echo a >> log; touch begun; sleep 30\n    - fail: { msg: not yet }\n");
    killed_at(&scenario, "begun");
    let refused = scenario.tell(&["resume", "--assume", "99=again"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.stderr.contains("step 99") && refused.stderr.contains("on one"), "{}", refused.stderr);
    assert_eq!(scenario.log(), "a");
    let stop = scenario.tell(&["resume"]);
    let step = stop.stdout.split("--assume ").nth(1).unwrap().split('=').next().unwrap().to_owned();
    assert_eq!(scenario.tell(&["resume", "--assume", &format!("{step}=done")]).code, 2);
    // It is done on a human's word: another word comes too late, and is not passed over.
    let late = scenario.tell(&["resume", "--assume", &format!("{step}=again")]);
    assert_eq!(late.code, 5, "{late:?}");
    assert_eq!(scenario.log(), "a");
}

#[test]
fn steps_that_were_sent_ahead_are_not_told_as_not_done() {
    // While the first is at work, the others make themselves ready, and travel together then.
    let tasks = "    - { name: First, shell: sleep 0.5 }
    - { name: One, shell: echo 1 >> log; touch begun; sleep 30 }
    - { name: Two, shell: echo 2 >> log }
";
    let scenario = play(tasks);
    killed_at(&scenario, "begun");
    let stop = scenario.tell(&["resume"]);
    assert_eq!(stop.code, 11, "{stop:?}");
    let ahead = stop.stderr.lines().find(|line| line.contains("sent ahead")).unwrap_or_default();
    assert!(ahead.contains("nobody knows") && ahead.ends_with("Two"), "{}", stop.stderr);
}

#[test]
fn a_run_of_which_nothing_is_on_record_says_its_name() {
    let tasks = "    - { name: Look, shell: '[ -e begun ] || { touch begun; sleep 30; }', effect: reads }\n";
    let scenario = play(tasks);
    killed_at(&scenario, "begun");
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let run = scenario.run_folder().file_name().unwrap().to_string_lossy().into_owned();
    let told = format!("nothing of run {run} is on record; it begins with `Look` on one, site.yml:4\n");
    assert!(outcome.stdout.contains(&told), "{}", outcome.stdout);
}
