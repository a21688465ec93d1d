mod item;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

use item::{Item, Items};

#[derive(Params)]
pub struct FirewalldParams {
    /// Whether it is allowed (`enabled`), or a zone is there (`present`).
    pub state: State,
    /// The zone; firewalld's default without it.
    pub zone: Option<String>,
    #[param(flatten)]
    pub items: Items,
    /// Keeps it for the next start.
    #[param(default = false)]
    pub permanent: bool,
    /// Makes it so now; without `permanent` it always does.
    #[param(default = false)]
    pub immediate: bool,
    /// With `permanent`, works where firewalld is not running.
    #[param(default = false)]
    pub offline: bool,
    /// Seconds until what is not permanent ends.
    #[param(default = 0)]
    pub timeout: u64,
}

/// Whether something is allowed, or there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Disabled,
    Enabled,
    Present,
}

pub struct Firewalld;

/// `$1` and `$2` `1` to ask of the permanent and of the running setting, then the question's arguments. Sections: `1` when
/// firewalld runs, then for both settings what was answered and the exit code.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v firewall-cmd >/dev/null 2>&1 || exit 64
permanent=$1 now=$2; shift 2; running=
firewall-cmd --state >/dev/null 2>&1 && running=1
printf '%s\036' $running
ask() { said=$("$@" 2>&1); rc=$?; printf '%s\036%s' "$said" $rc; }
if [ -z "$permanent" ]; then printf '\036'; elif [ -n "$running" ]; then ask firewall-cmd --permanent "$@"; else ask firewall-offline-cmd "$@"; fi
printf '\036'
if [ -n "$now" ] && [ -n "$running" ]; then ask firewall-cmd "$@"; else printf '\036'; fi"#;

const DO: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec "$@""#;

impl Module for Firewalld {
    type Params = FirewalldParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.firewalld",
        aliases: &["firewalld", "ansible.builtin.firewalld"],
        summary: "Keeps what firewalld lets through, and its zones.",
        description: "Asks `firewall-cmd` on the host; `firewall-offline-cmd` where firewalld is not running.",
        mutually_exclusive: &[&[
            "icmp_block",
            "icmp_block_inversion",
            "service",
            "protocol",
            "port",
            "port_forward",
            "rich_rule",
            "interface",
            "forward",
            "masquerade",
            "source",
            "target",
        ]],
        required_by: &[("interface", &["zone"]), ("target", &["zone"])],
        examples: &[
            ("The web", "firewalld: { service: https, permanent: true, immediate: true, state: enabled }"),
            (
                "A port no more",
                "ansible.posix.firewalld: { port: 8081/tcp, permanent: true, state: disabled }",
            ),
            ("A zone", "firewalld: { zone: cluster, permanent: true, state: present }"),
        ],
        returns: &[("msg", "what was changed")],
        ..Spec::DEFAULT
    };

    fn check(params: &FirewalldParams, host: &Host) -> Result<Delta, Failure> {
        let item = params.item()?;
        let wanted = params.wanted(&item)?;
        let (permanent, now) = params.places();
        let flag = |on: bool| if on { "1".to_owned() } else { String::new() };
        let mut arguments = vec![flag(permanent), flag(now && item.has_runtime())];
        arguments.extend(item.in_zone(params.zone.as_deref(), item.question()));
        let [running, kept, kept_rc, is, is_rc] = look(LOOK, &arguments, "firewall-cmd", host)?;
        let running = running == "1";
        if !running && !(permanent && (params.offline || !params.immediate)) {
            return Err(Failure::new(
                "firewall is not currently running, unable to perform immediate actions without a running firewall daemon",
            ));
        }
        let mut commands: Vec<Vec<String>> = Vec::new();
        let mut told = Vec::new();
        let places = [(permanent, "Permanent", kept, kept_rc), (now && running, "Non-permanent", is, is_rc)];
        for (asked, place, said, rc) in places {
            if !asked || rc.is_empty() || item.is_so(&said, &rc, wanted)? {
                continue;
            }
            let mut command = match (place, running) {
                ("Permanent", true) => vec!["firewall-cmd".to_owned(), "--permanent".to_owned()],
                ("Permanent", false) => vec!["firewall-offline-cmd".to_owned()],
                _ => vec!["firewall-cmd".to_owned()],
            };
            command.extend(item.in_zone(params.zone.as_deref(), item.order(wanted)));
            if place == "Non-permanent" && wanted && params.timeout > 0 {
                command.push(format!("--timeout={}", params.timeout));
            }
            commands.push(command);
            told.push(format!("{place} operation"));
        }
        let state = params.state.word();
        if commands.is_empty() {
            return Ok(Delta::none_with(json!({ "msg": "" })));
        }
        told.push(format!("Changed {} to {state}", item.shown()));
        let result = json!({ "msg": told.join(", ") });
        let word = |on: bool| if on { "there" } else { "not there" };
        Ok(Delta::change(item.shown(), word(!wanted), word(wanted))
            .with_result(result)
            .with_state(json!(commands)))
    }

    fn apply(_: &FirewalldParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let commands: Vec<Vec<String>> = switchover_sdk::from_value(state.clone()).unwrap_or_default();
        for command in &commands {
            change(&script(DO, command), |said| format!("ERROR: Exception caught: {said}"), host)?;
        }
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl FirewalldParams {
    fn item(&self) -> Result<Item, Failure> {
        match (self.items.one()?, &self.zone) {
            (Some(item), _) => Ok(item),
            (None, Some(zone)) => Ok(Item::Zone(zone.clone())),
            (None, None) => {
                Err(Failure::arguments("nothing to do: name a service, a port, a zone or another item"))
            }
        }
    }

    /// Returns whether the item has to be there.
    fn wanted(&self, item: &Item) -> Result<bool, Failure> {
        let of_zone = matches!(item, Item::Zone(_) | Item::Target(_));
        let wanted = match self.state {
            State::Present | State::Absent if !of_zone => {
                return Err(Failure::arguments(
                    "absent and present state can only be used in zone level operations",
                ));
            }
            State::Enabled | State::Disabled if matches!(item, Item::Zone(_)) => {
                return Err(Failure::arguments("a zone is present or absent"));
            }
            State::Present | State::Enabled => true,
            State::Absent | State::Disabled => false,
        };
        if of_zone && !self.permanent {
            return Err(Failure::arguments(
                "Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'.",
            ));
        }
        // `masquerade: false` with `enabled` means the opposite.
        Ok(wanted == !matches!(item, Item::Switch { on: false, .. }))
    }

    /// Returns whether the permanent and the running setting are meant.
    fn places(&self) -> (bool, bool) {
        (self.permanent, self.immediate || !self.permanent)
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Firewalld>(env!("CARGO_MANIFEST_DIR"));
        examples::<Firewalld>();
    }
}
