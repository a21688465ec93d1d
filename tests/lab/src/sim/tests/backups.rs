//! Backup flags and configuration values.

use super::*;

#[test]
fn an_update_to_2021_2_turns_backup_v2_on() {
    let mut pair = Pair::new("2021.1", "2021.2", BackupTool::V1);
    assert!(!pair.product(P).is_on(conf::BACKUP_V2));
    pair.whole();
    assert!(pair.product(P).is_on(conf::BACKUP_V2));
    assert!(pair.product(P).is_on(conf::ARCHIVE_MODE));
    pair.run(P, Action::DisableBackupV2).unwrap();
    assert!(!pair.product(P).is_on(conf::ARCHIVE_MODE));
    assert!(pair.product(P).is_on(conf::BACKUP_V1));
}

#[test]
fn the_set_up_of_a_pair_turns_backup_v2_off_before_2021_2() {
    let mut pair = Pair::new("2020.4", "2021.1", BackupTool::V2);
    pair.whole();
    assert!(!pair.product(P).is_on(conf::BACKUP_V2));
    pair.run(P, Action::EnableBackupV2).unwrap();
    assert_eq!(pair.problems(Expectation::Updated), Vec::<String>::new());
}

#[test]
fn a_slave_pulls_the_configuration_each_minute_but_not_its_own_part() {
    let mut pair = Pair::usual();
    pair.conf(S, "site_id", "changed on the slave");
    pair.conf(S, conf::OVERRIDE_IP, "127.0.0.12");
    pair.pass(59.0);
    assert_eq!(pair.product(S).conf["site_id"], "changed on the slave");
    pair.pass(2.0);
    assert_eq!(pair.product(S).conf["site_id"], "lab");
    assert_eq!(pair.product(S).conf[conf::OVERRIDE_IP], "127.0.0.12");
}

#[test]
fn a_standalone_instance_keeps_its_configuration() {
    let mut pair = Pair::usual();
    pair.run(S, Action::EnterStandalone).unwrap();
    pair.world.act(S, HumanAct::DisableScheduling).unwrap();
    pair.pass(600.0);
    assert!(!pair.product(S).is_on(conf::SCHEDULING));
    assert!(pair.product(P).is_on(conf::SCHEDULING));
}

#[test]
fn switches_are_read_back_as_python_writes_them() {
    let mut pair = Pair::usual();
    pair.conf(S, conf::PROTECTED, "true");
    let line = "alation.cluster.protected_instance = True";
    assert_eq!(pair.product(S).read_conf(conf::PROTECTED), Ok(vec![line.to_owned()]));
}

#[test]
fn part_of_a_key_matches_all_keys_that_contain_it() {
    let pair = Pair::usual();
    assert_eq!(pair.product(P).read_conf("alation.backup").unwrap().len(), 7);
    assert_eq!(pair.product(P).read_conf(conf::MODE), Ok(vec![format!("{} = master", conf::MODE)]));
}

#[test]
fn bad_values_and_keys_are_refused() {
    let mut pair = Pair::usual();
    let product = pair.world.product_mut(S).unwrap();
    assert!(matches!(product.set_conf(conf::PROTECTED, "maybe"), Err(ConfError::Switch { .. })));
    assert!(matches!(product.set_conf(conf::OVERRIDE_IP, "localhost"), Err(ConfError::Address { .. })));
    assert!(matches!(product.set_conf("no.such.key", "1"), Err(ConfError::Unknown { .. })));
    assert!(matches!(product.set_conf(conf::MODE, "master"), Err(ConfError::ReadOnly { .. })));
    assert!(matches!(product.read_conf("no.such.key"), Err(ConfError::Unknown { .. })));
}
