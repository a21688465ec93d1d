use std::io::IsTerminal as _;

use switchover_report::plural;
use switchover_syntax::{Diagnostic, Severity};

/// Prints what is wrong with the user's files, each with its place and remedy.
pub fn print(problems: &[Diagnostic]) {
    let colour = colour(std::io::stderr().is_terminal());
    for problem in problems {
        eprintln!("{}", problem.render(colour));
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 {
        eprintln!("{}; no host was touched", plural(errors, "error"));
    }
}

/// Prints a mistake that has no place in a file.
pub fn say(message: &str, help: Option<&str>) {
    eprintln!("error: {message}");
    if let Some(help) = help {
        eprintln!("  help: {help}");
    }
}

/// Returns whether to use colours on an output: a terminal, unless NO_COLOR says no or a FORCE_COLOR yes.
pub fn colour(terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR") || set("ANSIBLE_NOCOLOR") {
        return false;
    }
    terminal || set("FORCE_COLOR") || set("ANSIBLE_FORCE_COLOR")
}
