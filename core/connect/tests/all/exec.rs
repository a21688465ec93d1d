//! Programs on the local transport, under each POSIX shell that is installed.

use std::collections::BTreeMap;

use switchover_connect::{Sink, Stream};
use switchover_protocol::*;

use crate::support::*;

#[tokio::test]
async fn output_error_and_code_come_apart() {
    each_shell(async |probe| {
        let output = probe.sh("echo out; echo err >&2; exit 3").await;
        assert_eq!((output.rc, output.stdout.to_text().as_str()), (3, "out\n"));
        assert_eq!(output.stderr.to_text(), "err\n");
    })
    .await;
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    each_shell(async |probe| {
        let odd = "a b\n'\"$HOME`id`\\n!*\t\u{1}\u{7f}grün";
        let output = probe.exec(argv(&["printf", "%s|", odd, "", "-x"])).await;
        assert_eq!(output.stdout.to_text(), format!("{odd}||-x|"));
    })
    .await;
}

#[tokio::test]
async fn argv_runs_programs_and_never_builtins() {
    each_shell(async |probe| {
        // It is 126 when a folder in PATH may not be searched.
        assert!(probe.exec(argv(&["exit", "5"])).await.rc >= 126);
        assert!(probe.exec(argv(&["set", "-e"])).await.rc >= 126);
        assert_eq!(probe.exec(argv(&["/etc/passwd"])).await.rc, 126);
        assert_eq!(probe.exec(argv(&["true"])).await.rc, 0);
    })
    .await;
}

#[tokio::test]
async fn environment_folder_and_input_are_given() {
    each_shell(async |probe| {
        let env =
            BTreeMap::from([("ODD.NAME".to_owned(), "a b\nc".to_owned()), ("X".to_owned(), "'".to_owned())]);
        let exec = Exec {
            env: env.clone(),
            cwd: Some("/usr".to_owned()),
            stdin: Some(Bytes((0..=255).collect())),
            ..shell("pwd; printf '%s\\n' \"$X\"; cat")
        };
        let output = probe.exec(exec).await;
        let mut expected = b"/usr\n'\n".to_vec();
        expected.extend(0..=255);
        assert_eq!((output.rc, output.stdout.0), (0, expected));
        let all = probe.exec(Exec { env, ..argv(&["env"]) }).await.stdout.to_text();
        assert!(all.contains("ODD.NAME=a b\nc\n"), "{all}");
        assert_eq!(probe.sh("cat; echo done").await.stdout.to_text(), "done\n");
        let lost = Exec { cwd: Some("/nonexistent".to_owned()), ..shell("echo ran") };
        let output = probe.exec(lost).await;
        assert_ne!(output.rc, 0);
        assert_eq!(output.stdout.0, b"");
    })
    .await;
}

#[tokio::test]
async fn large_input_is_passed_even_to_a_program_that_does_not_read_it() {
    each_shell(async |probe| {
        let bytes = noise(300_000);
        let exec = Exec { stdin: Some(Bytes(bytes.clone())), ..argv(&["cat"]) };
        assert_eq!(probe.exec(exec).await.stdout.0, bytes);
        let exec = Exec { stdin: Some(Bytes(b"echo intruder\n".repeat(30_000))), ..argv(&["true"]) };
        let output = probe.exec(exec).await;
        assert_eq!((output.rc, output.stdout.0.len(), output.stderr.0.len()), (0, 0, 0));
        assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
    })
    .await;
}

#[tokio::test]
async fn large_output_comes_back_whole() {
    each_shell(async |probe| {
        let output = probe.sh("head -c 3000000 /dev/zero; printf x; head -c 100000 /dev/zero >&2").await;
        assert_eq!((output.stdout.0.len(), output.stderr.0.len()), (3_000_001, 100_000));
    })
    .await;
}

#[tokio::test]
async fn a_signal_is_told_as_128_plus_its_number_and_no_more_is_said() {
    each_shell(async |probe| {
        let output = probe.sh("echo said >&2; kill -9 $$").await;
        assert_eq!((output.rc, output.stderr.to_text().as_str()), (137, "said\n"));
    })
    .await;
}

#[tokio::test]
async fn a_time_limit_ends_the_program_and_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let probe = Probe::local().await;
    let text = format!("echo begun; setsid sleep 1000 & echo $! > {}; sleep 1000", pid.display());
    let output = probe.exec(Exec { timeout: Some(1), ..shell(&text) }).await;
    assert!(output.timed_out);
    assert_eq!((output.rc, output.stdout.to_text().as_str()), (124, "begun\n"));
    let pid = std::fs::read_to_string(pid).unwrap();
    let process = format!("/proc/{}/cmdline", pid.trim());
    eventually("the child ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
    assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
}

