use switchover_sdk::prelude::*;

use crate::sections::Sections;

#[derive(Params)]
pub struct ServiceFactsParams {}

pub struct ServiceFacts;

/// Sections: init scripts (`[ + ]  name`), units, unit files, OpenRC's services.
const LOOK: &str = r#"export LC_ALL=C
if command -v update-rc.d >/dev/null 2>&1 && command -v service >/dev/null 2>&1; then service --status-all 2>/dev/null </dev/null; fi
printf '\036'
if [ -d /run/systemd/system ]; then
systemctl list-units --no-pager --no-legend --plain --type service --all
printf '\036'
systemctl list-unit-files --no-pager --no-legend --type service --all
else printf '\036'; fi
printf '\036'
if command -v rc-status >/dev/null 2>&1; then rc-status -a -s -m 2>/dev/null; fi; :"#;

impl Module for ServiceFacts {
    type Params = ServiceFactsParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.service_facts",
        aliases: &["service_facts"],
        summary: "Tells of all services of a host, as the fact `services`.",
        effect: Spec::READS,
        examples: &[("All of them", "service_facts:")],
        returns: &[(
            "ansible_facts",
            "`services`: by name, each with `name`, `state`, `status` and `source`",
        )],
        ..Spec::DEFAULT
    };

    fn check(_: &ServiceFactsParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(_: &ServiceFactsParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let said = Sections::look::<&str>(LOOK, &[], 4, "sh", host)?;
        let mut services = Map::new();
        init_scripts(said.get(0), &mut services);
        openrc(said.get(3), &mut services);
        units(said.get(1), &mut services);
        unit_files(said.get(2), &mut services);
        let facts = Map::from_iter([("services".to_owned(), Value::Object(services))]);
        Ok(Outcome { facts, ..Outcome::default() })
    }
}

fn init_scripts(text: &str, services: &mut Map) {
    for line in text.lines().map(str::trim) {
        let state = match line.get(..5) {
            Some("[ + ]") => "running",
            Some("[ - ]") => "stopped",
            _ => continue,
        };
        let name = line[5..].trim();
        services.insert(name.to_owned(), json!({ "name": name, "source": "sysv", "state": state }));
    }
}

fn openrc(text: &str, services: &mut Map) {
    for line in text.lines() {
        let Some((name, rest)) = line.trim().split_once('[') else { continue };
        let state = match rest.trim_end_matches(']').split_whitespace().next() {
            Some("started") => "running",
            Some(word) => word,
            None => continue,
        };
        let name = name.trim();
        services.insert(name.to_owned(), json!({ "name": name, "source": "openrc", "state": state }));
    }
}

/// States of units that say more than what their files say.
const BAD: [&str; 3] = ["not-found", "masked", "failed"];

fn units(text: &str, services: &mut Map) {
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [name, load, active, sub, ..] = fields[..] else { continue };
        let status = BAD.iter().find(|bad| [load, active, sub].contains(bad)).copied().unwrap_or(active);
        let state = if sub == "running" { "running" } else { "stopped" };
        services.insert(
            name.to_owned(),
            json!({ "name": name, "state": state, "status": status, "source": "systemd" }),
        );
    }
}

fn unit_files(text: &str, services: &mut Map) {
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let (Some(name), Some(status)) = (fields.next(), fields.next()) else { continue };
        match services.get_mut(name) {
            Some(known) if BAD.contains(&known["status"].as_str().unwrap_or_default()) => {}
            Some(known) => known["status"] = json!(status),
            None => {
                // A unit that is not loaded cannot be active; a template never is.
                let state = if name.contains("@.") { "unknown" } else { "inactive" };
                let service = json!({ "name": name, "state": state, "status": status, "source": "systemd" });
                services.insert(name.to_owned(), service);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn tells_of_scripts_and_units() {
        let said = " [ + ]  cron\n [ - ]  dbus\n [ ? ]  hwclock.sh\n\u{1e}\
            ssh.service loaded active running OpenBSD Secure Shell server\n\
            gone.service not-found inactive dead gone.service\n\
            once.service loaded active exited Once\n\u{1e}\
            ssh.service enabled enabled\nonce.service static -\nidle.service disabled enabled\ngetty@.service enabled enabled\n\u{1e}";
        let output = ExecOutput { stdout: said.into(), ..ExecOutput::default() };
        let host = FakeHost::new().script("list-unit-files", output);
        let outcome = host.run::<ServiceFacts>(json!({})).unwrap();
        let services = &outcome.facts["services"];
        assert_eq!(services["cron"], json!({ "name": "cron", "source": "sysv", "state": "running" }));
        assert_eq!(services["hwclock.sh"], Value::Null);
        let unit = |name: &str| {
            let unit = &services[name];
            format!("{} {}", unit["state"].as_str().unwrap(), unit["status"].as_str().unwrap())
        };
        assert_eq!(unit("ssh.service"), "running enabled");
        assert_eq!(unit("gone.service"), "stopped not-found");
        assert_eq!(unit("once.service"), "stopped static");
        assert_eq!(unit("idle.service"), "inactive disabled");
        assert_eq!(unit("getty@.service"), "unknown enabled");
        assert_eq!(host.round_trips(), 1);
        examples::<ServiceFacts>();
    }

    #[test]
    fn reads_what_openrc_says() {
        let mut services = Map::new();
        openrc("sshd   [  started  ]\n ntpd [  stopped  ]\n", &mut services);
        assert_eq!(services["sshd"]["state"], "running");
        assert_eq!(services["ntpd"]["state"], "stopped");
    }
}
