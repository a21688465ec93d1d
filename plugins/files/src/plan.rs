use switchover_sdk::prelude::*;
use switchover_sdk::{Algorithm, HostCall, HostReply, from_value};

use crate::attributes::path_result;
use crate::failures;
use crate::steps;

/// What `check` found has to be done: host calls that `apply` makes in one round trip, and what it reports.
///
/// `check` decides and `apply` makes no choices, so what `--diff` showed is what happens.
#[derive(Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    pub calls: Vec<HostCall>,
    /// Keys of the result that are known beforehand.
    pub result: Map,
    /// The path whose owner, mode and size the result tells, and whether links are followed.
    pub told: Option<(String, bool)>,
    /// The result tells the MD5 sum of this file, as Ansible's `copy` does.
    pub md5_of: Option<String>,
    pub warnings: Vec<String>,
}

impl Plan {
    /// Adds a return key.
    pub fn key(&mut self, key: &str, value: impl Into<Value>) {
        self.result.insert(key.to_owned(), value.into());
    }

    /// Returns the answer of `check`; `stat` is the path as it is now, for the result when nothing changes.
    pub fn delta(mut self, stat: Option<&FileStat>) -> Delta {
        if self.calls.is_empty() {
            if let Some(stat) = stat {
                self.result.extend(path_result(stat));
            }
            return Delta::None { result: self.result };
        }
        // What is told after the change is told before it too, for check mode; a path that goes away is told neither time.
        if let (Some(stat), Some(_)) = (stat, &self.told) {
            let told = path_result(stat).into_iter().filter(|(key, _)| !self.result.contains_key(key));
            let told: Map = told.collect();
            self.result.extend(told);
        }
        let state = json!({
            "calls": self.calls, "told": self.told, "md5_of": self.md5_of, "warnings": self.warnings,
        });
        Delta::Some { changes: self.changes, result: self.result, state }
    }

    /// Does what `check` planned.
    pub fn apply(delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let part = |name: &str| state.get(name).cloned().unwrap_or_default();
        let lost = |error| Failure::new(format!("the plan of `check` cannot be read: {error}"));
        let mut calls: Vec<HostCall> = from_value(part("calls")).map_err(lost)?;
        let told: Option<(String, bool)> = from_value(part("told")).map_err(lost)?;
        let md5_of: Option<String> = from_value(part("md5_of")).map_err(lost)?;
        let work = calls.len();
        calls.extend(told.iter().map(|(path, follow)| steps::stat(path, *follow, None)));
        calls.extend(
            md5_of.iter().map(|path| HostCall::Checksum { path: path.clone(), algorithm: Algorithm::Md5 }),
        );
        let mut replies = run(calls, work, host)?;
        let mut result = result.clone();
        let after = replies.split_off(work);
        for reply in replies {
            if let HostReply::Written(switchover_sdk::Written { backup: Some(backup) }) = reply {
                result.insert("backup_file".into(), json!(backup));
            }
        }
        for reply in after {
            match reply {
                HostReply::Stat(Some(stat)) => result.extend(path_result(&stat)),
                HostReply::Checksum(sum) => drop(result.insert("md5sum".into(), json!(sum))),
                _ => {}
            }
        }
        let warnings = from_value(part("warnings")).map_err(lost)?;
        Ok(Outcome { changed: true, result, warnings, ..Outcome::default() })
    }
}

/// Makes the calls; the first `work` of them must succeed, the rest only tell more.
fn run(calls: Vec<HostCall>, work: usize, host: &Host) -> Result<Vec<HostReply>, Failure> {
    let asked = calls.len();
    let replies = match host.call(HostCall::Many(calls.clone()))? {
        HostReply::Many(replies) => replies,
        other => return Err(steps::unexpected(&Some(other))),
    };
    let ended = |reply: &HostReply| matches!(reply, HostReply::Exec(output) if output.rc != 0);
    if let Some(index) = replies.iter().take(work).position(ended) {
        return Err(unfinished(&calls[index], &replies[index]));
    }
    let failed = matches!(replies.last(), Some(HostReply::Error(_)));
    match failed && replies.len() <= work {
        true => host.fail_with(replies.into_iter().next_back()).map_err(failures::in_ansible_s_words),
        false if replies.len() < asked && !failed => {
            Err(Failure::new(format!("the host answered {} of {asked} calls", replies.len())))
        }
        false => Ok(replies),
    }
}

/// The failure for a program that did not succeed.
fn unfinished(call: &HostCall, reply: &HostReply) -> Failure {
    let (HostCall::Exec(exec), HostReply::Exec(output)) = (call, reply) else {
        return steps::unexpected(&Some(reply.clone()));
    };
    let name = match &exec.program {
        switchover_sdk::Program::Argv(argv) => argv.first().map_or("", String::as_str),
        switchover_sdk::Program::Shell { .. } => "sh",
    };
    let stderr = output.stderr.to_text();
    let msg = match name {
        "touch" => "Error, could not touch target.".to_owned(),
        other => format!("{other} failed: {}", stderr.trim()),
    };
    failures::in_ansible_s_words(Failure::new(msg).with("rc", output.rc).with("stderr", stderr))
}
