use switchover_sdk::prelude::*;

/// Stands between the sections of a script's output. Programs do not write it.
const MARK: char = '\u{1e}';

/// The exit code by which a script says that its tool is not there.
const MISSING: i32 = 64;

/// Returns a script for `sh` with its data as `$1`, `$2`...
pub fn script<S: AsRef<str>>(text: &str, arguments: &[S]) -> Command {
    let fixed = ["sh", "-c", text, "sh"].into_iter();
    Command::new(fixed.chain(arguments.iter().map(AsRef::as_ref)).map(str::to_owned))
}

/// Runs a script that looks; returns `N` sections, parted by the control character 036.
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
    let sections: Vec<String> = output.stdout.to_text().split(MARK).map(str::to_owned).collect();
    <[String; N]>::try_from(sections).map_err(|_| {
        let stderr = output.stderr.to_text();
        Failure::new(format!("the host did not tell how it is: {}", stderr.trim()))
            .with("rc", output.rc)
            .with("stderr", stderr)
    })
}

/// Runs a script that changes something; `msg` words its failure.
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

/// The failure for a tool that the host does not have.
fn missing(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\" on the host"))
        .remedy(format!("install the package that has `{tool}`"))
}
