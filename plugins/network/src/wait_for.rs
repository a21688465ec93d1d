mod connections;
mod look;

use std::time::{Duration, Instant};

use fancy_regex::Regex;
use switchover_sdk::prelude::*;

use look::{Look, Seen};

#[derive(Params)]
pub struct WaitForParams {
    /// The address, as the host sees it.
    #[param(default = "127.0.0.1")]
    pub host: String,
    /// The port to wait for.
    pub port: Option<u16>,
    /// The path to wait for.
    pub path: Option<HostPath>,
    /// What to wait for: a port that answers or a path that is there (`started`, `present`), that is gone
    /// (`stopped`, `absent`), or a port without connections (`drained`).
    #[param(default = "started")]
    pub state: State,
    /// A Python expression to find in the file, or in what the port says.
    pub search_regex: Option<String>,
    /// Seconds until the task fails.
    #[param(default = 300)]
    pub timeout: u64,
    /// Seconds before the first look.
    #[param(default = 0)]
    pub delay: u64,
    /// Seconds between two looks.
    #[param(default = 1)]
    pub sleep: u64,
    /// Seconds for one connection.
    #[param(default = 5)]
    pub connect_timeout: u64,
    /// What the failure says instead of its own words.
    pub msg: Option<String>,
    /// Addresses whose connections do not count for `drained`.
    pub exclude_hosts: Option<Vec<String>>,
    /// States of connections that count for `drained`.
    #[param(default = ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"])]
    pub active_connection_states: Vec<String>,
}

#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Drained,
    Present,
    Started,
    Stopped,
}

pub struct WaitFor;

impl Module for WaitFor {
    type Params = WaitForParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.wait_for",
        aliases: &["wait_for"],
        summary: "Waits until a port answers, a file is there, or either is gone.",
        effect: Spec::READS,
        examples: &[
            ("A port", "wait_for: { port: 8080, timeout: 60 }"),
            ("A word in a log", "wait_for: { path: /var/log/app.log, search_regex: 'started' }"),
            ("A lock that goes", "wait_for: { path: /var/lock/app, state: absent }"),
        ],
        returns: &[
            ("elapsed", "seconds"),
            ("match_groups", "groups of `search_regex`; `match_groupdict` by name"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &WaitForParams, host: &Host) -> Result<Delta, Failure> {
        if host.about.check_mode {
            return Ok(Delta::none_with(
                json!({ "skipped": true, "msg": "remote module (wait_for) does not support check mode" }),
            ));
        }
        params.refuse_nonsense()?;
        Ok(Delta::unknown())
    }

    fn apply(params: &WaitForParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        params.refuse_nonsense()?;
        let regex = params.expression()?;
        let start = Instant::now();
        let limit = Duration::from_secs(params.timeout);
        rest(Duration::from_secs(params.delay), host)?;
        if params.port.is_none() && params.path.is_none() {
            rest(limit, host)?;
            return Ok(params.outcome(Seen::default(), start.elapsed().as_secs()));
        }
        let look = Look { params, regex: regex.as_ref() };
        loop {
            if let Some(seen) = look.now(host)? {
                return Ok(params.outcome(seen, start.elapsed().as_secs()));
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                let msg = params.msg.clone().unwrap_or_else(|| params.timed_out());
                return Err(Failure::new(msg).with("elapsed", start.elapsed().as_secs()));
            }
            rest(left.min(Duration::from_secs(params.sleep)), host)?;
        }
    }
}

/// Waits, but not longer than the operator wants to.
pub fn rest(time: Duration, host: &Host) -> Result<(), Failure> {
    let end = Instant::now() + time;
    loop {
        if host.cancelled() {
            return Err(Failure {
                kind: switchover_sdk::FailureKind::Cancelled,
                ..Failure::new("the run is being stopped")
            });
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(Duration::from_millis(200)));
    }
}

impl WaitForParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let msg = match (self.port, &self.path, self.state) {
            (Some(_), Some(_), _) => "port and path parameter can not both be passed to wait_for",
            (_, Some(_), State::Stopped) => {
                "state=stopped should only be used for checking a port in the wait_for module"
            }
            (_, Some(_), State::Drained) => {
                "state=drained should only be used for checking a port in the wait_for module"
            }
            (None, None, State::Drained) => "state=drained needs a port",
            (None, None, State::Stopped | State::Absent) => "what should be gone? name a port or a path",
            _ if self.exclude_hosts.is_some() && self.state != State::Drained => {
                "exclude_hosts should only be with state=drained"
            }
            _ => return Ok(()),
        };
        Err(Failure::arguments(msg).with("elapsed", 0))
    }

    fn expression(&self) -> Result<Option<Regex>, Failure> {
        let compile = |pattern: &String| {
            Regex::new(&format!("(?m){pattern}")).map_err(|error| {
                Failure::arguments(format!("the regular expression `{pattern}` is wrong: {error}"))
            })
        };
        self.search_regex.as_ref().map(compile).transpose()
    }

    fn timed_out(&self) -> String {
        let place = format!("{}:{}", self.host, self.port.unwrap_or_default());
        let wanted = self.search_regex.as_deref();
        match (self.state, self.port, &self.path, wanted) {
            (State::Stopped | State::Absent, Some(_), ..) => {
                format!("Timeout when waiting for {place} to stop.")
            }
            (State::Stopped | State::Absent, _, Some(path), _) => {
                format!("Timeout when waiting for {path} to be absent.")
            }
            (State::Drained, ..) => format!("Timeout when waiting for {place} to drain"),
            (_, Some(_), _, Some(wanted)) => {
                format!("Timeout when waiting for search string {wanted} in {place}")
            }
            (_, None, Some(path), Some(wanted)) => {
                format!("Timeout when waiting for search string {wanted} in {path}")
            }
            (_, None, Some(path), None) => format!("Timeout when waiting for file {path}"),
            _ => format!("Timeout when waiting for {place}"),
        }
    }

    fn outcome(&self, seen: Seen, elapsed: u64) -> Outcome {
        let mut outcome = Outcome::unchanged(json!({
            "state": self.state.word(), "port": self.port, "path": self.path.as_deref(),
            "search_regex": self.search_regex, "match_groups": seen.groups, "match_groupdict": seen.named,
            "elapsed": elapsed,
        }));
        match seen.stat {
            Some(stat) => outcome.result.extend(path_result(&stat)),
            None if self.path.is_some() => drop(outcome.result.insert("state".into(), json!("absent"))),
            None => {}
        }
        outcome
    }
}

