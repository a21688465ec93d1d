use std::time::{Duration, Instant};

use switchover_sdk::prelude::*;
use switchover_sdk::{FailureKind, Level};

use switchover_sdk::script::script;

#[derive(Params)]
pub struct RebootParams {
    /// Seconds before the restart begins; systems count in whole minutes, rounded down.
    #[param(default = 0)]
    pub pre_reboot_delay: u64,
    /// Seconds to wait after the host answers again.
    #[param(default = 0)]
    pub post_reboot_delay: u64,
    /// Seconds within which the host must be up and pass the test.
    #[param(default = 600)]
    pub reboot_timeout: u64,
    /// Seconds that one try to reach the host may take. Refused: the connection's own setting counts.
    pub connect_timeout: Option<u64>,
    /// Must succeed before the host counts as up.
    #[param(default = "whoami")]
    pub test_command: String,
    /// What users of the host read.
    #[param(default = "Reboot initiated by Ansible")]
    pub msg: String,
    /// Where `shutdown` is searched.
    #[param(default = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"])]
    pub search_paths: Vec<HostPath>,
    /// Prints what differs after a restart.
    #[param(default = "cat /proc/sys/kernel/random/boot_id")]
    pub boot_time_command: String,
    /// Restarts the host, instead of `shutdown`.
    pub reboot_command: Option<String>,
}

pub struct Reboot;

/// Starts the restart from a process of its own, so that the connection has ended before: `$1` minutes, `$2` the
/// message, `$3` a command instead, then folders that are searched. The answer comes before the host goes down.
const START: &str = r#"minutes=$1 text=$2 own=$3; shift 3
if [ -z "$own" ]; then
tool=
for d; do [ -x "$d/shutdown" ] && tool=$d/shutdown && break; done
if [ -z "$tool" ]; then command -v shutdown >/dev/null 2>&1 && tool=shutdown; fi
if [ -n "$tool" ]; then set -- "$tool" -r "+$minutes" "$text"; [ "$minutes" -gt 0 ] || set -- "$tool" -r now "$text"
elif command -v reboot >/dev/null 2>&1; then set -- reboot
else exit 64; fi
else set -- sh -c "$own"; fi
(sleep 1; exec "$@") </dev/null >/dev/null 2>&1 &"#;

impl Module for Reboot {
    type Params = RebootParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.reboot",
        aliases: &["reboot"],
        summary: "Restarts the host and waits until it is up again.",
        long: true,
        examples: &[
            ("Now", "reboot:"),
            ("A slow machine", "reboot: { reboot_timeout: 3600, test_command: systemctl is-system-running }"),
        ],
        returns: &[("rebooted", "whether it has restarted"), ("elapsed", "seconds until it was up")],
        ..Spec::DEFAULT
    };

    fn check(params: &RebootParams, host: &Host) -> Result<Delta, Failure> {
        if params.connect_timeout.is_some() {
            return Err(Failure::arguments(
                "argument `connect_timeout` is not supported: the connection's own time limit counts",
            ));
        }
        let who = host.output(&Command::shell(IDENTITY).reads())?;
        if this_machine().is_some_and(|this| this == who.trim()) {
            return Err(Failure::new("Running reboot with local connection would reboot the control node."));
        }
        let before = host.output(&Command::shell(&params.boot_time_command).reads())?;
        let result = json!({ "rebooted": true, "elapsed": 0 });
        Ok(Delta::change("boot", before.trim(), "another").with_result(result).with_state(json!(before)))
    }

    fn apply(params: &RebootParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let before = delta.state().as_str().unwrap_or_default();
        let began = Instant::now();
        params.start(host)?;
        params.wait(before, began, host)?;
        std::thread::sleep(Duration::from_secs(params.post_reboot_delay));
        Ok(Outcome::changed(json!({ "rebooted": true, "elapsed": began.elapsed().as_secs() })))
    }
}

/// Tells the machine: its boot and its name (containers share the first with the machine that they run on).
const IDENTITY: &str = "cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/hostname 2>/dev/null; :";

/// Returns what [`IDENTITY`] prints on the controller; `None` where that is not Linux.
fn this_machine() -> Option<String> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok();
    let (boot, name) = (read("random/boot_id")?, read("hostname")?);
    Some(format!("{}\n{}", boot.trim(), name.trim()))
}

/// Between two looks at a host that is not up yet.
const PAUSE: Duration = Duration::from_secs(2);

