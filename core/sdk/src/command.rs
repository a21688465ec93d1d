use switchover_protocol::{Bytes, Exec, Program};

use crate::expand::{expanded_word, expands};

/// A program to run on the host. Arguments are never interpreted by a shell.
///
/// ```
/// use switchover_sdk::Command;
/// let query = Command::new(["rpm", "-q", "alation"]).reads();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub(crate) exec: Exec,
}

impl Command {
    /// Runs a program with these arguments.
    pub fn new<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self::from_program(Program::Argv(argv.into_iter().map(Into::into).collect()))
    }

    /// Runs a program after `~` and `$NAME` in its arguments were replaced on the host; what is not set stays.
    /// Nothing else of a shell's language is interpreted.
    pub fn expanding<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        let argv: Vec<String> = argv.into_iter().map(Into::into).collect();
        if !argv.iter().any(|argument| expands(argument)) {
            return Self::new(argv);
        }
        let words: Vec<String> = argv.iter().map(|argument| expanded_word(argument)).collect();
        Self::new(["sh".to_owned(), "-c".to_owned(), format!("exec {}", words.join(" "))])
    }

    /// Runs text in `sh`. Data must not become part of the text: pass it as an argument, a variable or input.
    pub fn shell(text: impl Into<String>) -> Self {
        Self::from_program(Program::Shell { text: text.into(), executable: None })
    }

    /// Runs text in another shell.
    pub fn shell_in(text: impl Into<String>, executable: impl Into<String>) -> Self {
        Self::from_program(Program::Shell { text: text.into(), executable: Some(executable.into()) })
    }

    fn from_program(program: Program) -> Self {
        Self { exec: Exec { program, ..Exec::default() } }
    }

    /// The author's word that this changes nothing, so that it may run in `check`.
    pub fn reads(mut self) -> Self {
        self.exec.reads = true;
        self
    }

    /// Gives standard input.
    pub fn stdin(mut self, input: impl Into<Bytes>) -> Self {
        self.exec.stdin = Some(input.into());
        self
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        if let Program::Argv(argv) = &mut self.exec.program {
            argv.push(argument.into());
        }
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.exec.env.insert(name.into(), value.into());
        self
    }

    /// Runs in this folder.
    pub fn cwd(mut self, folder: impl Into<String>) -> Self {
        self.exec.cwd = Some(folder.into());
        self
    }

    /// Ends it and its children after this many seconds.
    pub fn timeout(mut self, seconds: u64) -> Self {
        self.exec.timeout = Some(seconds);
        self
    }

    /// Shows the output as it comes.
    pub fn live(mut self) -> Self {
        self.exec.live = true;
        self
    }

    /// Returns the folder it runs in, when one was set.
    pub fn folder(&self) -> Option<&str> {
        self.exec.cwd.as_deref()
    }

    /// Returns the program as a host call, for [`Host::many`](crate::Host::many).
    pub fn into_exec(self) -> Exec {
        self.exec
    }

    /// Returns the program as one line, for messages.
    pub fn display(&self) -> String {
        match &self.exec.program {
            Program::Argv(argv) => argv.join(" "),
            Program::Shell { text, .. } => text.clone(),
        }
    }
}
