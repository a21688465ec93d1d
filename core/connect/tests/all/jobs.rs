//! Jobs that outlive the connection that started them.

use std::path::Path;
use std::sync::Arc;

use switchover_protocol::*;
use tempfile::TempDir;

use crate::support::*;

/// A probe whose jobs live in a folder of the test's own.
struct Bench {
    folder: TempDir,
    shell: String,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shell = folder.path().join("sh");
        let text = format!(
            "#!/bin/sh\nSWITCHOVER_JOBS={}/jobs; export SWITCHOVER_JOBS\nexec /bin/sh \"$@\"\n",
            folder.path().display()
        );
        std::fs::write(&shell, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&shell, mode).unwrap();
        let shell = shell.to_str().unwrap().to_owned();
        Self { folder, shell }
    }

    async fn probe(&self) -> Probe {
        Probe::with_shell(&self.shell).await
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

fn start(key: &str, exec: Exec) -> HostCall {
    HostCall::JobStart { key: key.to_owned(), exec, origin: None }
}

fn status(key: &str) -> HostCall {
    HostCall::JobStatus { key: key.to_owned() }
}

async fn poll(probe: &Probe, key: &str, stdout_from: u64, stderr_from: u64) -> JobChunk {
    match probe
        .call(HostCall::JobPoll { key: key.to_owned(), stdout_from, stderr_from, wait_ms: 20_000 })
        .await
    {
        HostReply::JobChunk(chunk) => chunk,
        reply => panic!("{reply:?}"),
    }
}

/// Polls to the end of a job and returns all it wrote.
async fn follow(probe: &Probe, key: &str) -> (JobState, Vec<u8>, Vec<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    loop {
        let chunk = poll(probe, key, out.len() as u64, err.len() as u64).await;
        let silent = chunk.stdout.0.is_empty() && chunk.stderr.0.is_empty();
        out.extend(chunk.stdout.0);
        err.extend(chunk.stderr.0);
        if silent && chunk.job.state != JobState::Running {
            return (chunk.job.state, out, err);
        }
    }
}

#[tokio::test]
async fn output_and_code_are_kept_on_the_host() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let env = [("X".to_owned(), "a\nb'".to_owned())].into();
    let exec = Exec {
        env,
        cwd: Some("/usr".to_owned()),
        stdin: Some(Bytes::from("in\n")),
        ..shell("pwd; echo \"$X\"; cat; echo err >&2; exit 7")
    };
    let job = probe.job(start("k", exec)).await;
    assert!(!job.attached);
    assert_eq!(job.folder, bench.at("jobs/k"));
    let (state, out, err) = follow(&probe, "k").await;
    assert_eq!(state, JobState::Exited { rc: 7 });
    assert_eq!(
        (String::from_utf8(out).unwrap().as_str(), err.as_slice()),
        ("/usr\na\nb'\nin\n", b"err\n".as_slice())
    );
    let job = probe.job(status("k")).await;
    assert!(job.started > 1_000_000_000 && job.ended >= Some(job.started));
    let mode = std::fs::metadata(bench.at("jobs/k")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o700);
}

#[tokio::test]
async fn a_second_start_attaches_to_the_first() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let count = bench.at("count");
    let exec = shell(&format!("echo x >> {count}; until [ -e {count}.go ]; do sleep 0.05; done"));
    let first = probe.job(start("k", exec.clone())).await;
    let second = probe.job(start("k", exec.clone())).await;
    assert_eq!((first.attached, second.attached), (false, true));
    assert_eq!(second.state, JobState::Running);
    std::fs::write(format!("{count}.go"), "").unwrap();
    assert_eq!(follow(&probe, "k").await.0, JobState::Exited { rc: 0 });
    let third = probe.job(start("k", exec)).await;
    assert_eq!((third.attached, third.state), (true, JobState::Exited { rc: 0 }));
    assert_eq!(std::fs::read_to_string(&count).unwrap(), "x\n");
}

#[tokio::test]
async fn of_many_starts_at_once_one_wins() {
    let bench = Bench::new();
    let probe = Arc::new(bench.probe().await);
    let count = bench.at("count");
    let exec = shell(&format!("echo x >> {count}"));
    let starts: Vec<_> = (0..12)
        .map(|_| {
            let (probe, call) = (Arc::clone(&probe), start("k", exec.clone()));
            tokio::spawn(async move { probe.job(call).await })
        })
        .collect();
    let mut began = 0;
    for start in starts {
        began += usize::from(!start.await.unwrap().attached);
    }
    assert_eq!(began, 1);
    follow(&probe, "k").await;
    assert_eq!(std::fs::read_to_string(&count).unwrap(), "x\n");
}

#[tokio::test]
async fn a_job_survives_the_end_of_the_connection() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let go = bench.at("go");
    probe.job(start("k", shell(&format!("until [ -e {go} ]; do sleep 0.05; done; echo late; exit 4")))).await;
    probe.pool.close_all().await;
    drop(probe);
    std::fs::write(&go, "").unwrap();
    let probe = bench.probe().await;
    assert_eq!(follow(&probe, "k").await, (JobState::Exited { rc: 4 }, b"late\n".to_vec(), Vec::new()));
}

