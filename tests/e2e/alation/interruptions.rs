use std::process::Stdio;
use std::time::{Duration, Instant};

use super::pair::Pair;

/// Kills a run as soon as this has happened on a host: a controller that dies.
fn kill_when(pair: &Pair, host: &str, command: &str, finished: bool) {
    let mut running = pair.permitted().command();
    let mut child = running.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let happened =
        || pair.events().iter().any(|e| e.host == host && e.command == command && e.finished == finished);
    while !happened() {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before {command} on {host}");
        assert!(begun.elapsed() < Duration::from_secs(120), "{command} never ran on {host}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills a run there, runs it again, and expects the whole update with every step done once.
fn survives(host: &str, command: &str, finished: bool) {
    let pair = Pair::start(&["--scale", "0.0001"]);
    kill_when(&pair, host, command, finished);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "", "killed at {command} on {host}");
}

#[test]
fn a_controller_killed_between_the_splits_loses_nothing() {
    survives("secondary", "cluster_enter_standalone_mode", true);
}

#[test]
fn a_controller_killed_during_the_update_of_the_secondary_loses_nothing() {
    survives("secondary", "update", false);
}

#[test]
fn a_controller_killed_after_the_update_of_the_primary_loses_nothing() {
    survives("primary", "update", true);
}

#[test]
fn a_controller_killed_during_master_mode_loses_nothing() {
    survives("primary", "cluster_enter_master_mode", false);
}

#[test]
fn a_controller_killed_after_adding_the_secondary_does_not_add_it_twice() {
    survives("primary", "cluster_add_slaves", true);
}

#[test]
fn a_controller_killed_during_the_kv_store_copy_does_not_start_it_twice() {
    survives("secondary", "cluster_kvstore_copy", false);
}

#[test]
fn a_controller_killed_between_the_copies_repeats_neither() {
    survives("secondary", "cluster_kvstore_copy", true);
}

#[test]
fn a_controller_killed_during_the_postgres_replication_does_not_start_it_twice() {
    survives("secondary", "cluster_replicate_postgres", false);
}

#[test]
fn a_controller_killed_before_the_event_bus_is_synchronized_does_it_in_the_next_run() {
    survives("secondary", "cluster_replicate_postgres", true);
}

#[test]
fn a_controller_killed_during_the_event_bus_synchronization_does_not_start_it_twice() {
    survives("secondary", "cluster_start_kafka_sync", false);
}
