//! Modules for databases against real servers, which each test starts for itself in a folder of its own.

mod mariadb;
mod postgres;
mod redis;
mod server;

use crate::scenario::{Outcome, Scenario};

/// Returns a scenario with these tasks on this machine.
fn tasks(tasks: &str) -> Scenario {
    let lines: Vec<String> = tasks.lines().map(|line| format!("    {line}\n")).collect();
    let play = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{}", lines.concat());
    Scenario::new()
        .playbook(&play)
        .inventory("here ansible_connection=local\n")
        .args(["--output", "ansible", "-v"])
}

/// Runs a scenario, which must do well, and returns how many tasks changed something.
fn changed(scenario: &Scenario) -> usize {
    let Outcome { code, stdout, stderr } = scenario.run();
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    let recap = stdout.split("changed=").nth(1).unwrap();
    recap.split(' ').next().unwrap().parse().unwrap()
}
