use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use switchover_engine::{ApprovalRequest, Operator, Word};
use switchover_syntax::harmless;

use crate::approve;
use crate::waits::Wait;

/// The person at the terminal: questions go to standard error, answers come from standard input.
///
/// Where nobody is at a terminal, words may come from another one (`switchover approve`), for a while.
pub struct TerminalOperator {
    pub name: String,
    /// Where words from outside are put.
    pub words: Option<PathBuf>,
    /// The run that waits.
    pub run: String,
    /// How long it waits for a word.
    pub patience: Duration,
    /// What was begun before needs a word that was given after this, in seconds since 1970.
    pub interrupted: f64,
    /// The run stops: nobody waits for an answer any more.
    pub left: AtomicBool,
}

/// Returns whether somebody is at the terminal to be asked.
pub fn is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// How soon a stop of the run is seen while an answer is waited for.
const LOOK_FOR_STOP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// In this time a signal has been heard.
const SIGNALS: Duration = Duration::from_millis(100);

/// How often it is looked for words from outside.
const LOOK: Duration = Duration::from_millis(300);

impl TerminalOperator {
    fn word(&self, given: bool) -> Word {
        Word { given, by: self.name.clone(), how: "terminal", why: None }
    }

    /// Looks for a word from another terminal; where nobody is at this one, waits for it.
    fn outside(&self, wanted: &Wait, since: f64) -> Option<Word> {
        let host = wanted.host.as_deref();
        let folder = self.words.as_ref()?;
        let begun = Instant::now();
        let wait = !is_there() && !self.patience.is_zero();
        let mut told = false;
        loop {
            let fits = |word: &approve::Word| {
                let here = word.host.is_none() || word.host.as_deref() == host;
                here && word.at > since && wanted.is_called(&word.step)
            };
            if let Some(word) = approve::words(folder).into_iter().find(fits) {
                wanted.remove(folder);
                return Some(Word { given: true, by: word.by, how: "switchover approve", why: word.why });
            }
            if !told {
                wanted.put(folder);
            }
            if !wait || begun.elapsed() >= self.patience || self.left.load(Ordering::SeqCst) {
                return None;
            }
            if !told {
                let said = format!("{}{}", wanted.task(), wanted.loss());
                let (within, command) = (self.patience.as_secs_f64(), wanted.command(&self.run));
                eprintln!(
                    "\n{}\nwaiting up to {} for a word; from another terminal:\n    {command}",
                    harmless(&said),
                    switchover_report::duration(within)
                );
                told = true;
            }
            std::thread::sleep(LOOK);
        }
    }

    fn wanted(&self, step: &str, names: &[&str], host: Option<&str>, what: &str) -> Wait {
        let (since, names) = (switchover_engine::now(), names.iter().map(|&name| name.to_owned()).collect());
        let until = if is_there() { f64::MAX } else { since + self.patience.as_secs_f64() };
        let (host, what) = (host.map(str::to_owned), what.to_owned());
        Wait { step: step.to_owned(), names, host, what, since, until }
    }

    /// What was answered is waited for no longer.
    fn answered(&self, wanted: &Wait, word: Word) -> Word {
        if let Some(folder) = self.words.as_ref().filter(|_| word.given) {
            wanted.remove(folder);
        }
        word
    }

    /// Asks for a line, when it is the question's turn; `seen` tells whether what is typed is to be seen.
    fn line(&self, question: &str, seen: bool) -> Option<String> {
        switchover_report::asking(|| self.put(question, seen))
    }

    /// Asks for a word that permits something; what was typed before the question was read is none.
    fn word_for(&self, question: &str) -> Option<String> {
        forget_typed();
        self.put(question, true)
    }

    fn put(&self, question: &str, seen: bool) -> Option<String> {
        if self.left.load(Ordering::SeqCst) {
            return None;
        }
        let _unseen = if seen { None } else { Some(Unseen::begin()?) };
        // What a module found on a host must not drive the terminal.
        write!(std::io::stderr(), "{}", harmless(question)).and_then(|()| std::io::stderr().flush()).ok()?;
        self.answer()
    }

    /// Reads a line, unless the run is stopped before it comes. At the end of the input nobody is there any more.
    fn answer(&self) -> Option<String> {
        let (input, mut line) = (rustix::stdio::stdin(), Vec::new());
        loop {
            if self.left.load(Ordering::SeqCst) {
                // What was typed is no answer to whoever asks next.
                forget_typed();
                return None;
            }
            let mut fds = [PollFd::new(&input, PollFlags::IN)];
            match poll(&mut fds, Some(&LOOK_FOR_STOP)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(_) => return None,
            }
            let mut byte = [0];
            match rustix::io::read(input, &mut byte) {
                Ok(0) if line.is_empty() => return None,
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                Ok(_) => line.push(byte[0]),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return None,
            }
        }
        // A Ctrl-C typed before the answer comes as a signal, which may be heard a little later.
        std::thread::sleep(SIGNALS);
        if self.left.load(Ordering::SeqCst) {
            return None;
        }
        Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }
}

fn forget_typed() {
    // It fails when the terminal is gone, and nothing was typed there then.
    tcflush(rustix::stdio::stdin(), QueueSelector::IFlush).ok();
}

/// What is typed is not shown, until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> Option<Self> {
        let input = rustix::stdio::stdin();
        let before = tcgetattr(input).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        // The end of the line is, so that what follows does not stand behind the question.
        quiet.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(input, OptionalActions::Now, &quiet).ok()?;
        Some(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // It fails when the terminal is gone.
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0).ok();
    }
}

impl Operator for TerminalOperator {
    fn approve(&self, request: &ApprovalRequest) -> Option<Word> {
        let ApprovalRequest { host, task, module, step, what, findings, anew } = request;
        let since = if *anew { self.interrupted } else { 0.0 };
        let wanted = self.wanted(step, &[task, module], Some(host), what);
        let outside = self.outside(&wanted, since);
        if outside.is_some() || !is_there() {
            return outside;
        }
        let found: String = findings.iter().map(|finding| format!("    {finding}\n")).collect();
        let question = format!(
            "\n{task} ({module}) on {host} destroys:\n    {what}\n{found}Type the host's name to permit it, or \
             anything else to stop: "
        );
        switchover_report::asking(|| {
            // It may have come while others were asked.
            if let Some(word) = self.outside(&wanted, since) {
                return Some(word);
            }
            let answer = self.word_for(&question)?;
            Some(self.answered(&wanted, self.word(answer.trim() == host)))
        })
    }

    fn confirm(&self, id: &str, question: &str) -> Option<Word> {
        let wanted = self.wanted(id, &[], None, question);
        let outside = self.outside(&wanted, 0.0);
        if outside.is_some() || !is_there() {
            return outside;
        }
        let question = format!("\n{question}\nType yes to confirm, or anything else to stop: ");
        let answer = switchover_report::asking(|| self.word_for(&question))?;
        let yes = matches!(answer.trim().to_lowercase().as_str(), "yes" | "y");
        Some(self.answered(&wanted, self.word(yes)))
    }

    fn leave(&self) {
        self.left.store(true, Ordering::SeqCst);
    }

    fn ask(&self, question: &str, secret: bool) -> Option<String> {
        if !is_there() {
            return None;
        }
        self.line(&format!("{question}: "), !secret)
    }
}
