use super::pair::{A, B, Pair};

const FAILED: i32 = 2;
const REFUSED: i32 = 10;

/// Expects a stop with these words before anything was changed.
pub fn stops_untouched(pair: &Pair, switchover: bool, words: &str) {
    let before = pair.state();
    let outcome = pair.update(switchover).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words), "{words}: {}", outcome.stdout);
    assert_eq!(pair.state(), before, "{}", outcome.stdout);
}

#[test]
fn swapped_roles_are_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    pair.swap_inventory();
    stops_untouched(&pair, false, "The roles look swapped");
    stops_untouched(&pair, true, "The roles look swapped");
}

#[test]
fn a_server_that_is_down_is_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    let stops = |words: &str| {
        let outcome = pair.update(false).run();
        assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
        for part in [words, "Nothing was changed. Both have to run before the update begins."] {
            assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
        }
    };
    pair.control(A, "stop");
    stops("db-a should be the primary and is stopped; db-b should be the standby and is standby");
    pair.control(B, "stop");
    stops("db-a should be the primary and is stopped; db-b should be the standby and is stopped");
    pair.control(A, "start");
    stops("db-a should be the primary and is primary; db-b should be the standby and is stopped");
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("primary", "down"));
    pair.control(B, "start");
    pair.updated(false);
    assert_eq!([A, B].map(|host| pair.version(host)), [&*pair.programs.version; 2]);
}

#[test]
fn a_standby_that_may_not_log_in_is_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    let pass = std::fs::read_to_string(pair.at(B, "pgpass")).unwrap();
    std::fs::write(pair.at(B, "pgpass"), pass.replace("secret-of", "wrong-of")).unwrap();
    pair.control(B, "stop");
    pair.control(B, "start");
    let before = pair.state();
    let outcome = pair.update(false).args(["-e", r#"{"postgres_lag_timeout": 1}"#]).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    for part in ["no standby is connected", "see the standby's log: its primary_conninfo, the password file"]
    {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains("wrong-of"), "{}", outcome.stdout);
    assert_eq!(pair.state(), before);
}

#[test]
fn a_slot_of_another_reader_is_told_before_a_switchover() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(A, "SELECT pg_create_physical_replication_slot('left_over', true)");
    stops_untouched(&pair, true, "db-a has the slots left_over, whose readers would lose their place");
}

#[test]
fn a_standby_that_would_stay_behind_is_told_before_a_switchover() {
    let Some(pair) = Pair::start() else { return };
    pair.add_standby(A);
    pair.until(A, "count(*) = 2 FROM pg_stat_replication WHERE replay_lsn IS NOT NULL");
    // Which of them is meant is asked first.
    stops_untouched(&pair, true, "several standbys are connected (db-b, third): name one with `standby`");
    let before = pair.state();
    let outcome = pair.update(true).args(["-e", "postgres_application_name=db-b"]).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("db-a feeds db-b, third: in a switchover all but db-b would go on"), "{said}");
    assert_eq!(pair.state(), before);
}

#[test]
fn a_slot_that_is_missing_is_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(B, "ALTER SYSTEM SET primary_slot_name = ''");
    pair.sql(B, "SELECT pg_reload_conf()");
    pair.until(A, "NOT active FROM pg_replication_slots WHERE slot_name = 'slot_b'");
    pair.sql(A, "SELECT pg_drop_replication_slot('slot_b')");
    pair.until(A, "count(*) = 1 FROM pg_stat_replication");
    stops_untouched(&pair, false, "The standby should use the slot slot_b, and db-a has none in use");
}

#[test]
fn a_primary_that_would_wait_for_the_standby_is_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(A, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    pair.sql(A, "SELECT pg_reload_conf()");
    pair.until(A, "sync_state = 'sync' FROM pg_stat_replication");
    stops_untouched(&pair, false, "every commit would wait");
}

#[test]
fn a_way_back_that_is_closed_is_told_before_anything_changes() {
    let Some(pair) = Pair::start() else { return };
    let hba = std::fs::read_to_string(pair.at(B, "pg_hba.conf")).unwrap();
    std::fs::write(pair.at(B, "pg_hba.conf"), hba.replace("host replication", "# host replication")).unwrap();
    pair.sql(B, "SELECT pg_reload_conf()");
    stops_untouched(
        &pair,
        true,
        "does not answer to replicator: no pg_hba.conf entry for replication connection",
    );
}

#[test]
fn a_standby_that_is_too_far_behind_stops_the_update_until_it_has_caught_up() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(B, "SELECT pg_wal_replay_pause()");
    pair.sql(A, "INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
    let late =
        pair.update(false).args(["-e", r#"{"postgres_lag_ceiling": 100000, "postgres_lag_timeout": 1}"#]);
    let outcome = late.run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("the standby stays more than 100000 bytes behind"), "{}", outcome.stdout);
    assert_eq!(pair.version(B), pair.programs.version_before());
    pair.sql(B, "SELECT pg_wal_replay_resume()");
    assert_eq!(late.run().code, 0);
    assert_eq!(pair.version(B), pair.programs.version);
}

#[test]
fn without_an_approval_the_primary_is_not_stopped() {
    let Some(pair) = Pair::start() else { return };
    let started = pair.sql(A, "SELECT pg_postmaster_start_time()");
    for (switchover, name) in [(false, "restart_primary"), (true, "switch_over")] {
        let vars = format!(
            r#"{{"postgres_switchover": {switchover}, "postgres_confirmed": ["backup"], "postgres_record": "{name}"}}"#
        );
        let outcome = pair.scenario("update_ha_pair").args(["-e", &vars]).run();
        assert_eq!(outcome.code, REFUSED, "{}", outcome.stdout);
        assert!(outcome.stdout.contains(&format!("--approve {name}")), "{}", outcome.stdout);
    }
    assert_eq!(pair.sql(A, "SELECT pg_postmaster_start_time()"), started);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("primary", "standby"));
}

