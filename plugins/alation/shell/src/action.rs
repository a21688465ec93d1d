//! Work that outlives the controller: `alation_action NAME` and other long commands, each a detached job with a key
//! that stays the same over runs. A second start attaches to what runs, or takes the result of what has ended.

use std::time::{Duration, Instant};

use switchover_sdk::prelude::*;
use switchover_sdk::{Followed, HostCall, Job, JobState, ParamType as _};

use crate::progress::Progress;
use crate::rules::{self, Rules};
use crate::{Ran, Settings, Shell, access, prompt};

/// Seconds until the run stops waiting, for actions that the operator said nothing about.
const TIMEOUTS: &[(&str, u64)] = &[
    ("cluster_kvstore_copy", 4 * 3600),
    ("cluster_replicate_postgres", 72 * 3600),
    ("cluster_start_kafka_sync", 4 * 3600),
    ("update", 8 * 3600),
    ("rpm", 3600),
];
const TIMEOUT: u64 = 3600;
/// How much of the end of the output is searched for a question.
const TAIL: usize = 4096;

/// One piece of long work on a host.
#[derive(Debug)]
pub struct Action {
    /// What the operator knows it by: the action's name, or `update`, `rpm`.
    name: String,
    /// The job's key: the module's full name, so that runs meet.
    key: String,
    command: Command,
    shell: Option<Shell>,
    rules: Rules,
    timeout: Duration,
    grace: Duration,
    again: bool,
    end: bool,
    /// Without input a question stays unanswered for ever; with it, silence after the question is work.
    has_input: bool,
}

/// What a host knows of an earlier start.
#[derive(Debug)]
pub enum Found {
    Absent,
    Running(Job),
    Succeeded(Finished),
    /// It ended, and not well.
    Failed(Failure),
    /// Nobody can tell how it ended.
    Vanished(Failure),
}

/// Work that ended well.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub ran: Ran,
    pub job: Job,
    /// It was not started by this call.
    pub attached: bool,
}

enum Stop {
    Question(String),
    Late,
}

impl Action {
    /// Returns an `alation_action` in the Alation shell; `module` is the full name of the module that runs it.
    pub fn new(settings: &Settings, module: &str, name: &str) -> Result<Self, Failure> {
        let shell = Shell::new(settings);
        let input = settings.action_input.as_ref().and_then(|map| map.get(name));
        let input = input.map(String::from_value).transpose().map_err(|problem| {
            Failure::arguments(format!("argument `action_input`: the input of {name} {problem}"))
        })?;
        let line = format!("alation_action {}", crate::quote_if_needed(name));
        let command = shell.command(&line, input.as_deref());
        Self::with(settings, module, name, command, Some(shell))
    }

    /// Returns a command outside of the Alation shell. `key` adds to the module's name what makes the work its own,
    /// such as a build number.
    pub fn outside(
        settings: &Settings,
        module: &str,
        key: &str,
        name: &str,
        line: &str,
    ) -> Result<Self, Failure> {
        let input = settings.action_input.as_ref().and_then(|map| map.get(name)).and_then(Value::as_str);
        let command = Command::shell(line);
        let command = match input {
            Some(input) => command.stdin(input),
            None => command,
        };
        let mut action = Self::with(settings, module, name, command, None)?;
        action.key = format!("{module}.{key}");
        Ok(action)
    }

