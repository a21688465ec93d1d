//! A host that is started anew while its job is at work: nobody can tell how far it came.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::resume::play;

#[test]
fn a_job_that_ended_with_its_host_waits_for_a_human() {
    let tasks = "    - name: Work
      shell: echo $$ > pid; echo begun >> log; sleep 1000
      async: 5000
      poll: 1
      effect: { destroys: nothing }
    - shell: echo after >> log
";
    let scenario = play(tasks).args(["--approve", "all"]);
    let jobs = scenario.path("jobs");
    let mut command = scenario.command();
    command.env("SWITCHOVER_JOBS", &jobs).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while scenario.log() != "begun" {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What a restart leaves: no process, and another boot.
    let job = std::fs::read_dir(&jobs).unwrap().next().unwrap().unwrap().path();
    for file in ["pid", "program"] {
        let text = std::fs::read_to_string(job.join(file)).unwrap();
        let pid = text.split_whitespace().next().unwrap();
        drop(Command::new("kill").args(["-KILL", "--", &format!("-{pid}")]).output());
        drop(Command::new("kill").args(["-KILL", pid]).output());
    }
    drop(std::fs::remove_file(job.join("rc")));
    std::fs::write(job.join("boot"), "another\n").unwrap();
    let resume = |words: &[&str]| {
        let mut command = scenario.other(&[&["resume", "--approve", "all"], words].concat());
        crate::scenario::Outcome::of(command.env("SWITCHOVER_JOBS", &jobs))
    };
    let stop = resume(&[]);
    assert_eq!(stop.code, 11, "{stop:?}");
    assert_eq!(scenario.log(), "begun");
    // Still so when asked again; then a human looked.
    assert_eq!(resume(&[]).code, 11);
    let outcome = resume(&["--assume", "all=done"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "begun after");
}

#[test]
fn a_job_that_was_seen_and_whose_folder_is_gone_is_not_begun_again() {
    let tasks = "    - name: Work
      shell: echo begun >> log; until [ -e go ]; do sleep 0.05; done
      async: 5000
      poll: 1
    - shell: echo after >> log
";
    let scenario = play(tasks);
    let jobs = scenario.path("jobs");
    let mut command = scenario.command();
    command.env("SWITCHOVER_JOBS", &jobs).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while scenario.log() != "begun" {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Until it is on record that the host has the job.
    let files = ["journal.db", "journal.db-wal"].map(|name| scenario.run_folder().join(name));
    let has = |path: &std::path::PathBuf| {
        std::fs::read(path).unwrap_or_default().windows(5).any(|window| window == b"began")
    };
    while !files.iter().any(has) {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(&jobs).unwrap();
    std::fs::write(scenario.path("go"), "").unwrap();
    let resume = |words: &[&str]| {
        let mut command = scenario.other(&[&["resume"], words].concat());
        crate::scenario::Outcome::of(command.env("SWITCHOVER_JOBS", &jobs))
    };
    for _ in 0..2 {
        let stop = resume(&[]);
        assert_eq!(stop.code, 11, "{stop:?}");
        assert_eq!(scenario.log(), "begun");
    }
    let outcome = resume(&["--assume", "all=done"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "begun after");
}
