//! The SSH server, by a client of another make than OpenSSH.

use russh::Sig;
use switchover_lab::{Lab, Options};

use super::client::{Client, With, collect, read_until, start, until};

async fn plain() -> (tempfile::TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let lab = start(Options::plain(folder.path(), ["a", "b"])).await;
    (folder, lab)
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(length)
    .collect()
}

#[tokio::test]
async fn keeps_stdout_stderr_and_the_exit_code_apart() {
    let (_folder, lab) = plain().await;
    let output = Client::connect(&lab, "a").await.run("echo out; echo err >&2; exit 7").await;
    assert_eq!((output.out().as_str(), output.err().as_str(), output.code), ("out\n", "err\n", Some(7)));
}

#[tokio::test]
async fn tells_the_signal_that_ended_a_command() {
    let (_folder, lab) = plain().await;
    let output = Client::connect(&lab, "a").await.run("kill -TERM $$").await;
    assert_eq!((output.code, output.signal.as_deref()), (None, Some("TERM")));
}

#[tokio::test]
async fn passes_signals_on() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let mut channel =
        client.start("trap 'echo caught; exit 3' TERM; echo set; while :; do sleep 0.01; done").await;
    read_until(&mut channel, "set\n").await;
    channel.signal(Sig::TERM).await.unwrap();
    let output = collect(channel.split().0).await;
    assert_eq!((output.out().as_str(), output.code), ("caught\n", Some(3)));
}

#[tokio::test]
async fn feeds_stdin_to_its_end() {
    let (_folder, lab) = plain().await;
    let output = Client::connect(&lab, "a").await.feed("cat; echo end", b"text\n".to_vec()).await;
    assert_eq!(output.good(), "text\nend\n");
}

#[tokio::test]
async fn carries_5_mb_both_ways_at_once() {
    let (_folder, lab) = plain().await;
    let bytes = noise(5_000_000);
    let output = Client::connect(&lab, "a").await.feed("tee /dev/stderr", bytes.clone()).await;
    assert_eq!(output.code, Some(0));
    assert!(output.stdout == bytes, "{} bytes came back on stdout", output.stdout.len());
    assert!(output.stderr == bytes, "{} bytes came back on stderr", output.stderr.len());
}

#[tokio::test]
async fn runs_channels_side_by_side() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let waits = client.run("until test -e flag; do sleep 0.01; done; echo seen");
    let makes = client.run("touch flag; echo made");
    let (waits, makes) = tokio::join!(waits, makes);
    assert_eq!((waits.good(), makes.good()), ("seen\n".to_owned(), "made\n".to_owned()));
}

#[tokio::test]
async fn a_command_that_reads_nothing_does_not_hold_up_the_others() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let deaf = client.feed("until test -e flag; do sleep 0.01; done; wc -c", noise(4_000_000));
    let other = async {
        let output = client.run("echo here").await;
        client.run("touch flag").await.good();
        output
    };
    let (deaf, other) = tokio::join!(deaf, other);
    assert_eq!(other.good(), "here\n");
    assert_eq!(deaf.good().trim(), "4000000");
}

#[tokio::test]
async fn knows_its_key_and_its_password_only() {
    let (folder, lab) = plain().await;
    let password = With::Password("lab-password");
    assert!(Client::try_connect(&lab, "a", "lab", password).await.is_some());
    assert!(Client::try_connect(&lab, "a", "lab", With::Password("wrong")).await.is_none());
    let key = std::fs::read(folder.path().join("hosts/b/etc/ssh/ssh_host_ed25519_key")).unwrap();
    let stranger = || With::Key(std::sync::Arc::new(russh::keys::PrivateKey::from_openssh(&key).unwrap()));
    assert!(Client::try_connect(&lab, "a", "lab", stranger()).await.is_none());
    assert!(Client::try_connect(&lab, "a", "root", With::Password("lab-password")).await.is_none());
}

