use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use switchover_sdk::export::{Erased as _, Typed};
use switchover_sdk::{
    About, Delta, Exec, ExecOutput, Failure, Host, HostCall, HostError, HostReply, Job, JobState, Map,
    Module, Outcome, Program, Value,
};

use super::{Behaviour, FakeJob};

/// An Alation host in memory: configuration keys, actions with effects, detached jobs, a version, a replication page.
///
/// What a test did not announce is an error, so a test sees everything that a module runs.
#[derive(Default)]
pub struct FakeAlation {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    build: String,
    conf: BTreeMap<String, String>,
    actions: BTreeMap<String, Behaviour>,
    announced: Vec<(String, Behaviour)>,
    jobs: BTreeMap<String, FakeJob>,
    files: BTreeMap<String, String>,
    pages: VecDeque<String>,
    record: String,
    /// Everything that changed something, in order.
    done: Vec<String>,
    progress: Vec<String>,
    now: i64,
    checking: bool,
    check_mode: bool,
}

impl FakeAlation {
    /// Returns a host with this build in use.
    pub fn new(build: &str) -> Self {
        let fake = Self::default();
        fake.state.borrow_mut().build = build.to_owned();
        fake.state.borrow_mut().now = 1000;
        fake
    }

    /// Sets a configuration key.
    pub fn conf(self, key: &str, value: &str) -> Self {
        self.state.borrow_mut().conf.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Sets the replication mode.
    pub fn mode(self, word: &str) -> Self {
        self.conf("alation.cluster.replication_mode", word)
    }

    /// Says what an action does.
    pub fn action(self, name: &str, behaviour: Behaviour) -> Self {
        self.state.borrow_mut().actions.insert(name.to_owned(), behaviour);
        self
    }

    /// Says what a program outside of the Alation shell does: the first announced text that is part of its line.
    pub fn program(self, part: &str, behaviour: Behaviour) -> Self {
        self.state.borrow_mut().announced.push((part.to_owned(), behaviour));
        self
    }

    /// Announces a program that prints something and changes nothing.
    pub fn prints(self, part: &str, rc: i32, stdout: &str) -> Self {
        self.program(part, Behaviour { rc, stdout: stdout.to_owned(), ..Behaviour::default() })
    }

    /// Puts a file there.
    pub fn file(self, path: &str, content: &str) -> Self {
        self.state.borrow_mut().files.insert(path.to_owned(), content.to_owned());
        self
    }

    /// Says what the replication page answers, one look after the other; the last answer stays. An empty page is a
    /// refused connection.
    pub fn pages(self, bodies: &[&str]) -> Self {
        self.state.borrow_mut().pages = bodies.iter().map(|body| (*body).to_owned()).collect();
        self
    }

    /// Leaves an earlier job behind.
    pub fn job(self, key: &str, state: JobState, stdout: &str) -> Self {
        let job = FakeJob {
            line: String::new(),
            state,
            started: 1,
            stdout: stdout.to_owned(),
            stderr: String::new(),
        };
        self.state.borrow_mut().jobs.insert(key.to_owned(), job);
        self
    }

    /// Leaves the record of a procedure behind.
    pub fn record(self, record: &Value) -> Self {
        self.state.borrow_mut().record = record.to_string();
        self
    }

    /// Runs in check mode.
    pub fn check_mode(self) -> Self {
        self.state.borrow_mut().check_mode = true;
        self
    }

    /// Returns what changed something, in order.
    pub fn done(&self) -> Vec<String> {
        self.state.borrow().done.clone()
    }

    /// Returns the notes of the progress that was told.
    pub fn progress(&self) -> Vec<String> {
        self.state.borrow().progress.clone()
    }

    /// Returns the value of a configuration key.
    pub fn value(&self, key: &str) -> Option<String> {
        self.state.borrow().conf.get(key).cloned()
    }

    /// Returns the record that the host holds.
    pub fn kept_record(&self) -> Value {
        self.state.borrow().record.parse().unwrap_or(Value::Null)
    }

    /// Returns whether the host knows a job of this key.
    pub fn knows_job(&self, key: &str) -> bool {
        self.state.borrow().jobs.contains_key(key)
    }

    /// Lends the host to a function, as a module sees it.
    pub fn with_host<T>(&self, work: impl FnOnce(&Host) -> T) -> T {
        let check_mode = self.state.borrow().check_mode;
        let caller = |call: &HostCall| self.answer(call);
        let about = About { check_mode, diff: true, ..About::default() };
        work(&Host::new(&caller, &|| false, about))
    }

    /// Asks a module what would change; every write is refused meanwhile.
    pub fn check<M: Module>(&self, arguments: &Value) -> Result<Delta, Failure> {
        self.state.borrow_mut().checking = true;
        let params = parse::<M>(arguments);
        let delta = params.and_then(|params| self.with_host(|host| M::check(&params, host)));
        self.state.borrow_mut().checking = false;
        delta
    }

    /// Runs a module as the engine does: `check`, then `apply` unless there is nothing to change.
    pub fn run<M: Module>(&self, arguments: &Value) -> Result<Outcome, Failure> {
        // The declaration is read too, so that a broken one shows in every test.
        Typed::<M>::default().spec();
        match self.check::<M>(arguments)? {
            Delta::None { result } => Ok(Outcome { result, ..Outcome::default() }),
            delta => {
                let params = parse::<M>(arguments)?;
                self.with_host(|host| M::apply(&params, &delta, host))
            }
        }
    }

    fn answer(&self, call: &HostCall) -> HostReply {
        let mut state = self.state.borrow_mut();
        if state.checking && call.writes() {
            return HostReply::Error(HostError::RefusedDuringCheck { call: call.in_words() });
        }
        state.answer(call)
    }
}

fn parse<M: Module>(arguments: &Value) -> Result<M::Params, Failure> {
    use switchover_sdk::Params as _;
    let map = arguments.as_object().cloned().unwrap_or_else(Map::new);
    let specs = M::Params::specs();
    if let Some(unknown) = map.keys().find(|key| !specs.iter().any(|spec| spec.name == **key)) {
        return Err(Failure::arguments(format!("no argument `{unknown}`")));
    }
    M::Params::parse(&map).map_err(Failure::from)
}

impl State {
    fn answer(&mut self, call: &HostCall) -> HostReply {
        match call {
            HostCall::Exec(exec) => self.exec(exec),
            HostCall::Many(calls) => HostReply::Many(calls.iter().map(|call| self.answer(call)).collect()),
            HostCall::JobStart { key, exec, .. } => self.start(key, exec),
            HostCall::JobStatus { key } => HostReply::Job(self.job(key, false)),
            HostCall::JobPoll { key, stdout_from, stderr_from, .. } => match self.jobs.get(key) {
                Some(job) => job.chunk(key, *stdout_from, *stderr_from),
                None => invalid(format!("no job {key}")),
            },
            HostCall::JobKill { key } => {
                self.done.push(format!("kill {key}"));
                if let Some(job) = self.jobs.get_mut(key) {
                    job.state = JobState::Vanished { rebooted: false };
                }
                HostReply::Job(self.job(key, false))
            }
            HostCall::JobForget { key } => {
                self.jobs.remove(key);
                HostReply::Done
            }
            HostCall::ReadFrom { path, offset, .. } => {
                let text = self.files.get(path).map_or("", |text| text.get(*offset as usize..).unwrap_or(""));
                HostReply::Content(text.into())
            }
            HostCall::Log { .. } => HostReply::Done,
            HostCall::Progress { note, .. } => {
                self.progress.push(note.clone());
                HostReply::Done
            }
            other => invalid(format!("a fake Alation host cannot answer {other:?}")),
        }
    }

