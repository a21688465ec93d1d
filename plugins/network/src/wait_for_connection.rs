use std::time::{Duration, Instant};

use switchover_sdk::prelude::*;
use switchover_sdk::{FailureKind, Level};

use crate::wait_for::rest;

#[derive(Params)]
pub struct WaitForConnectionParams {
    /// Seconds that one attempt may take.
    #[param(default = 5)]
    pub connect_timeout: u64,
    /// Seconds before the first attempt.
    #[param(default = 0)]
    pub delay: u64,
    /// Seconds between two attempts.
    #[param(default = 1)]
    pub sleep: u64,
    /// Seconds after which it is a failure.
    #[param(default = 600)]
    pub timeout: u64,
}

pub struct WaitForConnection;

impl Module for WaitForConnection {
    type Params = WaitForConnectionParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.wait_for_connection",
        aliases: &["wait_for_connection"],
        summary: "Waits until the host can be logged in to and runs a command.",
        effect: Spec::READS,
        long: true,
        examples: &[("After a restart", "wait_for_connection: { delay: 10, timeout: 300 }")],
        returns: &[("elapsed", "seconds")],
        ..Spec::DEFAULT
    };

    fn check(_: &WaitForConnectionParams, host: &Host) -> Result<Delta, Failure> {
        if host.about.check_mode {
            return Ok(Delta::none_with(
                json!({ "skipped": true, "msg": "remote module (wait_for_connection) does not support check mode" }),
            ));
        }
        Ok(Delta::unknown())
    }

    fn apply(params: &WaitForConnectionParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let start = Instant::now();
        rest(Duration::from_secs(params.delay), host)?;
        let limit = Duration::from_secs(params.timeout);
        let attempt = Command::new(["true"]).reads().timeout(params.connect_timeout.max(1));
        loop {
            let why = match host.exec(&attempt) {
                Ok(output) if output.rc == 0 => {
                    return Ok(Outcome::unchanged(json!({ "elapsed": start.elapsed().as_secs() })));
                }
                Ok(output) => attempt.failure(&output).msg,
                Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
                Err(failure) => failure.msg,
            };
            if start.elapsed() >= limit {
                let msg = format!("timed out waiting for the host: {why}");
                return Err(Failure::new(msg).with("elapsed", start.elapsed().as_secs()));
            }
            host.log(Level::Info, format!("waiting for the host: {why}"))?;
            rest(Duration::from_secs(params.sleep), host)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn waits_until_a_command_runs() {
        let fails = ExecOutput { rc: 255, ..ExecOutput::default() };
        let host = FakeHost::new().script_once("true", fails).command("true", 0, "");
        let outcome = host.run::<WaitForConnection>(json!({ "sleep": 0 })).unwrap();
        assert_eq!(outcome.result["elapsed"], 0);
        assert_eq!(host.round_trips(), 2);
        examples::<WaitForConnection>();
    }

    #[test]
    fn gives_up_when_the_time_is_over() {
        let host = FakeHost::new().command("true", 255, "");
        let failure = host.run::<WaitForConnection>(json!({ "timeout": 0 })).unwrap_err();
        assert!(failure.msg.starts_with("timed out waiting for the host"), "{}", failure.msg);
    }
}
