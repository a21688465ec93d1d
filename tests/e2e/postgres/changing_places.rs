//! What would be lost, or would not work, once the servers have changed places.

use super::faults::stops_untouched;
use super::pair::{A, B, Pair};
use super::writer::{ROWS, Writer};

impl Pair {
    /// Changes a setting of a server and starts it anew.
    fn set(&self, host: usize, setting: &str) {
        self.sql(host, &format!("ALTER SYSTEM SET {setting}"));
        self.control(host, "restart");
    }

    /// Waits until the standby follows.
    fn follows(&self) {
        self.until(
            A,
            "count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL",
        );
    }
}

#[test]
fn a_logical_slot_is_told_before_a_switchover_and_stays_in_place() {
    let Some(pair) = Pair::start() else { return };
    [A, B].iter().for_each(|host| pair.set(*host, "wal_level = logical"));
    pair.sql(A, "SELECT pg_create_logical_replication_slot('subscriber', 'pgoutput')");
    pair.follows();
    stops_untouched(
        &pair,
        true,
        "db-a has the slots subscriber, whose readers would lose their place in a switchover. Of these, subscriber are logical: \
         db-b does not have them, and their subscribers would miss all",
    );
    pair.updated(false);
    let there =
        "count(*) = 1 FROM pg_replication_slots WHERE slot_name = 'subscriber' AND wal_status = 'reserved'";
    pair.until(A, there);
}

#[test]
fn settings_with_which_the_old_primary_could_not_follow_are_told_before_a_switchover() {
    let Some(pair) = Pair::start() else { return };
    pair.set(B, "max_connections = 30");
    pair.follows();
    stops_untouched(&pair, true, "after the switchover db-a is the standby: it would not start");
    pair.set(B, "max_connections = 20");
    pair.set(A, "wal_level = logical");
    pair.follows();
    stops_untouched(&pair, true, "wal_level has to be the same");
    pair.updated(false);
}

#[test]
fn a_standby_that_would_archive_otherwise_is_told_before_a_switchover() {
    let Some(pair) = Pair::start() else { return };
    pair.set(B, "archive_command = 'false'");
    pair.follows();
    stops_untouched(
        &pair,
        true,
        "archive_command `true`, db-b on and `false`: after the switchover the archive would have a hole",
    );
}

#[test]
fn a_standby_that_somebody_promotes_during_the_run_is_seen_before_the_primary_stops() {
    let Some(pair) = Pair::start() else { return };
    let started = pair.sql(A, "SELECT pg_postmaster_start_time()");
    let hook = pair.path("promote.yml");
    std::fs::write(&hook, "- command: \"{{ promote }}\"\n  delegate_to: db-b\n").unwrap();
    let vars = serde_json::json!({
        "postgres_hooks": { "before_switchover": hook.to_str().unwrap() },
        "promote": format!("{} promote -s -w -D {}", pair.programs.bin.join("pg_ctl").display(), pair.at(B, "data")),
    });
    let outcome = pair.update(true).args(["-e", &vars.to_string()]).run();
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("db-b has become a primary since this run began (timeline 2)"), "{said}");
    assert_eq!(pair.sql(A, "SELECT pg_postmaster_start_time()"), started);
    stops_untouched(&pair, true, "Both servers run as a primary (split brain)");
}

#[test]
fn a_standby_of_the_standby_goes_on_following_and_nothing_is_lost() {
    for switchover in [false, true] {
        let Some(pair) = Pair::start() else { return };
        pair.add_standby(B);
        pair.until(B, "count(*) = 1 FROM pg_stat_replication WHERE replay_lsn IS NOT NULL");
        let writer = Writer::start(&pair);
        pair.updated(switchover);
        let primary = if switchover { B } else { A };
        writer.all_in(|| {
            let end = pair.sql(primary, "SELECT pg_current_wal_lsn()");
            let reached = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
            while pair.sql_of_third(&reached) != "t" {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            pair.sql_of_third(ROWS)
        });
    }
}
