//! What the command-line clients of all servers need: a password that no one sees, and failures in words.

use switchover_sdk::prelude::*;

/// The exit code by which a script says that its tool is not there.
const MISSING: i32 = 64;

/// Returns a script whose `$0` is the client; the first line of its input is the password, which the script reads
/// before the client gets the rest.
pub fn with_password(
    text: &str,
    tool: &str,
    arguments: &[String],
    password: &str,
    input: &str,
) -> Result<Command, Failure> {
    if password.contains('\n') {
        return Err(Failure::arguments("a password cannot have more than one line"));
    }
    if input.contains('\0') {
        return Err(Failure::arguments("a value holds the byte 0, which no text of the server may hold"));
    }
    let fixed = ["sh", "-c", text, tool].into_iter().map(str::to_owned);
    Ok(Command::new(fixed.chain(arguments.iter().cloned())).stdin(format!("{password}\n{input}")))
}

/// Returns the failure for a client that is missing; `None` when the script did find it.
pub fn missing(tool: &str, output: &ExecOutput) -> Option<Failure> {
    let failure = Failure::new(format!("Failed to find required executable \"{tool}\" on the host"));
    (output.rc == MISSING)
        .then(|| failure.remedy(format!("install the package of the client that has `{tool}`")))
}
