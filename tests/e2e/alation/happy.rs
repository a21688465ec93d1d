use super::pair::Pair;

const WHOLE: &[&str] = &[
    "secondary cluster_enter_standalone_mode",
    "primary cluster_enter_standalone_mode",
    "secondary update",
    "primary update",
    "primary cluster_enter_master_mode",
    "primary cluster_add_slaves",
    "secondary cluster_kvstore_copy",
    "secondary cluster_replicate_postgres",
];

fn story(more: &[&str]) -> Vec<String> {
    WHOLE.iter().chain(more).map(|step| (*step).to_owned()).collect()
}

#[test]
fn takes_a_pair_to_the_next_release_and_then_finds_nothing_to_do() {
    let pair = Pair::start(&["--from", "2021.3", "--to", "2021.4"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.story(), story(&["secondary cluster_start_kafka_sync"]));

    let again = pair.scenario().run();
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert!(!again.stdout.contains("\n  changed "), "{}", again.stdout);
    assert_eq!(pair.story(), story(&["secondary cluster_start_kafka_sync"]));
}

#[test]
fn goes_back_to_backup_v1_after_crossing_2021_2() {
    let pair = Pair::start(&["--from", "2020.3", "--to", "2021.2", "--backup-tool", "v1"]);
    pair.act("primary", "reindex");
    let outcome = pair.permitted().vars(r#"{"alation_backup_tool": "v1"}"#).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.story(), story(&["primary disable_backupv2"]));
    assert_eq!(pair.state("primary", "/product/conf/alation.backup_v2.enabled"), "False");
}

#[test]
fn enables_backup_v2_again_before_2021_2() {
    let pair = Pair::start(&["--from", "2020.3", "--to", "2020.4", "--backup-tool", "v2"]);
    pair.act("primary", "reindex");
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.story(), story(&["primary enable_backupv2"]));
    assert_eq!(pair.state("primary", "/product/conf/alation.backup_v2.enabled"), "True");
}

#[test]
fn comes_from_the_line_before_the_years() {
    let pair = Pair::start(&["--from", "VR7", "--to", "2020.4", "--backup-tool", "v1"]);
    pair.act("primary", "reindex");
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.story(), story(&[]));
}

#[test]
fn a_release_before_2020_4_has_no_override_ip() {
    let pair = Pair::start(&["--from", "VR7", "--to", "2020.3", "--backup-tool", "v1"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert!(!outcome.stdout.contains("override_ip;"), "{}", outcome.stdout);
}

#[test]
fn a_patch_of_the_same_release_works_the_same_way() {
    let pair = Pair::start(&["--from", "2021.3", "--to", "2021.3", "--to-build", "9.0.3.150000"]);
    let outcome = pair.update();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert_eq!(pair.story(), story(&[]));
}

#[test]
fn the_shell_of_the_documents_takes_its_commands_on_stdin() {
    let pair = Pair::start(&["--from", "2021.4", "--to", "2022.1"]);
    let shell =
        r#"{"alation_shell_mode": "stdin", "alation_shell": "{{ alation_sudo }} {{ alation_init }} shell"}"#;
    let outcome = pair.permitted().vars(shell).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
}

#[test]
fn hooks_run_around_the_update_of_each_host_once() {
    let pair = Pair::start(&[]);
    let hook = pair.dir().join("hook.yml");
    let task = "- command: sh -c 'echo hook >> \"$HOME/hooks\"'\n";
    std::fs::write(&hook, task).unwrap();
    let hooks = serde_json::json!({ "alation_hooks": {
        "before_secondary_update": hook, "after_secondary_update": hook, "after_primary_update": hook,
    } });
    for _ in 0..2 {
        let outcome = pair.permitted().vars(&hooks.to_string()).run();
        assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    }
    let ran = |host: &str| {
        let path = pair.dir().join("hosts").join(host).join("home/lab/hooks");
        std::fs::read_to_string(path).unwrap().lines().count()
    };
    assert_eq!((ran("secondary"), ran("primary")), (2, 1));
}

#[test]
fn a_part_that_does_not_apply_is_left_out() {
    let pair = Pair::start(&[]);
    let outcome = pair
        .permitted()
        .vars(r#"{"alation_skip": ["kafka_sync", "postgres_replicate", "replication"]}"#)
        .run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.story().last().unwrap(), "secondary cluster_kvstore_copy");
}

#[test]
fn a_package_that_lies_on_the_hosts_is_not_uploaded() {
    let pair = Pair::start(&[]);
    let package = "alation-2021.4-10.0.0.147420.x86_64.rpm";
    for host in ["primary", "secondary"] {
        let from = pair.dir().join("packages").join(package);
        std::fs::copy(from, pair.dir().join("hosts").join(host).join("tmp").join(package)).unwrap();
    }
    let place = format!(r#"{{"alation_package_on_host": "{{{{ lab_root }}}}/tmp/{package}"}}"#);
    let outcome = pair.permitted().vars(&place).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert_eq!(pair.problems("updated"), "");
    assert!(!outcome.stdout.contains("changed   primary      Upload"), "{}", outcome.stdout);
}
