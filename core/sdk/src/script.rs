//! Small scripts for `sh` whose data are arguments: one that looks and tells in sections, one that changes.
//!
//! A module that needs several programs of the host for one look writes a script, so that the look costs one round
//! trip. The text of a script is a constant; what differs from task to task comes as `$1`, `$2`... and is never read
//! by the shell.

use switchover_protocol::Failure;

use crate::{Command, Host};

/// Stands between the sections of a script's output (`\036` for printf). Programs do not write it.
pub const MARK: char = '\u{1e}';

/// The exit code by which a script says that its tool is not there.
pub const MISSING: i32 = 64;

/// Returns a script for `sh` with its data as `$1`, `$2`...
pub fn script<S: AsRef<str>>(text: &str, arguments: &[S]) -> Command {
    let fixed = ["sh", "-c", text, "sh"].into_iter();
    Command::new(fixed.chain(arguments.iter().map(AsRef::as_ref)).map(str::to_owned))
}

/// Runs a script that looks and returns its `N` sections, parted by [`MARK`]; the exit code [`MISSING`] means that
/// `tool` is missing.
pub fn look<const N: usize, S: AsRef<str>>(
    text: &str,
    arguments: &[S],
    tool: &str,
    host: &Host,
) -> Result<[String; N], Failure> {
    let output = host.exec(&script(text, arguments).reads())?;
    if output.rc == MISSING {
        return Err(missing(tool));
    }
    let text = output.stdout.to_text();
    let found: Vec<String> = sections(&text).into_iter().map(str::to_owned).collect();
    <[String; N]>::try_from(found).map_err(|_| {
        let stderr = output.stderr.to_text();
        Failure::new(format!("the host did not tell how it is: {}", stderr.trim()))
            .with("rc", output.rc)
            .with("stderr", stderr)
    })
}

/// Splits what a script wrote.
pub fn sections(text: &str) -> Vec<&str> {
    text.split(MARK).collect()
}

/// Returns what stands below the line `@NAME` of what a script printed, up to the next such line; empty when there is no
/// such line. For output in which a line that begins with `@` means nothing else.
pub fn section<'a>(said: &'a str, name: &str) -> &'a str {
    let head = format!("@{name}\n");
    let start =
        if said.starts_with(&head) { Some(0) } else { said.find(&format!("\n{head}")).map(|at| at + 1) };
    let Some(start) = start else { return "" };
    let rest = &said[start + head.len()..];
    if rest.starts_with('@') {
        return "";
    }
    rest.find("\n@").map_or(rest, |end| &rest[..=end])
}

/// Runs a program that changes something and returns its standard output; `msg` words its failure, from the end of what
/// it said.
pub fn change(command: &Command, msg: impl Fn(&str) -> String, host: &Host) -> Result<String, Failure> {
    let output = host.exec(command)?;
    let (stdout, stderr) = (output.stdout.to_text(), output.stderr.to_text());
    if output.rc == 0 {
        return Ok(stdout);
    }
    let said = if stderr.trim().is_empty() { &stdout } else { &stderr };
    Err(Failure::new(msg(said.trim()))
        .with("rc", output.rc)
        .with("stdout", stdout.clone())
        .with("stderr", stderr))
}

/// Returns the failure for a tool that the host does not have.
pub fn missing(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\" on the host"))
        .remedy(format!("install the package that has `{tool}`, or use another module"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_named_sections() {
        let said = "@a\n1\n2\n@b\n@c\n3\n";
        assert_eq!(section(said, "a"), "1\n2\n");
        assert_eq!(section(said, "b"), "");
        assert_eq!(section(said, "c"), "3\n");
        assert_eq!(section(said, "d"), "");
    }
}
