use switchover_sdk::prelude::*;

/// Stands between the sections of a script's output. Programs do not write it.
pub const MARK: char = '\u{1e}';

/// The exit code by which a script says that its tool is not there.
pub const MISSING: i32 = 64;

/// Returns a script for `sh` with its data as `$1`, `$2`...
pub fn script<S: AsRef<str>>(text: &str, arguments: &[S]) -> Command {
    let fixed = ["sh", "-c", text, "sh"].into_iter();
    Command::new(fixed.chain(arguments.iter().map(AsRef::as_ref)).map(str::to_owned))
}

/// Splits what a script wrote.
pub fn sections(text: &str) -> Vec<&str> {
    text.split(MARK).collect()
}

/// The failure for a tool that the host does not have.
pub fn missing(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\" on the host"))
        .remedy(format!("install the package that has `{tool}`"))
}
