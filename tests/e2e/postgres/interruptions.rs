use std::process::Stdio;
use std::time::{Duration, Instant};

use super::pair::{A, B, Pair};
use super::writer::Writer;
use crate::scenario::Scenario;

/// Kills a run by switchover as soon as its screen has shown these words: a controller that dies.
fn kill_when(pair: &Pair, words: &str) -> Scenario {
    let scenario = pair.update(true);
    kill(&scenario, words);
    scenario
}

/// Kills a run as soon as its screen has shown these words.
pub fn kill(scenario: &Scenario, words: &str) {
    let screen = scenario.path("screen.txt");
    let file = std::fs::File::create(&screen).unwrap();
    let mut command = scenario.command();
    let mut child = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !std::fs::read_to_string(&screen).unwrap().contains(words) {
        let shown = || std::fs::read_to_string(&screen).unwrap();
        assert!(child.try_wait().unwrap().is_none(), "the run ended before `{words}`: {}", shown());
        assert!(begun.elapsed() < Duration::from_secs(120), "`{words}` never came: {}", shown());
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Returns what goes on with a killed run, with everything approved; what cannot be known is done again.
pub fn resumption(killed: &Scenario) -> Scenario {
    let resume = Scenario::new().args(["resume", "--approve", "all", "--assume", "all=again"]);
    resume.state_of(killed)
}

/// Kills a run there, runs the same command again, and expects the whole switchover with every row.
fn survives(words: &str) {
    let Some(pair) = Pair::start() else { return };
    let writer = Writer::start(&pair);
    drop(kill_when(&pair, words));
    pair.updated(true);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("standby", "primary"));
    for host in [A, B] {
        assert_eq!(pair.version(host), pair.programs.version);
    }
    writer.all_there(&pair, B);
}

#[test]
fn a_controller_killed_while_the_standby_is_down_loses_nothing() {
    survives("Stop the standby");
}

#[test]
fn a_controller_killed_when_nobody_serves_loses_nothing() {
    survives("Stop the primary in order (its last");
}

#[test]
fn a_controller_killed_after_the_promotion_loses_nothing() {
    survives("Promote the standby");
}

#[test]
fn a_run_that_was_killed_when_nobody_serves_is_resumed_and_loses_nothing() {
    let Some(pair) = Pair::start() else { return };
    let writer = Writer::start(&pair);
    let outcome = resumption(&kill_when(&pair, "Stop the primary in order (its last")).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("standby", "primary"));
    writer.all_there(&pair, B);
}
