//! A run that was interrupted goes on where it stopped, and nothing is done twice.

mod assume;
mod background;
mod damage;
mod drift;
mod inside;
pub mod kills;
mod late;
mod secrets;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::scenario::{Outcome, Scenario};

pub const LOCAL: &str = "one ansible_connection=local\n";

/// A play of tasks on this machine; they write into `log`.
pub fn play(tasks: &str) -> Scenario {
    let text = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    Scenario::new().playbook(&text).inventory(LOCAL)
}

impl Scenario {
    /// Returns another command of the program about the runs of this scenario.
    pub fn other(&self, arguments: &[&str]) -> Command {
        let command = self.command();
        let mut other = Command::new(command.get_program());
        other.args(arguments).current_dir(self.path(""));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => other.env(name, value),
                None => other.env_remove(name),
            };
        }
        other
    }

    /// Runs another command of the program and waits for it.
    pub fn tell(&self, arguments: &[&str]) -> Outcome {
        let output = self.other(arguments).stdin(Stdio::null()).output().unwrap();
        Outcome {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Returns what the tasks wrote into `log`, in words.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the folder of the one run.
    pub fn run_folder(&self) -> PathBuf {
        let runs = self.path("state/switchover/runs");
        let mut found: Vec<_> = std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}

#[test]
fn goes_on_at_the_item_with_what_was_registered_and_notified() {
    let tasks = "    - { shell: echo a >> log; echo given, register: it }
    - { shell: 'echo b-{{ it.stdout }} >> log', notify: reload }
    - set_fact: { fact: '{{ it.stdout }}!' }
    - shell: 'test -e go || test {{ item }} != 2 && echo loop{{ item }} >> log'
      loop: [1, 2, 3]
    - { include_tasks: more.yml, loop: [x, y] }
    - shell: echo end-{{ fact }} >> log
  handlers:
    - { name: reload, shell: echo reload >> log }
";
    let scenario = play(tasks).file("more.yml", "- shell: echo in-{{ item }} >> log\n");
    assert_eq!(scenario.run().code, 2);
    assert_eq!(scenario.log(), "a b-given loop1 loop3");
    std::fs::write(scenario.path("go"), "").unwrap();
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(scenario.log(), "a b-given loop1 loop3 loop2 in-x in-y end-given! reload");
    assert!(outcome.stdout.contains("3 steps of run"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("ok 10  changed 7"), "{}", outcome.stdout);
}

#[test]
fn goes_on_inside_a_block_and_runs_its_clean_up_again() {
    let tasks = "    - block:
        - shell: echo a >> log
        - shell: test -e go && echo b >> log
        - shell: echo c >> log
      always:
        - shell: echo clean >> log
    - block:
        - shell: exit 1
      rescue:
        - shell: echo rescued >> log
        - shell: test -e further && echo after >> log
";
    let scenario = play(tasks);
    assert_eq!(scenario.run().code, 2);
    assert_eq!(scenario.log(), "a clean");
    std::fs::write(scenario.path("go"), "").unwrap();
    assert_eq!(scenario.tell(&["resume"]).code, 2);
    assert_eq!(scenario.log(), "a clean b c clean rescued");
    std::fs::write(scenario.path("further"), "").unwrap();
    let outcome = scenario.tell(&["resume", "last"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(scenario.log(), "a clean b c clean rescued after");
}

#[test]
fn a_host_that_comes_back_takes_over_what_was_done_once_for_all() {
    let text = "- hosts: all
  gather_facts: false
  tasks:
    - shell: test {{ inventory_hostname }} = two || test -e go
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - { shell: echo once >> log; echo it, run_once: true, register: it }
    - shell: echo {{ inventory_hostname }}-{{ it.stdout }} >> log
";
    let hosts = "one ansible_connection=local\ntwo ansible_connection=local\n";
    let scenario = Scenario::new().playbook(text).inventory(hosts);
    assert_eq!(scenario.run().code, 2);
    assert_eq!(scenario.log(), "once two-it");
    std::fs::write(scenario.path("go"), "").unwrap();
    let outcome = scenario.tell(&["resume"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(scenario.log(), "once two-it once one-it");
}

#[test]
fn a_destroying_step_waits_for_a_word_and_is_done_once() {
    let tasks = "    - { shell: echo a >> log }
    - { name: Wipe, shell: echo wiped >> log, effect: { destroys: the disk }, approve: wipe }
    - { shell: echo b >> log }
";
    let scenario = play(tasks);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 10, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--approve wipe"), "{}", outcome.stdout);
    let next = outcome.stderr.lines().last().unwrap().trim();
    assert!(next.starts_with("switchover resume") && next.ends_with("--approve wipe@one"), "{outcome:?}");
    assert_eq!(scenario.tell(&["resume"]).code, 10);
    assert_eq!(scenario.tell(&["resume", "--approve", "wipe"]).code, 0);
    assert_eq!(scenario.log(), "a wiped b");
    let shown = scenario.tell(&["runs", "show"]);
    assert!(shown.stdout.contains("wipe on one by"), "{}", shown.stdout);
    assert!(shown.stdout.contains("(complete)"), "{}", shown.stdout);
}

#[test]
fn a_run_under_way_is_not_resumed_by_somebody_else() {
    let scenario = play("    - shell: touch begun; until [ -e go ]; do sleep 0.02; done; echo ran >> log\n");
    let child = scenario.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !scenario.path("begun").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = scenario.tell(&["resume"]);
    assert_eq!(second.code, 12);
    assert!(second.stderr.contains("is under way"), "{}", second.stderr);
    assert!(second.stderr.contains(&format!("`kill {}`", child.id())), "{}", second.stderr);
    assert!(scenario.tell(&["runs"]).stdout.contains("under way"));
    std::fs::write(scenario.path("go"), "").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(scenario.log(), "ran");
}

#[test]
fn without_a_journal_nothing_is_written() {
    for option in ["--no-journal", "--check", "--list-tasks", "--syntax-check"] {
        let scenario = play("    - shell: 'true'\n").args([option]);
        assert_eq!(scenario.run().code, 0);
        assert!(!scenario.path("state").exists(), "{option}");
    }
}

#[test]
fn old_runs_are_removed_and_those_that_can_go_on_only_when_asked_for() {
    let scenario = play("    - shell: test -e go\n");
    assert_eq!(scenario.run().code, 2);
    std::fs::write(scenario.path("go"), "").unwrap();
    assert_eq!(scenario.run().code, 0);
    let runs = || scenario.tell(&["runs"]).stdout;
    let young = scenario.tell(&["runs", "clean"]);
    assert_eq!((young.code, young.stdout.as_str()), (0, "0 runs removed\n"), "{young:?}");
    let complete = scenario.tell(&["runs", "clean", "--older-than", "0s"]);
    assert!(complete.stdout.contains("\n1 run removed\n1 run is not complete"), "{complete:?}");
    assert!(runs().contains("failed") && !runs().contains("complete"), "{}", runs());
    let rest = scenario.tell(&["runs", "clean", "--older-than", "0s", "--unfinished"]);
    assert!(rest.stdout.ends_with("1 run removed\n"), "{rest:?}");
    assert!(runs().starts_with("no runs"), "{}", runs());
    assert!(std::fs::read_dir(scenario.path("state/switchover/runs")).unwrap().next().is_none());
}
