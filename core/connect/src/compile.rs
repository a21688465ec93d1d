//! Host calls in the words of a POSIX shell, one family to a file.

mod attributes;
mod exec;
mod fetch;
mod jobs;
mod links;
mod list;
mod lock;
mod numbers;
mod read;
mod stat;
mod validate;
mod write;

use switchover_protocol::{Algorithm, Exec, HostCall, HostError};

use crate::plan::Part;

/// A line is read by its host byte by byte; longer texts go faster as a stream of their own.
pub(crate) const INLINE: usize = 4096;

/// Lines of batches are kept to a size that a host holds easily.
const LINE: usize = 128 * 1024;

/// Returns the parts of a call, in order.
pub(crate) fn compile(call: &HostCall) -> Result<Vec<Part>, HostError> {
    match call {
        HostCall::Many(calls) => calls.iter().map(|call| one(call, true)).collect(),
        call => Ok(vec![one(call, false)?]),
    }
}

/// Returns the parts of programs of which each runs only when all before it ended with 0, up to the first that
/// makes no sense; an error when that is the first of all.
pub(crate) fn compile_chain(execs: &[Exec]) -> Result<Vec<Part>, HostError> {
    let mut parts = Vec::with_capacity(execs.len());
    for exec in execs {
        match exec::compile(&exec::describe(exec), exec) {
            Ok(part) => parts.push(Part { halts: true, ..part }),
            Err(error) if parts.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(parts)
}

/// Returns parts that may share a line, together.
pub(crate) fn groups(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut groups: Vec<Vec<Part>> = Vec::new();
    let mut room = 0;
    for part in parts {
        let length = part.script.len();
        match groups.last_mut() {
            Some(group) if !part.is_alone() && length <= room => {
                room -= length;
                group.push(part);
            }
            _ => {
                room = if part.is_alone() { 0 } else { LINE.saturating_sub(length) };
                groups.push(vec![part]);
            }
        }
    }
    groups
}

fn one(call: &HostCall, batched: bool) -> Result<Part, HostError> {
    let what = describe(call);
    refuse_nul(call)?;
    match call {
        HostCall::Exec(exec) => exec::compile(&what, exec),
        HostCall::Stat { path, follow, checksum } => Ok(stat::compile(what, path, *follow, *checksum)),
        HostCall::Checksum { path, algorithm } => Ok(stat::checksum(what, path, *algorithm)),
        HostCall::Read { path, limit } => Ok(read::compile(what, path, *limit, batched)),
        HostCall::ReadFrom { path, offset, limit } => Ok(read::from(what, path, *offset, *limit)),
        HostCall::Write(write) => write::compile(what, write),
        HostCall::SetAttributes { path, attributes, recursive, follow } => {
            Ok(attributes::compile(what, path, attributes, *recursive, *follow))
        }
        HostCall::Remove { path, recursive } => links::remove(what, path, *recursive),
        HostCall::Mkdir { path, attributes } => Ok(attributes::mkdir(what, path, attributes)),
        HostCall::Symlink { target, path, force } => Ok(links::link(what, true, target, path, *force)),
        HostCall::Hardlink { target, path, force } => Ok(links::link(what, false, target, path, *force)),
        HostCall::Rename { from, to } => Ok(links::rename(what, from, to)),
        HostCall::List { path, recursive } => Ok(list::compile(what, path, *recursive)),
        HostCall::Fetch { path, to } => fetch::compile(what, path, to),
        HostCall::JobStart { key, exec, origin } => jobs::start(what, key, exec, origin.as_ref()),
        HostCall::JobPoll { key, stdout_from, stderr_from, wait_ms } => {
            jobs::poll(what, key, *stdout_from, *stderr_from, *wait_ms)
        }
        HostCall::JobStatus { key } => jobs::simple(what, key, "sw_job_status"),
        HostCall::JobKill { key } => jobs::simple(what, key, "sw_job_kill"),
        HostCall::JobForget { key } => jobs::forget(what, key),
        HostCall::JobList => Ok(jobs::list(what)),
        HostCall::Lock(act) => lock::compile(what, act),
        HostCall::Many(_) => Err(invalid("a batch inside a batch")),
        HostCall::Log { .. }
        | HostCall::Progress { .. }
        | HostCall::Render { .. }
        | HostCall::ControllerFile { .. }
        | HostCall::ControllerRead { .. }
        | HostCall::ControllerList { .. } => {
            Err(invalid("the host was asked what only the controller can answer"))
        }
    }
}

/// Says in a few words what a call does, for errors.
pub(crate) fn describe(call: &HostCall) -> String {
    match call {
        HostCall::Exec(exec) => exec::describe(exec),
        HostCall::Stat { path, .. } => format!("stat {path}"),
        HostCall::Read { path, .. } | HostCall::ReadFrom { path, .. } => format!("read {path}"),
        HostCall::Write(write) => format!("write {}", write.path),
        HostCall::SetAttributes { path, .. } => format!("set owner and mode of {path}"),
        HostCall::Remove { path, .. } => format!("remove {path}"),
        HostCall::Mkdir { path, .. } => format!("make folder {path}"),
        HostCall::Symlink { path, .. } | HostCall::Hardlink { path, .. } => format!("link {path}"),
        HostCall::Rename { from, to } => format!("rename {from} to {to}"),
        HostCall::List { path, .. } => format!("list {path}"),
        HostCall::Checksum { path, .. } => format!("checksum of {path}"),
        HostCall::Fetch { path, .. } => format!("fetch {path}"),
        HostCall::Many(calls) => format!("a batch of {} calls", calls.len()),
        HostCall::JobStart { key, .. } => format!("start job {key}"),
        HostCall::JobPoll { key, .. } | HostCall::JobStatus { key } => format!("look at job {key}"),
        HostCall::JobKill { key } => format!("end job {key}"),
        HostCall::JobForget { key } => format!("forget job {key}"),
        HostCall::JobList => "list jobs".to_owned(),
        HostCall::Lock(act) => lock::describe(act),
        HostCall::Log { .. }
        | HostCall::Progress { .. }
        | HostCall::Render { .. }
        | HostCall::ControllerFile { .. }
        | HostCall::ControllerRead { .. }
        | HostCall::ControllerList { .. } => "a question for the controller".to_owned(),
    }
}

fn invalid(reason: &str) -> HostError {
    HostError::Invalid { reason: reason.to_owned() }
}

/// Refuses paths that no file can have.
fn refuse_nul(call: &HostCall) -> Result<(), HostError> {
    let paths: [&str; 2] = match call {
        HostCall::Stat { path, .. }
        | HostCall::Read { path, .. }
        | HostCall::ReadFrom { path, .. }
        | HostCall::SetAttributes { path, .. }
        | HostCall::Remove { path, .. }
        | HostCall::Mkdir { path, .. }
        | HostCall::List { path, .. }
        | HostCall::Checksum { path, .. } => [path, path],
        HostCall::Write(write) => [&write.path, &write.path],
        HostCall::Symlink { path, target, .. } | HostCall::Hardlink { path, target, .. } => [path, target],
        HostCall::Fetch { path, to } => [path, to],
        HostCall::Rename { from, to } => [from, to],
        _ => return Ok(()),
    };
    if paths.iter().any(|path| path.is_empty()) {
        return Err(invalid("a path is empty"));
    }
    if paths.iter().any(|path| path.contains('\0')) {
        return Err(invalid("a path contains a NUL"));
    }
    Ok(())
}

/// Returns the command that computes a checksum.
fn sum_command(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Md5 => "md5sum",
        Algorithm::Sha1 => "sha1sum",
        Algorithm::Sha224 => "sha224sum",
        Algorithm::Sha256 => "sha256sum",
        Algorithm::Sha384 => "sha384sum",
        Algorithm::Sha512 => "sha512sum",
    }
}

/// Reads what such a command prints.
fn sum_of(output: &[u8]) -> Option<String> {
    let word = output.split(|byte| byte.is_ascii_whitespace()).next()?;
    let hex = std::str::from_utf8(word).ok()?;
    (hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| hex.to_ascii_lowercase())
}
