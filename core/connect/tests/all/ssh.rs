//! The SSH transport against a real OpenSSH server on a loopback port.

use switchover_connect::*;
use switchover_protocol::*;

use crate::support::*;
use sshd::{Sshd, target};

async fn refused(options: SshOptions) -> ConnectError {
    let pool = Pool::new(PoolSettings::default());
    match pool.session(&target(options)).await {
        Ok(_) => panic!("let in"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn runs_programs_with_output_apart() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    let output = probe.sh("echo out; echo err >&2; exit 3").await;
    assert_eq!(
        (output.rc, output.stdout.to_text().as_str(), output.stderr.to_text().as_str()),
        (3, "out\n", "err\n")
    );
    let output = probe.exec(Exec { stdin: Some(Bytes(noise(500_000))), ..argv(&["cat"]) }).await;
    assert!(output.stdout.0 == noise(500_000));
}

#[tokio::test]
async fn a_hundred_commands_use_one_login() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    for _ in 0..100 {
        assert_eq!(probe.exec(argv(&["true"])).await.rc, 0);
    }
    assert_eq!(server.log().matches("Accepted publickey").count(), 1);
    assert_eq!(server.log().matches("Starting session: command").count(), 1);
}

#[tokio::test]
async fn large_files_go_both_ways() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    let (source, there, back) = (server.path("source"), server.path("there"), server.path("back"));
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let bytes = noise(20_000_000);
    std::fs::write(&source, &bytes).unwrap();
    let content = Content::Controller(text(&source));
    probe.written(WriteFile { content, ..file(&text(&there), "") }).await;
    assert!(std::fs::read(&there).unwrap() == bytes);
    probe.done(HostCall::Fetch { path: text(&there), to: text(&back) }).await;
    assert!(std::fs::read(&back).unwrap() == bytes);
}

#[tokio::test]
async fn many_overlapping_calls_stay_within_the_sessions_of_a_server() {
    let Some(server) = Sshd::start() else { return };
    let probe = std::sync::Arc::new(Probe::to(server.target()).await);
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let probe = std::sync::Arc::clone(&probe);
            tokio::spawn(
                async move { probe.sh(&format!("sleep 0.05; echo {number}")).await.stdout.to_text() },
            )
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), format!("{number}\n"));
    }
}

/// Ends the server's process for the connection over which the probe speaks.
async fn cut(probe: &Probe, server: &Sshd) {
    let before = server.log().matches("Accepted").count();
    let text = "p=$PPID; while :; do n=$(tr '\\0' ' ' < /proc/$p/cmdline); case $n in sshd:*) kill -9 $p; sleep 20;; esac; \
                p=$(sed 's/.*) . //; s/ .*//' /proc/$p/stat); [ \"$p\" -gt 1 ] || exit 9; done";
    let error = probe.error(HostCall::Exec(shell(text))).await;
    assert!(matches!(error, HostError::Lost { .. }), "{error}");
    assert_eq!(server.log().matches("Accepted").count(), before);
}

#[tokio::test]
async fn a_lost_connection_is_made_anew_for_the_next_call() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    cut(&probe, &server).await;
    assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
    assert_eq!(server.log().matches("Accepted publickey").count(), 2);
}

#[tokio::test]
async fn a_job_is_found_again_after_a_lost_connection() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    let key = format!("test-{}-{}", std::process::id(), server.port);
    let go = server.path("go").display().to_string();
    let exec = shell(&format!("until [ -e {go} ]; do sleep 0.05; done; echo done"));
    assert!(
        !probe.job(HostCall::JobStart { key: key.clone(), exec: exec.clone(), origin: None }).await.attached
    );
    cut(&probe, &server).await;
    let job = probe.job(HostCall::JobStart { key: key.clone(), exec, origin: None }).await;
    assert_eq!((job.attached, job.state), (true, JobState::Running));
    std::fs::write(&go, "").unwrap();
    let HostReply::JobChunk(chunk) = probe
        .call(HostCall::JobPoll { key: key.clone(), stdout_from: 0, stderr_from: 0, wait_ms: 20_000 })
        .await
    else {
        panic!("no chunk")
    };
    assert_eq!(chunk.stdout.to_text(), "done\n");
    let ended = async || probe.job(HostCall::JobStatus { key: key.clone() }).await.state != JobState::Running;
    while !ended().await {}
    probe.done(HostCall::JobForget { key }).await;
}

