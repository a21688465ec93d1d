//! Playbooks that a seed makes up, killed at random, resumed, killed again: the logs of their hosts are as if nothing
//! had happened.

mod playbook;
mod tasks;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use playbook::{HOSTS, Playbook};

use super::figures::Figures;
use super::moments::{self, Seeded};
use crate::resume::kills::killed_after;
use crate::scenario::{Outcome, Scenario};

const APPROVED: [&str; 4] = ["--approve", "all", "--output", "jsonl"];

/// The log of each host.
type Logs = BTreeMap<String, Vec<String>>;

/// A playbook that was run without any fault.
pub struct Whole {
    logs: Logs,
    recap: serde_json::Value,
    pub events: usize,
}

impl Whole {
    /// Runs the playbook of a seed.
    pub fn of(seed: usize) -> Self {
        let whole = scenario(seed);
        let outcome = whole.run();
        if outcome.code != 0 {
            let failed = outcome.stdout.lines().filter(|line| line.contains("\"status\":\"failed\""));
            panic!("seed {seed}, undisturbed: {}{}", outcome.stderr, failed.collect::<Vec<_>>().join("\n"));
        }
        let events = outcome.stdout.lines().count();
        Self { logs: logs(&whole.path("")), recap: recap(&outcome.stdout), events }
    }

    /// Compares what another run of it left.
    pub fn compare(&self, when: &str, scenario: &Scenario, figures: &Figures) {
        let logs = logs(&scenario.path(""));
        for (host, wanted) in &self.logs {
            compare(&format!("{when}: {host}"), wanted, &logs[host], figures);
        }
    }
}

/// Returns what the end of the run tells of the hosts: the fold of all events. What was left may be told after it.
fn recap(output: &str) -> serde_json::Value {
    let mut events =
        output.lines().rev().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    events.find(|event| event["event"] == "run_finished").unwrap_or_default()["recap"].take()
}

/// Returns the run of a seed's playbook.
pub fn scenario(seed: usize) -> Scenario {
    let made = Playbook::of(seed);
    let scenario = Scenario::new();
    let here = scenario.path("");
    let hosts: String = HOSTS.iter().map(|host| format!("{host} ansible_connection=local\n")).collect();
    let inventory = format!("[of_h]\n{hosts}[all:vars]\ndir={}\n", here.display());
    let scenario = made.files.iter().fold(scenario, |scenario, (name, text)| scenario.file(name, text));
    scenario.args(["run", "site.yml"]).inventory(&inventory).args(APPROVED)
}

fn logs(folder: &Path) -> Logs {
    let mut logs = Logs::new();
    for kind in ["log", "aside"] {
        for host in HOSTS {
            let text = std::fs::read_to_string(folder.join(format!("{kind}.{host}"))).unwrap_or_default();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if kind == "aside" {
                lines.sort();
            }
            logs.insert(format!("{kind}.{host}"), lines);
        }
    }
    logs
}

/// What a human does at the stop: looks at the hosts, and says of each step what became of it.
fn look(scenario: &Scenario) -> Vec<String> {
    let shown = scenario.tell(&["runs", "show", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap_or_default();
    let open = shown["unfinished"].as_array().cloned().unwrap_or_default();
    let logs = logs(&scenario.path(""));
    let word = |open: &serde_json::Value| {
        let intent = &open["intent"];
        let (host, task) = (intent["host"].as_str().unwrap(), intent["task"].as_str().unwrap());
        let trace = match &intent["item"] {
            serde_json::Value::Number(item) => format!("{task}#{item}"),
            _ => task.to_owned(),
        };
        let of_host = shown["unfinished"].as_array().unwrap();
        let many = of_host.iter().filter(|other| other["intent"]["host"] == host).count();
        let log = &logs[&format!("log.{host}")];
        let last = &log[log.len().saturating_sub(many)..];
        let done = last.iter().any(|line| *line == trace || line.starts_with(&format!("{trace} ")));
        match (done, task.starts_with('F')) {
            (true, true) => "failed",
            (true, false) => "done",
            (false, _) => "again",
        }
    };
    let step = |open: &serde_json::Value| ["--assume".to_owned(), format!("{}={}", open["step"], word(open))];
    open.iter().filter(|open| !is_job(open)).flat_map(step).collect()
}

/// The host knows of jobs by itself.
fn is_job(open: &serde_json::Value) -> bool {
    open["intent"]["task"].as_str().unwrap().starts_with('J')
}

/// Returns the command with which a human goes on who has looked at the hosts.
pub fn resume(scenario: &Scenario) -> Command {
    // What was sent already may be at work still.
    std::thread::sleep(Duration::from_millis(300));
    let mut words = vec!["resume".to_owned()];
    words.extend(look(scenario));
    words.extend(APPROVED.map(str::to_owned));
    scenario.other(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn is_complete(scenario: &Scenario) -> bool {
    scenario.tell(&["runs"]).stdout.contains("complete")
}

/// Kills the run and up to two resumes at random; returns where, and how the last resume ended.
fn in_pieces(scenario: &Scenario, seeded: &mut Seeded, events: usize) -> (Vec<usize>, Option<Outcome>) {
    let mut cuts = vec![1 + seeded.below(events)];
    let mut command = scenario.command();
    for _ in 0..3 {
        killed_after(command, cuts[cuts.len() - 1]);
        if is_complete(scenario) {
            return (cuts, None);
        }
        command = resume(scenario);
        if cuts.len() == 3 || seeded.below(2) == 0 {
            break;
        }
        cuts.push(1 + seeded.below(events));
    }
    let outcome = Outcome::of(&mut command);
    (cuts, Some(outcome))
}

fn compare(when: &str, wanted: &[String], found: &[String], figures: &Figures) {
    let mut rest = found.to_vec();
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|line| rest.iter().position(|one| one == *line).map(|at| rest.remove(at)).is_none())
        .collect();
    if !missing.is_empty() || (rest.is_empty() && found != wanted) {
        figures.lost(format!("{when}: missing {missing:?}, found {found:?}, not {wanted:?}"));
    } else if !rest.is_empty() {
        figures.doubled(format!("{when}: {rest:?}"));
    }
}

fn survive(seed: usize, times: usize, figures: &Figures) {
    let whole = Whole::of(seed);
    let mut seeded = Seeded::of(&format!("cuts of random playbook {seed}"));
    for _ in 0..times {
        let broken = scenario(seed);
        let (cuts, outcome) = in_pieces(&broken, &mut seeded, whole.events);
        let when = format!("seed {seed}, killed after events {cuts:?} of {}", whole.events);
        if let Some(outcome) = outcome {
            let said =
                || format!("{}{}", outcome.stderr, outcome.stdout).chars().take(2000).collect::<String>();
            let recap = recap(&outcome.stdout);
            if outcome.code != 0 {
                figures.lost(format!("{when}: exit code {}: {}", outcome.code, said()));
            } else if recap != whole.recap {
                figures.lost(format!("{when}: recap {recap}, not {}", whole.recap));
            }
        }
        whole.compare(&when, &broken, figures);
        figures.tried();
    }
}

#[test]
fn a_random_playbook_killed_at_random_comes_out_the_same() {
    let figures = Figures::of("random playbook, controller killed at random");
    let (seeds, times) = if moments::all() { (200, 3) } else { (4, 1) };
    let first = moments::first_seed();
    let seeds: Vec<usize> = (first..first + seeds).collect();
    moments::each(&seeds, |seed| survive(seed, times, &figures));
    figures.settle(seeds.len() * times);
}
