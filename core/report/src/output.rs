use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use switchover_syntax::harmless;

use crate::asking::{Standard, hold};

/// Where a reporter writes. When the reader is gone, writing goes quiet.
pub struct Output {
    to: Option<Box<dyn Write + Send>>,
    terminal: bool,
    /// What is written goes into the log, too, when there is one.
    logged: bool,
    /// Which of the program's own streams it is.
    standard: Option<Standard>,
}

impl Output {
    /// Writes there, for programs: every character as it is.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self { to: Some(Box::new(to)), terminal: false, logged: false, standard: None }
    }

    /// Writes there, for people: what hosts say must not drive their terminal.
    pub fn terminal(to: impl Write + Send + 'static) -> Self {
        Self { terminal: true, ..Self::new(to) }
    }

    /// Writes to standard output, which may be a terminal.
    pub fn stdout() -> Self {
        let (terminal, standard) = (std::io::stdout().is_terminal(), Some(Standard::Output));
        Self { terminal, logged: true, standard, ..Self::new(std::io::stdout()) }
    }

    /// Writes to standard error, which may be a terminal.
    pub fn stderr() -> Self {
        let (terminal, standard) = (std::io::stderr().is_terminal(), Some(Standard::Error));
        Self { terminal, logged: true, standard, ..Self::new(std::io::stderr()) }
    }

    /// Returns a text as it may be written here.
    pub fn safe<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.terminal { harmless(text) } else { Cow::Borrowed(text) }
    }

    /// Writes one line at once.
    pub fn line(&mut self, text: &str) {
        let text = self.safe(text);
        self.painted(&text);
    }

    /// Writes one line that is [safe](Self::safe) and may have colours.
    pub fn painted(&mut self, text: &str) {
        if self.logged {
            crate::log::note(text);
        }
        if self.terminal && self.standard.is_some_and(|standard| hold(standard, text)) {
            return;
        }
        let Some(to) = &mut self.to else { return };
        if writeln!(to, "{text}").and_then(|()| to.flush()).is_err() {
            self.to = None;
        }
    }
}

/// Tells on standard error that something of the output could not be written.
pub fn complain(text: &str) {
    Output::stderr().line(&format!("[WARNING]: {text}"));
}
