use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use switchover_protocol::{Delta, ExecOutput, Failure, Map, Outcome, Value};

use super::FakeHost;
use crate::Module;

/// One case of a module, as a YAML file says it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    host: Before,
    args: Map,
    check_mode: bool,
    expect: Expect,
}

/// What is on the host before.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Before {
    files: BTreeMap<String, String>,
    modes: BTreeMap<String, String>,
    folders: Vec<String>,
    links: BTreeMap<String, String>,
    commands: Vec<Program>,
    controller: BTreeMap<String, String>,
    /// By path, or by a part of a program: what the host says when it is asked about that.
    faults: BTreeMap<String, String>,
    about: Map,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Program {
    run: String,
    /// `run` is only a part of the program.
    part: bool,
    rc: i32,
    stdout: String,
    stderr: String,
}

/// What must be true after.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Expect {
    changed: Option<bool>,
    /// These return keys, among others.
    result: Map,
    /// The whole message of the failure; without it the case must succeed.
    failure: Option<String>,
    /// Content by path; null where nothing may be.
    files: BTreeMap<String, Option<String>>,
    modes: BTreeMap<String, String>,
    links: BTreeMap<String, String>,
    programs: Option<Vec<String>>,
    round_trips: Option<usize>,
    /// The module may find something to change each time.
    always_changes: bool,
}

/// Runs the cases of a module: each `cases/NAME/*.yml` of the crate, where NAME is the last part of the module's
/// name. After a change, the same arguments must find nothing to do.
///
/// # Panics
/// When a case does not hold, with the names of all that do not; when there are none.
pub fn cases<M: Module>(crate_folder: &str) {
    let name = M::SPEC.name.rsplit('.').next().unwrap_or_default();
    let folder = Path::new(crate_folder).join("cases").join(name);
    let listed = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("the folder can be listed").path()).collect();
    paths.sort();
    let problems: Vec<String> = paths
        .iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).expect("a case is text");
            let case: Case =
                serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            case.problem::<M>().map(|problem| format!("{}: {problem}", path.display()))
        })
        .collect();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

impl Case {
    /// Runs the case; returns the first thing that is not as it should be.
    fn problem<M: Module>(&self) -> Option<String> {
        let host = self.host.build(self.check_mode);
        let arguments = Value::Object(self.args.clone());
        let answer = if self.check_mode {
            check::<M>(&host, arguments.clone())
        } else {
            host.run::<M>(arguments.clone())
        };
        let round_trips = host.round_trips();
        let problem = match (&answer, &self.expect.failure) {
            (Ok(outcome), None) => self.expect.outcome_problem(outcome),
            (Ok(outcome), Some(_)) => Some(format!("did not fail: {:?}", outcome.result)),
            (Err(failure), Some(msg)) if failure.msg == *msg => self.expect.result_problem(&failure.result),
            (Err(failure), _) => Some(format!("failed: {} {:?}", failure.msg, failure.result)),
        };
        problem.or_else(|| self.expect.host_problem(&host, round_trips)).or_else(|| {
            let changed = answer.is_ok_and(|outcome| outcome.changed) && !self.check_mode;
            if changed && !self.expect.always_changes { again::<M>(&host, arguments) } else { None }
        })
    }
}

fn check<M: Module>(host: &FakeHost, arguments: Value) -> Result<Outcome, Failure> {
    Ok(match host.check::<M>(arguments)? {
        Delta::None { result } => Outcome { result, ..Outcome::default() },
        Delta::Some { result, changes, .. } => {
            Outcome { changed: true, result, changes, ..Outcome::default() }
        }
        Delta::Unknown { .. } => Outcome::default(),
    })
}

fn again<M: Module>(host: &FakeHost, arguments: Value) -> Option<String> {
    match host.check::<M>(arguments) {
        Ok(Delta::Some { changes, .. }) => Some(format!("the second time it still finds {changes:?}")),
        Ok(Delta::None { .. } | Delta::Unknown { .. }) => None,
        Err(failure) => Some(format!("the second time it failed: {}", failure.msg)),
    }
}

impl Before {
    fn build(&self, check_mode: bool) -> FakeHost {
        let mut host = if check_mode { FakeHost::new().check_mode() } else { FakeHost::new() };
        for path in &self.folders {
            host = host.folder(path);
        }
        for (path, content) in &self.files {
            host = host.file(path, content);
        }
        for (path, target) in &self.links {
            host = host.link(path, target);
        }
        for (path, mode) in &self.modes {
            host = host.mode(path, u32::from_str_radix(mode, 8).expect("modes are octal"));
        }
        for (path, content) in &self.controller {
            host = host.controller_file(path, content);
        }
        for (about, stderr) in &self.faults {
            host = host.fault(about, stderr);
        }
        for (name, value) in &self.about {
            host = host.about(name, value.clone());
        }
        for program in &self.commands {
            let output = ExecOutput {
                rc: program.rc,
                stdout: program.stdout.as_str().into(),
                stderr: program.stderr.as_str().into(),
                timed_out: false,
                waited_us: 0,
            };
            host = if program.part {
                host.script(&program.run, output)
            } else {
                host.command_with(&program.run, output)
            };
        }
        host
    }
}

impl Expect {
    fn outcome_problem(&self, outcome: &Outcome) -> Option<String> {
        match self.changed {
            Some(wanted) if wanted != outcome.changed => {
                Some(format!("changed is {}: {:?}", outcome.changed, outcome.result))
            }
            _ => self.result_problem(&outcome.result),
        }
    }

    fn result_problem(&self, result: &Map) -> Option<String> {
        let wrong =
            self.result.iter().find(|(key, value)| result.get(*key).unwrap_or(&Value::Null) != *value);
        wrong.map(|(key, value)| format!("{key} should be {value}, in {result:?}"))
    }

    fn host_problem(&self, host: &FakeHost, round_trips: usize) -> Option<String> {
        for (path, wanted) in &self.files {
            let is = host.content(path).or_else(|| host.controller_content(path));
            if is != *wanted {
                return Some(format!("{path} holds {is:?}, not {wanted:?}"));
            }
        }
        for (path, wanted) in &self.modes {
            let is = host.path(path).map(|file| format!("{:04o}", file.stat.mode));
            if is.as_ref() != Some(wanted) {
                return Some(format!("{path} has mode {is:?}, not {wanted}"));
            }
        }
        for (path, wanted) in &self.links {
            let is = host.path(path).and_then(|file| file.stat.link_target);
            if is.as_ref() != Some(wanted) {
                return Some(format!("{path} leads to {is:?}, not {wanted}"));
            }
        }
        if let Some(wanted) = self.programs.as_ref().filter(|wanted| **wanted != host.programs()) {
            return Some(format!("ran {:?}, not {wanted:?}", host.programs()));
        }
        let wanted = self.round_trips.filter(|wanted| *wanted != round_trips);
        wanted.map(|wanted| format!("needed {round_trips} round trips, not {wanted}"))
    }
}