    fn job(&self, key: &str, attached: bool) -> Job {
        let absent = || Job {
            key: key.to_owned(),
            state: JobState::Absent,
            attached: false,
            started: 0,
            ended: None,
            folder: String::new(),
            no_room: false,
        };
        self.jobs.get(key).map_or_else(absent, |job| job.job(key, attached))
    }

    fn start(&mut self, key: &str, exec: &Exec) -> HostReply {
        if self.jobs.contains_key(key) {
            return HostReply::Job(self.job(key, true));
        }
        let line = line(exec);
        let Some(behaviour) = self.behaviour(&line) else {
            return invalid(format!("the test announced no program `{line}`"));
        };
        self.now += 1;
        let job = FakeJob::of(&line, &behaviour, exec, self.now);
        if matches!(job.state, JobState::Exited { .. }) {
            self.take_effect(&behaviour);
        }
        self.done.push(short(&line));
        self.jobs.insert(key.to_owned(), job);
        HostReply::Job(self.job(key, false))
    }

    fn exec(&mut self, exec: &Exec) -> HostReply {
        let line = line(exec);
        let stdin = exec.stdin.as_ref().map(|bytes| bytes.to_text());
        if line.contains("procedure.json") {
            return self.keep_record(stdin);
        }
        if line.contains("@@link") {
            let numbers: Vec<&str> = self.build.split('.').collect();
            let names = ["MAJOR", "MINOR", "PATCH", "BUILD"].iter().zip(numbers);
            let text: String =
                names.map(|(name, number)| format!("ALATION_{name}_VERSION = {number}\n")).collect();
            return ran(
                0,
                &format!("{text}\n@@link \n@@disk d 9 9 20971520 9% /\n\n@@addresses 10.0.0.1 \n"),
            );
        }
        if line.contains("@@status") {
            return self.page();
        }
        if line == "date +%s" {
            return ran(0, &format!("{}\n", self.now));
        }
        if let Some(rest) = line.split("alation_conf ").nth(1) {
            return self.alation_conf(rest.trim_end_matches('\''));
        }
        let Some(behaviour) = self.behaviour(&line) else {
            return invalid(format!("the test announced no program `{line}`"));
        };
        if !exec.reads {
            self.done.push(short(&line));
            self.take_effect(&behaviour);
        }
        HostReply::Exec(ExecOutput {
            rc: behaviour.rc,
            stdout: behaviour.stdout.into(),
            stderr: behaviour.stderr.into(),
            ..ExecOutput::default()
        })
    }