#[tokio::test]
async fn more_output_than_a_chunk_comes_in_order() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let bytes = noise(700_000);
    std::fs::write(bench.at("data"), &bytes).unwrap();
    probe.job(start("k", argv(&["cat", &bench.at("data")]))).await;
    let (state, out, _) = follow(&probe, "k").await;
    assert_eq!(state, JobState::Exited { rc: 0 });
    assert!(out == bytes);
}

#[tokio::test]
async fn large_input_reaches_a_job() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let bytes = noise(200_000);
    probe.job(start("k", Exec { stdin: Some(Bytes(bytes.clone())), ..argv(&["cat"]) })).await;
    assert!(follow(&probe, "k").await.1 == bytes);
    let again = probe.job(start("k", Exec { stdin: Some(Bytes(bytes)), ..argv(&["cat"]) })).await;
    assert!(again.attached);
    assert_eq!(probe.sh("echo fine").await.stdout.to_text(), "fine\n");
}

#[tokio::test]
async fn a_kill_ends_the_whole_group() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let pid = bench.at("pid");
    probe.job(start("k", shell(&format!("sleep 1000 & echo $! > {pid}; wait")))).await;
    eventually("the child runs", || std::fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')))
        .await;
    let job = probe.job(HostCall::JobKill { key: "k".to_owned() }).await;
    assert_eq!(job.state, JobState::Exited { rc: 143 });
    let process = format!("/proc/{}/cmdline", std::fs::read_to_string(&pid).unwrap().trim());
    eventually("the child ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
}

#[tokio::test]
async fn the_time_limit_is_kept_by_the_host_itself() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    probe.job(start("k", Exec { timeout: Some(1), ..shell("sleep 1000 & echo $!; wait") })).await;
    let (state, out, _) = follow(&probe, "k").await;
    assert_eq!(state, JobState::Exited { rc: 124 });
    let process = format!("/proc/{}/cmdline", String::from_utf8(out).unwrap().trim());
    eventually("the child ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
}

#[tokio::test]
async fn a_time_limit_ends_children_that_do_not_heed_a_word() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let text = "(trap '' TERM; exec sleep 1000) & echo $!; wait";
    probe.job(start("k", Exec { timeout: Some(1), ..shell(text) })).await;
    let (state, out, _) = follow(&probe, "k").await;
    assert_eq!(state, JobState::Exited { rc: 124 });
    let process = format!("/proc/{}/cmdline", String::from_utf8(out).unwrap().trim());
    eventually("the child ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
}

/// Returns whether a process of these words lives.
fn lives(words: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).replace('\0', " ").trim() == words)
}

#[tokio::test]
async fn a_time_limit_ends_with_its_job() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    // A watch that stays would end whoever has the program's number by then.
    let limit = 1_000_000 + u64::from(std::process::id());
    for number in 0..80 {
        probe.job(start(&format!("k{number}"), Exec { timeout: Some(limit), ..shell("exit 0") })).await;
    }
    for number in 0..80 {
        follow(&probe, &format!("k{number}")).await;
    }
    eventually("no watch is left", || !lives(&format!("sleep {limit}"))).await;
}

#[tokio::test]
async fn a_job_is_ended_by_its_own_number_only() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    probe.job(start("other", shell("exec sleep 1000"))).await;
    let program = std::fs::read_to_string(bench.at("jobs/other/program")).unwrap();
    let (pid, began) = program.trim().split_once(' ').unwrap();
    // As if the program had ended, and another one had its number.
    std::fs::write(bench.at("jobs/other/program"), format!("{pid} {}\n", began.parse::<u64>().unwrap() - 1))
        .unwrap();
    let HostReply::Error(_) = probe.call(HostCall::JobKill { key: "other".into() }).await else {
        panic!("a stranger was ended")
    };
    assert!(Path::new(&format!("/proc/{pid}/stat")).exists());
    std::fs::write(bench.at("jobs/other/program"), program).unwrap();
    assert_eq!(
        probe.job(HostCall::JobKill { key: "other".into() }).await.state,
        JobState::Exited { rc: 143 }
    );
}

#[tokio::test]
async fn a_job_that_vanished_is_neither_running_nor_ended() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    probe.job(start("k", shell("sleep 1000"))).await;
    let running = bench.at("jobs/k/boot");
    let boot = std::fs::read(&running).unwrap();
    std::fs::write(&running, "another boot\n").unwrap();
    assert_eq!(probe.job(status("k")).await.state, JobState::Vanished { rebooted: true });
    std::fs::write(&running, boot).unwrap();
    assert_eq!(probe.job(status("k")).await.state, JobState::Running);
    let since = std::fs::read(bench.at("jobs/k/since")).unwrap();
    std::fs::write(bench.at("jobs/k/since"), "1\n").unwrap();
    assert_eq!(probe.job(status("k")).await.state, JobState::Vanished { rebooted: false });
    let again = probe.job(start("k", shell("exit 0"))).await;
    assert_eq!((again.attached, again.state), (true, JobState::Vanished { rebooted: false }));
    std::fs::write(bench.at("jobs/k/since"), since).unwrap();
    probe.job(HostCall::JobKill { key: "k".to_owned() }).await;
}

