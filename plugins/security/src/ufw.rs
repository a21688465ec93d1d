mod rule;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

use rule::Rule;

#[derive(Params)]
pub struct UfwParams {
    /// Whether the firewall works, is loaded anew, or forgets all rules.
    pub state: Option<State>,
    /// What happens to packets without a rule.
    #[param(alias = "policy", choices("allow", "deny", "reject"))]
    pub default: Option<String>,
    /// How much is written to the system's log.
    #[param(choices("on", "off", "low", "medium", "high", "full"))]
    pub logging: Option<String>,
    #[param(flatten)]
    pub rule: Rule,
}

/// What the firewall does.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Disabled,
    Enabled,
    Reloaded,
    Reset,
}

pub struct Ufw;

/// Arguments: those of a rule. Sections: `active` or `inactive`, the policies, the level of the log, what a dry run of
/// the rule says, its exit code, the rules that are kept for IPv4 and for IPv6.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin LC_ALL=C; export LC_ALL; command -v ufw >/dev/null 2>&1 || exit 64
case $(grep -s '^ENABLED=' /etc/ufw/ufw.conf) in *yes*) printf active;; *) printf inactive;; esac
printf '\036'; grep -s '^DEFAULT_.*_POLICY=' /etc/default/ufw
printf '\036'; grep -s '^LOGLEVEL=' /etc/ufw/ufw.conf
printf '\036'; rc=0
[ $# = 0 ] || { ufw --dry-run "$@" 2>&1; rc=$?; }
printf '\036%s\036' $rc
grep -hs '^### tuple' /etc/ufw/user.rules /lib/ufw/user.rules
printf '\036'; grep -hs '^### tuple' /etc/ufw/user6.rules /lib/ufw/user6.rules; :"#;

const DO: &str = r#"PATH=$PATH:/usr/sbin:/sbin LC_ALL=C; export LC_ALL; exec ufw "$@""#;

impl Module for Ufw {
    type Params = UfwParams;
    const SPEC: Spec = Spec {
        name: "community.general.ufw",
        aliases: &["ufw"],
        summary: "Keeps rules, policies and the state of Ubuntu's firewall.",
        description: "Whether a rule is there is asked of `ufw --dry-run`. `reset` and `reloaded` change each time.",
        required_one_of: &[&["state", "default", "rule", "logging"]],
        mutually_exclusive: &[
            &["name", "proto", "logging"],
            &["direction", "interface_in"],
            &["direction", "interface_out"],
        ],
        examples: &[
            ("On, and closed", "ufw: { state: enabled, policy: deny }"),
            ("The web", "community.general.ufw: { rule: allow, port: '443', proto: tcp }"),
            (
                "One neighbour",
                "ufw: { rule: allow, src: 192.0.2.0/24, port: '5432', proto: tcp, comment: replica }",
            ),
            ("Not any more", "ufw: { rule: allow, port: '443', proto: tcp, delete: true }"),
        ],
        returns: &[("commands", "what was run, or would be"), ("msg", "what ufw said")],
        ..Spec::DEFAULT
    };

    fn check(params: &UfwParams, host: &Host) -> Result<Delta, Failure> {
        let rule = params.rule.arguments()?;
        let [active, policies, level, dry, rc, rules, rules6] = look(LOOK, &rule, "ufw", host)?;
        if rc.trim() != "0" {
            return Err(Failure::new(dry.trim().to_owned()).with("rc", rc.trim().parse().unwrap_or(1)));
        }
        let mut changes = Vec::new();
        let mut commands: Vec<Vec<String>> = Vec::new();
        let mut note = |what: &str, before: &str, after: &str, command: &[&str]| {
            let what = what.to_owned();
            changes.push(Change { what, before: json!(before), after: json!(after), ..Change::default() });
            commands.push(command.iter().map(|word| (*word).to_owned()).collect());
        };
        if let Some(policy) = &params.default {
            let direction = params.rule.policy_direction();
            let key = match direction {
                "incoming" => "INPUT",
                "outgoing" => "OUTPUT",
                _ => "FORWARD",
            };
            let now = policy_in(&policies, key);
            if now != policy {
                note(&format!("policy of {direction} packets"), now, policy, &["default", policy, direction]);
            }
        }
        if let Some(wanted) = &params.logging {
            let now = level.trim().trim_start_matches("LOGLEVEL=").trim_matches(['"', '\'']);
            // `on` is the level `low`, unless there is one.
            if now != wanted && !(wanted == "on" && now != "off" && !now.is_empty()) {
                note("logging", now, wanted, &["logging", wanted]);
            }
        }
        if !rule.is_empty() && differs(&dry, &rules, &rules6, params.rule.delete) {
            let words: Vec<&str> = rule.iter().map(String::as_str).collect();
            let (before, after) =
                if params.rule.delete { ("there", "not there") } else { ("not there", "there") };
            note(&rule.join(" "), before, after, &words);
        }
        match params.state {
            Some(State::Enabled) if active != "active" => {
                note("ufw", "inactive", "active", &["--force", "enable"])
            }
            Some(State::Disabled) if active == "active" => {
                note("ufw", "active", "inactive", &["--force", "disable"])
            }
            Some(State::Reloaded) => note("ufw", "", "reloaded", &["--force", "reload"]),
            Some(State::Reset) => note("ufw", "", "reset", &["--force", "reset"]),
            _ => {}
        }
        let lines: Vec<String> = commands.iter().map(|words| format!("ufw {}", words.join(" "))).collect();
        let result = json!({ "commands": lines });
        if commands.is_empty() {
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::changes(changes).with_result(result).with_state(json!(commands)))
    }

    fn apply(_: &UfwParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let commands: Vec<Vec<String>> = switchover_sdk::from_value(state.clone()).unwrap_or_default();
        let mut result = result.clone();
        for arguments in &commands {
            let said = change(&script(DO, arguments), str::to_owned, host)?;
            result.insert("msg".into(), json!(said.trim()));
        }
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

/// Returns whether a dry run leaves other rules than are kept. It prints all rules of a family that it would write; what
/// it says of a rule that is there, or is not, differs between versions.
fn differs(dry: &str, rules: &str, rules6: &str, delete: bool) -> bool {
    let tuples = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| line.starts_with("### tuple")).map(str::to_owned).collect()
    };
    let after = tuples(dry);
    let families = [(":ufw-user-input", rules), (":ufw6-user-input", rules6)];
    if delete {
        let written = families.into_iter().filter(|(chain, _)| dry.contains(chain));
        return written.flat_map(|(_, kept)| tuples(kept)).any(|rule| !after.contains(&rule));
    }
    let kept = [tuples(rules), tuples(rules6)].concat();
    after.iter().any(|rule| !kept.contains(rule))
}

/// Returns the policy of a chain in ufw's words.
fn policy_in<'a>(policies: &'a str, key: &str) -> &'a str {
    let start = format!("DEFAULT_{key}_POLICY=");
    let value = policies.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default();
    match value.trim().trim_matches(['"', '\'']) {
        "ACCEPT" => "allow",
        "DROP" => "deny",
        "REJECT" => "reject",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Ufw>(env!("CARGO_MANIFEST_DIR"));
        examples::<Ufw>();
    }
}
