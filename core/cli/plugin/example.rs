use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchover_plugin_host::{Module, check_arguments, check_arguments_static};
use switchover_protocol::{
    Delta, Effect, Example, Failure, FailureKind, Map, Operation, Outcome, Reply, Request, Value,
};
use switchover_scratch::{Programs, ScratchHost};
use switchover_syntax::{Source, parse_one};
use switchover_values::{node_to_value, to_json};

use super::check::{Finding, Weight};

/// How long one call of a module may take before it is told to stop.
const LIMIT: Duration = Duration::from_secs(10);

/// What every host has.
const FOLDERS: [&str; 12] = [
    "dev",
    "etc",
    "home",
    "opt",
    "root",
    "run",
    "srv",
    "tmp",
    "usr/local/bin",
    "usr/local/etc",
    "var/lib",
    "var/log",
];

/// Return keys that need no explanation: they are Ansible's, or the engine adds them.
const COMMON: [&str; 12] =
    ["changed", "cmd", "delta", "diff", "end", "failed", "msg", "rc", "start", "stderr", "stdout", "value"];

/// One example of a module, to be tried on a host of its own.
pub struct Trial<'a> {
    pub module: &'a Module,
    pub example: &'a Example,
    pub host: Option<&'a Path>,
    pub programs: Programs,
}