#[tokio::test]
async fn a_record_is_forgotten_only_when_the_job_has_ended() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let forget = || HostCall::JobForget { key: "k".to_owned() };
    assert_eq!(probe.job(status("k")).await.state, JobState::Absent);
    probe.job(start("k", shell("sleep 1000"))).await;
    assert!(probe.error(forget()).await.to_string().contains("still running"));
    probe.job(HostCall::JobKill { key: "k".to_owned() }).await;
    probe.done(forget()).await;
    assert!(!Path::new(&bench.at("jobs/k")).exists());
    assert_eq!(probe.job(status("k")).await.state, JobState::Absent);
}

#[tokio::test]
async fn a_start_that_never_began_may_begin_again() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    std::fs::create_dir_all(bench.at("jobs/k")).unwrap();
    assert_eq!(probe.job(status("k")).await.state, JobState::Absent);
    let job = probe.job(start("k", shell("echo ran"))).await;
    assert!(!job.attached);
    assert_eq!(follow(&probe, "k").await.1, b"ran\n");
}

#[tokio::test]
async fn the_list_tells_whose_jobs_there_are() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let origin = JobOrigin { run: "r1".into(), owner: "me@here".into(), task: "Copy it's\nall".into() };
    let call = HostCall::JobStart { key: "r1.2".into(), exec: shell("exit 3"), origin: Some(origin) };
    probe.job(call).await;
    probe.job(start("k", shell("sleep 1000"))).await;
    follow(&probe, "r1.2").await;
    let HostReply::JobList(list) = probe.call(HostCall::JobList).await else { panic!("no list") };
    let told: Vec<_> = list
        .iter()
        .map(|record| (record.job.key.as_str(), &record.job.state, record.origin.task.as_str()))
        .collect();
    assert_eq!(told, [("k", &JobState::Running, ""), ("r1.2", &JobState::Exited { rc: 3 }, "Copy it's all")]);
    assert_eq!((list[1].origin.run.as_str(), list[1].origin.owner.as_str()), ("r1", "me@here"));
    probe.job(HostCall::JobKill { key: "k".to_owned() }).await;
}

#[tokio::test]
async fn records_of_long_ago_go_when_a_job_is_started() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    for key in ["old", "new"] {
        probe.job(start(key, shell("exit 0"))).await;
        follow(&probe, key).await;
    }
    // A clock that was set since makes nothing old.
    std::fs::write(bench.at("jobs/old/rc"), "0 1000000000\n").unwrap();
    probe.job(start("j", shell("exit 0"))).await;
    assert!(Path::new(&bench.at("jobs/old")).exists());
    std::fs::write(bench.at("jobs/old/boot"), "another\n").unwrap();
    probe.job(start("k", shell("exit 0"))).await;
    assert!(!Path::new(&bench.at("jobs/old")).exists());
    assert!(Path::new(&bench.at("jobs/new")).exists());
}

#[tokio::test]
async fn what_a_job_was_given_is_gone_with_its_end() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let text = format!("cat; until [ -e {} ]; do sleep 0.05; done", bench.at("go"));
    let exec = Exec { stdin: Some(Bytes::from("given")), ..shell(&text) };
    let folder = bench.folder.path().join("jobs/k");
    probe.call(start("k", exec)).await;
    assert!(folder.join("cmd").exists() && folder.join("stdin").exists());
    std::fs::write(bench.at("go"), "").unwrap();
    assert_eq!(follow(&probe, "k").await, (JobState::Exited { rc: 0 }, b"given".to_vec(), Vec::new()));
    assert!(!folder.join("cmd").exists() && !folder.join("stdin").exists());
}

/// On a full disk the keeper of a job waits for room; where there is no folder any more there is nothing to wait for.
#[tokio::test]
async fn the_keeper_of_a_job_ends_when_its_folder_is_removed() {
    let bench = Bench::new();
    let probe = bench.probe().await;
    let text = format!("until [ -e {} ]; do sleep 0.05; done", bench.at("go"));
    probe.job(start("k", shell(&text))).await;
    let keeper = std::fs::read_to_string(bench.at("jobs/k/pid")).unwrap();
    let process = format!("/proc/{}/cmdline", keeper.trim());
    assert!(!std::fs::read(&process).unwrap().is_empty());
    std::fs::remove_dir_all(bench.at("jobs")).unwrap();
    std::fs::write(bench.at("go"), "").unwrap();
    eventually("the keeper ends", || std::fs::read(&process).unwrap_or_default().is_empty()).await;
}
