use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct SebooleanParams {
    /// The boolean.
    pub name: String,
    /// Whether it is on.
    pub state: bool,
    /// Stays so after a restart.
    #[param(default = false)]
    pub persistent: bool,
    /// Works where SELinux is not on, as in an image that is being built.
    #[param(default = false)]
    pub ignore_selinux_state: bool,
}

pub struct Seboolean;

/// `$1` the boolean, `$2` `1` when the state of SELinux does not matter. Sections: `on` or `off`, what the policy keeps
/// (`semanage`'s line of it).
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v getsebool >/dev/null 2>&1 && command -v setsebool >/dev/null 2>&1 || exit 64
[ -n "$2" ] || selinuxenabled || { echo 'SELinux is disabled on this host.' >&2; exit 1; }
now=$(getsebool -- "$1" 2>&1) || { [ -n "$2" ] || { printf %s "$now" >&2; exit 1; }; now=; }
printf '%s\036' "${now##*--> }"
semanage boolean -l -n 2>/dev/null | grep "^$1 "; :"#;

const SET: &str = r#"PATH=$PATH:/usr/sbin:/sbin; exec setsebool "$@""#;

impl Module for Seboolean {
    type Params = SebooleanParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.seboolean",
        aliases: &["seboolean", "ansible.builtin.seboolean"],
        summary: "Switches a boolean of SELinux.",
        description: "Whether the policy keeps a value is asked of `semanage`; without it the value of now counts.",
        examples: &[
            (
                "Now and later",
                "seboolean: { name: httpd_can_network_connect, state: true, persistent: true }",
            ),
            ("Only now", "ansible.posix.seboolean: { name: httpd_enable_homedirs, state: false }"),
        ],
        returns: &[("name", "the boolean"), ("state", "its value"), ("persistent", "whether it is kept")],
        ..Spec::DEFAULT
    };

    fn check(params: &SebooleanParams, host: &Host) -> Result<Delta, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if params.name.is_empty() || !params.name.chars().all(plain) {
            return Err(Failure::arguments(format!("`{}` is no name of a boolean", params.name)));
        }
        let ignore = if params.ignore_selinux_state { "1" } else { "" };
        let [now, kept] = look(LOOK, &[params.name.as_str(), ignore], "setsebool", host)?;
        let wanted = word(params.state);
        let now = now.trim().split(' ').next().unwrap_or_default();
        // `name  (on   ,  off)  sentence`: the second word is what the policy keeps.
        let kept = kept.split(['(', ')']).nth(1).and_then(|pair| pair.split(',').nth(1)).map(str::trim);
        let kept_differs = params.persistent && kept.is_some_and(|kept| kept != wanted);
        if now == wanted && !kept_differs {
            return Ok(Delta::none_with(params.result()));
        }
        Ok(Delta::change(&params.name, now, wanted).with_result(params.result()))
    }

    fn apply(params: &SebooleanParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut arguments: Vec<&str> = params.persistent.then_some("-P").into_iter().collect();
        arguments.extend([params.name.as_str(), word(params.state)]);
        let msg = |said: &str| format!("Failed to set boolean {} to {}: {said}", params.name, params.state);
        change(&script(SET, &arguments), msg, host)?;
        Ok(Outcome::changed(params.result()))
    }
}

impl SebooleanParams {
    fn result(&self) -> Value {
        json!({ "name": self.name, "persistent": self.persistent, "state": self.state })
    }
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Seboolean>(env!("CARGO_MANIFEST_DIR"));
        examples::<Seboolean>();
    }
}
