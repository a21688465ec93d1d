//! Two runs on one host: the second leaves before it touches anything.

use crate::lab::PlainHost;
use crate::web::{begin, command, find, home, is_locked, say_go, scenario, until};

/// Marks its beginning on the host, waits for a word there, and destroys (in name only) meanwhile.
const WAITS: &str = "- hosts: web
  gather_facts: false
  tasks:
    - name: Wait for a word
      shell: echo begun >> begun; until [ -e go ]; do sleep 0.05; done; echo done >> done
      effect: {destroys: nothing}
";

const WAITS_DETACHED: &str = "- hosts: web
  gather_facts: false
  tasks:
    - name: Wait for a word
      shell: echo begun >> begun; echo first; until [ -e go ]; do sleep 0.05; done; echo last; exit 7
      effect: {destroys: nothing}
      async: 1000
      poll: 1
";

#[test]
fn the_second_run_is_told_who_is_first_and_leaves() {
    let host = PlainHost::start();
    let (first, second) = (scenario(&host, WAITS), scenario(&host, WAITS));
    let mut running = begin(&first);
    until("the first run works", || find(&host, "begun").exists());
    // The same user, and another who does not see the first one's files on the controller.
    for refused in [second.run(), first.run()] {
        assert_eq!(refused.code, 13, "{refused:?}");
        assert!(refused.stderr.contains("locked by"), "{refused:?}");
        assert!(refused.stderr.contains(&format!("process {}", running.id())), "{refused:?}");
        assert!(!refused.stdout.contains("Recap"), "{refused:?}");
    }
    let shown = command(&host, &["unlock", "web"]);
    assert_eq!(shown.code, 13, "{shown:?}");
    assert!(shown.stdout.contains("web is locked by"), "{shown:?}");
    say_go(&host);
    assert!(running.wait().unwrap().success());
    assert_eq!((home(&host, "begun").as_str(), home(&host, "done").as_str()), ("begun\n", "done\n"));
    assert!(!is_locked(&host));
    assert_eq!(second.run().code, 0);
}

#[test]
fn the_lock_of_a_killed_run_is_taken_over_with_a_note() {
    let host = PlainHost::start();
    let first = scenario(&host, WAITS);
    let mut running = begin(&first);
    until("the first run works", || find(&host, "begun").exists());
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(is_locked(&host));
    say_go(&host);
    let second = scenario(&host, WAITS).run();
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.stdout.contains("took over the lock of web"), "{second:?}");
    assert!(!is_locked(&host));
}

#[test]
fn a_killed_run_whose_job_goes_on_still_holds_its_lock() {
    let host = PlainHost::start();
    let first = scenario(&host, WAITS_DETACHED);
    let mut running = begin(&first);
    until("the job works", || find(&host, "begun").exists());
    running.kill().unwrap();
    running.wait().unwrap();
    let second = scenario(&host, WAITS_DETACHED).run();
    assert_eq!(second.code, 13, "{second:?}");
    assert!(second.stderr.contains("jobs of it go on there"), "{second:?}");
    assert_eq!(home(&host, "begun"), "begun\n");

    let listed = command(&host, &["jobs", "web"]);
    assert!(listed.stdout.contains("running") && listed.stdout.contains("Wait for a word"), "{listed:?}");
    let key = listed.stdout.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    say_go(&host);
    let followed = command(&host, &["jobs", "web", "--follow", &key]);
    assert_eq!((followed.code, followed.stdout.as_str()), (7, "first\nlast\n"), "{followed:?}");
    assert!(command(&host, &["jobs", "web"]).stdout.contains("ended, rc 7"));
    // The run that was killed needs the record to go on: nobody who does not know it to be complete takes it away.
    let cleaned = command(&host, &["jobs", "web", "--clean"]);
    assert!(cleaned.stdout.starts_with("0 records removed"), "{cleaned:?}");
    assert!(command(&host, &["jobs", "web"]).stdout.contains("ended, rc 7"));
    let cleaned = command(&host, &["jobs", "web", "--clean", "--unfinished"]);
    assert!(cleaned.stdout.contains(&key) && cleaned.stdout.contains("1 record removed"), "{cleaned:?}");
    assert_eq!(command(&host, &["jobs", "web"]).stdout, "no jobs\n");
    assert_eq!(command(&host, &["unlock", "web"]).code, 0);
    assert!(!is_locked(&host));
}

#[test]
fn a_job_is_ended_from_elsewhere() {
    let host = PlainHost::start();
    let first = scenario(&host, WAITS_DETACHED);
    let mut running = begin(&first);
    until("the job works", || find(&host, "begun").exists());
    let listed = command(&host, &["jobs", "web"]);
    let key = listed.stdout.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let killed = command(&host, &["jobs", "web", "--kill", &key]);
    assert_eq!(killed.code, 0, "{killed:?}");
    assert!(killed.stdout.contains("ended, rc 143"), "{killed:?}");
    // The run that waits for it is told, and fails as the program did.
    assert_eq!(running.wait().unwrap().code(), Some(2));
    assert!(!is_locked(&host));
    let absent = command(&host, &["jobs", "web", "--follow", "none"]);
    assert_eq!(absent.code, 1);
    assert!(absent.stderr.contains("has no job `none`"), "{absent:?}");
}

#[test]
fn plain_runs_and_check_mode_take_no_lock() {
    let host = PlainHost::start();
    let plain = "- hosts: web\n  gather_facts: false\n  tasks:\n    - shell: ls -A .switchover 2>&1; true\n";
    let first = scenario(&host, WAITS);
    let mut running = begin(&first);
    until("the first run works", || find(&host, "begun").exists());
    assert_eq!(scenario(&host, plain).run().code, 0);
    assert_eq!(scenario(&host, WAITS).args(["--check"]).run().code, 0);
    assert_eq!(scenario(&host, plain).args(["--lock"]).run().code, 13);
    let asked = plain.replace("gather_facts", "lock: true\n  gather_facts");
    assert_eq!(scenario(&host, &asked).run().code, 13);
    say_go(&host);
    assert!(running.wait().unwrap().success());
}
