//! The documented procedure, command by command over SSH.

use switchover_lab::sim::Expectation;
use switchover_lab::{BackupTool, Phase, ShellForm};

use super::client::until;
use super::pair::{Pair, get};

const FINE: Vec<String> = Vec::new();

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_procedure_ends_with_an_updated_pair() {
    let pair = Pair::start().await;
    assert_eq!(pair.problems(Expectation::Untouched), FINE);
    pair.split().await;
    assert_eq!(pair.problems(Expectation::Split), FINE);
    pair.split_and_update().await;
    pair.prepare_rebuild().await;
    pair.action("primary", "cluster_add_slaves").await.good();
    assert_eq!(
        pair.page("primary").await.unwrap(),
        r#"{"replicationMode": "master", "postgres_lag_bytes": "unknown"}"#
    );
    pair.action("secondary", "cluster_kvstore_copy").await.good();
    let said = pair.action("secondary", "cluster_replicate_postgres").await.good();
    assert!(said.contains("postgres: 294912 of 589824 MB copied (50 %)"), "{said}");
    let page = pair.page("primary").await.unwrap();
    let lag = page.rsplit_once(": ").unwrap().1.trim_end_matches('}');
    assert!(lag.parse::<u64>().is_ok(), "{page}");
    pair.action("secondary", "cluster_start_kafka_sync").await.good();
    assert_eq!(pair.problems(Expectation::Updated), FINE);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_in_the_event_log() {
    let pair = Pair::start().await;
    pair.split().await;
    pair.unpack("secondary").await.good();
    let events = pair.lab.events("secondary").unwrap();
    let told: Vec<(&str, &str, Phase, Option<i32>)> = events
        .iter()
        .filter(|event| !["sudo", "su", "chroot"].contains(&event.command.as_str()))
        .map(|event| (event.command.as_str(), event.user.as_str(), event.phase, event.rc))
        .collect();
    assert_eq!(
        told,
        [
            ("cluster_enter_standalone_mode", "alationadmin", Phase::Started, None),
            ("cluster_enter_standalone_mode", "alationadmin", Phase::Finished, Some(0)),
            ("rpm -K", "lab", Phase::Started, None),
            ("rpm -K", "lab", Phase::Finished, Some(0)),
            ("rpm -U", "root", Phase::Started, None),
            ("rpm -U", "root", Phase::Finished, Some(0)),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_can_be_read_in_every_documented_way() {
    let pair = Pair::start().await;
    let product = pair.lab.layout().host("secondary").product();
    let file = product.join("alation/opt/alation/django/main/alation_version.py");
    let read = format!("cat {}; readlink {}/alation; rpm -q alation", file.display(), product.display());
    let before = pair.secondary.run(&read).await.good();
    assert!(before.contains("ALATION_MAJOR_VERSION = 9\n"), "{before}");
    assert!(before.contains("\nalation-2021.3-9.0.0.141815.x86_64\n"), "{before}");
    pair.action("secondary", "cluster_enter_standalone_mode").await.good();
    pair.unpack("secondary").await.good();
    let unpacked = pair.secondary.run(&read).await.good();
    assert!(unpacked.contains("ALATION_MAJOR_VERSION = 9\n"), "{unpacked}");
    assert!(unpacked.contains("\nalation-2021.4-10.0.0.147420.x86_64\n"), "{unpacked}");
    pair.secondary.run(&pair.update_command("secondary")).await.good();
    let after = pair.secondary.run(&read).await.good();
    assert!(after.contains("ALATION_MAJOR_VERSION = 10\n"), "{after}");
    assert!(after.contains("/alation-10.0.0.147420\n"), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_update_tells_its_progress_in_its_own_log() {
    let pair = Pair::start().await;
    pair.split().await;
    pair.update("secondary").await.good();
    let log =
        pair.lab.layout().host("secondary").product().join("alation-10.0.0.147420/var/log/installer.log");
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.contains(" running database migrations (2 of 3)\n"), "{text}");
    assert!(text.ends_with(" update to 10.0.0.147420 finished\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn master_mode_restarts_the_services() {
    let pair = Pair::with(|options| switchover_lab::Options { scale: 0.001, ..options }).await;
    pair.action("primary", "cluster_enter_standalone_mode").await.good();
    let command = pair.shell("primary", "alation_action cluster_enter_master_mode");
    let action = pair.primary.run(&command);
    let refused =
        until("a refused connection", || async { pair.page("primary").await.is_none().then_some(()) });
    let (action, ()) = tokio::join!(action, refused);
    action.good();
    let page = until("the page", || pair.page("primary")).await;
    assert!(page.contains("\"replicationMode\": \"master\""), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_found_behind_its_redirect() {
    let pair = Pair::start().await;
    let entry = pair.lab.host("primary").unwrap();
    let page = format!("http://{}:{}/monitor/replication", entry.address, entry.monitor_port);
    let said = pair.primary.run(&format!("curl -s -S -f -L --insecure {page}")).await.good();
    assert!(said.starts_with("{\"replicationMode\": \"master\", "), "{said}");
    assert_eq!(get(&entry.address, entry.monitor_port, "/nothing").await.unwrap(), "not found\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interactive_shell_reads_commands_and_ignores_words() {
    let pair = Pair::start().await;
    let init = pair.lab.layout().host("primary").init();
    let enter = format!("sudo -n {} shell", init.display());
    let key = "alation_conf alation.cluster.replication_mode";
    let output = pair.primary.feed(&enter, format!("{key}\nwhoami\n").into_bytes()).await;
    assert_eq!(output.good(), "alation.cluster.replication_mode = master\nalationadmin\n");
    let output = pair.primary.run(&format!("{enter} {key}")).await;
    assert_eq!(output.good(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_form_of_the_shell_runs_its_words() {
    let pair =
        Pair::with(|options| switchover_lab::Options { shell_form: ShellForm::Argument, ..options }).await;
    let init = pair.lab.layout().host("primary").init();
    let command = format!("sudo -n {} shell alation_conf alation.cluster.replication_mode", init.display());
    assert_eq!(pair.primary.run(&command).await.good(), "alation.cluster.replication_mode = master\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_on_backup_v1_comes_out_with_v2_and_goes_back() {
    let pair = Pair::with(|options| switchover_lab::Options {
        from: "2021.1".parse().unwrap(),
        to: "2021.2".parse().unwrap(),
        backup_tool: BackupTool::V1,
        ..options
    })
    .await;
    pair.added().await;
    let read = "alation_conf alation.backup_v2.enabled";
    assert_eq!(pair.inside("primary", read).await.good(), "alation.backup_v2.enabled = True\n");
    pair.action("primary", "disable_backupv2").await.good();
    assert_eq!(pair.inside("primary", read).await.good(), "alation.backup_v2.enabled = False\n");
    let output = pair.action("secondary", "cluster_start_kafka_sync").await;
    assert_eq!(
        (output.err().as_str(), output.code),
        ("ERROR: no such action: cluster_start_kafka_sync\n", Some(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_of_the_same_release_is_an_update_too() {
    let pair = Pair::with(|options| switchover_lab::Options {
        to: options.from,
        to_build: Some("9.0.1.141999".parse().unwrap()),
        ..options
    })
    .await;
    pair.added().await;
    for action in ["cluster_kvstore_copy", "cluster_replicate_postgres"] {
        pair.action("secondary", action).await.good();
    }
    assert_eq!(pair.problems(Expectation::Updated), FINE);
}