impl Trial<'_> {
    /// Reads the example as a task, checks, applies, and checks again.
    pub fn run(&self) -> Vec<Finding> {
        match self.arguments() {
            Ok(arguments) => self.on_a_host(&arguments).unwrap_or_else(|error| {
                vec![self.found(Weight::Untried, format!("there is no host to try it on: {error}"))]
            }),
            Err(finding) => vec![finding],
        }
    }

    /// Returns the arguments of the example, converted as a run would.
    fn arguments(&self) -> Result<Map, Finding> {
        let mend = |text: String| self.found(Weight::Mend, text);
        let source = Arc::new(Source::new("example", self.example.yaml.clone()));
        let (node, _) = parse_one(&source).map_err(|problems| {
            mend(format!(
                "it is no YAML: {}",
                problems.first().map(|p| p.message.clone()).unwrap_or_default()
            ))
        })?;
        let mut task = to_json(&node_to_value(&node));
        if let Some([only]) = task.as_array().map(Vec::as_slice) {
            task = only.clone();
        }
        let spec = &self.module.spec;
        let names = || std::iter::once(&spec.name).chain(&spec.aliases);
        let given = task.as_object().and_then(|task| names().find_map(|name| task.get(name)));
        let given = match given {
            Some(Value::Object(map)) => map.clone(),
            Some(Value::Null) => Map::new(),
            Some(text) if spec.free_form => Map::from_iter([("_raw_params".to_owned(), text.clone())]),
            Some(_) => return Err(self.found(Weight::Untried, "its arguments are one text".to_owned())),
            None => return Err(mend(format!("it is no task of {}", spec.name))),
        };
        if let Some(problem) = check_arguments_static(spec, &given).first() {
            return Err(mend(problem.to_string()));
        }
        if Value::from(given.clone()).to_string().contains("{{") {
            return Err(self.found(Weight::Untried, "it holds a template".to_owned()));
        }
        let (params, problems) = check_arguments(spec, &given);
        match problems.first() {
            Some(problem) => Err(mend(problem.to_string())),
            None => Ok(params),
        }
    }

    fn on_a_host(&self, arguments: &Map) -> std::io::Result<Vec<Finding>> {
        let folder = tempfile::tempdir()?;
        match self.host {
            Some(from) => copy(from, folder.path())?,
            None => FOLDERS.iter().try_for_each(|name| std::fs::create_dir_all(folder.path().join(name)))?,
        }
        let host = ScratchHost::new(folder.path(), self.programs)?;
        let mut findings = Vec::new();
        if let Err(failure) = self.twice(arguments, &host, &mut findings) {
            let failed = self.failed(&failure, &host);
            // That it failed because a write was refused has been said.
            if failed.weight != Weight::Untried || findings.is_empty() {
                findings.push(failed);
            }
        }
        let untried: Vec<String> = host.take_refused_programs();
        if !untried.is_empty() && findings.iter().all(|finding| finding.weight != Weight::Untried) {
            let text = format!("it runs `{}` (see --programs)", untried.join("`, `"));
            findings.push(self.found(Weight::Untried, text));
        }
        Ok(findings)
    }

    fn twice(&self, arguments: &Map, host: &ScratchHost, findings: &mut Vec<Finding>) -> Result<(), Failure> {
        let delta = self.check(arguments, host, findings)?;
        if matches!(delta, Delta::None { .. }) {
            return Ok(());
        }
        let reads = self.module.spec.effect == Effect::Reads;
        host.fence(reads);
        let operation = Operation::Apply { delta };
        let outcome = match self.ask(operation, arguments, host) {
            Reply::Outcome(outcome) => outcome,
            Reply::Failure(failure) => return Err(failure),
            Reply::Delta(_) => return Ok(()),
        };
        self.refused(host, "apply of a module that only reads", findings);
        findings.extend(self.unexplained(&outcome));
        if let Delta::Some { changes, .. } = self.check(arguments, host, findings)?
            && outcome.changed
        {
            let what: Vec<String> = changes.iter().map(|change| change.what.clone()).collect();
            let text = format!("a second run still finds something to do: {}", what.join(", "));
            findings.push(self.found(Weight::Mend, text));
        }
        Ok(())
    }

    fn check(
        &self,
        arguments: &Map,
        host: &ScratchHost,
        findings: &mut Vec<Finding>,
    ) -> Result<Delta, Failure> {
        host.fence(true);
        let reply = self.ask(Operation::Check, arguments, host);
        self.refused(host, "check", findings);
        match reply {
            Reply::Delta(delta) => Ok(delta),
            Reply::Failure(failure) => Err(failure),
            Reply::Outcome(_) => Ok(Delta::unknown()),
        }
    }

    fn refused(&self, host: &ScratchHost, who: &str, findings: &mut Vec<Finding>) {
        for call in host.take_refused_writes() {
            let is_program = call.starts_with("running");
            let remedy = if is_program { "; a program that only looks is marked `.reads()`" } else { "" };
            findings.push(self.found(Weight::Mend, format!("{who} wanted to write ({call}){remedy}")));
        }
    }

    fn ask(&self, operation: Operation, arguments: &Map, host: &ScratchHost) -> Reply {
        let request = Request {
            module: self.module.spec.name.clone(),
            operation,
            params: arguments.clone(),
            check_mode: false,
            diff: true,
            verbosity: 0,
            about: Map::from_iter([("inventory_hostname".to_owned(), "scratch".into())]),
        };
        let started = Instant::now();
        self.module.invoke(&request, &mut |call| host.answer(&call), &|| started.elapsed() > LIMIT)
    }

    /// A module may fail on an empty host; it may not break, or refuse the arguments that it shows.
    fn failed(&self, failure: &Failure, host: &ScratchHost) -> Finding {
        let programs = host.take_refused_programs();
        match failure.kind {
            FailureKind::Panicked => self.found(Weight::Mend, failure.msg.replace('\n', " ")),
            FailureKind::Arguments => {
                self.found(Weight::Mend, format!("it refuses its own arguments: {}", failure.msg))
            }
            _ if !programs.is_empty() => {
                self.found(Weight::Untried, format!("it runs `{}` (see --programs)", programs.join("`, `")))
            }
            _ => {
                let text = format!("it fails on an empty host: {} (see --host)", failure.msg);
                self.found(Weight::Untried, text)
            }
        }
    }

    fn unexplained(&self, outcome: &Outcome) -> Vec<Finding> {
        let explained = |key: &String| {
            COMMON.contains(&key.as_str()) || self.module.spec.returns.iter().any(|known| known.name == *key)
        };
        let keys = outcome.result.keys().filter(|key| !explained(key));
        keys.map(|key| {
            self.found(Weight::Advice, format!("it returns `{key}`, which `returns` does not name"))
        })
        .collect()
    }

    fn found(&self, weight: Weight, text: String) -> Finding {
        Finding::new(weight, format!("{}, example {:?}", self.module.spec.name, self.example.title), text)
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&place)?;
            copy(&entry.path(), &place)?;
        } else if entry.file_type()?.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, place)?;
        } else {
            std::fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
