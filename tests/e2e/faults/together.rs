//! Several controllers at once, on one host, and on one run.

use std::process::{Child, Stdio};

use super::figures::Figures;
use super::moments::{self, Seeded};
use crate::lab::PlainHost;
use crate::resume::play;
use crate::scenario::Scenario;
use crate::web::{find, is_locked, scenario};

const DESTROYS: &str = "- hosts: web
  gather_facts: false
  tasks:
    - { shell: echo begun >> begun; sleep 0.3; echo done >> done, effect: { destroys: nothing } }
";

fn spawn(mut command: std::process::Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn codes(children: Vec<Child>) -> Vec<i32> {
    children.into_iter().map(|mut child| child.wait().unwrap().code().unwrap_or(-1)).collect()
}

#[test]
fn of_controllers_that_begin_together_one_works_and_the_others_leave() {
    let figures = Figures::of("two to four controllers at once on one host");
    let rounds: Vec<usize> = (1..=if moments::all() { 60 } else { 3 }).collect();
    moments::each(&rounds, |round| {
        let host = PlainHost::start();
        let many = 2 + Seeded::of(&format!("together {round}")).below(3);
        let all: Vec<Scenario> = (0..many).map(|_| scenario(&host, DESTROYS)).collect();
        let codes = codes(all.iter().map(|scenario| spawn(scenario.command())).collect());
        let through = codes.iter().filter(|code| **code == 0).count();
        let read =
            |name: &str| std::fs::read_to_string(find(&host, name)).unwrap_or_default().lines().count();
        let when = format!("round {round}: exit codes {codes:?}, begun {}", read("begun"));
        if through == 0 || codes.iter().any(|code| ![0, 13].contains(code)) || is_locked(&host) {
            figures.lost(when);
        } else if read("begun") != through || read("done") != through {
            figures.doubled(when);
        }
        figures.tried();
    });
    figures.settle(rounds.len());
}

#[test]
fn of_two_that_resume_one_run_one_goes_on() {
    let figures = Figures::of("one run resumed twice at once");
    let rounds: Vec<usize> = (1..=if moments::all() { 60 } else { 3 }).collect();
    moments::each(&rounds, |_| {
        let tasks = "    - shell: test -e go\n    - { shell: echo wiped >> log; sleep 0.2, effect: { destroys: nothing } }\n";
        let run = play(tasks).args(["--approve", "all"]);
        assert_eq!(run.run().code, 2);
        std::fs::write(run.path("go"), "").unwrap();
        let codes = codes((0..2).map(|_| spawn(run.other(&["resume", "--approve", "all"]))).collect());
        // The second may come when the first is done already.
        if !codes.contains(&0) || codes.iter().any(|code| ![0, 1, 12].contains(code)) {
            figures.lost(format!("exit codes {codes:?}"));
        }
        if run.log() != "wiped" {
            figures.doubled(run.log());
        }
        figures.tried();
    });
    figures.settle(rounds.len());
}