#[tokio::test]
async fn refuses_an_unknown_host_key_and_says_how_to_accept_it() {
    let Some(server) = Sshd::start() else { return };
    std::fs::write(server.path("known_hosts"), "").unwrap();
    let error = refused(server.options()).await;
    assert!(matches!(error, ConnectError::HostKeyUnknown { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("SHA256:") && text.contains("--accept-new-host-keys"), "{text}");
    assert_eq!(server.log().matches("Accepted").count(), 0);
}

#[tokio::test]
async fn accepts_and_writes_down_a_new_host_key_when_asked() {
    let Some(server) = Sshd::start() else { return };
    std::fs::remove_file(server.path("known_hosts")).unwrap();
    let options = SshOptions { host_key_checking: HostKeyChecking::AcceptNew, ..server.options() };
    let probe = Probe::to(target(options)).await;
    assert_eq!(probe.sh("true").await.rc, 0);
    let written = std::fs::read_to_string(server.path("known_hosts")).unwrap();
    assert!(written.starts_with(&format!("{} ssh-ed25519 AAAA", server.name())), "{written}");
    assert_eq!(Probe::to(server.target()).await.sh("true").await.rc, 0);
}

#[tokio::test]
async fn refuses_a_changed_host_key_and_names_its_line() {
    let Some(server) = Sshd::start() else { return };
    server.trust("stranger");
    for host_key_checking in [HostKeyChecking::Strict, HostKeyChecking::AcceptNew] {
        let error = refused(SshOptions { host_key_checking, ..server.options() }).await;
        assert!(matches!(error, ConnectError::HostKeyChanged { line: 2, .. }), "{error}");
        assert!(error.to_string().contains("known_hosts:2"), "{error}");
    }
    assert_eq!(server.log().matches("Accepted").count(), 0);
}

#[tokio::test]
async fn refuses_a_revoked_host_key_even_when_it_is_known() {
    let Some(server) = Sshd::start() else { return };
    let known = std::fs::read_to_string(server.path("known_hosts")).unwrap();
    let key = std::fs::read_to_string(server.path("host_key.pub")).unwrap();
    std::fs::write(server.path("known_hosts"), format!("{known}@revoked * {key}")).unwrap();
    for host_key_checking in [HostKeyChecking::Strict, HostKeyChecking::AcceptNew] {
        let error = refused(SshOptions { host_key_checking, ..server.options() }).await;
        assert!(matches!(error, ConnectError::HostKeyRevoked { line: 3, .. }), "{error}");
    }
}

#[tokio::test]
async fn takes_any_host_key_only_when_the_check_is_off() {
    let Some(server) = Sshd::start() else { return };
    server.trust("stranger");
    let options = SshOptions { host_key_checking: HostKeyChecking::Off, ..server.options() };
    assert_eq!(Probe::to(target(options)).await.sh("true").await.rc, 0);
    let mut options = server.options();
    options.apply_args("-o StrictHostKeyChecking=no").unwrap();
    assert_eq!(Probe::to(target(options)).await.sh("true").await.rc, 0);
}

#[tokio::test]
async fn the_server_is_asked_for_the_kind_of_key_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = folder.path().join("rsa");
    let Some(keygen) = tool("ssh-keygen") else { return };
    let mut command = std::process::Command::new(keygen);
    assert!(
        command.args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f"]).arg(&rsa).status().unwrap().success()
    );
    let Some(server) = Sshd::start_with(&format!("HostKey {}", rsa.display())) else { return };
    let key = std::fs::read_to_string(rsa.with_extension("pub")).unwrap();
    std::fs::write(server.path("known_hosts"), format!("{} {key}", server.name())).unwrap();
    assert_eq!(Probe::to(server.target()).await.sh("true").await.rc, 0);
}

#[tokio::test]
async fn an_encrypted_key_needs_its_passphrase() {
    let Some(server) = Sshd::start() else { return };
    let with = |passphrase: Option<&str>| SshOptions {
        private_key_file: Some(server.path("locked")),
        key_passphrase: passphrase.map(Secret::from),
        ..server.options()
    };
    assert_eq!(Probe::to(target(with(Some("open sesame")))).await.sh("true").await.rc, 0);
    for (passphrase, part) in [(None, "encrypted"), (Some("wrong"), "passphrase")] {
        let text = refused(with(passphrase)).await.to_string();
        assert!(text.contains(part) && text.contains("locked"), "{text}");
    }
}

#[tokio::test]
async fn what_was_tried_is_told_when_nobody_lets_us_in() {
    let Some(server) = Sshd::start() else { return };
    let options = SshOptions {
        private_key_file: Some(server.path("stranger")),
        password: Some(Secret::from("s3cret")),
        ..server.options()
    };
    let error = refused(options).await;
    let text = error.to_string();
    assert!(matches!(error, ConnectError::AuthenticationFailed { .. }), "{text}");
    assert!(text.contains("stranger: not accepted") && text.contains("password: not accepted"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let missing = SshOptions { private_key_file: Some(server.path("none")), ..server.options() };
    assert!(refused(missing).await.to_string().contains("there is no such file"));
}

#[tokio::test]
async fn a_closed_port_is_unreachable_at_once() {
    let Some(mut options) = Sshd::start().map(|server| server.options()) else { return };
    options.host_key_checking = HostKeyChecking::Off;
    options.private_key_file = None;
    options.password = Some(Secret::from("x"));
    let error = refused(options).await;
    assert!(
        matches!(&error, ConnectError::Unreachable { reason, .. } if reason.contains("refused")),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_never_speaks_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = SshOptions {
        port: Some(listener.local_addr().unwrap().port()),
        connect_timeout: std::time::Duration::from_millis(300),
        known_hosts_files: vec!["/dev/null".into()],
        ssh_config: Some("none".into()),
        ..SshOptions::new("127.0.0.1")
    };
    let error = refused(options).await;
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn goes_through_a_jump_host_and_resolves_names_there() {
    let Some(server) = Sshd::start() else { return };
    let Some(gate) = Sshd::start() else { return };
    let known =
        [&server, &gate].map(|one| std::fs::read_to_string(one.path("known_hosts")).unwrap()).concat();
    let name = format!("[localhost]:{}", server.port);
    let known = format!("{known}{name} {}", std::fs::read_to_string(server.path("host_key.pub")).unwrap());
    std::fs::write(server.path("known"), known).unwrap();
    let config = format!(
        "Host gate\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n IdentitiesOnly yes\n",
        gate.port,
        gate.user,
        gate.path("id").display()
    );
    std::fs::write(server.path("config"), config).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let options = SshOptions {
            host: host.to_owned(),
            jump: Some("gate".to_owned()),
            ssh_config: Some(server.path("config")),
            known_hosts_files: vec![server.path("known")],
            ..server.options()
        };
        let probe = Probe::to(target(options)).await;
        let client = probe.sh("echo $SSH_CONNECTION").await.stdout.to_text();
        assert!(client.starts_with("127.0.0.1 ") || client.starts_with("::1 "), "{client}");
    }
    assert_eq!(gate.log().matches("Accepted publickey").count(), 2);
    assert_eq!(server.log().matches("Accepted publickey").count(), 2);
}

#[tokio::test]
async fn the_ssh_configuration_fills_in_what_the_inventory_leaves_out() {
    let Some(server) = Sshd::start() else { return };
    let config = format!(
        "Host web*\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n UserKnownHostsFile {}\n",
        server.port,
        server.user,
        server.path("id").display(),
        server.path("known_hosts").display()
    );
    std::fs::write(server.path("config"), config).unwrap();
    let options = SshOptions { ssh_config: Some(server.path("config")), ..SshOptions::new("web1") };
    assert_eq!(Probe::to(target(options)).await.sh("true").await.rc, 0);
}

#[tokio::test]
async fn a_dropped_call_ends_its_program_on_the_host() {
    let Some(server) = Sshd::start() else { return };
    let probe = Probe::to(server.target()).await;
    let pid = server.path("pid");
    let call = HostCall::Exec(shell(&format!("echo $$ > {}; sleep 1000", pid.display())));
    let session = std::sync::Arc::clone(&probe.session);
    let task = tokio::spawn(async move { session.call(None, &call, &mut ()).await });
    eventually("the program runs", || std::fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')))
        .await;
    task.abort();
    let process = format!("/proc/{}/cmdline", std::fs::read_to_string(&pid).unwrap().trim());
    eventually("the program ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
}

#[tokio::test]
async fn a_login_shell_that_is_not_posix_or_noisy_makes_no_difference() {
    let Some(server) = Sshd::start() else { return };
    let Some(_) = tool("bash") else { return };
    std::fs::write(server.path("noise"), "echo welcome; echo warning >&2; eval \"$SSH_ORIGINAL_COMMAND\"\n")
        .unwrap();
    let key = std::fs::read_to_string(server.path("id.pub")).unwrap();
    let forced = format!("command=\"bash {}\" {key}", server.path("noise").display());
    std::fs::write(server.path("authorized_keys"), forced).unwrap();
    let probe = Probe::to(server.target()).await;
    let output = probe.sh("echo mine").await;
    assert_eq!((output.stdout.to_text().as_str(), output.stderr.0.len()), ("mine\n", 0));
}

#[tokio::test]
async fn an_account_without_a_shell_says_so() {
    let Some(server) = Sshd::start() else { return };
    let key = std::fs::read_to_string(server.path("id.pub")).unwrap();
    let forced = format!("command=\"echo This account is not available.; exit 1\" {key}");
    std::fs::write(server.path("authorized_keys"), forced).unwrap();
    let probe = Probe::to(server.target()).await;
    let error = probe.error(HostCall::Exec(shell("true"))).await;
    assert!(error.to_string().contains("This account is not available."), "{error}");
}
