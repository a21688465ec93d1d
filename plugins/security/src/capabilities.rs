use std::collections::BTreeSet;

use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct CapabilitiesParams {
    /// The program.
    #[param(alias = "key")]
    pub path: String,
    /// The capability with its flags, such as `cap_net_bind_service=+ep`; to remove one, its name.
    #[param(alias = "cap")]
    pub capability: String,
    /// Whether the program has it.
    #[param(default = "present")]
    pub state: State,
}

/// Whether a program has a capability.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Capabilities;

const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v getcap >/dev/null 2>&1 && command -v setcap >/dev/null 2>&1 || exit 64
[ -e "$1" ] || { printf '%s: No such file or directory' "$1" >&2; exit 1; }
printf '\036'; getcap "$1""#;

const SET: &str =
    r#"PATH=$PATH:/usr/sbin:/sbin; if [ -n "$2" ]; then setcap "$2" "$1"; else setcap -r "$1"; fi"#;

impl Module for Capabilities {
    type Params = CapabilitiesParams;
    const SPEC: Spec = Spec {
        name: "community.general.capabilities",
        aliases: &["capabilities"],
        summary: "Keeps a capability of a program.",
        description: "Needs `getcap` and `setcap` on the host.",
        examples: &[
            (
                "Low ports without root",
                "capabilities: { path: /usr/bin/app, capability: cap_net_bind_service=+ep }",
            ),
            (
                "Not any more",
                "community.general.capabilities: { path: /usr/bin/app, capability: cap_net_bind_service, state: absent }",
            ),
        ],
        returns: &[("msg", "`capabilities changed`, or that they were so"), ("stdout", "what setcap said")],
        ..Spec::DEFAULT
    };

    fn check(params: &CapabilitiesParams, host: &Host) -> Result<Delta, Failure> {
        let wanted = params.wanted()?;
        let [_, said] = look(LOOK, &[&params.path], "setcap", host)?;
        let has = read(said.trim().strip_prefix(&params.path).unwrap_or_default());
        let mut after = has.clone();
        after.retain(|(name, _)| *name != wanted.0);
        if params.state == State::Present {
            after.insert(wanted);
        }
        if has == after {
            return Ok(Delta::none_with(json!({ "state": params.state.word() })));
        }
        let result = json!({ "msg": "capabilities changed" });
        Ok(Delta::change(&params.path, text(&has), text(&after))
            .with_result(result)
            .with_state(json!(text(&after))))
    }

    fn apply(params: &CapabilitiesParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let all = delta.state().as_str().unwrap_or_default();
        let msg = |said: &str| format!("Unable to set capabilities of {}: {said}", params.path);
        let stdout = change(&script(SET, &[&params.path, all]), msg, host)?;
        Ok(Outcome::changed(json!({ "msg": "capabilities changed", "stdout": stdout })))
    }
}

/// A capability and the letters of its flags.
type Capability = (String, String);

impl CapabilitiesParams {
    fn wanted(&self) -> Result<Capability, Failure> {
        let (name, flags) = named(self.capability.trim());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            let msg =
                format!("`{}` is no capability; write one such as cap_net_bind_service=+ep", self.capability);
            return Err(Failure::arguments(msg));
        }
        if self.state == State::Present && flags.is_empty() {
            let msg = format!("Couldn't find operator (one of: ['+', '-', '=']) in `{}`", self.capability);
            return Err(Failure::arguments(msg));
        }
        Ok((name.to_lowercase(), flags))
    }
}

/// Splits `cap_x=+ep` into name and flags; the letters are sorted.
fn named(text: &str) -> Capability {
    let at = text.find(['=', '+', '-']).unwrap_or(text.len());
    let mut flags: Vec<char> = text[at..].chars().filter(char::is_ascii_alphabetic).collect();
    flags.sort_unstable();
    (text[..at].to_owned(), flags.into_iter().collect())
}

/// Reads ` cap_a,cap_b=ep cap_c=i`, or ` = cap_a+ep` of older tools.
fn read(said: &str) -> BTreeSet<Capability> {
    let words = said.split_whitespace().filter(|word| *word != "=");
    words
        .flat_map(|word| {
            let (names, flags) = named(word);
            let names: Vec<String> = names.split(',').map(str::to_owned).collect();
            names.into_iter().map(move |name| (name, flags.clone()))
        })
        .collect()
}

fn text(all: &BTreeSet<Capability>) -> String {
    let words: Vec<String> = all.iter().map(|(name, flags)| format!("{name}+{flags}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Capabilities>(env!("CARGO_MANIFEST_DIR"));
        examples::<Capabilities>();
    }

    #[test]
    fn reads_what_old_and_new_tools_write() {
        assert_eq!(read(" cap_a,cap_b=ep"), read(" = cap_a,cap_b+ep"));
        assert_eq!(text(&read(" cap_b=i cap_a=pe")), "cap_a+ep cap_b+i");
    }
}
