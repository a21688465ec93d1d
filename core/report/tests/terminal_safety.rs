//! What a host says does not drive the terminal of whoever reads it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchover_journal::{Event, EventKind, Listener, Place, Status, TaskInfo, TaskResult};
use switchover_protocol::{Change, Level};
use switchover_report::{Ansible, Display, JsonLines, Minimal, Output, Paint, Terminal};

/// Clears the screen, names the window, turns the text around, in 8 bits, and rubs out.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{9b}1A\u{7f}\u{8}\rover";

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn result(status: Status) -> TaskResult {
    let Value::Object(keys) = json!({
        "msg": EVIL, "stdout": EVIL, "stderr": format!("{EVIL}\nsecond"), "cmd": ["ls", EVIL], "rc": 1,
        "ansible_facts": { EVIL: EVIL }, "assertion": EVIL, "changed": true,
    }) else {
        unreachable!("it is an object")
    };
    let change = json!({ "what": EVIL, "before": EVIL, "after": "x", "before_header": EVIL });
    TaskResult {
        changes: vec![serde_json::from_value::<Change>(change).unwrap()],
        warnings: vec![EVIL.to_owned()],
        remedy: Some(EVIL.to_owned()),
        ..TaskResult::new(status, keys)
    }
}

/// One run in which a host says it everywhere.
fn run() -> Vec<EventKind> {
    let evil = || EVIL.to_owned();
    let host = || "h".to_owned();
    let place = Place { file: evil(), line: 1, column: 1 };
    let info = |id, module: &str| TaskInfo {
        id,
        name: evil(),
        written: Some(evil()),
        module: module.to_owned(),
        place: place.clone(),
        handler: false,
        check_mode: false,
        arguments: None,
    };
    let finished = |task, status| {
        let result = result(status);
        EventKind::HostFinished { task, host: host(), result, looped: false, rescued: false }
    };
    vec![
        EventKind::PlayStarted { name: evil(), hosts: vec![evil()], check_mode: false },
        EventKind::TaskStarted(info(1, "command")),
        EventKind::Applying { task: 1, host: host(), destroys: Some(evil()), approved_by: Some(evil()) },
        EventKind::Output { task: 1, host: host(), text: evil(), stderr: false },
        EventKind::Log { task: 1, host: host(), level: Level::Warning, text: evil() },
        EventKind::Contact { host: host(), text: evil() },
        EventKind::Progress { task: 1, host: host(), done: 1, total: None, unit: evil(), note: evil() },
        EventKind::ItemFinished { task: 1, host: host(), label: evil(), result: result(Status::Failed) },
        EventKind::Retrying { task: 1, host: host(), left: 1, result: result(Status::Failed) },
        EventKind::Included { task: 1, file: evil(), hosts: vec![evil()], label: Some(evil()) },
        EventKind::HandlerNotified { handler: evil(), host: host() },
        finished(1, Status::Changed),
        finished(1, Status::Failed),
        finished(1, Status::Unreachable),
        EventKind::TaskStarted(info(2, "debug")),
        finished(2, Status::Ok),
        EventKind::Warning { text: evil() },
    ]
}

fn display() -> Display {
    Display {
        verbosity: 2,
        skipped: true,
        ok: true,
        failed_to_stderr: false,
        check_markers: false,
        task_paths: true,
        per_host_start: true,
        meta: true,
        diff_context: 3,
        diff_limit: 0,
        yaml: false,
        pretty: None,
        custom_stats: false,
        check: false,
        origin: None,
    }
}

/// Returns what a reporter wrote of the run.
fn told(make: impl Fn(&Screen) -> Box<dyn Listener>) -> String {
    let screen = Screen::default();
    let mut reporter = make(&screen);
    for (seq, kind) in run().into_iter().enumerate() {
        reporter.event(&Event { seq: seq as u64, at: 0.0, kind });
    }
    drop(reporter);
    screen.text()
}

fn driving(text: &str) -> Vec<char> {
    let sent = |c: &char| (c.is_control() && !matches!(c, '\n' | '\t')) || *c == '\u{202e}';
    text.chars().filter(sent).collect()
}

fn assert_harmless(text: &str) {
    assert_eq!(driving(text), [], "{text}");
    assert!(text.contains("owned"), "{text}");
}

#[test]
fn our_own_view_shows_pictures_also_in_a_pipe() {
    let paint = Paint { colour: false };
    let view = |output, width| Box::new(Terminal::new(output, paint, 2, true, false).wrapped(width));
    let text = told(|screen| view(Output::new(screen.clone()), None));
    assert_harmless(&text);
    assert!(text.contains("␛[2J␛]0;owned␇"), "{text}");
    assert_harmless(&told(|screen| view(Output::terminal(screen.clone()), Some(60))));
}

#[test]
fn ansibles_view_shows_pictures_at_a_terminal_and_is_exact_in_a_pipe() {
    let paint = Paint { colour: false };
    let ansible = |screen: &Screen, open: fn(Screen) -> Output| {
        Ansible::new(open(screen.clone()), open(screen.clone()), paint, display())
    };
    let at_terminal: fn(Screen) -> Output = Output::terminal;
    let piped: fn(Screen) -> Output = Output::new;
    assert_harmless(&told(|screen| Box::new(ansible(screen, at_terminal))));
    assert_harmless(&told(|screen| Box::new(Minimal::new(ansible(screen, at_terminal), false))));
    assert_harmless(&told(|screen| Box::new(Minimal::new(ansible(screen, at_terminal), true))));
    assert!(told(|screen| Box::new(ansible(screen, piped))).contains(EVIL));
}

#[test]
fn colours_of_our_own_are_the_only_ones() {
    let paint = Paint { colour: true };
    let view = |screen: &Screen| Terminal::new(Output::terminal(screen.clone()), paint, 2, true, false);
    let text = told(|screen| Box::new(view(screen)));
    let without: Vec<&str> =
        text.split("\u{1b}[").map(|part| part.split_once('m').map_or(part, |p| p.1)).collect();
    assert_eq!(driving(&without.concat()), []);
    assert!(!text.contains("\u{1b}[2J"));
}

#[test]
fn lines_of_json_show_pictures_at_a_terminal() {
    let text = told(|screen| Box::new(JsonLines::new(Output::terminal(screen.clone()))));
    assert_harmless(&text);
}
