use std::io::{self, Write};

/// Prints a line.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    // There is nowhere to report a broken output to.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints without ending the line.
pub fn ask(text: &str) {
    let mut out = io::stdout().lock();
    // There is nowhere to report a broken output to.
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a line on stderr.
pub fn complain(text: &str) {
    // There is nowhere to report a broken output to.
    let _ = writeln!(io::stderr(), "{text}");
}

/// An error and all its causes in one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
