//! Updates of one host.

use super::*;

fn split() -> Pair {
    let mut pair = Pair::usual();
    for host in [P, S] {
        pair.run(host, Action::EnterStandalone).unwrap();
        pair.unpack(host);
    }
    pair
}

fn refused(pair: &mut Pair, host: &str) -> String {
    pair.update(host).unwrap_err().message
}

#[test]
fn an_update_gives_version_and_migrated_data() {
    let mut pair = split();
    let before = pair.product(P).data.postgres.generation;
    pair.update(P).unwrap();
    let product = pair.product(P);
    assert_eq!((product.release, product.build), (pair.settings.to, pair.settings.to_build));
    assert_ne!(product.data.postgres.generation, before);
    assert!(product.data.eventbus.is_whole());
    assert!(product.services);
}

#[test]
fn nothing_is_updated_without_a_package() {
    let mut pair = Pair::usual();
    pair.run(S, Action::EnterStandalone).unwrap();
    assert_eq!(refused(&mut pair, S), "no new version is unpacked");
}

#[test]
fn a_failed_update_stops_the_services_and_can_be_done_again() {
    let mut pair = split();
    pair.fault(S, Fault::UpdateFailsHalfway);
    assert!(refused(&mut pair, S).starts_with("update failed"));
    assert_eq!(pair.product(S).update, Update::Stopped { percent: 50 });
    assert!(!pair.product(S).services);
    assert_eq!(pair.product(S).build, pair.settings.from_build);
    pair.world.host_mut(S).unwrap().faults.clear();
    pair.update(S).unwrap();
    assert_eq!(pair.product(S).update, Update::Done);
}

#[test]
fn low_disk_space_ends_the_update_before_it_begins() {
    let mut pair = split();
    pair.fault(S, Fault::LowDisk);
    assert!(refused(&mut pair, S).starts_with("WARNING: not enough free disk space"));
    assert_eq!(pair.product(S).update, Update::Never);
    assert!(pair.product(S).services);
}

#[test]
fn a_killed_update_is_known_as_stopped() {
    let mut pair = split();
    pair.world.begin_update(S, ME).unwrap();
    pair.world.step_update(S, 13).unwrap();
    let now = pair.world.now;
    pair.world.advance(now, |_| false);
    assert_eq!(pair.product(S).update, Update::Stopped { percent: 65 });
}

#[test]
fn a_second_update_at_once_is_refused_and_remembered() {
    let mut pair = split();
    pair.world.begin_update(S, ME).unwrap();
    let refusal = pair.world.begin_update(S, OTHER).unwrap_err();
    assert_eq!(refusal.message, "another update is running");
    assert_eq!(pair.world.host(S).unwrap().double_starts.len(), 1);
}

#[test]
fn sessions_are_cut_once_during_the_update() {
    let mut pair = split();
    pair.fault(S, Fault::UpdateDropsSession);
    pair.update(S).unwrap();
    assert_eq!(pair.world.host(S).unwrap().session_cuts, 1);
}

#[test]
fn keys_that_were_never_rotated_keep_from_2021_1() {
    let mut pair = Pair::new("2020.4", "2021.2", BackupTool::V2);
    pair.run(S, Action::EnterStandalone).unwrap();
    pair.unpack(S);
    pair.fault(S, Fault::KeysNeverRotated);
    assert!(refused(&mut pair, S).contains("never rotated"));
}

#[test]
fn the_index_must_be_rebuilt_before_2020_4() {
    let mut pair = Pair::new("2020.3", "2021.2", BackupTool::V2);
    pair.world.act(P, HumanAct::Reindex).unwrap();
    pair.pass(60.0);
    pair.split_and_update();
    assert_eq!(pair.product(S).release, pair.settings.to);

    let mut pair = Pair::new("VR7", "2020.4", BackupTool::V2);
    pair.run(S, Action::EnterStandalone).unwrap();
    pair.unpack(S);
    assert!(refused(&mut pair, S).contains("reindexing was not done"));
}

#[test]
fn the_reindexing_script_stops_services_while_it_runs() {
    let mut pair = Pair::new("2020.3", "2020.4", BackupTool::V2);
    pair.world.begin(P, Action::Reindex, ME).unwrap();
    assert!(!pair.product(P).services);
    pair.world.finish(P, Action::Reindex, ME).unwrap();
    assert!(pair.product(P).services);
    assert!(pair.product(P).reindexed);
}
