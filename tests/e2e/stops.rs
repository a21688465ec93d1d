//! Runs that are asked to stop, and steps whose time is up: what goes on, what ends, what is said.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::lab::PlainHost;
use crate::scenario::Scenario;
use crate::web::{command, find, home, is_locked, say_go, scenario, until};

/// A step that waits for a word on the host, inside a block with a clean-up, before another play.
fn playbook(detached: bool) -> String {
    let job = if detached { "async: 1000\n          poll: 1" } else { "when: true" };
    format!(
        "- name: Work
  hosts: web
  gather_facts: false
  tasks:
    - block:
        - name: Wait for a word
          shell: echo $$ > pid; echo begun >> begun; until [ -e go ]; do sleep 0.05; done; echo done >> done
          effect: {{destroys: nothing}}
          {job}
        - name: Come after it
          command: touch after
      always:
        - name: Clean up
          command: touch cleaned
- name: Later
  hosts: web
  gather_facts: false
  tasks: [{{command: touch later}}]
"
    )
}

fn begin_aloud(scenario: &Scenario) -> Child {
    let mut command = scenario.command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

fn runs(pid: &str) -> bool {
    std::fs::read(format!("/proc/{}/cmdline", pid.trim())).is_ok_and(|words| !words.is_empty())
}

/// Reads what is said until this comes; the rest is left for later.
fn hear(from: &mut impl std::io::Read, word: &str) -> String {
    let (mut heard, mut byte) = (Vec::new(), [0]);
    while !String::from_utf8_lossy(&heard).contains(word) {
        assert_eq!(from.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&heard));
        heard.push(byte[0]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// Asks once, lets the step end, and looks at what was done and said.
fn stops_after_the_step(signal: &str) {
    let host = PlainHost::start();
    let scenario = scenario(&host, &playbook(false)).args(["--report", "run.html"]);
    let mut child = begin_aloud(&scenario);
    until("the step works", || find(&host, "begun").exists());
    send(signal, &child);
    let mut stderr = child.stderr.take().unwrap();
    hear(&mut stderr, "web  Wait for a word, for");
    say_go(&host);
    assert_eq!(child.wait().unwrap().code(), Some(99));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("web  1 task of this play, from: Come after it"), "{said}");
    assert!(said.contains("1 play not begun: Later"), "{said}");
    assert!(said.contains("Stopped on request"), "{said}");
    let page = std::fs::read_to_string(scenario.path("run.html")).unwrap();
    for told in ["stopped on request: not all was done", "from: Come after it", "switchover resume "] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(home(&host, "done"), "done\n");
    assert!(!find(&host, "after").exists() && !find(&host, "later").exists());
    assert!(!is_locked(&host));
}

#[test]
fn an_interrupted_run_ends_its_step_and_says_what_was_not_done() {
    stops_after_the_step("-INT");
}

#[test]
fn a_terminated_run_does_as_an_interrupted_one() {
    stops_after_the_step("-TERM");
}

#[test]
fn a_run_whose_terminal_is_closed_goes_on_to_the_stop() {
    let host = PlainHost::start();
    let scenario = scenario(&host, &playbook(false));
    let mut child = begin_aloud(&scenario);
    until("the step works", || find(&host, "begun").exists());
    // Nobody reads any more.
    drop((child.stdout.take(), child.stderr.take()));
    send("-HUP", &child);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none());
    say_go(&host);
    assert_eq!(child.wait().unwrap().code(), Some(99));
    assert_eq!(home(&host, "done"), "done\n");
    assert!(!find(&host, "after").exists());
    assert!(!is_locked(&host));
}

#[test]
fn a_second_interrupt_leaves_the_job_to_itself() {
    let host = PlainHost::start();
    let scenario = scenario(&host, &playbook(true));
    let mut child = begin_aloud(&scenario);
    until("the step works", || find(&host, "begun").exists());
    let mut stderr = child.stderr.take().unwrap();
    send("-INT", &child);
    hear(&mut stderr, "Wait for a word, for");
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(99));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("web  Wait for a word"), "{said}");
    let mut shown = String::new();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    assert!(shown.contains("Recap") && !shown.contains("contact"), "{shown}");
    assert!(said.contains("clean-ups (`always`) that were not run: Clean up"), "{said}");
    assert!(said.contains("The locks of web stay until the jobs of this run have ended there."), "{said}");
    assert!(runs(&home(&host, "pid")) && is_locked(&host));
    // The command that was said shows the job, to its end.
    let follow = said.lines().find(|line| line.contains("--follow")).unwrap().trim().to_owned();
    let key = follow.rsplit(' ').next().unwrap();
    assert_eq!(scenario.run().code, 13);
    say_go(&host);
    assert_eq!(command(&host, &["jobs", "web", "--follow", key]).code, 0);
    assert_eq!((home(&host, "begun").as_str(), home(&host, "done").as_str()), ("begun\n", "done\n"));
    let again = scenario.run();
    assert_eq!(again.code, 0, "{again:?}");
    assert!(!is_locked(&host));
}

#[test]
fn a_second_interrupt_says_that_a_plain_program_may_run_on() {
    let host = PlainHost::start();
    let scenario = scenario(&host, &playbook(false));
    let mut child = begin_aloud(&scenario);
    until("the step works", || find(&host, "begun").exists());
    let mut stderr = child.stderr.take().unwrap();
    send("-INT", &child);
    hear(&mut stderr, "Wait for a word, for");
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(99));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("its program may still run"), "{said}");
    assert!(said.contains("switchover unlock -i"), "{said}");
    assert!(is_locked(&host));
    say_go(&host);
    let refused = scenario.run();
    assert_eq!(refused.code, 13, "{refused:?}");
    assert!(refused.stderr.contains("stopped at a step whose end is unknown"), "{refused:?}");
    assert_eq!(command(&host, &["unlock", "web"]).code, 13);
    assert_eq!(command(&host, &["unlock", "web", "--force"]).code, 0);
    assert!(!is_locked(&host));
}

#[test]
fn a_step_whose_time_is_up_leaves_nothing_running() {
    for more in ["when: true", "async: 1000\n      poll: 1"] {
        let host = PlainHost::start();
        let text = format!(
            "- hosts: web\n  gather_facts: false\n  tasks:\n    - shell: echo $$ > pid; sleep 1000; true\n      \
             timeout: 2\n      {more}\n"
        );
        let outcome = scenario(&host, &text).run();
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stdout.contains("Timed out after 2 second(s)"), "{outcome:?}");
        let pid = home(&host, "pid");
        assert!(!pid.is_empty() && !runs(&pid), "{more}: {pid} runs on");
    }
}
