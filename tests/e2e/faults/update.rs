//! The update of an Alation pair with a controller that dies, at every event of its life.

use std::process::Command;

use super::figures::Figures;
use super::moments;
use crate::alation::pair::Pair;
use crate::resume::kills::killed_after;
use crate::scenario::Scenario;

/// Every action that deletes or changes data on a host, by the lab's names.
const DESTROYING: [&str; 7] = [
    "update",
    "cluster_enter_standalone_mode",
    "cluster_enter_master_mode",
    "cluster_add_slaves",
    "cluster_kvstore_copy",
    "cluster_replicate_postgres",
    "cluster_start_kafka_sync",
];

/// What an undisturbed update does and leaves.
pub struct Undisturbed {
    pub events: usize,
    state: String,
    starts: Vec<usize>,
}

/// Returns the run of the update, with everything permitted.
pub fn run_of(pair: &Pair) -> Scenario {
    pair.permitted().args(["--output", "jsonl"])
}

impl Undisturbed {
    /// Goes through the update.
    pub fn run() -> Self {
        let pair = Pair::start(&[]);
        let outcome = run_of(&pair).run();
        assert_eq!(outcome.code, 0, "{outcome:?}");
        Self { events: outcome.stdout.lines().count(), state: state(&pair), starts: starts(&pair) }
    }
}

/// Returns how often each destroying action was started on each host.
fn starts(pair: &Pair) -> Vec<usize> {
    let events = pair.events();
    let count = |host: &str, command: &str| {
        events.iter().filter(|e| e.host == host && e.command == command && !e.finished).count()
    };
    DESTROYING.iter().flat_map(|command| ["primary", "secondary"].map(|host| count(host, command))).collect()
}

/// Returns the state of both hosts, without ports and times.
fn state(pair: &Pair) -> String {
    let hosts = ["primary", "secondary"].map(|host| {
        let mut state = pair.state(host, "");
        for (pointer, name) in [
            ("/product", "pulled"),
            ("/product/replication", "since"),
            ("/product/conf", "alation.install.base_url"),
        ] {
            if let Some(object) = state.pointer_mut(pointer).and_then(|value| value.as_object_mut()) {
                object.remove(name);
            }
        }
        format!("{state:#}")
    });
    hosts.join("\n")
}

/// Compares what was done and left with the undisturbed run.
pub fn compare(pair: &Pair, whole: &Undisturbed, when: &str, figures: &Figures) {
    let (state, starts) = (state(pair), starts(pair));
    if state != whole.state {
        let ours: Vec<&str> = whole.state.lines().collect();
        let other: Vec<&str> = state.lines().filter(|line| !ours.contains(line)).collect();
        figures.lost(format!("{when}: {}", other.join(" ")));
    }
    let problems = pair.problems("updated");
    if !problems.is_empty() {
        figures.lost(format!("{when}: {problems}"));
    }
    for (index, (now, then)) in starts.iter().zip(&whole.starts).enumerate() {
        if now != then {
            let host = ["the primary", "the secondary"][index % 2];
            figures.doubled(format!("{when}: {} on {host}: {now}, not {then}", DESTROYING[index / 2]));
        }
    }
    if let Some(lock) = pair.lock() {
        figures.lost(format!("{when}: {lock} stayed locked"));
    }
}

fn resumed(scenario: &Scenario) -> Command {
    scenario.other(&["resume", "--approve", "all", "--output", "jsonl"])
}

/// Resumes the run, which is to come to its end by that.
pub fn finish(scenario: &Scenario, when: &str, figures: &Figures) {
    let outcome = scenario.tell(&["resume", "--approve", "all"]);
    if outcome.code != 0 {
        figures.lost(format!("{when}: exit code {}: {}{}", outcome.code, outcome.stdout, outcome.stderr));
    }
}

/// Returns whether the run went through.
pub fn is_complete(scenario: &Scenario) -> bool {
    scenario.tell(&["runs"]).stdout.contains("complete")
}

#[test]
fn an_update_whose_controller_is_killed_at_any_event_comes_out_the_same() {
    let (whole, figures) = (Undisturbed::run(), Figures::of("update, controller killed at an event"));
    moments::each(&moments::of("kill", whole.events - 1, 4), |event| {
        let pair = Pair::start(&[]);
        let scenario = run_of(&pair);
        if killed_after(scenario.command(), event) && !is_complete(&scenario) {
            figures.tried();
            let when = format!("killed after event {event}");
            finish(&scenario, &when, &figures);
            compare(&pair, &whole, &when, &figures);
        }
    });
    figures.settle(3);
}

/// Kills the run after some events, each resume after as many again, until one comes to the end.
fn in_many_pieces(events: usize, whole: &Undisturbed, figures: &Figures) {
    let pair = Pair::start(&[]);
    let scenario = run_of(&pair);
    let mut command = scenario.command();
    while killed_after(command, events) && !is_complete(&scenario) {
        figures.tried();
        command = resumed(&scenario);
    }
    let when = format!("killed after each {events} events");
    if !is_complete(&scenario) {
        finish(&scenario, &when, figures);
    }
    compare(&pair, whole, &when, figures);
}

#[test]
fn an_update_whose_every_resume_is_killed_comes_out_the_same() {
    let (whole, figures) = (Undisturbed::run(), Figures::of("update, controller killed in each resume"));
    let pieces: &[usize] = if moments::all() { &[3, 5, 8, 13, 21, 34, 55, 89] } else { &[60] };
    moments::each(pieces, |events| in_many_pieces(events, &whole, &figures));
    figures.settle(3);
}