/// Returns the keys that results have for a path that is there.
pub fn path_result(stat: &FileStat) -> Map {
    let state = match stat.kind {
        FileKind::Directory => "directory",
        FileKind::Link => "link",
        _ if stat.nlink > 1 => "hard",
        _ => "file",
    };
    let keys = [
        ("uid", json!(stat.uid)),
        ("gid", json!(stat.gid)),
        ("owner", json!(stat.owner)),
        ("group", json!(stat.group)),
        ("mode", json!(format!("0{:03o}", stat.mode))),
        ("size", json!(stat.size)),
        ("state", json!(state)),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn finds_a_word_in_a_file_with_its_groups() {
        let host = FakeHost::new().file("/log", "one\ntwo\n");
        let arguments = json!({ "path": "/log", "search_regex": "^(?P<n>t.o)", "timeout": 0 });
        let outcome = host.run::<WaitFor>(arguments).unwrap();
        assert_eq!(outcome.result["match_groups"], json!(["two"]));
        assert_eq!(outcome.result["match_groupdict"], json!({ "n": "two" }));
        assert_eq!((&outcome.result["state"], &outcome.result["mode"]), (&json!("file"), &json!("0644")));
        examples::<WaitFor>();
    }

    #[test]
    fn a_port_that_answers_at_the_second_look_is_enough() {
        let closed = ExecOutput { rc: 1, ..ExecOutput::default() };
        let host = FakeHost::new().script_once("/dev/tcp", closed).script("/dev/tcp", ExecOutput::default());
        let outcome = host.run::<WaitFor>(json!({ "port": 80, "sleep": 0 })).unwrap();
        assert_eq!(outcome.result["state"], "started");
        assert_eq!(host.programs().len(), 2);
    }

    #[test]
    fn says_what_it_waited_for() {
        let closed = ExecOutput { rc: 1, ..ExecOutput::default() };
        let host = FakeHost::new().file("/f", "x").script("/dev/tcp", closed);
        let msg = |arguments: Value| host.run::<WaitFor>(arguments).unwrap_err().msg;
        assert_eq!(msg(json!({ "port": 1, "timeout": 0 })), "Timeout when waiting for 127.0.0.1:1");
        assert_eq!(msg(json!({ "path": "/no", "timeout": 0 })), "Timeout when waiting for file /no");
        assert_eq!(
            msg(json!({ "path": "/f", "state": "absent", "timeout": 0 })),
            "Timeout when waiting for /f to be absent."
        );
        assert_eq!(msg(json!({ "port": 1, "timeout": 0, "msg": "custom" })), "custom");
        assert_eq!(
            msg(json!({ "port": 1, "path": "/f" })),
            "port and path parameter can not both be passed to wait_for"
        );
    }

    #[test]
    fn nothing_is_waited_for_in_check_mode() {
        let host = FakeHost::new().check_mode();
        let Delta::None { result } = host.check::<WaitFor>(json!({ "port": 1 })).unwrap() else {
            panic!("waits")
        };
        assert_eq!(result["skipped"], true);
    }
}
