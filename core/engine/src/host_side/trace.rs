//! What `-vvv` tells of the way to a host and of what is done there.

use switchover_connect::TransportConfig;
use switchover_protocol::{Exec, HostCall, Program};

use crate::step::ConnectionPlan;

/// Returns how a host is reached, in Ansible's words; `operator` is who runs this: `user@machine`.
pub fn connection(plan: &ConnectionPlan, operator: &str) -> String {
    let (kind, user) = match &plan.target.transport {
        TransportConfig::Local(_) => ("LOCAL", None),
        TransportConfig::Ssh(options) => ("SSH", options.user.as_deref()),
    };
    let user = user.or_else(|| operator.split('@').next()).unwrap_or_default();
    format!("ESTABLISH {kind} CONNECTION FOR USER: {user}")
}

/// Returns what a call does on the host: the program with its arguments, or the work on a path.
pub fn call(call: &HostCall, plan: &ConnectionPlan) -> Vec<String> {
    let become_user = plan.elevation.as_ref().map(|elevation| format!(" (as {})", elevation.user));
    lines(call).into_iter().map(|line| line + become_user.as_deref().unwrap_or_default()).collect()
}

fn lines(call: &HostCall) -> Vec<String> {
    let on = |word: &str, path: &str| vec![format!("{word} {}", shown(path))];
    let two = |word: &str, from: &str, to: &str| vec![format!("{word} {} TO {}", shown(from), shown(to))];
    match call {
        HostCall::Exec(exec) => vec![format!("EXEC {}", program(exec))],
        HostCall::JobStart { key, exec, .. } => vec![format!("EXEC {} AS JOB {key}", program(exec))],
        HostCall::Many(calls) => calls.iter().flat_map(lines).collect(),
        HostCall::Stat { path, .. } => on("STAT", path),
        HostCall::Read { path, .. } => on("READ", path),
        HostCall::Write(file) => on("PUT", &file.path),
        HostCall::SetAttributes { path, .. } => on("SET ATTRIBUTES", path),
        HostCall::Remove { path, .. } => on("REMOVE", path),
        HostCall::Mkdir { path, .. } => on("MKDIR", path),
        HostCall::Symlink { target, path, .. } => two("LINK", path, target),
        HostCall::Hardlink { target, path, .. } => two("HARD LINK", path, target),
        HostCall::Rename { from, to } => two("RENAME", from, to),
        HostCall::List { path, .. } => on("LIST", path),
        HostCall::Checksum { path, .. } => on("CHECKSUM", path),
        HostCall::Fetch { path, to } => two("FETCH", path, to),
        // Looks at jobs come every second, and the others do nothing on the host.
        _ => Vec::new(),
    }
}

fn program(exec: &Exec) -> String {
    match &exec.program {
        Program::Argv(words) => words.iter().map(|word| shown(word)).collect::<Vec<_>>().join(" "),
        Program::Shell { text, executable } => {
            format!("{} -c {}", executable.as_deref().unwrap_or("/bin/sh"), shown(text))
        }
    }
}

/// Returns a word as one would type it.
fn shown(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_as_one_would_type_it() {
        let argv = ["echo", "it's", "a/b", ""].map(str::to_owned).to_vec();
        let exec = Exec { program: Program::Argv(argv), ..Exec::default() };
        let many = HostCall::Many(vec![
            HostCall::Exec(exec),
            HostCall::Rename { from: "a b".to_owned(), to: "c".to_owned() },
        ]);
        assert_eq!(lines(&many), [r"EXEC echo 'it'\''s' a/b ''", "RENAME 'a b' TO c"]);
    }
}