impl RebootParams {
    fn start(&self, host: &Host) -> Result<(), Failure> {
        let minutes = (self.pre_reboot_delay / 60).to_string();
        let fixed = [minutes.as_str(), &self.msg, self.reboot_command.as_deref().unwrap_or_default()];
        let paths = self.search_paths.iter().map(|path| &**path);
        let arguments: Vec<&str> = fixed.into_iter().chain(paths).collect();
        let command = script(START, &arguments);
        let output = match host.exec(&command) {
            // A host that is gone already has taken the order.
            Err(failure) if failure.kind == FailureKind::Unknown => return Ok(()),
            other => other?,
        };
        match output.rc {
            0 => Ok(()),
            64 => Err(Failure::new("Unable to find command \"shutdown\" on the host")
                .with("rebooted", false)
                .remedy("name its folder in search_paths, or give reboot_command")),
            _ => Err(command.failure(&output).with("rebooted", false)),
        }
    }

    /// Waits until the host has another boot, and then until the test passes.
    fn wait(&self, before: &str, began: Instant, host: &Host) -> Result<(), Failure> {
        let limit = Duration::from_secs(self.reboot_timeout + self.pre_reboot_delay);
        let mut restarted = false;
        loop {
            let last = match self.look(before, &mut restarted, host) {
                Ok(None) => return Ok(()),
                Ok(Some(why)) => why,
                Err(failure) if failure.kind == FailureKind::Cancelled => return Err(failure),
                Err(failure) => failure.msg,
            };
            if host.cancelled() {
                return Err(Failure {
                    kind: FailureKind::Cancelled,
                    ..Failure::new("stopped while the host restarts")
                });
            }
            if began.elapsed() + PAUSE > limit {
                let seconds = self.reboot_timeout;
                return Err(Failure::unknown(format!(
                    "Timed out waiting for the restart (timeout={seconds}): {last}"
                ))
                .with("rebooted", restarted)
                .with("elapsed", began.elapsed().as_secs())
                .remedy("look at the host's console; when it is up, go on with the next task"));
            }
            host.log(Level::Info, format!("waiting for the restart: {last}"))?;
            std::thread::sleep(PAUSE);
        }
    }

    /// Returns why the host is not up yet; `None` when it is.
    fn look(&self, before: &str, restarted: &mut bool, host: &Host) -> Result<Option<String>, Failure> {
        if !*restarted {
            let output = host.exec(&Command::shell(&self.boot_time_command).reads().timeout(10))?;
            if output.rc != 0 || output.stdout.to_text() == before {
                return Ok(Some("the host has not gone down".to_owned()));
            }
            *restarted = true;
        }
        let test = Command::shell(&self.test_command).reads().timeout(60);
        let output = host.exec(&test)?;
        Ok((output.rc != 0).then(|| test.failure(&output).msg))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn said(text: &str) -> ExecOutput {
        ExecOutput { stdout: text.into(), ..ExecOutput::default() }
    }

    #[test]
    fn waits_for_another_boot_and_the_test() {
        let host = FakeHost::new()
            .command(IDENTITY, 0, "other\ndb1\n")
            .script_once("boot_id", said("one\n"))
            .script("boot_id", said("two\n"))
            .script("shutdown", said(""))
            .script("whoami", said("root\n"));
        let outcome = host.run::<Reboot>(json!({ "msg": "$(id)" })).unwrap();
        assert_eq!(outcome.result["rebooted"], true);
        let programs = host.programs();
        assert!(programs[2].contains(" 0 $(id)  /sbin /bin "), "{}", programs[2]);
        assert_eq!(programs[4], "whoami");
        examples::<Reboot>();
    }

    #[test]
    fn gives_up_when_the_time_is_over() {
        let host = FakeHost::new()
            .command(IDENTITY, 0, "")
            .script("boot_id", said("one\n"))
            .script("shutdown", said(""));
        let failure = host.run::<Reboot>(json!({ "reboot_timeout": 0 })).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unknown);
        assert_eq!(failure.result["rebooted"], false);
    }

    #[test]
    fn refuses_to_restart_the_controller() {
        let Some(this) = this_machine() else { return println!("skipped: this is not Linux") };
        let host = FakeHost::new().command(IDENTITY, 0, &format!("{this}\n"));
        let failure = host.check::<Reboot>(json!({})).unwrap_err();
        assert_eq!(failure.msg, "Running reboot with local connection would reboot the control node.");
    }
}
