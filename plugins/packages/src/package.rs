mod params;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use crate::apt::{self, Apt};
use crate::dnf::{self, Dnf};
use crate::tool::missing;
pub use params::PackageParams;

pub struct Package;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
}

/// Names the package managers of the host.
const DETECT: &str = "for tool in apt-get dnf dnf5 yum microdnf zypper apk pacman; do \
    command -v $tool >/dev/null && echo $tool; done; exit 0";

impl Module for Package {
    type Params = PackageParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.package",
        aliases: &["package"],
        summary: "Keeps packages with whatever package manager the host has.",
        description: "Asks the modules `apt` and `dnf`, whose results it returns. It takes what these take; what the host's own \
                      manager does not know is refused there.",
        long: true,
        examples: &[
            ("There", "package: { name: [git, rsync], state: present }"),
            ("Gone", "ansible.builtin.package: { name: telnet, state: absent }"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &PackageParams, host: &Host) -> Result<Delta, Failure> {
        match params.named(host)? {
            Some(Manager::Apt) => Ok(mark(Apt::check(&params.apt()?, host)?, Manager::Apt)),
            Some(Manager::Dnf) => Ok(mark(Dnf::check(&params.dnf()?, host)?, Manager::Dnf)),
            None => params.check_found(host),
        }
    }

    fn apply(params: &PackageParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut delta = delta.clone();
        let (Delta::Some { state, .. } | Delta::Unknown { state }) = &mut delta else {
            return Ok(Outcome::default());
        };
        let manager = state["manager"].take();
        *state = state["state"].take();
        if manager == json!("apt") {
            Apt::apply(&params.apt()?, &delta, host)
        } else {
            Dnf::apply(&params.dnf()?, &delta, host)
        }
    }
}

/// Keeps in mind which manager said it.
fn mark(mut delta: Delta, manager: Manager) -> Delta {
    if let Delta::Some { state, .. } | Delta::Unknown { state } = &mut delta {
        let manager = if manager == Manager::Apt { "apt" } else { "dnf" };
        *state = json!({ "manager": manager, "state": state.take() });
    }
    delta
}

impl PackageParams {
    /// Returns the manager that the task names, or else the variable `ansible_package_use`.
    fn named(&self, host: &Host) -> Result<Option<Manager>, Failure> {
        let named = match self.manager.as_str() {
            "auto" => match host.variable("ansible_package_use")? {
                Value::String(named) => named,
                _ => return Ok(None),
            },
            named => named.to_owned(),
        };
        match named.rsplit('.').next().unwrap_or_default() {
            "auto" => Ok(None),
            "apt" => Ok(Some(Manager::Apt)),
            "dnf" | "dnf4" | "dnf5" | "yum" | "yum4" => Ok(Some(Manager::Dnf)),
            other => {
                let msg = format!("Could not find a matching action for the \"{other}\" package manager.");
                Err(Failure::arguments(msg).remedy("only apt and dnf are known here"))
            }
        }
    }

    /// Asks all managers at once and listens to the one that is there.
    fn check_found(&self, host: &Host) -> Result<Delta, Failure> {
        let exec = |command: Command| HostCall::Exec(command.into_exec());
        let mut calls = vec![exec(Command::shell(DETECT).reads())];
        let mut goals = Vec::new();
        let apt = self.apt();
        if let Ok(apt) = &apt {
            goals = apt::Goal::all(apt)?;
        }
        calls.extend(
            goals.iter().zip(apt.iter().cycle()).map(|(goal, apt)| exec(apt::look::command(goal, apt))),
        );
        let dnf = self.dnf().and_then(|dnf| Ok((dnf.goal()?, dnf)));
        calls.extend(dnf.iter().map(|(goal, dnf)| exec(dnf::look::command(dnf, *goal))));
        let mut outputs = host.many(calls)?.into_iter().map(|reply| match reply {
            HostReply::Exec(output) => Ok(output),
            other => host.fail_with(Some(other)),
        });
        let said = outputs.next().transpose()?.unwrap_or_default().stdout.to_text();
        let outputs: Vec<ExecOutput> = outputs.collect::<Result<_, _>>()?;
        match said.lines().next() {
            Some("apt-get") => {
                let seen = apt::look::Seen::read_all(&outputs[..goals.len()])?;
                Ok(mark(apt::check_seen(&apt?, &goals, &seen, host)?, Manager::Apt))
            }
            Some("dnf" | "dnf5" | "yum" | "microdnf") => {
                let (goal, dnf) = dnf?;
                dnf.refuse_nonsense()?;
                let seen = dnf::look::Seen::read(outputs.last().unwrap_or(&ExecOutput::default()))?;
                Ok(mark(dnf::check_seen(&dnf, goal, &seen)?, Manager::Dnf))
            }
            Some(other) => {
                Err(Failure::new(format!("package manager {other} is not supported, only apt and dnf")))
            }
            None => Err(missing("apt-get\" or \"dnf")),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    fn said(text: &str) -> ExecOutput {
        ExecOutput { stdout: text.into(), ..ExecOutput::default() }
    }

    const APT: &str =
        "@stamp\n1\n2\n@archives\n@installed\n@simulated\nInst git (1:2 Debian [amd64])\n@rc 0\n";

    #[test]
    fn asks_the_manager_that_is_there_in_two_round_trips() {
        let host = FakeHost::new()
            .script("for tool in", said("apt-get\n"))
            .script("apt-get -s", said(APT))
            .script("check-update", said("@none\n"))
            .script("policy=", said("done\n"));
        let outcome = host.run::<Package>(json!({ "name": "git", "state": "present" })).unwrap();
        assert!(outcome.changed);
        assert_eq!(outcome.result["stdout"], "done\n");
        assert_eq!(host.round_trips(), 2);
        examples::<Package>();
    }

    #[test]
    fn asks_dnf_where_there_is_no_apt() {
        let host = FakeHost::new()
            .script("for tool in", said("dnf\nyum\n"))
            .script("apt-get -s", said("@none\n"))
            .script("check-update", said("@tool\ndnf\n@names\ninstalled git\n"));
        let delta = host.check::<Package>(json!({ "name": "git", "state": "present" })).unwrap();
        assert_eq!(delta, Delta::none_with(json!({ "msg": "Nothing to do", "rc": 0, "results": [] })));
    }

    #[test]
    fn refuses_managers_that_it_does_not_know() {
        let host = |tools: &str| {
            FakeHost::new()
                .script("for tool in", said(tools))
                .script("apt-get -s", said("@none\n"))
                .script("check-update", said("@none\n"))
        };
        let msg = |tools: &str, args: Value| host(tools).run::<Package>(args).unwrap_err().msg;
        let git = json!({ "name": "git", "state": "present" });
        assert_eq!(msg("apk\n", git.clone()), "package manager apk is not supported, only apt and dnf");
        assert_eq!(msg("", git), "Failed to find required executable \"apt-get\" or \"dnf\"");
        let named = json!({ "name": "git" });
        let set = host("").about("ansible_package_use", json!("lola"));
        let lola = "Could not find a matching action for the \"lola\" package manager.";
        assert_eq!(set.run::<Package>(named).unwrap_err().msg, lola);
        let named = json!({ "name": "git", "state": "present", "use": "community.general.pacman" });
        assert_eq!(msg("", named), "Could not find a matching action for the \"pacman\" package manager.");
    }
}
