mod look;
mod requirement;
mod version;

use switchover_sdk::prelude::*;
use switchover_sdk::{Level, from_value};

use crate::tool::{failed, missing, put_output};
use look::Seen;
use requirement::Requirement;

#[derive(Params)]
pub struct PipParams {
    /// Packages: `six`, `six>=1.0`, an address or a path.
    pub name: Option<Vec<String>>,
    /// The version of the one package that `name` names.
    pub version: Option<String>,
    /// A file of requirements on the host.
    pub requirements: Option<String>,
    /// What should be: there, there in the newest version, installed again, or gone.
    #[param(default = "present")]
    pub state: State,
    /// The virtual environment; made when it is not there.
    pub virtualenv: Option<HostPath>,
    /// What makes it.
    #[param(default = "virtualenv")]
    pub virtualenv_command: HostPath,
    /// The Python of a new virtual environment.
    pub virtualenv_python: Option<String>,
    /// Lets a new virtual environment use the host's packages.
    #[param(default = false)]
    pub virtualenv_site_packages: bool,
    /// The `pip` to use.
    pub executable: Option<HostPath>,
    /// More arguments for pip.
    pub extra_args: Option<String>,
    /// Installs in editable mode.
    #[param(default = false)]
    pub editable: bool,
    /// Runs in this folder.
    pub chdir: Option<HostPath>,
    /// The umask for what is installed.
    pub umask: Option<String>,
    /// Changes a Python that the host's package manager manages.
    #[param(default = false)]
    pub break_system_packages: bool,
}

#[derive(Choice, PartialEq, Eq, Clone, Copy)]
pub enum State {
    Absent,
    Forcereinstall,
    Latest,
    Present,
}

pub struct Pip;

/// Runs a program. `$1` umask or nothing, `$2` folder or nothing, `$3` whether the host's packages may break.
const RUN: &str = r#"[ -z "$1" ] || umask "$1" || exit
[ -z "$2" ] || cd -- "$2" || exit
[ -z "$3" ] || export PIP_BREAK_SYSTEM_PACKAGES=1
shift 3
export LC_ALL=C.UTF-8
exec "$@""#;

