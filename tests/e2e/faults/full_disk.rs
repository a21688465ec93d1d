//! Disks that are full: the controller's, with the journal, and the host's.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::figures::Figures;
use super::moments::{self, Seeded};
use super::random;
use crate::resume::play;

/// A small disk, which can be made larger. It goes with this value.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// Returns it, or nothing where disks cannot be made.
    fn make(at: &'a Path, kilobytes: usize) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kilobytes}k,mode=700");
        mount(&["-t", "tmpfs", "-o", &size, "tmpfs", at.to_str().unwrap()]).then_some(Self(at))
    }

    fn enlarge(&self) {
        assert!(mount(&["-o", "remount,size=60m", self.0.to_str().unwrap()]));
    }
}

fn mount(words: &[&str]) -> bool {
    let status = Command::new("mount").args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").args(["-l", self.0.to_str().unwrap()]).output());
    }
}

#[test]
fn a_run_whose_journal_has_no_more_room_goes_on_when_there_is_some() {
    let figures = Figures::of("controller's disk full at some point of a random playbook");
    let sizes: usize = if moments::all() { 60 } else { 3 };
    let tried: Vec<usize> = (1..=sizes).collect();
    moments::each(&tried, |number| {
        let seed = 1 + number % 10;
        let whole = random::Whole::of(seed);
        let scenario = random::scenario(seed);
        let state = scenario.path("state");
        let kilobytes = 60 + Seeded::of(&format!("disk {number}")).below(900);
        let Some(disk) = Disk::make(&state, kilobytes) else {
            return println!("skipped: no disks can be made here");
        };
        let first = scenario.run();
        let when = format!("seed {seed} on {kilobytes} kB, exit code {}", first.code);
        if first.code != 0 {
            if first.code != 12 || !first.stderr.contains("journal") {
                figures.lost(format!("{when}: {}", first.stderr));
            }
            disk.enlarge();
            let begun = !first.stderr.contains("no host was touched");
            let mut command = if begun { random::resume(&scenario) } else { scenario.command() };
            let outcome = crate::scenario::Outcome::of(&mut command);
            if outcome.code != 0 {
                figures.lost(format!("{when}, then {}: {}", outcome.code, outcome.stderr));
            }
            figures.tried();
        }
        whole.compare(&when, &scenario, &figures);
    });
    figures.settle(0);
}

/// Files and a job's output on the host's disk, and a destroying step in between.
const TASKS: &str = "    - { copy: { content: '{{ \"x\" * 100000 }}', dest: DISK/first } }
    - { name: Job, shell: 'set -e; seq 1 60000; echo ended >> log', async: 1000, poll: 1, register: it }
    - { copy: { content: '{{ it.stdout }}', dest: DISK/output } }
    - { shell: echo wiped >> log, effect: { destroys: nothing } }
    - { copy: { content: '{{ \"y\" * 100000 }}', dest: DISK/last } }
    - { shell: cp DISK/last DISK/copied && echo copied >> log }
";

#[test]
fn a_host_whose_disk_is_full_fails_its_step_and_goes_on_when_there_is_room() {
    let figures = Figures::of("host's disk full");
    let sizes: Vec<usize> =
        if moments::all() { (40..1100).step_by(40).collect() } else { vec![80, 480, 760] };
    moments::each(&sizes, |kilobytes| {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("disk");
        let Some(disk) = Disk::make(&at, kilobytes) else {
            return println!("skipped: no disks can be made here");
        };
        let text = TASKS.replace("DISK", at.to_str().unwrap());
        let scenario = play(&text).args(["--approve", "all"]);
        let mut command = scenario.command();
        command.env("SWITCHOVER_JOBS", at.join("jobs")).env("SWITCHOVER_LOCKS", &at);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // A job whose exit code finds no room waits for it.
        for _ in 0..60 {
            std::thread::sleep(Duration::from_millis(100));
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        disk.enlarge();
        let mut code = child.wait().unwrap().code().unwrap_or(-1);
        let mut said = String::new();
        for _ in 0..2 {
            if code != 0 {
                let mut resume = scenario.other(&["resume", "--approve", "all"]);
                resume.env("SWITCHOVER_JOBS", at.join("jobs")).env("SWITCHOVER_LOCKS", &at);
                let outcome = crate::scenario::Outcome::of(&mut resume);
                (code, said) = (outcome.code, format!("{}{}", outcome.stdout, outcome.stderr));
            }
        }
        let when = format!("{kilobytes} kB");
        let whole: String = (1..=60000).map(|n| format!("{n}\n")).collect();
        let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap_or_default();
        if code != 0 || read("output") != whole.trim_end() || read("copied").len() != 100_000 {
            figures.lost(format!("{when}: exit code {code}, output {}: {said}", read("output").len()));
        }
        for word in ["wiped", "copied"] {
            match scenario.log().matches(word).count() {
                1 => {}
                0 => figures.lost(format!("{when}: no {word}")),
                _ => figures.doubled(format!("{when}: {}", scenario.log())),
            }
        }
        figures.tried();
    });
    figures.settle(0);
}