    fn keep_record(&mut self, stdin: Option<String>) -> HostReply {
        match stdin {
            Some(text) => {
                self.record = text;
                self.done.push("record".to_owned());
                ran(0, "")
            }
            None => ran(0, &self.record.clone()),
        }
    }

    fn page(&mut self) -> HostReply {
        let page = if self.pages.len() > 1 { self.pages.pop_front() } else { self.pages.front().cloned() };
        match page {
            Some(body) if !body.is_empty() => ran(0, &format!("{body}\n@@status 200\n")),
            _ => HostReply::Exec(ExecOutput {
                rc: 7,
                stderr: "curl: (7) connection refused".into(),
                ..ExecOutput::default()
            }),
        }
    }

    fn alation_conf(&mut self, rest: &str) -> HostReply {
        let words: Vec<&str> = rest.split(' ').collect();
        match words.as_slice() {
            [key, "-s", value @ ..] => {
                let value = value.join(" ");
                self.done.push(format!("{key} = {value}"));
                self.conf.insert((*key).to_owned(), value);
                ran(0, "")
            }
            [key] => match self.conf.get(*key) {
                Some(value) => ran(0, &format!("{key} = {value}\n")),
                None => ran(1, "no such key\n"),
            },
            _ => invalid(format!("alation_conf {rest}")),
        }
    }

    fn behaviour(&self, line: &str) -> Option<Behaviour> {
        if let Some(name) = line.split("alation_action ").nth(1) {
            return self.actions.get(name.trim_end_matches('\'')).cloned();
        }
        self.announced.iter().find(|(part, _)| line.contains(part.as_str())).map(|(_, b)| b.clone())
    }

    fn take_effect(&mut self, behaviour: &Behaviour) {
        for (key, value) in &behaviour.sets {
            self.conf.insert(key.clone(), value.clone());
        }
        if let Some(build) = &behaviour.installs {
            self.build = build.clone();
        }
    }
}

/// Returns the action's name, or the whole line.
fn short(line: &str) -> String {
    match line.split("alation_action ").nth(1) {
        Some(name) => name.trim_end_matches('\'').to_owned(),
        None => line.to_owned(),
    }
}

fn line(exec: &Exec) -> String {
    match &exec.program {
        Program::Argv(argv) => argv.join(" "),
        Program::Shell { text, .. } => text.clone(),
        #[allow(unreachable_patterns)]
        other => format!("{other:?}"),
    }
}

fn ran(rc: i32, stdout: &str) -> HostReply {
    HostReply::Exec(ExecOutput { rc, stdout: stdout.into(), ..ExecOutput::default() })
}

fn invalid(reason: String) -> HostReply {
    HostReply::Error(HostError::Invalid { reason })
}
