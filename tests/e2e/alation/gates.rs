use super::pair::{CONFIRMED, Pair};

/// Exit code of a run that stopped at a step that nobody approved or confirmed.
const REFUSED: i32 = 10;

#[test]
fn nothing_is_split_before_the_backup_is_vouched_for() {
    let pair = Pair::start(&[]);
    let outcome = pair.scenario().args(["--approve", "all"]).run();
    assert_eq!(outcome.code, REFUSED, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("valid backup"), "{}", outcome.stdout);
    assert_eq!(pair.problems("untouched"), "");
}

#[test]
fn each_missing_confirmation_stops_before_its_step_and_the_next_run_goes_on() {
    let pair = Pair::start(&["--from", "2020.3", "--to", "2021.2"]);
    pair.act("primary", "reindex");
    let stops = [
        ("key_rotation", "", ""),
        ("reindex", "", ""),
        ("query_scheduling", "primary cluster_enter_standalone_mode", "split"),
        ("secondary_validated", "secondary update", "split"),
        ("primary_validated", "primary update", "split"),
    ];
    for (missing, last, expect) in stops {
        let until = CONFIRMED.iter().position(|id| *id == missing).unwrap();
        let outcome = pair.scenario().args(["--approve", "all"]).confirmed(&CONFIRMED[..until]).run();
        assert_eq!(outcome.code, REFUSED, "{missing}: {}", outcome.stdout);
        assert_eq!(pair.story().last().map_or("", String::as_str), last, "{missing}");
        if !expect.is_empty() {
            assert_eq!(pair.problems(expect), "", "{missing}");
        }
    }
    // What is behind is not asked again.
    let outcome = pair.scenario().args(["--approve", "all"]).confirmed(&["primary_validated"]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}

#[test]
fn without_approval_no_destroying_step_runs_and_each_names_itself() {
    let pair = Pair::start(&[]);
    let mut approved: Vec<&str> = Vec::new();
    for (step, last) in [
        ("alation.master_mode", "primary update"),
        ("alation.add_slaves", "primary cluster_enter_master_mode"),
        ("alation.kvstore_copy", "primary cluster_add_slaves"),
        ("alation.postgres_replicate", "secondary cluster_kvstore_copy"),
    ] {
        let mut scenario = pair.scenario().confirmed(CONFIRMED);
        if !approved.is_empty() {
            scenario = scenario.args(["--approve", &approved.join(",")]);
        }
        let outcome = scenario.run();
        assert_eq!(outcome.code, REFUSED, "{step}: {}", outcome.stdout);
        assert!(outcome.stdout.contains(&format!("--approve {step}")), "{step}: {}", outcome.stdout);
        assert_eq!(pair.story().last().unwrap(), last);
        approved.push(step);
    }
    let outcome = pair.scenario().confirmed(CONFIRMED).args(["--approve", &approved.join(",")]).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}
