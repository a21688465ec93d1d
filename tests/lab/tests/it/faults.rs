//! Each fault, as a runner meets it.

use std::time::Duration;

use russh::ChannelMsg;
use switchover_lab::sim::{Dataset, Expectation, Update};
use switchover_lab::{Options, Phase};

use super::client::{Client, collect, read_until, start, until};
use super::pair::Pair;

async fn with_fault(fault: &str) -> Pair {
    let fault = fault.parse().unwrap();
    Pair::with(|options| Options { faults: vec![fault], ..options }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rpm_header_is_told_in_the_words_of_rpm() {
    let pair = with_fault("rpm-header@secondary").await;
    let output = pair.secondary.run("touch a.rpm; sudo -n rpm -Uvh a.rpm").await;
    assert_eq!(output.code, Some(1));
    let wanted = "error: a.rpm: headerRead failed: hdr data: BAD, no. of bytes(33931352) out of range\n\
                  error: a.rpm cannot be installed\n";
    assert_eq!(output.err(), wanted);
    pair.unpack("primary").await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn low_disk_is_seen_by_df_and_by_the_update() {
    let pair = with_fault("low-disk@secondary").await;
    pair.split().await;
    let product = pair.lab.layout().host("secondary").product();
    let said = pair.secondary.run(&format!("df -Pk {}", product.display())).await.good();
    assert_eq!(said.lines().nth(1).unwrap().split_whitespace().nth(3), Some("1048576"));
    let output = pair.update("secondary").await;
    assert!(output.err().starts_with("ERROR: WARNING: not enough free disk space"), "{}", output.err());
    assert_eq!(output.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_fails_halfway_leaves_the_old_version_and_no_services() {
    let pair = with_fault("update-fails-halfway@secondary").await;
    pair.split().await;
    let output = pair.update("secondary").await;
    assert_eq!(output.code, Some(1));
    assert_eq!(output.err(), "ERROR: update failed: package post-install script exited with 1\n");
    let product = pair.lab.state("secondary").unwrap().product.unwrap();
    assert_eq!(product.update, Update::Stopped { percent: 50 });
    assert_eq!(product.running, []);
    until("the closed page", || async { pair.page("secondary").await.is_none().then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_asks_does_nothing_without_the_word() {
    let pair = with_fault("action-prompts-YES@primary").await;
    pair.split_and_update().await;
    pair.prepare_rebuild().await;
    let output = pair.action("primary", "cluster_add_slaves").await;
    assert!(output.out().ends_with("Type YES to continue: "), "{}", output.out());
    assert_eq!(output.code, Some(1));
    assert!(pair.lab.state("secondary").unwrap().product.unwrap().data.postgres.is_whole());
    let command = pair.shell("primary", "alation_action cluster_add_slaves");
    pair.primary.feed(&command, b"YES\n".to_vec()).await.good();
    assert_eq!(pair.lab.state("secondary").unwrap().product.unwrap().data.postgres, Dataset::empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_hangs_waits_at_an_unfinished_line() {
    let pair = with_fault("action-hangs-waiting=cluster_enter_standalone_mode@secondary").await;
    pair.action("primary", "cluster_enter_standalone_mode").await.good();
    let command = pair.shell("secondary", "alation_action cluster_enter_standalone_mode");
    let mut channel = pair.secondary.start(&command).await;
    assert_eq!(read_until(&mut channel, "? ").await, "Proceed (y/n)? ");
    channel.eof().await.unwrap();
    let silence = tokio::time::timeout(Duration::from_millis(300), async {
        while let Some(message) = channel.wait().await {
            assert!(!matches!(message, ChannelMsg::ExitStatus { .. }), "it ended without input");
        }
    });
    assert!(silence.await.is_err(), "the channel ended");
    channel.signal(russh::Sig::TERM).await.unwrap();
    let events = pair.lab.events("secondary").unwrap();
    assert_eq!(events.last().unwrap().phase, Phase::Started);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_can_fail_with_exit_code_zero() {
    let pair = with_fault("exit-zero-with-error-text=cluster_add_slaves").await;
    pair.split_and_update().await;
    pair.prepare_rebuild().await;
    let said = pair.action("primary", "cluster_add_slaves").await.good();
    assert!(said.contains("ERROR: cluster_add_slaves failed"), "{said}");
    assert!(pair.lab.state("secondary").unwrap().product.unwrap().data.postgres.is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_replication_stays_unknown() {
    let pair = with_fault("replication-stuck-unknown").await;
    pair.added().await;
    pair.action("secondary", "cluster_replicate_postgres").await.good();
    assert!(pair.page("primary").await.unwrap().ends_with("\"unknown\"}"));
    let found = pair.problems(Expectation::Updated);
    assert!(found.contains(&"primary: replication is unknown".to_owned()), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sshd_goes_away_and_comes_back_by_itself() {
    let pair = Pair::start().await;
    pair.lab.set_fault(&"sshd-down=0.2@secondary".parse().unwrap(), true).unwrap();
    until("the cut", || async { (!pair.secondary.is_open()).then_some(()) }).await;
    let entry = pair.lab.host("secondary").unwrap();
    let address = (entry.address.as_str(), entry.ssh_port);
    until("a refusal", || async { tokio::net::TcpStream::connect(address).await.err() }).await;
    until("the return", || async { tokio::net::TcpStream::connect(address).await.ok() }).await;
    Client::connect(&pair.lab, "secondary").await.run("true").await.good();
    assert!(pair.lab.state("secondary").unwrap().faults.is_empty());
    assert!(pair.primary.is_open());
}

#[tokio::test(flavor = "multi_thread")]
async fn sudo_can_refuse_and_can_ask() {
    let pair = with_fault("sudo-refused@primary").await;
    let output = pair.primary.run("sudo -n true").await;
    assert_eq!((output.err().as_str(), output.code), ("lab is not in the sudoers file.\n", Some(1)));

    let folder = tempfile::tempdir().unwrap();
    let options = Options { sudo_password: Some("secret".into()), ..Options::plain(folder.path(), ["a"]) };
    let lab = start(options).await;
    let client = Client::connect(&lab, "a").await;
    let output = client.run("sudo -n id -u").await;
    assert_eq!((output.err().as_str(), output.code), ("sudo: a password is required\n", Some(1)));
    let output = client.feed("sudo -S -p 'token: ' cat", b"wrong\nsecret\nrest\n".to_vec()).await;
    assert_eq!(output.err(), "token: Sorry, try again.\ntoken: ");
    assert_eq!(output.good(), "rest\n");
    let output = client.feed("sudo -S -p '' id -u", b"a\nb\nc\n".to_vec()).await;
    assert!(output.err().ends_with("sudo: 3 incorrect password attempts\n"), "{}", output.err());
    assert_eq!(output.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_no_large_file() {
    let pair = with_fault("disk-full-on-upload@primary").await;
    until("the fault", || async {
        let output = pair.primary.feed("cat > big && echo whole", vec![0; 1_000_000]).await;
        (output.code != Some(0)).then_some(())
    })
    .await;
    assert_eq!(pair.primary.run("wc -c < big").await.good().trim(), "65536");
    pair.primary.feed("cat > small", vec![0; 1000]).await.good();
    pair.action("primary", "cluster_enter_standalone_mode").await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_link_loses_nothing() {
    let pair = with_fault("slow-link=2000@primary").await;
    let bytes: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
    let output = pair.primary.feed("cat", bytes.clone()).await;
    assert_eq!(output.code, Some(0));
    assert!(output.stdout == bytes, "{} bytes came back", output.stdout.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_away_while_postgres_is_copied() {
    let pair = with_fault("sshd-down-during-copy=0.1@secondary").await;
    pair.added().await;
    let inner = "alation_action cluster_replicate_postgres";
    let command = pair.shell("secondary", inner);
    let channel =
        pair.secondary.start(&format!("setsid {command} >/dev/null 2>&1 </dev/null & sleep 60")).await;
    assert_eq!(collect(channel.split().0).await.code, None);
    until("the copy", || async {
        let product = pair.lab.state("secondary").unwrap().product.unwrap();
        product.data.postgres.is_whole().then_some(())
    })
    .await;
    until("the return", || async { pair.lab.state("secondary").unwrap().faults.is_empty().then_some(()) })
        .await;
}