#[test]
fn without_a_backup_nothing_begins() {
    let Some(pair) = Pair::start() else { return };
    let before = pair.state();
    let outcome = pair.scenario("update_ha_pair").args(["--approve", "all"]).run();
    assert_eq!(outcome.code, REFUSED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--approve backup"), "{}", outcome.stdout);
    assert_eq!(pair.state(), before);
}

#[test]
fn two_primaries_are_refused_and_the_one_given_up_is_rewound() {
    let Some(pair) = Pair::start() else { return };
    pair.sql(B, "SELECT pg_promote()");
    pair.sql(B, "CHECKPOINT");
    pair.sql(A, "INSERT INTO written VALUES (1)");
    pair.sql(B, "INSERT INTO written VALUES (2)");
    stops_untouched(&pair, true, "Both servers run as a primary (split brain)");

    // Old and new: db-b is to live, db-a is given up.
    pair.swap_inventory();
    pair.sql(B, "SELECT pg_create_physical_replication_slot('slot_a', true)");
    let rebuild = |more: &[&str]| pair.scenario("rebuild_standby").args(more.iter().copied()).run();
    let outcome = rebuild(&["--approve", "all"]);
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert_eq!(pair.sql(A, "SELECT n FROM written"), "1");
    let outcome = rebuild(&["-e", "postgres_give_up=db-a", "--approve", "stop_standby"]);
    assert_eq!(outcome.code, REFUSED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--approve postgres.rewind"), "{}", outcome.stdout);
    let outcome = rebuild(&["-e", "postgres_give_up=db-a", "--approve", "all"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    pair.until(A, "pg_is_in_recovery() AND (SELECT count(*) = 1 FROM pg_stat_wal_receiver)");
    pair.until(A, "string_agg(n::text, ',') = '2' FROM written");
    let outcome = rebuild(&[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("changed  "), "{}", outcome.stdout);
}

#[test]
fn another_cluster_is_no_standby() {
    let Some(pair) = Pair::start() else { return };
    pair.control(B, "stop");
    let (data, initdb) = (pair.at(B, "data"), pair.programs.bin.join("initdb"));
    std::fs::remove_dir_all(&data).unwrap();
    pair.programs.run(initdb, &["-D", &data, "-U", "postgres", "-N", "--auth=trust", "--wal-segsize=1"]);
    std::fs::write(format!("{data}/precious"), "mine").unwrap();
    let outcome = pair.update(false).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("these are two clusters, not a pair"), "{}", outcome.stdout);
    let outcome = pair.scenario("rebuild_standby").args(["--approve", "all"]).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("these are two clusters, not a pair"), "{}", outcome.stdout);
    assert_eq!(std::fs::read_to_string(format!("{data}/precious")).unwrap(), "mine");
}

#[test]
fn an_installation_that_fails_leaves_the_primary_serving() {
    let Some(pair) = Pair::start() else { return };
    let install = std::fs::read_to_string(pair.path("install.yml")).unwrap();
    let broken =
        format!("{install}- fail: {{ msg: no such package }}\n  when: inventory_hostname == 'db-a'\n");
    std::fs::write(pair.path("install.yml"), broken).unwrap();
    let outcome = pair.update(false).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("The primary runs again"), "{}", outcome.stdout);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("primary", "standby"));
    std::fs::write(pair.path("install.yml"), install).unwrap();
    pair.updated(false);
    assert_eq!(pair.version(A), pair.programs.version);
}

#[test]
fn a_switchover_that_cannot_be_made_leaves_the_old_primary_serving() {
    let Some(pair) = Pair::start() else { return };
    // The standby has received all of it, and replays nothing.
    let hook = pair.path("pause.yml");
    std::fs::write(&hook, "- command: \"{{ psql }} 'SELECT pg_wal_replay_pause()'\"\n  delegate_to: db-b\n- command: \"{{ write }}\"\n").unwrap();
    let psql = |host| {
        let port = pair.service();
        let port = port.split("port=").nth(1).unwrap().split([',', ' ']).nth(host).unwrap().to_owned();
        format!("{}/psql -X -h {} -p {port} -U postgres -c", pair.programs.bin.display(), pair.at(host, ""))
    };
    let vars = serde_json::json!({
        "postgres_hooks": { "before_switchover": hook.to_str().unwrap() },
        "psql": psql(B),
        "write": format!("{} 'INSERT INTO written VALUES (7)'", psql(A)),
        "postgres_lag_timeout": 2,
    });
    let outcome = pair.update(true).args(["-e", &vars.to_string()]).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("The switchover was not made"), "{}", outcome.stdout);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("primary", "standby"));
    pair.sql(B, "SELECT pg_wal_replay_resume()");
    pair.updated(true);
    assert_eq!((pair.role(A).as_str(), pair.role(B).as_str()), ("standby", "primary"));
    assert_eq!(pair.sql(B, "SELECT n FROM written"), "7");
}
