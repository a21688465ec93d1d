//! Steps in the wrong order or on the wrong host.

use super::*;

fn message(result: Result<(), Refusal>) -> String {
    result.unwrap_err().message
}

#[test]
fn no_slave_is_added_from_a_standalone_instance() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    assert_eq!(message(pair.run(P, Action::AddSlaves)), "the instance is in standalone mode, not master");
    assert!(pair.product(S).data.postgres.is_whole());
}

#[test]
fn no_slave_is_added_before_its_own_address_is_set() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    pair.conf(S, conf::OVERRIDE_IP, "127.0.0.11");
    let said = message(pair.run(P, Action::AddSlaves));
    assert!(said.starts_with("cannot reach secondary: its override_ip"), "{said}");
    assert!(pair.product(S).data.postgres.is_whole());
}

#[test]
fn a_protected_instance_is_not_wiped_and_not_added() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    pair.conf(S, conf::PROTECTED, "True");
    assert_eq!(message(pair.run(P, Action::AddSlaves)), "no slave was added");
    assert!(pair.product(S).data.postgres.is_whole());
    assert_eq!(pair.product(S).mode, Mode::Standalone);
}

#[test]
fn an_unprotected_primary_is_wiped_by_a_pair_built_the_wrong_way_round() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    pair.run(P, Action::EnterStandalone).unwrap();
    pair.conf(P, conf::PROTECTED, "False");
    pair.run(S, Action::EnterMaster).unwrap();
    let generation = pair.product(P).data.postgres.generation;
    pair.run(S, Action::AddSlaves).unwrap();
    let losses = &pair.world.host(P).unwrap().losses;
    assert_eq!(losses[0].data, Kind::Postgres);
    assert_eq!((losses[0].generation, losses[0].by.as_str()), (generation, "cluster_add_slaves"));
    assert!(pair.problems(Expectation::Updated).iter().any(|problem| problem.contains("LOST postgres")));
}

#[test]
fn two_masters_are_refused() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.run(P, Action::EnterMaster).unwrap();
    assert_eq!(message(pair.run(S, Action::EnterMaster)), "primary is the master of this cluster");
}

#[test]
fn versions_that_differ_do_not_make_a_pair() {
    let mut pair = Pair::usual();
    for host in [P, S] {
        pair.run(host, Action::EnterStandalone).unwrap();
    }
    pair.unpack(S);
    pair.update(S).unwrap();
    pair.prepare_rebuild();
    let said = message(pair.run(P, Action::AddSlaves));
    assert!(said.starts_with("secondary has version 10.0.0.147420"), "{said}");
    assert!(pair.product(S).data.postgres.is_whole());
}

#[test]
fn an_update_inside_the_pair_is_not_pretended() {
    let mut pair = Pair::usual();
    pair.unpack(S);
    assert!(message(pair.update(S)).contains("not in standalone mode"));
    assert_eq!(pair.product(S).build, pair.settings.from_build);
}

#[test]
fn the_event_bus_is_not_synchronised_before_2021_4() {
    let mut pair = Pair::new("2021.1", "2021.2", BackupTool::V2);
    pair.whole();
    assert_eq!(message(pair.run(S, Action::KafkaSync)), "no such action: cluster_start_kafka_sync");
}

#[test]
fn each_skipped_copy_is_found() {
    let mut pair = Pair::usual();
    pair.split_and_update();
    pair.prepare_rebuild();
    pair.run(P, Action::AddSlaves).unwrap();
    let found = pair.problems(Expectation::Updated);
    for kind in ["postgres", "kvstore", "eventbus"] {
        let wanted = format!("secondary: {kind} is empty");
        assert!(found.iter().any(|problem| problem.starts_with(&wanted)), "{wanted} in {found:?}");
    }
    assert!(found.contains(&"primary: replication is unknown".to_owned()));
}

#[test]
fn a_destroying_action_done_again_is_found() {
    let mut pair = Pair::usual();
    pair.whole();
    pair.run(S, Action::KvstoreCopy).unwrap();
    assert_eq!(
        pair.problems(Expectation::Updated),
        ["secondary: cluster_kvstore_copy was done 2 times, not 1"]
    );
}

#[test]
fn the_split_makes_the_secondary_its_own_and_protects_both() {
    let mut pair = Pair::usual();
    for host in [P, S] {
        pair.run(host, Action::EnterStandalone).unwrap();
        assert!(pair.product(host).is_on(conf::PROTECTED));
    }
    assert_eq!(pair.problems(Expectation::Split), Vec::<String>::new());
    let (primary, secondary) = (&pair.product(P).data.postgres, &pair.product(S).data.postgres);
    assert_ne!(primary.generation, secondary.generation);
    assert_eq!(secondary.origin, S);
}
