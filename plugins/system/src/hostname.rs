use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct HostnameParams {
    /// The name.
    pub name: String,
    /// How it is set. Found out on the host; only `systemd` and `generic` are known here.
    #[param(
        name = "use",
        choices(
            "alpine", "debian", "freebsd", "generic", "macos", "macosx", "darwin", "openbsd", "openrc",
            "redhat", "sles", "solaris", "systemd"
        )
    )]
    pub strategy: Option<String>,
}

pub struct Hostname;

/// Prints the name now, the name after a restart, and whether hostnamed keeps it.
const LOOK: &str = "uname -n; cat /etc/hostname 2>/dev/null | head -n 1; echo; \
    if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then echo systemd; else echo generic; fi";

/// Sets both names where there is no hostnamed; the first one fails for a name that is none.
const SET: &str = "hostname \"$1\" && printf '%s\\n' \"$1\" >/etc/hostname";

impl Module for Hostname {
    type Params = HostnameParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.hostname",
        aliases: &["hostname"],
        summary: "Names the host, now and after a restart.",
        examples: &[("Name it", "hostname: { name: db1.example.com }")],
        returns: &[("name", "the name"), ("ansible_facts", "hostname, nodename, fqdn and domain")],
        ..Spec::DEFAULT
    };

    fn check(params: &HostnameParams, host: &Host) -> Result<Delta, Failure> {
        let said = host.output(&Command::shell(LOOK).reads())?;
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let (now, strategy) = match lines.as_slice() {
            [now, .., strategy] => (*now, *strategy),
            _ => return Err(Failure::new("the host did not tell its name")),
        };
        let kept = if lines.len() > 2 { lines[1] } else { "" };
        let strategy = params.strategy.as_deref().unwrap_or(strategy);
        if !matches!(strategy, "systemd" | "generic" | "debian" | "redhat" | "alpine") {
            return Err(Failure::arguments(format!(
                "use `{strategy}` is not supported, only systemd and generic"
            )));
        }
        let before = match (now == params.name, kept == params.name) {
            (true, true) => return Ok(Delta::none_with(json!({ "name": params.name }))),
            (true, false) => kept,
            (false, _) => now,
        };
        let line = |name: &str| format!("hostname = {name}\n");
        Ok(Delta::change("hostname", line(before), line(&params.name)).with_state(json!(strategy)))
    }

    fn apply(params: &HostnameParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let command = match delta.state().as_str() {
            Some("systemd") => Command::new(["hostnamectl", "set-hostname", &params.name]),
            _ => Command::new(["sh", "-c", SET, "sh", &params.name]),
        };
        let output = host.exec(&command)?;
        if output.rc != 0 {
            let said = output.stderr.to_text();
            return Err(Failure::new(said.trim()).with("rc", output.rc).with("stderr", said.clone()));
        }
        let (short, domain) = params.name.split_once('.').unwrap_or((&params.name, ""));
        let facts = json!({
            "ansible_hostname": short, "ansible_nodename": params.name,
            "ansible_fqdn": params.name, "ansible_domain": domain,
        });
        let facts = facts.as_object().cloned().unwrap_or_default();
        Ok(Outcome { facts, ..Outcome::changed(json!({ "name": params.name })) })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn leaves_a_name_that_is_right() {
        let host = FakeHost::new().command(LOOK, 0, "db1\ndb1\n\nsystemd\n");
        assert_eq!(
            host.check::<Hostname>(json!({ "name": "db1" })).unwrap(),
            Delta::none_with(json!({ "name": "db1" }))
        );
        examples::<Hostname>();
    }

    #[test]
    fn sets_a_name_that_would_not_outlive_a_restart() {
        let host = FakeHost::new().command(LOOK, 0, "db1.x\nold\n\nsystemd\n").command(
            "hostnamectl set-hostname db1.x",
            0,
            "",
        );
        let outcome = host.run::<Hostname>(json!({ "name": "db1.x" })).unwrap();
        assert!(outcome.changed);
        assert_eq!(outcome.facts["ansible_domain"], "x");
    }
}
