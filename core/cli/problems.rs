use std::io::IsTerminal as _;

use switchover_report::{Output, Terminal, plural};
use switchover_syntax::{Diagnostic, Severity};

use crate::exit;
use crate::voice::Voice;

/// Prints what is wrong with the user's files, each with its place and remedy.
pub fn print(problems: &[Diagnostic]) {
    tell(problems);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 && Voice::now() == Voice::Ours {
        line(&format!("{}; no host was touched", plural(errors, "error")));
    }
}

/// Prints what is wrong, and returns the exit code for it.
pub fn end(problems: &[Diagnostic], code: u8) -> u8 {
    print(problems);
    code
}

/// What Ansible does not find, and so has another exit code for than for what it cannot read.
const NOT_FOUND: [&str; 3] = ["role::not-found", "playbook::no-such-file", "options::no-such-file"];

/// Prints what is wrong with what is to be run, and returns the exit code for it.
pub fn end_plan(problems: &[Diagnostic]) -> u8 {
    let later = problems.first().is_some_and(|problem| NOT_FOUND.contains(&problem.code));
    let unparsed = problems.iter().any(|problem| problem.code == "inventory::unparsed");
    let is_error = unparsed || (later && Voice::now() == Voice::Ansible);
    end(problems, if is_error { exit::ERROR } else { exit::PLAN })
}

/// Prints a mistake that has no place in a file.
pub fn say(message: &str, help: Option<&str>) {
    if Voice::now() == Voice::Ansible {
        return tell(&[Diagnostic { help: help.map(str::to_owned), ..general("", message) }]);
    }
    plain(&format!("error: {message}"));
    if let Some(help) = help {
        plain(&format!("  help: {help}"));
    }
}

/// Returns whether to use colours on an output: a terminal, unless one of the variables for it says otherwise.
///
/// The variables speak before any configuration is read, so that its mistakes are told alike.
pub fn colour(terminal: bool) -> bool {
    let set = |name: &str| {
        let value = std::env::var(name).unwrap_or_default().to_lowercase();
        !matches!(value.as_str(), "" | "0" | "false" | "no" | "off" | "n" | "f")
    };
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if no_color || set("ANSIBLE_NOCOLOR") {
        return false;
    }
    // A dumb terminal shows codes for colours as letters.
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    (terminal && !dumb) || set("FORCE_COLOR") || set("ANSIBLE_FORCE_COLOR")
}

/// Returns an error that has no place in a file.
pub fn general(code: &'static str, message: impl Into<String>) -> Diagnostic {
    let message = message.into();
    Diagnostic { severity: Severity::Error, code, message, labels: Vec::new(), help: None }
}

/// Prints a warning that has no place in a file.
pub fn warn(text: &str) {
    let colour = Voice::now() == Voice::Ansible && colour(std::io::stderr().is_terminal());
    line(&painted(&format!("[WARNING]: {text}"), Severity::Warning, colour));
}

/// Prints what is wrong, without a word on whether hosts were touched.
pub fn tell(problems: &[Diagnostic]) {
    let colour = colour(std::io::stderr().is_terminal());
    for problem in problems {
        match Voice::now() {
            Voice::Ours => line(&problem.render(colour)),
            Voice::Ansible => line(&painted(&problem.render_origin(), problem.severity, colour)),
        }
    }
}

/// Returns a text in Ansible's colour for it, line by line.
fn painted(text: &str, severity: Severity, colour: bool) -> String {
    let code = match severity {
        Severity::Error => "0;31",
        Severity::Warning => "1;35",
    };
    let text = &Output::stderr().safe(text);
    let paint = |line: &str| format!("\u{1b}[{code}m{line}\u{1b}[0m");
    if colour { text.split('\n').map(paint).collect::<Vec<_>>().join("\n") } else { text.to_string() }
}

/// Prints a text without colours on standard error. On a terminal it is broken between words, but for commands: they are
/// there to be copied.
pub fn plain(text: &str) {
    let mut output = Output::stderr();
    let Some((columns, _)) = terminal_size::terminal_size_of(std::io::stderr()) else {
        return output.line(text);
    };
    for line in text.split('\n') {
        let word = line.split_whitespace().next().unwrap_or_default();
        if word.ends_with("switchover") {
            output.line(line);
        } else {
            Terminal::broken(line, usize::from(columns.0)).for_each(|part| output.line(&part));
        }
    }
}

/// Prints a line on standard error. When nobody reads there any more (a closed terminal), the work goes on.
fn line(text: &str) {
    Output::stderr().painted(text);
}
