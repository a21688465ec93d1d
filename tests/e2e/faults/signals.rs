//! The update of an Alation pair that is asked to stop, at every event of its life.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::figures::Figures;
use super::moments;
use super::update::{Undisturbed, compare, finish, is_complete, run_of};
use crate::alation::pair::Pair;
use crate::scenario::Scenario;

/// How a run is asked to stop.
#[derive(Clone, Copy, Debug)]
enum Word {
    Interrupt,
    InterruptTwice,
    Terminate,
    HangUp,
    ClosedTerminal,
}

const WORDS: [Word; 5] =
    [Word::Interrupt, Word::InterruptTwice, Word::Terminate, Word::HangUp, Word::ClosedTerminal];

impl Word {
    fn give(self, child: &mut Child) {
        let send = |signal: &str| {
            // It may have ended meanwhile.
            drop(Command::new("kill").args([signal, &child.id().to_string()]).output());
        };
        match self {
            Self::Interrupt => send("-INT"),
            Self::InterruptTwice => {
                send("-INT");
                std::thread::sleep(Duration::from_millis(50));
                send("-INT");
            }
            Self::Terminate => send("-TERM"),
            Self::HangUp => send("-HUP"),
            // The terminal's own end: the system tells those who have it.
            Self::ClosedTerminal => send("-KILL"),
        }
    }
}

/// Returns the run at a terminal of its own, which is gone when this process is.
fn at_a_terminal(scenario: &Scenario) -> Command {
    let run = scenario.command();
    let words = std::iter::once(run.get_program()).chain(run.get_args());
    let quoted: Vec<String> =
        words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"))).collect();
    let mut command = Command::new("script");
    command.args(["-qec", &quoted.join(" "), "/dev/null"]).current_dir(run.get_current_dir().unwrap());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs it until so many events were told, asks it to stop, and waits for its end; returns whether it was at work.
fn asked_after(scenario: &Scenario, events: usize, word: Word) -> bool {
    let mut command = match word {
        Word::ClosedTerminal => at_a_terminal(scenario),
        _ => scenario.command(),
    };
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let read = lines.by_ref().take(events).count();
    word.give(&mut child);
    lines.for_each(drop);
    child.wait().unwrap();
    // Who is not waited for by this process: a run whose terminal was closed.
    while scenario.tell(&["runs"]).stdout.contains("under way") {
        std::thread::sleep(Duration::from_millis(100));
    }
    read == events
}

#[test]
fn an_update_that_is_asked_to_stop_at_any_event_comes_out_the_same() {
    let whole = Undisturbed::run();
    let figures = Figures::of("update, asked to stop by one of five signals");
    moments::each(&moments::of("signal", whole.events - 1, 3), |event| {
        let pair = Pair::start(&[]);
        let scenario = run_of(&pair);
        let word = WORDS[event % WORDS.len()];
        if asked_after(&scenario, event, word) && !is_complete(&scenario) {
            figures.tried();
            let when = format!("{word:?} after event {event}");
            finish(&scenario, &when, &figures);
            compare(&pair, &whole, &when, &figures);
        }
    });
    figures.settle(2);
}
