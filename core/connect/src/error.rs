use std::path::PathBuf;

/// Why there is no session with a host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nothing answers, or not in time. Trying again may help.
    #[error("cannot reach {host}: {reason}")]
    Unreachable { host: String, reason: String },
    #[error(
        "the key of {host} is not known ({algorithm} {fingerprint}); when it is the right one, accept it with \
         --accept-new-host-keys, or add its line to {}",
        file.display()
    )]
    HostKeyUnknown { host: String, algorithm: String, fingerprint: String, file: PathBuf },
    #[error(
        "THE KEY OF {host} HAS CHANGED: it shows {shown}, but {}:{line} says {known}. Either the host was made \
         anew, or somebody sits in between. If it was made anew, remove that line",
        file.display()
    )]
    HostKeyChanged { host: String, file: PathBuf, line: usize, known: String, shown: String },
    #[error("the key of {host} ({fingerprint}) is marked as revoked in {}:{line}", file.display())]
    HostKeyRevoked { host: String, file: PathBuf, line: usize, fingerprint: String },
    #[error("{user}@{host} was not let in; tried: {}", tried.join("; "))]
    AuthenticationFailed { host: String, user: String, tried: Vec<String> },
    /// The commands of the host cannot be run as the wanted user.
    #[error("cannot become {user} with {method}: {problem}{}{}", named(*problem, method), shown(stderr))]
    Elevation { user: String, method: &'static str, problem: ElevationProblem, stderr: String },
    /// The program that makes one user another neither asks in the expected words nor lets the user in.
    #[error("{reason}")]
    NoAnswer { reason: String },
    /// The host was reached, but runs no usable shell.
    #[error("{host} gives no shell (exit code {}){}", code.map_or("unknown".to_owned(), |code| code.to_string()), shown(stderr))]
    NoShell { host: String, code: Option<i32>, stderr: String },
    #[error("{reason}")]
    Config { reason: String },
    #[error("cannot use {}: {reason}", file.display())]
    File { file: PathBuf, reason: String },
}

/// What kept a user from becoming another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElevationProblem {
    PasswordNeeded,
    WrongPassword,
    NotAllowed,
    NoSuchUser,
    ToolMissing,
    NeedsTerminal,
    Other,
}

impl std::fmt::Display for ElevationProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PasswordNeeded => "a password is needed and none was given (become password)",
            Self::WrongPassword => "the password is wrong",
            Self::NotAllowed => "the rules of the host do not allow it",
            Self::NoSuchUser => "there is no such user",
            Self::ToolMissing => "the tool is not installed",
            Self::NeedsTerminal => "the host demands a terminal for it (requiretty)",
            Self::Other => "it failed",
        })
    }
}

/// Ansible's words, which playbooks look for.
fn named(problem: ElevationProblem, method: &str) -> String {
    match problem {
        ElevationProblem::WrongPassword => format!(" (Incorrect {method} password)"),
        _ => String::new(),
    }
}

fn shown(stderr: &str) -> String {
    let text = stderr.trim();
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl ConnectError {
    /// Returns whether the same attempt may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