    fn with(
        settings: &Settings,
        module: &str,
        name: &str,
        command: Command,
        shell: Option<Shell>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            name: name.to_owned(),
            key: module.to_owned(),
            command,
            shell,
            rules: Rules::of(settings, name)?,
            timeout: Duration::from_secs(timeout(settings, name)?),
            grace: Duration::from_secs(settings.prompt_grace),
            again: settings.wants_again(module),
            end: settings.wants_end(module),
            has_input: settings.action_input.as_ref().is_some_and(|map| map.contains_key(name)),
        })
    }

    /// Returns the key of the job on the host.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn module(&self) -> String {
        self.key.split('.').take(2).collect::<Vec<_>>().join(".")
    }

    /// Returns the line that is run, for messages.
    pub fn line(&self) -> String {
        match &self.shell {
            Some(_) => format!("alation_action {}", self.name),
            None => self.command.display(),
        }
    }

    /// Looks what became of an earlier start, and starts nothing.
    pub fn look(&self, host: &Host) -> Result<Found, Failure> {
        let job = host.job_status(&self.key)?;
        match job.state {
            JobState::Absent => Ok(Found::Absent),
            JobState::Running => Ok(Found::Running(job)),
            JobState::Vanished { rebooted } => Ok(Found::Vanished(self.vanished(&job, rebooted))),
            JobState::Exited { .. } => {
                let followed = host.job_follow(&self.key, |_, _| Ok(()))?;
                Ok(match self.judge(followed, true) {
                    Ok(finished) => Found::Succeeded(finished),
                    Err(failure) => Found::Failed(failure),
                })
            }
        }
    }

    /// Returns what would change when the host already knows of a start, for `check`. `None`: it did its work.
    pub fn delta(&self, host: &Host) -> Result<Option<Delta>, Failure> {
        let before = match self.look(host)? {
            Found::Succeeded(_) => return Ok(None),
            Found::Absent => "not done",
            Found::Running(_) => "running",
            Found::Failed(_) => "failed before",
            Found::Vanished(failure) if !self.again => return Err(failure),
            Found::Vanished(_) => "unknown",
        };
        Ok(Some(Delta::change(self.line(), before, "done")))
    }

    /// Does the work: starts it, attaches to it, or takes its result.
    ///
    /// A start that failed is started anew. One whose end is unknown is started anew only when the operator asks.
    pub fn run(&self, host: &Host) -> Result<Finished, Failure> {
        self.run_beside(host, |_| Ok(()))
    }

    /// As [`Action::run`], but the result of an earlier start does not count: what was observed says that it has to
    /// be done again.
    pub fn run_anew(&self, host: &Host) -> Result<Finished, Failure> {
        if let Found::Succeeded(_) = self.look(host)? {
            host.job_forget(&self.key)?;
        }
        self.run(host)
    }

    /// As [`Action::run`], with work beside each look at the job: following a log.
    pub fn run_beside(
        &self,
        host: &Host,
        beside: impl FnMut(&Host) -> Result<(), Failure>,
    ) -> Result<Finished, Failure> {
        match self.look(host)? {
            Found::Succeeded(finished) => return Ok(finished),
            Found::Vanished(failure) if !self.again => return Err(failure),
            Found::Failed(_) | Found::Vanished(_) => host.job_forget(&self.key)?,
            Found::Running(_) if self.end => self.end(host)?,
            Found::Absent | Found::Running(_) => {}
        }
        let attached = host.job_start(&self.key, &self.command)?.attached;
        self.follow(host, attached, beside)
    }

    fn follow(
        &self,
        host: &Host,
        attached: bool,
        mut beside: impl FnMut(&Host) -> Result<(), Failure>,
    ) -> Result<Finished, Failure> {
        let begun = Instant::now();
        let (mut tail, mut last_news, mut progress) = (String::new(), Instant::now(), Progress::default());
        let mut stop = None;
        let followed = host.job_follow(&self.key, |host, text| {
            let text = without_marks(text);
            beside(host)?;
            progress.news(host, &text)?;
            if !text.is_empty() {
                last_news = Instant::now();
                tail = rules::end_of(&format!("{tail}{text}"), TAIL);
            } else if begun.elapsed() >= self.timeout {
                stop = Some(Stop::Late);
            } else if let Some(line) = self.question(&tail, last_news.elapsed()) {
                stop = Some(Stop::Question(line));
            }
            if stop.is_some() { Err(Failure::new("stop")) } else { Ok(()) }
        });
        match (followed, stop) {
            (Ok(followed), _) => self.judge(followed, attached),
            (Err(_), Some(Stop::Question(line))) => self.end_asking(host, &line),
            (Err(_), Some(Stop::Late)) => Err(self.late(host, &tail)),
            (Err(failure), None) => Err(failure),
        }
    }

    fn question(&self, tail: &str, silence: Duration) -> Option<String> {
        if self.has_input || silence < self.grace {
            return None;
        }
        prompt::question(tail).or_else(|| prompt::unanswered(tail)).map(str::to_owned)
    }

    fn end(&self, host: &Host) -> Result<(), Failure> {
        host.call(HostCall::JobKill { key: self.key.clone() })?;
        host.job_forget(&self.key)
    }

    fn judge(&self, followed: Followed, attached: bool) -> Result<Finished, Failure> {
        let Followed { job, rc, stdout, stderr } = followed;
        let ran = match &self.shell {
            Some(shell) => shell.read(rc, &stdout, &stderr),
            None => Ran { rc, stdout, stderr },
        };
        match access::explain(&ran) {
            Some(failure) => Err(failure),
            None => self.rules.judge(&ran).map(|()| Finished { ran, job, attached }),
        }
    }

    /// Ends an action that asks a question nobody will answer. Its record goes too: nothing was done yet.
    fn end_asking(&self, host: &Host, line: &str) -> Result<Finished, Failure> {
        self.end(host)?;
        Err(rules::asked(&self.name, line))
    }

    /// An action that takes too long is left alone: ending it in the middle may cost more than waiting.
    fn late(&self, host: &Host, tail: &str) -> Failure {
        let folder = host.job_status(&self.key).map(|job| job.folder).unwrap_or_default();
        let (name, seconds) = (&self.name, self.timeout.as_secs());
        let last = rules::last_line(tail);
        Failure::unknown(format!("{name} still runs after {seconds} seconds; its last words: {last}"))
            .remedy(format!(
                "it was not ended: its job folder on the host is {folder}. Run the same command again to wait for it \
                 (alation_action_timeout: {{{name}: SECONDS}}); if it waits for input, have it ended and give the answer: \
                 alation_end: [{}], alation_action_input: {{{name}: \"YES\\n\"}}",
                self.module()
            ))
            .with("job", self.key.as_str())
    }

    fn vanished(&self, job: &Job, rebooted: bool) -> Failure {
        let why =
            if rebooted { "the host restarted" } else { "its process ended without leaving an exit code" };
        let (name, key, folder) = (&self.name, &self.key, &job.folder);
        Failure::unknown(format!(
            "{name} was running, then {why}: it may have done all, some or none of its work"
        ))
        .remedy(format!(
            "look at {folder} on the host and at Alation itself; to start it once more: -e '{{\"alation_again\": [\"{}\"]}}'",
            self.module()
        ))
        .with("job", key.as_str())
    }
}

