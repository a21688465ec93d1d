//! A real OpenSSH server at the other end of a link that is cut, at random, while a run works there.

mod link;
mod server;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use link::Link;
use server::Server;

use super::figures::Figures;
use super::moments::{self, Seeded};
use crate::scenario::Scenario;

/// Lines that the long job prints on each of its streams.
const LINES: usize = 40;

/// A job with output, one that destroys, files, a loop and a handler: all of it leaves a trace in STATE.
const PLAYBOOK: &str = "- hosts: all
  gather_facts: false
  tasks:
    - shell: 'echo x >> STATE/job; for i in $(seq 1 40); do echo out$i; echo err$i >&2; sleep 0.03; done'
      async: 1000
      poll: 1
      register: long
    - copy: { content: '{{ long.stdout }}', dest: STATE/out }
    - copy: { content: '{{ long.stderr }}', dest: STATE/err }
      notify: reload
    - shell: echo x >> STATE/wipe; sleep 0.3
      effect: { destroys: the disk }
      async: 1000
      poll: 1
    - copy: { content: 'item {{ item }}', dest: 'STATE/item{{ item }}' }
      loop: [1, 2, 3]
    - lineinfile: { path: STATE/lines, line: one, create: true }
    - shell: echo x >> STATE/last; echo last
      async: 1000
      poll: 1
  handlers:
    - { name: reload, shell: echo x >> STATE/reload, async: 1000, poll: 1 }
";

/// What is to be in each file at the end.
fn wanted() -> Vec<(&'static str, String)> {
    let lines = |word: &str| (1..=LINES).map(|i| format!("{word}{i}")).collect::<Vec<_>>().join("\n");
    let mut wanted = vec![("out", lines("out")), ("err", lines("err")), ("lines", "one\n".to_owned())];
    wanted.extend(["job", "wipe", "last", "reload"].map(|name| (name, "x\n".to_owned())));
    wanted.extend([("item1", "item 1"), ("item2", "item 2"), ("item3", "item 3")].map(own));
    wanted
}

fn own((name, text): (&'static str, &str)) -> (&'static str, String) {
    (name, text.to_owned())
}

/// One run under one seed: cuts until it ends, resumes until it is complete.
fn survive(seed: usize, figures: &Figures) {
    let mut seeded = Seeded::of(&format!("cut {seed}"));
    let link = Arc::new(Link::make(seed));
    let server = Server::start(&link);
    let text = PLAYBOOK.replace("STATE", &server.path("state").display().to_string());
    let scenario = Scenario::new().playbook(&text).inventory(&server.inventory()).args(["--approve", "all"]);
    let killed = seeded.below(4) == 0;
    let child = scenario.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut code = disturb(&mut child.unwrap(), &link, &server, &mut seeded, killed);
    let mut said = String::new();
    for _ in 0..5 {
        if code == 0 {
            break;
        }
        // What it was running may be at work still.
        std::thread::sleep(Duration::from_millis(300));
        // One that was killed before it began has nothing to go on with.
        let begun = !scenario.tell(&["runs"]).stdout.starts_with("no runs");
        let outcome = if begun { scenario.tell(&["resume", "--approve", "all"]) } else { scenario.run() };
        (code, said) = (outcome.code, format!("{}{}", outcome.stdout, outcome.stderr));
    }
    figures.tried();
    if code != 0 {
        figures.lost(format!("seed {seed}: exit code {code}: {said}"));
    }
    for (name, text) in wanted() {
        let found = std::fs::read_to_string(server.path("state").join(name)).unwrap_or_default();
        if found.lines().count() > text.lines().count() {
            figures.doubled(format!("seed {seed}: {name}: {found}"));
        } else if found != text {
            figures.lost(format!("seed {seed}: {name}: {found}"));
        }
    }
}

/// Cuts the link, stops the server and ends its sessions until the run has ended; returns its exit code.
fn disturb(child: &mut Child, link: &Arc<Link>, server: &Server, seeded: &mut Seeded, killed: bool) -> i32 {
    let (begun, mut left) = (Instant::now(), 1 + seeded.below(8));
    loop {
        std::thread::sleep(Duration::from_millis(50 + seeded.below(700) as u64));
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "the run does not end");
        if left == 0 {
            if killed {
                child.kill().unwrap();
            }
            continue;
        }
        left -= 1;
        let pause = Duration::from_millis(seeded.below(1500) as u64);
        match seeded.below(5) {
            0 => link.silent(pause),
            1 => link.down(pause),
            2 => link.lossy(pause),
            3 => server.restart(pause),
            _ => server.end_sessions(),
        }
    }
}

#[test]
fn a_run_whose_connection_is_cut_at_random_loses_nothing_and_starts_nothing_twice() {
    if let Some(missing) = missing() {
        println!("skipped: {missing}");
        return;
    }
    let figures = Figures::of("connection cut, delayed, server restarted");
    let runs = if moments::all() { 240 } else { 3 };
    let seeds: Vec<usize> = (1..=runs).collect();
    moments::each(&seeds, |seed| survive(seed, &figures));
    figures.settle(runs);
}

/// Returns what this machine lacks.
fn missing() -> Option<String> {
    let runs = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        let status = command.args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if !runs(&["sh", "-c", "[ $(id -u) = 0 ]"]) {
        return Some("network namespaces need root".to_owned());
    }
    for program in ["ip", "iptables", "ssh-keygen", "/usr/sbin/sshd"] {
        if !runs(&["sh", "-c", &format!("command -v {program}")]) {
            return Some(format!("{program} is not installed"));
        }
    }
    (!runs(&["unshare", "-n", "iptables", "-L"])).then(|| "no network namespaces here".to_owned())
}

#[test]
fn a_host_that_stays_away_stops_the_run_and_it_goes_on_later() {
    if let Some(missing) = missing() {
        println!("skipped: {missing}");
        return;
    }
    if !moments::all() {
        println!("skipped: waits for two minutes; SWITCHOVER_FAULTS=all");
        return;
    }
    let link = Arc::new(Link::make(999));
    let server = Server::start(&link);
    let text = PLAYBOOK.replace("STATE", &server.path("state").display().to_string());
    let scenario = Scenario::new().playbook(&text).inventory(&server.inventory()).args(["--approve", "all"]);
    let away = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !server.path("state/job").exists() {
                std::thread::sleep(Duration::from_millis(20));
            }
            link.block(true);
            away.store(true, Ordering::SeqCst);
        });
        let outcome = scenario.run();
        assert!(away.load(Ordering::SeqCst));
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert!(outcome.stdout.contains("lost contact"), "{outcome:?}");
        assert!(outcome.stderr.contains("switchover resume"), "{outcome:?}");
    });
    link.block(false);
    let outcome = scenario.tell(&["resume", "--approve", "all"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for (name, text) in wanted() {
        assert_eq!(
            std::fs::read_to_string(server.path("state").join(name)).unwrap_or_default(),
            text,
            "{name}"
        );
    }
}
