//! Becoming another user: the command that starts a shell as that user, and what its failures mean.

use std::time::Duration;

use crate::quote::quote;
use crate::{ElevationProblem, Secret};

/// The user to become, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elevation {
    pub method: Method,
    pub user: String,
    pub password: Option<Secret>,
    /// The program, when it is not the method's name found in `PATH`.
    pub exe: Option<String>,
    /// Options for the program instead of the usual ones, split at blanks.
    pub flags: Option<String>,
    /// The words in which `su` asks for the password; none: whatever ends in a colon asks.
    pub prompts: Vec<String>,
    /// How long the program may take to ask and to let the user in.
    pub timeout: Duration,
}

/// Wrong passwords are answered late on purpose.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The program that makes one user another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Sudo,
    Su,
    Doas,
}

impl Method {
    /// Returns the name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Su => "su",
            Self::Doas => "doas",
        }
    }
}

impl Elevation {
    /// Returns the usual way to become root by a method, without a password.
    pub fn by(method: Method) -> Self {
        Self {
            method,
            user: "root".to_owned(),
            password: None,
            exe: None,
            flags: None,
            prompts: Vec::new(),
            timeout: START_TIMEOUT,
        }
    }

    /// Returns the words that run `script` with `/bin/sh -c` as the user, quoted for a POSIX shell. With a
    /// password, `prompt` is what the program shows when it wants it (`su` has its own words).
    pub(crate) fn command(&self, script: &[u8], prompt: &str) -> Vec<u8> {
        let mut words = vec![quote(self.exe.as_deref().unwrap_or(self.method.name()).as_bytes())];
        let flags = self.flags.as_deref().unwrap_or_default().split_whitespace();
        words.extend(
            flags.filter(|flag| self.password.is_none() || *flag != "-n").map(|flag| quote(flag.as_bytes())),
        );
        let mut add = |word: &str| words.push(quote(word.as_bytes()));
        match self.method {
            Method::Sudo => {
                if self.flags.is_none() {
                    add("-H");
                }
                match self.password {
                    Some(_) => ["-S", "-p", prompt].into_iter().for_each(&mut add),
                    None => add("-n"),
                }
                ["-u", &self.user, "--", "/bin/sh", "-c"].into_iter().for_each(&mut add);
                words.push(quote(script));
            }
            Method::Su => {
                ["-s", "/bin/sh", "-c"].into_iter().for_each(&mut add);
                words.push(quote(script));
                words.push(quote(self.user.as_bytes()));
            }
            Method::Doas => {
                if self.password.is_none() {
                    add("-n");
                }
                ["-u", &self.user, "/bin/sh", "-c"].into_iter().for_each(&mut add);
                words.push(quote(script));
            }
        }
        words.join(&b' ')
    }

    /// Returns whether the program takes the password from a terminal only.
    pub(crate) fn needs_terminal(&self) -> bool {
        self.method == Method::Doas && self.password.is_some()
    }

    /// Returns whether this output of the program asks for the password.
    pub(crate) fn asks(&self, output: &[u8], prompt: &str) -> bool {
        match self.method {
            Method::Sudo => output.windows(prompt.len()).any(|window| window == prompt.as_bytes()),
            // The words are translated; what they share is that they end in a colon, and wait.
            Method::Su | Method::Doas => {
                let text = String::from_utf8_lossy(output).to_lowercase();
                let Some(said) = [':', '：'].iter().find_map(|colon| text.trim_end().strip_suffix(*colon))
                else {
                    return false;
                };
                let ends_so = |prompt: &String| said.trim_end().ends_with(&prompt.to_lowercase());
                self.prompts.is_empty() || self.prompts.iter().any(ends_so)
            }
        }
    }
}

/// Returns what kept the program from doing its work, by its exit code and what it said.
pub(crate) fn problem(stderr: &str, code: Option<i32>) -> ElevationProblem {
    let says = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if says(&["you must have a tty", "must be run from a terminal", "a tty is required"]) {
        ElevationProblem::NeedsTerminal
    } else if says(&[
        "incorrect password attempt",
        "Sorry, try again",
        "Authentication failure",
        "Authentication failed",
        "incorrect password",
    ]) {
        ElevationProblem::WrongPassword
    } else if says(&[
        "password is required",
        "no password was provided",
        "Authentication required",
        "Authentication token",
    ]) {
        ElevationProblem::PasswordNeeded
    } else if says(&["unknown user", "does not exist", "unknown login"]) {
        ElevationProblem::NoSuchUser
    } else if says(&[
        "not in the sudoers",
        "is not allowed to",
        "may not run sudo",
        "Operation not permitted",
        "not enabled",
    ]) {
        ElevationProblem::NotAllowed
    } else if code == Some(127) || says(&["command not found"]) {
        ElevationProblem::ToolMissing
    } else {
        ElevationProblem::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elevation(method: Method, password: Option<&str>, flags: Option<&str>) -> Elevation {
        let (password, flags) = (password.map(Secret::from), flags.map(str::to_owned));
        Elevation { user: "app".to_owned(), password, flags, ..Elevation::by(method) }
    }

    #[test]
    fn su_asks_in_the_words_that_are_expected_of_it() {
        let mut su = elevation(Method::Su, Some("pw"), None);
        assert!(su.asks(b"Passwort: ", ""));
        assert!(!su.asks(b"Passwort", ""));
        su.prompts = vec!["password".to_owned(), "\u{53e3}\u{4ee4}".to_owned()];
        assert!(su.asks(b"app's Password: ", ""));
        assert!(su.asks("\u{53e3}\u{4ee4}\u{ff1a}".as_bytes(), ""));
        assert!(!su.asks(b"Passwort: ", ""));
    }

    fn command(elevation: &Elevation) -> String {
        String::from_utf8(elevation.command(b"loop", "PROMPT")).unwrap()
    }

    #[test]
    fn the_password_is_never_part_of_the_command() {
        let plain = command(&elevation(Method::Sudo, None, None));
        assert_eq!(plain, "'sudo' '-H' '-n' '-u' 'app' '--' '/bin/sh' '-c' 'loop'");
        let asked = command(&elevation(Method::Sudo, Some("pw"), Some("-E -n")));
        assert_eq!(asked, "'sudo' '-E' '-S' '-p' 'PROMPT' '-u' 'app' '--' '/bin/sh' '-c' 'loop'");
        assert_eq!(
            command(&elevation(Method::Su, Some("pw"), None)),
            "'su' '-s' '/bin/sh' '-c' 'loop' 'app'"
        );
    }

    #[test]
    fn failures_are_told_apart() {
        let cases = [
            ("sudo: a password is required\n", 1, ElevationProblem::PasswordNeeded),
            ("Sorry, try again.\nsudo: no password was provided\n", 1, ElevationProblem::WrongPassword),
            ("bob is not in the sudoers file.\n", 1, ElevationProblem::NotAllowed),
            ("sudo: unknown user nobdy\n", 1, ElevationProblem::NoSuchUser),
            ("sudo: sorry, you must have a tty to run sudo\n", 1, ElevationProblem::NeedsTerminal),
            ("sh: 1: exec: sudo: not found\n", 127, ElevationProblem::ToolMissing),
            ("su: Authentication failure\n", 1, ElevationProblem::WrongPassword),
            ("bang\n", 3, ElevationProblem::Other),
        ];
        for (stderr, code, expected) in cases {
            assert_eq!(problem(stderr, Some(code)), expected, "{stderr}");
        }
    }
}
