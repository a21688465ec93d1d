//! Copies from the primary, and what can go wrong with them.

use super::*;

fn added() -> Pair {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    pair.run(P, Action::AddSlaves).unwrap();
    pair
}

#[test]
fn adding_a_slave_wipes_it_and_copies_fill_it() {
    let mut pair = added();
    for kind in Kind::ALL {
        assert_eq!(pair.product(S).data.get(kind), &Dataset::empty());
    }
    pair.run(S, Action::KvstoreCopy).unwrap();
    assert_eq!(pair.product(S).data.kvstore, pair.product(P).data.kvstore);
    assert_eq!(pair.world.host(P).unwrap().losses, []);
}

#[test]
fn a_copy_on_the_primary_destroys_production_data() {
    let mut pair = added();
    let generation = pair.product(P).data.kvstore.generation;
    let refusal = pair.run(P, Action::KvstoreCopy).unwrap_err();
    assert_eq!(refusal.message, "the instance is in master mode, there is nothing to copy from");
    assert_eq!(pair.product(P).data.kvstore, Dataset::empty());
    let found = pair.problems(Expectation::Updated);
    let wanted = format!("primary: LOST kvstore generation {generation}, by cluster_kvstore_copy");
    assert!(found.contains(&wanted), "{found:?}");
}

#[test]
fn a_copy_before_the_slave_is_added_leaves_nothing() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    assert!(pair.run(S, Action::ReplicatePostgres).is_err());
    assert_eq!(pair.product(S).data.postgres, Dataset::empty());
}

#[test]
fn a_killed_copy_leaves_half_of_the_data() {
    let mut pair = added();
    pair.world.begin(S, Action::KvstoreCopy, ME).unwrap();
    pair.world.step(S, Action::KvstoreCopy, 40).unwrap();
    let now = pair.world.now;
    pair.world.advance(now, |_| false);
    assert_eq!(pair.product(S).running, []);
    assert_eq!(pair.product(S).data.kvstore.percent, 40);
    assert!(!pair.product(S).data.kvstore.is_whole());
    pair.run(S, Action::KvstoreCopy).unwrap();
    assert!(pair.product(S).data.kvstore.is_whole());
    assert_eq!(pair.world.host(S).unwrap().double_starts, []);
}

#[test]
fn two_copies_at_once_corrupt_the_data() {
    let mut pair = added();
    pair.world.begin(S, Action::ReplicatePostgres, ME).unwrap();
    pair.world.step(S, Action::ReplicatePostgres, 30).unwrap();
    pair.world.begin(S, Action::ReplicatePostgres, OTHER).unwrap();
    pair.world.finish(S, Action::ReplicatePostgres, ME).unwrap();
    pair.world.finish(S, Action::ReplicatePostgres, OTHER).unwrap();
    assert!(pair.product(S).data.postgres.corrupt);
    assert_eq!(pair.world.host(S).unwrap().double_starts[0].work, "cluster_replicate_postgres");
    let found = pair.problems(Expectation::Updated);
    assert!(found.contains(&"secondary: cluster_replicate_postgres was started while it ran".to_owned()));
    assert_eq!(pair.world.lag(P), None);
}

#[test]
fn the_kvstore_copy_that_dies_halfway_fails_and_stays_half() {
    let mut pair = added();
    pair.fault(S, Fault::KvstoreDiesHalfway);
    let refusal = pair.run(S, Action::KvstoreCopy).unwrap_err();
    assert_eq!(refusal.message, "copy failed: connection reset by peer");
    assert_eq!(pair.product(S).data.kvstore.percent, 25);
    assert_eq!(pair.product(S).completed.get("cluster_kvstore_copy"), None);
}

#[test]
fn the_server_goes_away_once_when_postgres_is_half_copied() {
    let mut pair = added();
    pair.world.host_mut(S).unwrap().faults.insert(Fault::SshdDownDuringCopy, Some("2".to_owned()));
    pair.run(S, Action::ReplicatePostgres).unwrap();
    let faults = &pair.world.host(S).unwrap().faults;
    assert_eq!(faults.get(&Fault::SshdDown), Some(&Some("2".to_owned())));
    assert!(!faults.contains_key(&Fault::SshdDownDuringCopy));
}

#[test]
fn the_lag_is_unknown_before_the_copy_and_falls_after_it() {
    let mut pair = added();
    let unknown = "{\"replicationMode\": \"master\", \"postgres_lag_bytes\": \"unknown\"}";
    assert_eq!(pair.world.replication_page(P), unknown);
    pair.run(S, Action::ReplicatePostgres).unwrap();
    let first = pair.world.lag(P).unwrap();
    pair.pass(600.0);
    let later = pair.world.lag(P).unwrap();
    assert!(first > later, "{first} then {later}");
}

#[test]
fn a_standalone_page_has_the_one_pair_that_is_seen_in_the_wild() {
    let mut pair = Pair::usual();
    pair.run(P, Action::EnterStandalone).unwrap();
    assert_eq!(pair.world.replication_page(P), "{\"replicationMode\": \"standalone\"}");
}

#[test]
fn a_stuck_replication_stays_unknown_and_a_growing_lag_grows() {
    let mut pair = added();
    pair.run(S, Action::ReplicatePostgres).unwrap();
    pair.fault(S, Fault::LagGrows);
    let first = pair.world.lag(P).unwrap();
    pair.pass(3600.0);
    assert!(pair.world.lag(P).unwrap() > first);
    pair.fault(S, Fault::ReplicationStuckUnknown);
    assert_eq!(pair.world.lag(P), None);
}
