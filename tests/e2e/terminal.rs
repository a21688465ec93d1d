//! Runs of the program with a terminal, as a person has one.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::scenario::Scenario;

/// How long a program may take to say what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The two ends of a terminal.
fn terminal(columns: u16, rows: u16) -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs =
        rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty());
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).unwrap();
    (File::from(ours), theirs.unwrap())
}

/// Runs a command at a terminal of so many columns; each answer is typed when its question stands at the end of the
/// screen. Returns what was on the screen, and the exit code.
pub fn at_terminal(command: Command, columns: u16, answers: &[(&str, &str)]) -> (String, i32) {
    at_terminal_slowly(command, columns, answers, Duration::ZERO)
}

/// The same with somebody who thinks for a while before each answer.
fn at_terminal_slowly(
    mut command: Command,
    columns: u16,
    answers: &[(&str, &str)],
    thought: Duration,
) -> (String, i32) {
    let (mut ours, theirs) = terminal(columns, 24);
    let end = || Stdio::from(theirs.try_clone().unwrap());
    let mut child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    drop((command, theirs));
    let (mut screen, mut answers) = (String::new(), answers.iter());
    let mut next = answers.next();
    let begun = Instant::now();
    let mut bytes = [0; 4096];
    // Reading fails when the program has gone: nobody holds the other end any more.
    while let Ok(length @ 1..) = ours.read(&mut bytes) {
        screen += &String::from_utf8_lossy(&bytes[..length]);
        if let Some((question, answer)) = next
            && screen.ends_with(question)
        {
            std::thread::sleep(thought);
            ours.write_all(format!("{answer}\n").as_bytes()).unwrap();
            next = answers.next();
        }
        assert!(begun.elapsed() < PATIENCE, "{screen}");
    }
    assert!(next.is_none(), "{next:?} was not asked: {screen}");
    (screen.replace("\r\n", "\n"), child.wait().unwrap().code().unwrap_or(-1))
}

const HOSTS: &str = "a ansible_connection=local\nb ansible_connection=local\n";

fn stepping() -> Scenario {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: One\n      command: touch one\n    - \
                    name: Two\n      command: touch two\n      notify: H\n    - name: Three\n      command: touch \
                    three\n      notify: H\n    - name: Four\n      command: touch four\n  handlers:\n    - name: \
                    H\n      command: touch handled\n";
    Scenario::new().playbook(playbook).inventory(HOSTS).args(["--step"])
}

#[test]
fn step_does_what_is_said_yes_to() {
    let scenario = stepping();
    let ask = |name: &str| format!("Perform task: TASK: {name} (N)o/(y)es/(c)ontinue: ");
    let (one, two, three, four) = (ask("One"), ask("Two"), ask("Three"), ask("Four"));
    let handler = "Perform task: HANDLER: H (N)o/(y)es/(c)ontinue: ";
    let answers = [(&*one, "y"), (&*two, ""), (&*three, "yes"), (&*four, "n"), (handler, "c")];
    let (screen, code) = at_terminal(scenario.command(), 100, &answers);
    assert_eq!(code, 0, "{screen}");
    let done = |name: &str| scenario.path(name).exists();
    assert_eq!(
        ["one", "two", "three", "four", "handled"].map(done),
        [true, false, true, false, true],
        "{screen}"
    );
    assert!(screen.contains("  a  ok 3  changed 3\n"), "{screen}");
}

#[test]
fn step_without_a_terminal_is_refused() {
    let scenario = stepping();
    let outcome = scenario.run();
    assert_eq!(outcome.code, 5, "{outcome:?}");
    assert!(
        outcome.stderr.contains("--step asks before each task, and nobody is at a terminal"),
        "{outcome:?}"
    );
    assert!(!scenario.path("one").exists());
}

#[test]
fn what_a_host_says_does_not_drive_the_terminal() {
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks:\n    - shell: printf '\\033[2J\\033]0;owned\\007' >&2; \
                    false\n      ignore_errors: true\n    - debug: { msg: \"\\e[31mred\" }\n      loop: [\"\\e[1A\"]\n";
    for form in ["default", "ansible", "minimal"] {
        let scenario = Scenario::new().playbook(playbook).inventory(HOSTS).args(["--output", form, "-v"]);
        let (screen, code) = at_terminal(scenario.command(), 100, &[]);
        assert_eq!(code, 0, "{screen}");
        let bare: String =
            screen.split("\u{1b}[?25").map(|part| part.trim_start_matches(['l', 'h'])).collect();
        for evil in ["\u{1b}[2J", "\u{1b}]0;", "\u{1b}[31m", "\u{1b}[1A"] {
            assert!(!bare.contains(evil), "{form}: {bare:?}");
        }
        assert!(bare.contains("owned"), "{form}: {bare:?}");
    }
}

#[test]
fn an_include_is_not_under_way_when_the_run_has_ended() {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - include_tasks: more.yml\n";
    let scenario =
        Scenario::new().file("more.yml", "- debug: msg=more\n").playbook(playbook).inventory(HOSTS);
    let outcome = scenario.run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
}

#[test]
fn listings_hold_what_the_tags_take() {
    let playbook = "- hosts: all\n  tasks:\n    - { name: one, ping: , tags: a }\n    - { name: two, ping: , tags: [never, b] }\n    - \
                    { name: three, ping: }\n    - block: [ { name: four, ping: , tags: a } ]\n      always: [ { name: five, ping: } ]\n";
    let listed = |arguments: &[&str]| {
        let scenario = Scenario::new().playbook(playbook).inventory(HOSTS).args(["--list-tasks"]);
        let outcome = scenario.args(arguments.iter().copied()).run();
        let names = ["one", "two", "three", "four", "five"];
        names
            .into_iter()
            .filter(|name| outcome.stdout.contains(&format!("      {name}\t")))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&[]), ["one", "three", "four"]);
    assert_eq!(listed(&["--tags", "a"]), ["one", "four"]);
    assert_eq!(listed(&["--tags", "b"]), ["two"]);
    assert_eq!(listed(&["--skip-tags", "a"]), ["three"]);
}

