use super::pair::{A, B, Pair};
use super::writer::Writer;

#[test]
fn a_pair_is_updated_in_place_and_nothing_is_lost() {
    let Some(pair) = Pair::start() else { return };
    assert_eq!(pair.version(A), pair.programs.version_before());
    let writer = Writer::start(&pair);
    let outcome = pair.updated(false);
    assert!(outcome.stdout.contains("db-a is the primary, db-b the standby"), "{}", outcome.stdout);
    for (host, role) in [(A, "primary"), (B, "standby")] {
        assert_eq!((pair.role(host).as_str(), pair.version(host)), (role, pair.programs.version.clone()));
    }
    writer.all_there(&pair, A);
    pair.until(A, "active FROM pg_replication_slots WHERE slot_name = 'slot_b'");
    let before = pair.state();
    let outcome = pair.updated(false);
    assert_eq!(pair.state(), before, "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("changed  "), "{}", outcome.stdout);
}

#[test]
fn a_pair_is_updated_by_switchover_and_nothing_is_lost() {
    let Some(pair) = Pair::start() else { return };
    let writer = Writer::start(&pair);
    let outcome = pair.updated(true);
    for (host, role) in [(A, "standby"), (B, "primary")] {
        assert_eq!((pair.role(host).as_str(), pair.version(host)), (role, pair.programs.version.clone()));
    }
    assert!(outcome.stdout.contains("put db-b into postgres_primary"), "{}", outcome.stdout);
    writer.all_there(&pair, B);
    pair.until(B, "active FROM pg_replication_slots WHERE slot_name = 'slot_a'");
    assert_eq!(pair.sql(A, "SELECT count(*) FROM pg_replication_slots"), "0");
    let before = pair.state();
    let outcome = pair.updated(true);
    assert_eq!(pair.state(), before, "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("changed  "), "{}", outcome.stdout);
}

#[test]
fn check_mode_changes_nothing() {
    let Some(pair) = Pair::start() else { return };
    let before = pair.state();
    for switchover in [false, true] {
        let outcome = pair.update(switchover).args(["--check"]).run();
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(pair.state(), before);
        assert_eq!(pair.version(B), pair.programs.version_before());
    }
}
