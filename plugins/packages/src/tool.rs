use switchover_sdk::prelude::*;

/// Returns the failure of a tool that is not on the host.
pub fn missing(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\""))
        .remedy(format!("install the package that brings `{tool}` on the host, or use another module"))
}

/// Returns the failure of a program, with the return keys that Ansible's package modules give.
pub fn failed(msg: impl Into<String>, output: &ExecOutput) -> Failure {
    Failure::new(msg)
        .with("rc", output.rc)
        .with("stdout", output.stdout.to_text())
        .with("stderr", output.stderr.to_text())
}

/// Refuses a name that a tool would read as an option, or that is more than one word.
pub fn refuse_bad_name(name: &str) -> Result<(), Failure> {
    if name.starts_with('-') || name.contains([' ', '\t', '\n', '\0', '\'', '"', ';', '&', '|', '`']) {
        return Err(Failure::arguments(format!("{name:?} cannot be the name of a package")));
    }
    Ok(())
}

/// Adds standard output and error to a result.
pub fn put_output(result: &mut Map, output: &ExecOutput) {
    result.insert("stdout".into(), json!(output.stdout.to_text()));
    result.insert("stderr".into(), json!(output.stderr.to_text()));
}