/// Returns the lines without the marks of an interactive shell.
fn without_marks(text: &str) -> String {
    if text.contains("@@switchover-") {
        text.split_inclusive('\n').filter(|line| !line.contains("@@switchover-")).collect()
    } else {
        text.to_owned()
    }
}

fn timeout(settings: &Settings, name: &str) -> Result<u64, Failure> {
    let shipped =
        TIMEOUTS.iter().find(|(action, _)| *action == name).map_or(TIMEOUT, |(_, seconds)| *seconds);
    let given = match &settings.action_timeout {
        Some(Value::Object(map)) => map.get(name).or_else(|| map.get("default")),
        Some(one) => Some(one),
        None => None,
    };
    match given {
        Some(value) => u64::from_value(value)
            .map_err(|problem| Failure::arguments(format!("argument `action_timeout`: {name} {problem}"))),
        None => Ok(shipped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Behaviour, FakeAlation};

    const NAME: &str = "cluster_kvstore_copy";
    const KEY: &str = "alation.kvstore_copy";

    fn action(arguments: Value) -> Action {
        let settings = Settings::parse(arguments.as_object().unwrap()).unwrap();
        Action::new(&settings, KEY, NAME).unwrap()
    }

    fn run(fake: &FakeAlation, arguments: Value) -> Result<Finished, Failure> {
        fake.with_host(|host| action(arguments).run(host))
    }

    fn says(stdout: &str) -> Behaviour {
        Behaviour { stdout: stdout.into(), ..Behaviour::default() }
    }

    fn asks() -> Behaviour {
        let needs_input = Some("YES\n".into());
        Behaviour { hangs: true, needs_input, ..says("All data is lost. Type YES to continue: ") }
    }

    #[test]
    fn an_action_runs_once_and_its_result_is_taken_afterwards() {
        let fake = FakeAlation::new("10.0.0.1").action(NAME, says("copied 100%\n"));
        assert!(!run(&fake, json!({})).unwrap().attached);
        assert_eq!(run(&fake, json!({})).unwrap().ran.stdout, "copied 100%\n");
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn a_failed_start_is_started_anew_by_the_next_run() {
        let fake = FakeAlation::new("10.0.0.1")
            .job(KEY, JobState::Exited { rc: 0 }, "ERROR: connection lost\n")
            .action(NAME, says("copied\n"));
        assert!(run(&fake, json!({})).is_ok());
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn a_start_whose_end_is_unknown_waits_for_a_human() {
        let fake = FakeAlation::new("10.0.0.1")
            .job(KEY, JobState::Vanished { rebooted: true }, "")
            .action(NAME, says("copied\n"));
        let failure = run(&fake, json!({})).unwrap_err();
        assert_eq!(failure.kind, switchover_sdk::FailureKind::Unknown);
        assert!(failure.remedy.unwrap().contains(r#"{"alation_again": ["alation.kvstore_copy"]}"#));
        assert_eq!(fake.done(), [""; 0]);
        assert!(run(&fake, json!({ "again": "kvstore_copy" })).is_ok());
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn an_action_that_asks_is_ended_and_named() {
        let fake = FakeAlation::new("10.0.0.1").action(NAME, asks());
        let failure = run(&fake, json!({ "prompt_grace": 0 })).unwrap_err();
        assert_eq!(
            failure.msg,
            "cluster_kvstore_copy waits for input: All data is lost. Type YES to continue:"
        );
        assert_eq!(fake.done(), [NAME, "kill alation.kvstore_copy"]);
        assert!(!fake.knows_job(KEY));
    }

    #[test]
    fn an_action_gets_the_answer_that_the_operator_gives() {
        let fake =
            FakeAlation::new("10.0.0.1").action(NAME, Behaviour { stdout: "copied\n".into(), ..asks() });
        assert!(run(&fake, json!({ "action_input": { NAME: "YES\n" } })).is_ok());
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn an_action_that_takes_too_long_is_left_alone() {
        let fake =
            FakeAlation::new("10.0.0.1").action(NAME, Behaviour { hangs: true, ..says("copying 3%\n") });
        let failure = run(&fake, json!({ "action_timeout": { NAME: 0 } })).unwrap_err();
        assert_eq!(failure.kind, switchover_sdk::FailureKind::Unknown);
        assert!(
            failure.msg.contains("still runs after 0 seconds; its last words: copying 3%"),
            "{}",
            failure.msg
        );
        assert!(fake.knows_job(KEY));
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn an_action_that_was_left_alone_is_ended_when_the_operator_says_so() {
        let fake = FakeAlation::new("10.0.0.1")
            .job(KEY, JobState::Running, "")
            .action(NAME, Behaviour { stdout: "copied\n".into(), ..asks() });
        let arguments = json!({ "end": "kvstore_copy", "action_input": { NAME: "YES\n" } });
        assert!(run(&fake, arguments).is_ok());
        assert_eq!(fake.done(), ["kill alation.kvstore_copy", NAME]);
    }

    #[test]
    fn an_action_that_was_answered_may_be_silent_after_its_question() {
        let asks = Behaviour { needs_input: None, ..asks() };
        let fake = FakeAlation::new("10.0.0.1").action(NAME, asks);
        let arguments = json!({ "prompt_grace": 0, "action_timeout": 0, "action_input": { NAME: "YES\n" } });
        assert!(run(&fake, arguments).unwrap_err().msg.contains("still runs"));
        assert_eq!(fake.done(), [NAME]);
    }

    #[test]
    fn progress_is_told_as_it_comes() {
        let fake = FakeAlation::new("10.0.0.1").action(NAME, says("copying 42% of it\n"));
        run(&fake, json!({})).unwrap();
        assert_eq!(fake.progress(), ["copying 42% of it"]);
    }

    #[test]
    fn a_refused_sudo_is_explained() {
        let refused =
            Behaviour { rc: 1, stderr: "sudo: a password is required\n".into(), ..Behaviour::default() };
        let fake = FakeAlation::new("10.0.0.1").action(NAME, refused);
        assert!(run(&fake, json!({})).unwrap_err().msg.starts_with("sudo asks for a password"));
    }
}