#[tokio::test]
async fn each_host_has_its_own_key_and_keeps_it_over_restarts() {
    let (folder, lab) = plain().await;
    let first = Client::connect(&lab, "a").await.host_key;
    assert_ne!(Client::connect(&lab, "b").await.host_key, first);
    let port = lab.host("a").unwrap().ssh_port;
    lab.stop().await;
    let lab = until("the restart", || async { Lab::resume(folder.path()).await.ok() }).await;
    assert_eq!(Client::connect(&lab, "a").await.host_key, first);
    assert_eq!(lab.host("a").unwrap().ssh_port, port);
    let known = std::fs::read_to_string(lab.layout().known_hosts()).unwrap();
    let line = format!("[127.0.0.11]:{port} {}", first.to_openssh().unwrap());
    assert!(known.contains(&line), "{line} in {known}");
}

#[tokio::test]
async fn gives_a_command_its_hosts_world() {
    let (_folder, lab) = plain().await;
    let host = lab.layout().host("b");
    let client = Client::connect(&lab, "b").await;
    let said =
        client.run("pwd; echo $HOME; echo $PATH; id -un; command -v sudo; echo $LAB_HOST").await.good();
    let home = host.home("lab").display().to_string();
    let bin = host.bin().display().to_string();
    let wanted =
        [home.clone(), home, format!("{bin}:/usr/bin:/bin"), "lab".into(), format!("{bin}/sudo"), "b".into()];
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn leaves_no_zombie() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let pid = client.run("echo $$").await.good();
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists());
}

#[tokio::test]
async fn a_command_outlives_its_connection_and_is_reaped_then() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let mut channel = client.start("echo $$; while ! test -e flag; do sleep 0.01; done; touch done").await;
    let pid = read_until(&mut channel, "\n").await;
    drop((channel, client));
    let client = Client::connect(&lab, "a").await;
    assert!(std::path::Path::new("/proc").join(pid.trim()).exists());
    client.run("touch flag").await.good();
    until("the end of the command", || async {
        (!std::path::Path::new("/proc").join(pid.trim()).exists()).then_some(())
    })
    .await;
    client.run("test -e done").await.good();
}

#[tokio::test]
async fn stopping_the_lab_ends_detached_processes() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let pid = client.run("setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!").await.good();
    let stat = std::path::Path::new("/proc").join(pid.trim()).join("stat");
    assert!(stat.exists());
    lab.stop().await;
    until("the end of the process", || async {
        // Whoever inherits it here may leave it as a zombie.
        let stat = std::fs::read_to_string(&stat).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn gives_a_terminal_when_asked() {
    let (_folder, lab) = plain().await;
    let channel = Client::connect(&lab, "a").await;
    let channel = channel.channel().await;
    channel.request_pty(true, "xterm", 100, 30, 0, 0, &[]).await.unwrap();
    channel.exec(true, "stty size; echo $TERM; test -t 0 && exit 4").await.unwrap();
    let output = collect(channel.split().0).await;
    assert_eq!((output.out().as_str(), output.code), ("30 100\r\nxterm\r\n", Some(4)));
}

#[tokio::test]
async fn a_terminal_hangs_up_when_the_client_leaves() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let mut channel = client.channel().await;
    channel.request_pty(true, "xterm", 100, 30, 0, 0, &[]).await.unwrap();
    channel
        .exec(true, "trap 'touch hung-up; exit' HUP; echo set; while :; do sleep 0.01; done")
        .await
        .unwrap();
    read_until(&mut channel, "set").await;
    drop((channel, client));
    let place = lab.layout().host("a").home("lab").join("hung-up");
    until("the hang-up", || async { place.exists().then_some(()) }).await;
}

#[tokio::test]
async fn is_a_jump_host_for_this_machine_only() {
    let (_folder, lab) = plain().await;
    let client = Client::connect(&lab, "a").await;
    let target = lab.host("b").unwrap();
    let mut channel = client.jump(&target.address, target.ssh_port).await.unwrap();
    let banner = read_until(&mut channel, "\n").await;
    assert!(banner.starts_with("SSH-2.0-"), "{banner}");
    assert!(client.jump("192.0.2.1", 22).await.is_none());
}

#[tokio::test]
async fn serves_many_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..30).map(|number| format!("h{number}")).collect();
    let lab = start(Options::plain(folder.path(), names.iter().map(String::as_str))).await;
    for name in &names {
        let said = Client::connect(&lab, name).await.run("echo $LAB_HOST").await.good();
        assert_eq!(said.trim(), name);
    }
}