impl Module for Pip {
    type Params = PipParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.pip",
        aliases: &["pip"],
        summary: "Keeps Python packages.",
        long: true,
        mutually_exclusive: &[&["name", "requirements"], &["executable", "virtualenv"]],
        required_one_of: &[&["name", "requirements"]],
        examples: &[
            (
                "In a virtual environment",
                "pip: { name: 'flask>=3', virtualenv: /srv/app/venv, virtualenv_command: python3 -m venv }",
            ),
            (
                "From a file",
                "ansible.builtin.pip: { requirements: /srv/app/requirements.txt, executable: pip3 }",
            ),
        ],
        returns: &[
            ("cmd", "the program with its arguments"),
            ("name", "as asked"),
            ("requirements", "as asked"),
            ("version", "as asked"),
            ("virtualenv", "as asked"),
            ("state", "as asked"),
            ("stdout", "what pip said"),
            ("stderr", "what pip complained of"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PipParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        if params.requirements.is_none() && params.names().is_empty() {
            host.log(Level::Warning, "No valid name or requirements file found.")?;
            return Ok(Delta::none());
        }
        let seen = Seen::read(&host.output(&look::command(params, host.about.python()))?);
        let pip = params.pip(&seen)?;
        let argv = params.argv(&pip)?;
        let mut changes = Vec::new();
        if let Some(path) = params.virtualenv.as_ref().filter(|_| !seen.environment) {
            changes.push(Change { what: path.0.clone(), after: json!("made"), ..Change::default() });
        }
        let sure = params.compare(&seen, &mut changes)?;
        let state = json!({ "argv": argv, "make": params.virtualenv.is_some() && !seen.environment });
        let mut result = params.result(&argv);
        if !changes.is_empty() {
            return Ok(Delta::changes(changes).with_result(json!(result)).with_state(state));
        }
        if !sure {
            return Ok(Delta::unknown().with_state(state));
        }
        put_output(&mut result, &ExecOutput::default());
        Ok(Delta::none_with(json!(result)))
    }

    fn apply(params: &PipParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let state = delta.state();
        let made = state["make"] == json!(true);
        if made {
            params.make_environment(host)?;
        }
        let argv: Vec<String> = from_value(state["argv"].clone()).unwrap_or_default();
        let output = host.exec(&params.run(&argv).live())?;
        let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
        let gone = params.state == State::Absent && format!("{stdout}{stderr}").contains("not installed");
        if output.rc != 0 && !gone {
            let failure = failed(format!("stdout: {stdout}\n:stderr: {stderr}"), &output);
            return Err(failure.with("cmd", json!(argv)));
        }
        let word =
            if params.state == State::Absent { "Successfully uninstalled" } else { "Successfully installed" };
        let mut result = params.result(&argv);
        put_output(&mut result, &output);
        Ok(Outcome { changed: made || stdout.contains(word), result, ..Outcome::default() })
    }
}

impl PipParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        if self.version.is_some() && self.names().len() > 1 {
            return Err(Failure::arguments(
                "'version' argument is ambiguous when installing multiple package distributions. Please specify \
                 version restrictions next to each package in 'name' argument.",
            ));
        }
        let umask = self.umask.as_deref().unwrap_or("022");
        if u32::from_str_radix(umask, 8).is_err() {
            return Err(Failure::arguments("umask must be an octal integer"));
        }
        match self.names().iter().find(|name| name.starts_with('-')) {
            Some(name) => Err(Failure::arguments(format!("{name:?} cannot be the name of a package"))),
            None => Ok(()),
        }
    }

    /// Returns the packages, each as one word. A comma parts packages only before another name.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for part in self.name.iter().flatten().flat_map(|name| name.split(',')).map(str::trim) {
            let goes_on = part.starts_with(['<', '>', '=', '!', '~', '.'])
                || names.last().is_some_and(|last| open(last));
            match names.last_mut() {
                Some(last) if goes_on => *last = format!("{last},{part}"),
                _ if part.is_empty() => {}
                _ => names.push(part.to_owned()),
            }
        }
        names
    }

    fn words(&self) -> Vec<String> {
        let names = self.names();
        match (&self.version, names.as_slice()) {
            (Some(version), [name]) if version.starts_with(['<', '>', '=', '!', '~']) => {
                vec![format!("{name}{version}")]
            }
            (Some(version), [name]) => vec![format!("{name}=={version}")],
            _ => names,
        }
    }

    fn pip(&self, seen: &Seen) -> Result<Vec<String>, Failure> {
        match &self.virtualenv {
            Some(path) if seen.pip.is_empty() => {
                Ok(vec![format!("{}/bin/pip3", path.0.trim_end_matches('/'))])
            }
            _ if seen.pip.is_empty() => Err(missing(self.executable.as_deref().unwrap_or("pip3"))),
            _ => Ok(seen.pip.clone()),
        }
    }

    fn argv(&self, pip: &[String]) -> Result<Vec<String>, Failure> {
        let action: &[&str] = match self.state {
            State::Absent => &["uninstall", "-y"],
            State::Forcereinstall => &["install", "-U", "--force-reinstall"],
            State::Latest => &["install", "-U"],
            State::Present => &["install"],
        };
        let mut argv = pip.to_vec();
        argv.extend(action.iter().map(|word| (*word).to_owned()));
        argv.extend(split_words(self.extra_args.as_deref().unwrap_or_default())?);
        let words = self.words();
        for word in words {
            argv.extend((self.editable && self.state != State::Absent).then(|| "-e".to_owned()));
            argv.push(word);
        }
        if let Some(file) = &self.requirements {
            argv.extend(["-r".to_owned(), file.clone()]);
        }
        Ok(argv)
    }

    /// Adds what would change; returns whether that is all.
    fn compare(&self, seen: &Seen, changes: &mut Vec<Change>) -> Result<bool, Failure> {
        let mut sure = self.state != State::Latest;
        let mut words = self.words();
        if self.requirements.is_some() {
            // A file that is not there is for pip to complain of.
            sure &= !seen.requirements.is_empty();
            words.extend(seen.requirements.iter().cloned());
        }
        for word in words {
            let Some(requirement) = Requirement::read(&word).filter(|_| !self.editable) else {
                sure = false;
                continue;
            };
            let version = seen.version(&requirement.name);
            let change = match (self.state, version) {
                (State::Absent, None) => None,
                (State::Absent, Some(version)) => Some((json!(version), Value::Null)),
                (State::Forcereinstall, _) => Some((json!(version), json!("installed again"))),
                (_, Some(version)) if requirement.allows(version) => None,
                (_, version) => Some((json!(version), json!(word))),
            };
            if let Some((before, after)) = change {
                changes.push(Change { what: requirement.name, before, after, ..Change::default() });
            }
        }
        Ok(sure)
    }

    fn run(&self, argv: &[String]) -> Command {
        let umask = self.umask.as_deref().unwrap_or_default();
        let folder = self.chdir.as_deref().unwrap_or_default();
        let breaks = if self.break_system_packages { "yes" } else { "" };
        let head = ["sh", "-c", RUN, "sh", umask, folder, breaks].map(str::to_owned);
        Command::new(head.into_iter().chain(argv.iter().cloned()))
    }

    fn make_environment(&self, host: &Host) -> Result<(), Failure> {
        let path = self.virtualenv.as_deref().unwrap_or_default();
        let mut argv = split_words(&self.virtualenv_command)?;
        argv.extend(self.virtualenv_site_packages.then(|| "--system-site-packages".to_owned()));
        argv.extend(self.virtualenv_python.iter().flat_map(|python| ["-p".to_owned(), python.clone()]));
        argv.push(path.to_owned());
        let output = host.exec(&self.run(&argv))?;
        if output.rc == 127 {
            return Err(missing(&argv[0]).remedy("virtualenv_command: python3 -m venv"));
        }
        if output.rc != 0 {
            let msg = format!("stdout: {}\n:stderr: {}", output.stdout.to_text(), output.stderr.to_text());
            return Err(failed(msg, &output).with("cmd", json!(argv)));
        }
        Ok(())
    }

    fn result(&self, argv: &[String]) -> Map {
        let name = self.name.as_ref().map(|_| self.names());
        let pairs = [
            ("cmd", json!(argv)),
            ("name", json!(name)),
            ("requirements", json!(self.requirements)),
            ("version", json!(self.version)),
            ("virtualenv", json!(self.virtualenv.as_deref())),
            ("state", json!(self.state.word())),
        ];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// Returns whether a bracket is still open: extras are parted by commas too.
fn open(word: &str) -> bool {
    word.contains('[') && !word.contains(']')
}

/// Splits text into words; quotes keep blanks.
fn split_words(text: &str) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return Err(Failure::arguments(format!("a quote is not closed: {text}")));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests;
