use switchover_protocol::{Exec, HostError, HostReply, Job, JobChunk, JobOrigin, JobRecord, JobState};

use super::{INLINE, exec, invalid};
use crate::names;
use crate::plan::{Feed, Library, Part, words};
use crate::quote::{quote, quote_escaped};
use crate::token::token;

const JOBS: &[Library] = &[Library::Common, Library::Jobs];

/// The most that one poll brings of each stream, in bytes.
const CHUNK: u32 = 256 * 1024;

/// No poll waits longer than this on the host.
const LONGEST_WAIT: u64 = 60_000;

/// The number of fields that `sw_tell` prints, each ended by a NUL.
const FIELDS: usize = 6;

pub(super) fn start(
    what: String,
    key: &str,
    program: &Exec,
    origin: Option<&JobOrigin>,
) -> Result<Part, HostError> {
    let key_word = checked(key)?;
    let limit = program.timeout.map_or_else(String::new, |seconds| seconds.to_string());
    // The file is read by a shell of its own, which must know what our words refer to.
    let mut text = b"sw_nl='\n'\n".to_vec();
    text.extend_from_slice(&exec::place(program)?);
    text.extend_from_slice(b"exec ");
    text.extend_from_slice(&exec::command(program)?);
    let (kind, input, feed): (&[u8], _, _) = match &program.stdin {
        None => (b"none", b"''".to_vec(), None),
        Some(bytes) => match quote_escaped(&bytes.0) {
            word if word.len() <= INLINE => (b"text", word, None),
            _ => (b"feed", bytes.0.len().to_string().into_bytes(), Some(Feed::Bytes(bytes.0.clone()))),
        },
    };
    let random = token();
    let script = words(&[
        b"sw_job_start",
        &key_word,
        &quote(limit.as_bytes()),
        kind,
        &input,
        random.as_bytes(),
        &quote(&text),
        &quote(origin.map(origin_lines).unwrap_or_default().as_bytes()),
    ]);
    let key = key.to_owned();
    let mut part = Part::new(what, script, JOBS, move |raw| {
        let (job, _) = job(&key, &raw.stdout)?;
        Some(HostReply::Job(job))
    });
    part.feed = feed;
    Ok(part)
}

/// The content of the file `origin`, a line each.
fn origin_lines(origin: &JobOrigin) -> String {
    let line = |text: &str| format!("{}\n", text.replace(['\n', '\0'], " "));
    [&origin.run, &origin.owner, &origin.task].map(|text| line(text)).concat()
}

/// A call that answers with many jobs.
pub(super) fn list(what: String) -> Part {
    Part::new(what, b"sw_job_list".to_vec(), JOBS, |raw| Some(HostReply::JobList(records(&raw.stdout)?)))
}

fn records(mut output: &[u8]) -> Option<Vec<JobRecord>> {
    let mut records = Vec::new();
    while !output.is_empty() {
        let (key, rest) = field(output)?;
        let (job, rest) = job(std::str::from_utf8(key).ok()?, rest)?;
        let (run, rest) = field(rest)?;
        let (owner, rest) = field(rest)?;
        let (task, rest) = field(rest)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let origin = JobOrigin { run: text(run), owner: text(owner), task: text(task) };
        records.push(JobRecord { job: Job { attached: false, ..job }, origin });
        output = rest;
    }
    Some(records)
}

/// Splits off what a NUL ends.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// A call that takes a key and answers with the job.
pub(super) fn simple(what: String, key: &str, function: &str) -> Result<Part, HostError> {
    let script = words(&[function.as_bytes(), &checked(key)?]);
    let key = key.to_owned();
    Ok(Part::new(what, script, JOBS, move |raw| {
        let (job, _) = job(&key, &raw.stdout)?;
        Some(HostReply::Job(Job { attached: false, ..job }))
    }))
}

pub(super) fn forget(what: String, key: &str) -> Result<Part, HostError> {
    let script = words(&[b"sw_job_forget", &checked(key)?]);
    Ok(Part::new(what, script, JOBS, |_| Some(HostReply::Done)))
}

/// The job's standard output comes on our standard output behind the fields, its standard error on ours.
pub(super) fn poll(
    what: String,
    key: &str,
    stdout: u64,
    stderr: u64,
    wait_ms: u64,
) -> Result<Part, HostError> {
    let wait = wait_ms.min(LONGEST_WAIT);
    let numbers = format!("{stdout} {stderr} {wait} {CHUNK}");
    let script = words(&[b"sw_job_poll", &checked(key)?, numbers.as_bytes()]);
    let key = key.to_owned();
    Ok(Part::new(what, script, JOBS, move |raw| {
        let (job, rest) = job(&key, &raw.stdout)?;
        let job = Job { attached: false, ..job };
        Some(HostReply::JobChunk(JobChunk {
            job,
            stdout: rest.to_vec().into(),
            stderr: raw.stderr.clone().into(),
        }))
    }))
}

/// A key is the name of a folder on every host.
fn checked(key: &str) -> Result<Vec<u8>, HostError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if key.is_empty() || key.len() > 200 || key.starts_with(['.', '-']) || !key.bytes().all(fits) {
        return Err(invalid(&format!(
            "{key:?} cannot be the key of a job: only A-Z a-z 0-9 . _ - may be in it"
        )));
    }
    Ok(quote(key.as_bytes()))
}

/// Reads what `sw_tell` printed, and returns what follows it.
fn job<'a>(key: &str, output: &'a [u8]) -> Option<(Job, &'a [u8])> {
    let mut rest = output;
    let mut fields = Vec::with_capacity(FIELDS);
    for _ in 0..FIELDS {
        let (next, after) = field(rest)?;
        fields.push(next);
        rest = after;
    }
    let text = |index: usize| std::str::from_utf8(fields[index]).ok();
    let state = match text(0)? {
        "absent" => JobState::Absent,
        "running" => JobState::Running,
        "exited" => JobState::Exited { rc: text(1)?.parse().ok()? },
        "vanished" => JobState::Vanished { rebooted: false },
        "rebooted" => JobState::Vanished { rebooted: true },
        _ => return None,
    };
    let job = Job {
        key: key.to_owned(),
        state,
        attached: fields[4].is_empty(),
        started: text(2)?.parse().ok()?,
        ended: text(3)?.parse().ok(),
        folder: names::from_host(fields[5]),
        no_room: text(4) == Some("full"),
    };
    Some((job, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_of_folders() {
        assert_eq!(checked("run-1.step_2").unwrap(), b"'run-1.step_2'");
        for key in ["", "..", "-x", "a/b", "a b", "ä"] {
            assert!(checked(key).is_err(), "{key}");
        }
    }

    #[test]
    fn a_job_is_read_with_the_output_behind_it() {
        let (job, rest) = job("k", b"exited\x003\x00100\x00160\x00new\x00/j/k\x00out\x00put").unwrap();
        assert_eq!(job.state, JobState::Exited { rc: 3 });
        assert_eq!((job.started, job.ended, job.attached), (100, Some(160), false));
        assert_eq!(rest, b"out\x00put");
    }
}