#[tokio::test]
async fn a_dropped_call_ends_its_program_and_spoils_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let probe = Probe::local().await;
    probe.sh("true").await;
    let call = HostCall::Exec(shell(&format!("echo $$ > {}; sleep 1000", pid.display())));
    let session = std::sync::Arc::clone(&probe.session);
    let task = tokio::spawn(async move { session.call(None, &call, &mut ()).await });
    eventually("the program runs", || std::fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')))
        .await;
    task.abort();
    let process = format!("/proc/{}/cmdline", std::fs::read_to_string(&pid).unwrap().trim());
    eventually("the program ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
    assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
}

#[tokio::test]
async fn what_a_program_leaves_behind_does_not_speak_into_later_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (go, said) = (folder.path().join("go"), folder.path().join("said"));
    let probe = Probe::local().await;
    let text = format!(
        "(until [ -e {0} ]; do sleep 0.05; done; echo late; echo late >&2; : > {1}) &",
        go.display(),
        said.display()
    );
    assert_eq!(probe.sh(&text).await.rc, 0);
    std::fs::write(&go, "").unwrap();
    eventually("it has spoken", || said.exists()).await;
    let output = probe.sh("echo mine").await;
    assert_eq!((output.stdout.to_text().as_str(), output.stderr.0.len()), ("mine\n", 0));
}

#[tokio::test]
async fn calls_that_overlap_do_not_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo").display().to_string();
    let probe = Probe::local().await;
    assert_eq!(probe.exec(argv(&["mkfifo", &fifo])).await.rc, 0);
    let text = format!("cat {fifo}");
    let write = format!("echo through > {fifo}");
    let (read, _) = tokio::join!(probe.sh(&text), probe.sh(&write));
    assert_eq!(read.stdout.to_text(), "through\n");
}

struct Log(Vec<(Stream, Vec<u8>)>);

impl Sink for Log {
    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        self.0.push((stream, bytes.to_vec()));
    }
}

#[tokio::test]
async fn output_is_shown_as_it_comes() {
    let probe = Probe::local().await;
    let mut log = Log(Vec::new());
    let call = HostCall::Exec(shell("echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three"));
    probe.session.call(None, &call, &mut log).await;
    let seen: Vec<_> =
        log.0.iter().map(|(stream, bytes)| (*stream, String::from_utf8_lossy(bytes).into_owned())).collect();
    let said = |stream, text: &str| (stream, text.to_owned());
    assert_eq!(
        seen,
        [said(Stream::Stdout, "one\n"), said(Stream::Stderr, "two\n"), said(Stream::Stdout, "three\n")]
    );
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_ended() {
    let settings = switchover_connect::PoolSettings { output_limit: 100_000, ..Default::default() };
    let pool = switchover_connect::Pool::new(settings);
    let session = pool.session(&local("/bin/sh")).await.unwrap();
    let call = HostCall::Exec(shell("yes"));
    let reply = session.call(None, &call, &mut ()).await;
    assert!(matches!(reply, HostReply::Error(HostError::TooLarge { limit: 100_000, .. })), "{reply:?}");
    let call = HostCall::Exec(shell("echo fine"));
    let HostReply::Exec(output) = session.call(None, &call, &mut ()).await else { panic!("no answer") };
    assert_eq!(output.stdout.to_text(), "fine\n");
}

#[tokio::test]
async fn a_batch_stops_at_the_first_call_that_fails() {
    each_shell(async |probe| {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let calls = vec![
            HostCall::Exec(shell("exit 9")),
            HostCall::Write(file(&path("small"), "x\n")),
            HostCall::Write(file(&path("large"), noise(50_000))),
            HostCall::Read { path: path("none"), limit: 10 },
            HostCall::Write(file(&path("never"), "x")),
        ];
        let HostReply::Many(replies) = probe.call(HostCall::Many(calls)).await else { panic!("no batch") };
        assert_eq!(replies.len(), 4);
        assert!(matches!(&replies[0], HostReply::Exec(output) if output.rc == 9));
        assert!(matches!(&replies[3], HostReply::Error(HostError::Failed { .. })));
        assert_eq!(std::fs::read(path("large")).unwrap(), noise(50_000));
        assert!(!std::path::Path::new(&path("never")).exists());
    })
    .await;
}

#[tokio::test]
async fn a_write_that_killed_its_shell_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count").display().to_string();
    let probe = Probe::local().await;
    let text = format!("echo x >> {count}; kill -9 $PPID; sleep 1");
    let error = probe.error(HostCall::Exec(shell(&text))).await;
    assert!(matches!(error, HostError::Lost { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&count).unwrap(), "x\n");
    let once = format!("[ -e {count}.2 ] && echo fine && exit; : > {count}.2; kill -9 $PPID; sleep 1");
    let output = probe.exec(Exec { reads: true, ..shell(&once) }).await;
    assert_eq!(output.stdout.to_text(), "fine\n");
}

#[tokio::test]
async fn refuses_what_is_not_for_a_host() {
    let probe = Probe::local().await;
    let calls = [
        HostCall::ControllerRead { path: "/etc/passwd".to_owned(), decrypt: false },
        HostCall::Many(vec![HostCall::Many(Vec::new())]),
        HostCall::Exec(argv(&[])),
        HostCall::Exec(argv(&["a\0b"])),
        HostCall::Remove { path: "/".to_owned(), recursive: true },
        HostCall::Read { path: String::new(), limit: 1 },
    ];
    for call in calls {
        let shown = format!("{call:?}");
        assert!(matches!(probe.error(call).await, HostError::Invalid { .. }), "{shown}");
    }
}
