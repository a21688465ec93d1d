use std::process::Command;

use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::fail;

/// Lookups that run a command on the controller, and the one that would open URLs.
pub const TABLE: &[Lookup] = &[lookup("pipe", pipe), lookup("lines", lines), lookup("url", url)];

fn output(request: &Request<'_>, command: &str) -> Result<String, Error> {
    let base = &request.scope.settings().base;
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    if !base.as_os_str().is_empty() {
        shell.current_dir(base);
    }
    let output = shell.output().map_err(|error| fail(format!("'{command}' cannot be started: {error}")))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().map_or_else(|| "no code".to_string(), |code| code.to_string());
        let said = if errors.trim().is_empty() { String::new() } else { format!(": {}", errors.trim_end()) };
        return Err(fail(format!("lookup_plugin.{}({command}) returned {code}{said}", request.name)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn pipe(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    request
        .texts()
        .iter()
        .map(|command| output(request, command).map(|text| Value::from(text.trim_end())))
        .collect()
}

fn lines(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for command in request.texts() {
        out.extend(output(request, &command)?.lines().map(Value::from));
    }
    Ok(out)
}

fn url(_: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    Err(fail("the lookup 'url' is not supported; use the module 'uri' with 'delegate_to: localhost'"))
}
