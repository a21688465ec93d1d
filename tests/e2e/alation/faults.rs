use super::pair::Pair;

const FAILED: i32 = 2;

/// Runs with a fault, expects a stop with these words, then mends it and expects the whole update.
fn stops_then_goes_on(pair: &Pair, host: &str, fault: &str, words: &[&str], now: &str) {
    pair.fault(host, fault, true);
    let outcome = pair.update();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    for words in words {
        assert!(outcome.stdout.contains(words), "{words}: {}", outcome.stdout);
    }
    if !now.is_empty() {
        assert_eq!(pair.problems(now), "");
    }
    pair.fault(host, fault.split('=').next().unwrap(), false);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}

#[test]
fn a_header_that_rpm_cannot_read_is_explained_before_anything_is_split() {
    let pair = Pair::start(&[]);
    let words = ["headerRead failed", "newer of 256 MB"];
    stops_then_goes_on(&pair, "secondary", "rpm-header", &words, "untouched");
}

#[test]
fn a_full_disk_stops_the_upload_and_nothing_is_split() {
    let pair = Pair::start(&[]);
    stops_then_goes_on(
        &pair,
        "secondary",
        "disk-full-on-upload",
        &["Upload the update package"],
        "untouched",
    );
}

#[test]
fn low_disk_leaves_the_primary_as_it_was() {
    let pair = Pair::start(&[]);
    pair.fault("secondary", "low-disk", true);
    let outcome = pair.update();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("free disk space"), "{}", outcome.stdout);
    assert_eq!(pair.starts("primary", "update"), 0);
    assert_eq!(pair.state("primary", "/product/build"), "9.0.0.141815");
}

#[test]
fn an_update_that_breaks_off_is_started_anew() {
    let pair = Pair::start(&[]);
    pair.fault("secondary", "update-fails-halfway", true);
    let outcome = pair.update();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("now the build in use is 9.0.0.141815"), "{}", outcome.stdout);
    assert_eq!(pair.starts("primary", "update"), 0);
    pair.fault("secondary", "update-fails-halfway", false);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.state("secondary", "/product/mode"), "slave");
    assert_eq!(pair.state("primary", "/product/mode"), "master");
    assert_eq!(pair.starts("secondary", "cluster_kvstore_copy"), 1);
}

#[test]
fn sessions_that_end_during_the_update_lose_nothing() {
    let pair = Pair::start(&["--fault", "update-drops-session"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}

#[test]
fn a_server_that_is_gone_during_the_copy_loses_nothing() {
    let pair = Pair::start(&["--fault", "sshd-down-during-copy=3@secondary"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.starts("secondary", "cluster_replicate_postgres"), 1);
}

#[test]
fn replication_that_stays_unknown_fails_the_run_and_no_copy_is_repeated() {
    let pair = Pair::start(&[]);
    pair.fault("primary", "replication-stuck-unknown", true);
    let short = r#"{"alation_replication_timeout": 1}"#;
    for _ in 0..2 {
        let outcome = pair.permitted().vars(short).run();
        assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
        assert!(
            outcome.stdout.contains("replication is not running: for 1 seconds the page says unknown"),
            "{}",
            outcome.stdout
        );
    }
    pair.fault("primary", "replication-stuck-unknown", false);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}

#[test]
fn an_action_that_waits_for_input_is_named_and_gets_the_answer_in_the_next_run() {
    let pair = Pair::start(&["--fault", "action-hangs-waiting=cluster_add_slaves"]);
    let quick = r#"{"alation_prompt_grace": 1}"#;
    let outcome = pair.permitted().vars(quick).run();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("cluster_add_slaves waits for input"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("alation_action_input"), "{}", outcome.stdout);
    let answer = r#"{"alation_prompt_grace": 1, "alation_action_input": {"cluster_add_slaves": "YES\n"}}"#;
    let outcome = pair.permitted().vars(answer).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.state("secondary", "/product/mode"), "slave");
}

#[test]
fn an_action_that_asks_for_yes_gets_it() {
    let pair = Pair::start(&["--fault", "action-prompts-YES"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("waits for input"), "{}", outcome.stdout);
    let answers = r#"{"alation_action_input": {"cluster_enter_standalone_mode": "YES\n", "cluster_enter_master_mode": "YES\n",
        "cluster_add_slaves": "YES\n", "cluster_kvstore_copy": "YES\n", "cluster_replicate_postgres": "YES\n"}}"#;
    let outcome = pair.permitted().vars(answers).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.state("primary", "/product/mode"), "master");
}

#[test]
fn an_error_text_with_exit_code_0_is_a_failure() {
    let pair = Pair::start(&["--fault", "exit-zero-with-error-text=cluster_kvstore_copy"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, FAILED, "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("cluster_kvstore_copy ended with exit code 0, but said"),
        "{}",
        outcome.stdout
    );
    assert_eq!(pair.starts("secondary", "cluster_replicate_postgres"), 0);
}

#[test]
fn a_copy_that_dies_is_repeated_by_the_next_run() {
    let pair = Pair::start(&[]);
    pair.fault("secondary", "kvstore-dies-halfway", true);
    assert_eq!(pair.update().code, FAILED);
    pair.fault("secondary", "kvstore-dies-halfway", false);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.starts("primary", "cluster_add_slaves"), 1);
    assert_eq!(pair.starts("secondary", "cluster_kvstore_copy"), 2);
    assert_eq!(pair.state("secondary", "/product/data/kvstore/percent"), 100);
}

#[test]
fn a_refused_sudo_is_told_before_anything_changes() {
    let pair = Pair::start(&[]);
    stops_then_goes_on(&pair, "secondary", "sudo-refused", &["sudo refuses this user"], "untouched");
}

#[test]
fn a_host_that_cannot_be_reached_stops_the_run_before_the_other_is_touched() {
    let pair = Pair::start(&["--fault", "sshd-down=600@secondary"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 4, "{}", outcome.stdout);
    assert_eq!(pair.problems("untouched"), "");
}