#[test]
fn of_many_hosts_only_those_that_differ_are_lines() {
    let hosts: String = (1..=12).map(|n| format!("n{n:02} ansible_connection=local\n")).collect();
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: One\n      command: echo\n    - name: Two\n      \
                    command: echo\n      failed_when: inventory_hostname == 'n07'\n";
    let outcome = Scenario::new().playbook(playbook).inventory(&hosts).run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    for expected in [
        "  changed   12 hosts     One\n",
        "  changed   11 hosts     Two\n",
        "  FAILED    n07          Two\n",
        "  11 hosts  ok 2  changed 2\n  n07       ok 1  changed 1  FAILED 1\n",
    ] {
        assert!(outcome.stdout.contains(expected), "{expected}: {}", outcome.stdout);
    }
}

#[test]
fn a_dumb_terminal_gets_no_codes() {
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks:\n    - command: echo\n";
    let scenario = Scenario::new().playbook(playbook).inventory(HOSTS);
    let mut command = scenario.command();
    command.env("TERM", "dumb").env_remove("NO_COLOR");
    let (screen, code) = at_terminal(command, 80, &[]);
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
}

#[test]
fn a_run_without_an_inventory_says_so() {
    let outcome = Scenario::new().playbook("- hosts: web\n  tasks: [ping: ]\n").run();
    assert!(outcome.stderr.contains("no inventory was named"), "{outcome:?}");
}

#[test]
fn exec_names_the_module_that_was_meant() {
    let outcome = Scenario::new().args(["exec", "localhost", "-m", "pign"]).run();
    assert!(outcome.stderr.contains("did you mean `ping`?"), "{outcome:?}");
}

/// The terminal's Ctrl-C reaches a program as a signal only where the terminal is its own.
fn with_own_terminal(scenario: &Scenario) -> Command {
    let mut command = Command::new("setsid");
    let inner = scenario.command();
    command.arg("--ctty").arg(inner.get_program()).args(inner.get_args()).current_dir(scenario.path(""));
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

#[test]
fn ctrl_c_takes_a_question_for_a_secret_back() {
    let playbook = "- hosts: a\n  gather_facts: false\n  vars_prompt: [{ name: word, prompt: Word }]\n  tasks:\n    - command: \
                    touch done\n";
    let scenario = Scenario::new().playbook(playbook).inventory(HOSTS);
    let (screen, code) = at_terminal(with_own_terminal(&scenario), 100, &[("Word: ", "hidden\u{3}")]);
    assert_eq!(code, 99, "{screen}");
    assert!(!screen.contains("hidden") && screen.contains("Stopped on request"), "{screen}");
    assert!(!screen.contains("nobody is at a terminal"), "{screen}");
    assert!(!scenario.path("done").exists(), "{screen}");
}

#[test]
fn ctrl_c_takes_the_question_back_and_a_name_typed_after_it_permits_nothing() {
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks:\n    - name: Wipe\n      command: touch wiped\n      effect: { destroys: \
                    all data }\n";
    let scenario = Scenario::new().playbook(playbook).inventory(HOSTS);
    let (screen, code) =
        at_terminal(with_own_terminal(&scenario), 100, &[("anything else to stop: ", "\u{3}a")]);
    assert_eq!(code, 99, "{screen}");
    assert!(screen.contains("Wipe  (not begun)") && screen.contains("Stopped on request"), "{screen}");
    assert!(!scenario.path("wiped").exists(), "{screen}");
}

#[test]
fn questions_come_one_after_the_other_and_nothing_runs_into_them() {
    // The others wait until the first is asked.
    let asked = "until [ \"$(find state -name '*.waits')\" ]; do sleep 0.05; done";
    let playbook = format!(
        "- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:\n    - name: Noise\n      shell: {asked:?}\n      \
         when: inventory_hostname != 'a'\n    - name: Wipe\n      command: 'touch wiped-{{{{ inventory_hostname }}}}'\n      \
         effect: {{ destroys: 'data of {{{{ inventory_hostname }}}}' }}\n      when: inventory_hostname != 'c'\n"
    );
    let hosts = format!("{HOSTS}c ansible_connection=local\n");
    let scenario = Scenario::new().playbook(&playbook).inventory(&hosts);
    let question = |host: &str| {
        format!("data of {host}\r\nType the host's name to permit it, or anything else to stop: ")
    };
    let (first, second) = (question("a"), question("b"));
    let answers = [(&*first, "a"), (&*second, "b")];
    let (screen, code) = at_terminal_slowly(scenario.command(), 100, &answers, Duration::from_secs(1));
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("anything else to stop: a\n") && screen.contains("to stop: b\n"), "{screen}");
    assert!(screen.contains("changed   c            Noise"), "{screen}");
    assert_eq!(["wiped-a", "wiped-b"].map(|name| scenario.path(name).exists()), [true, true], "{screen}");
}

#[test]
fn an_item_that_failed_tells_why() {
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks:\n    - shell: 'test {{ item }} = x || { echo broken-{{ item }} >&2; \
                    exit 3; }'\n      loop: [x, y]\n";
    let outcome = Scenario::new().playbook(playbook).inventory(HOSTS).run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let item = outcome.stdout.split("(y)").nth(1).unwrap();
    assert!(item.contains("rc: 3\n") && item.contains("  broken-y\n"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("broken-x"), "{}", outcome.stdout);
}
