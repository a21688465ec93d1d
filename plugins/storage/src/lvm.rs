//! What the modules of LVM share.

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, script};

/// LVM complains about descriptors that are not its own.
const RUN: &str =
    r#"PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1; exec "$@" </dev/null"#;

/// Runs the commands that `check` put into the delta's state, until one fails.
pub fn run(delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
    let commands = delta.state().as_array().into_iter().flatten();
    for command in commands {
        let words: Vec<&str> = command.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let name = words.first().copied().unwrap_or_default();
        change(&script(RUN, &words), |said| format!("{name} failed: {said}"), host)?;
    }
    Ok(Outcome::changed(delta_result(delta)))
}

fn delta_result(delta: &Delta) -> Value {
    match delta {
        Delta::Some { result, .. } => Value::Object(result.clone()),
        _ => json!({}),
    }
}

/// Returns a command as `check` keeps it.
pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}
