use switchover_sdk::prelude::*;
use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct SelinuxParams {
    /// How SELinux works.
    pub state: State,
    /// The policy, such as `targeted`.
    pub policy: Option<String>,
    /// The file that says so for the next start.
    #[param(default = "/etc/selinux/config", alias = "conf", alias = "file")]
    pub configfile: String,
    /// Changes the kernel's parameters too.
    #[param(default = false, refused = "run `grubby --update-kernel ALL --args selinux=0` with `command`")]
    pub update_kernel_param: bool,
}

/// How SELinux works.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Disabled,
    Enforcing,
    Permissive,
}

pub struct Selinux;

/// `$1` the file. Sections: what `getenforce` says (`Disabled` where SELinux is not in the kernel), the file.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; [ -f "$1" ] || { printf 'Unable to find file %s' "$1" >&2; exit 1; }
getenforce 2>/dev/null || echo Disabled
printf '\036'; cat -- "$1""#;

/// `$1` the file, whose content comes by standard input, `$2` the argument of setenforce or nothing.
const SET: &str = r#"PATH=$PATH:/usr/sbin:/sbin; cat >"$1" && { [ -z "$2" ] || setenforce "$2"; }"#;

impl Module for Selinux {
    type Params = SelinuxParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.selinux",
        aliases: &["selinux", "ansible.builtin.selinux"],
        summary: "Sets how SELinux works, now and after a restart.",
        description: "Switching SELinux on or off needs a restart; `reboot_required` tells that.",
        required_if: &[("state", "enforcing", &["policy"]), ("state", "permissive", &["policy"])],
        examples: &[
            ("On", "selinux: { policy: targeted, state: enforcing }"),
            ("Off after a restart", "ansible.posix.selinux: { state: disabled }"),
        ],
        returns: &[
            ("configfile", "the file"),
            ("policy", "the policy"),
            ("state", "how SELinux works from now on"),
            ("msg", "what was changed"),
            ("reboot_required", "whether a restart is needed"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SelinuxParams, host: &Host) -> Result<Delta, Failure> {
        let [now, before] = look(LOOK, &[&params.configfile], "getenforce", host)?;
        let now = now.trim().to_lowercase();
        let wanted = params.state.word();
        let policy = params.policy.clone().or_else(|| setting(&before, "SELINUXTYPE")).unwrap_or_default();
        let mut after = with(&before, "SELINUX", wanted);
        if !policy.is_empty() {
            after = with(&after, "SELINUXTYPE", &policy);
        }
        let mut changes = Vec::new();
        let mut said = Vec::new();
        // What is on can only be made stricter or looser; on and off need a restart.
        let needs_restart = now != wanted && (now == "disabled" || wanted == "disabled");
        let switches = if now == wanted || now == "disabled" {
            ""
        } else if wanted == "enforcing" {
            "1"
        } else {
            "0"
        };
        let runs_as = match switches {
            "" => now.clone(),
            "1" => "enforcing".into(),
            _ => "permissive".into(),
        };
        if runs_as != now {
            said.push(format!("SELinux state changed from '{now}' to '{runs_as}'"));
            changes.push(Change {
                what: "SELinux now".into(),
                before: json!(now),
                after: json!(runs_as),
                ..Change::default()
            });
        }
        for (key, name) in
            [("SELINUXTYPE", "SELinux policy configuration in '{}'"), ("SELINUX", "Config SELinux state")]
        {
            let (old, new) =
                (setting(&before, key).unwrap_or_default(), setting(&after, key).unwrap_or_default());
            if old != new {
                said.push(format!(
                    "{} changed from '{old}' to '{new}'",
                    name.replace("{}", &params.configfile)
                ));
            }
        }
        if before != after {
            let what = params.configfile.clone();
            changes.push(Change { what, before: json!(before), after: json!(after), ..Change::default() });
        }
        let result = json!({
            "configfile": params.configfile, "policy": policy, "state": wanted, "msg": said.join(", "),
            "reboot_required": needs_restart,
        });
        if changes.is_empty() {
            return Ok(Delta::none_with(result));
        }
        Ok(Delta::changes(changes)
            .with_result(result)
            .with_state(json!([after, if runs_as == now { "" } else { switches }])))
    }

    fn apply(params: &SelinuxParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let word = |index: usize| state[index].as_str().unwrap_or_default();
        let command = script(SET, &[&params.configfile, word(1)]).stdin(word(0));
        change(&command, |said| format!("SELinux was not set: {said}"), host)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// Returns the value of a setting; the last one counts.
fn setting(text: &str, key: &str) -> Option<String> {
    let value = |line: &str| {
        line.split_once('=').filter(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    text.lines().filter_map(value).next_back()
}

/// Returns the text with a setting, in its place or at the end.
fn with(text: &str, key: &str, value: &str) -> String {
    let is = |line: &str| line.split_once('=').is_some_and(|(name, _)| name.trim() == key);
    let mut found = false;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        found |= is(line);
        lines.push(if is(line) { format!("{key}={value}") } else { line.to_owned() });
    }
    if !found {
        lines.push(format!("{key}={value}"));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Selinux>(env!("CARGO_MANIFEST_DIR"));
        examples::<Selinux>();
    }

    #[test]
    fn a_setting_stays_in_its_place() {
        assert_eq!(
            with("# SELINUX= x\nSELINUX=permissive\nA=1\n", "SELINUX", "enforcing"),
            "# SELINUX= x\nSELINUX=enforcing\nA=1\n"
        );
        assert_eq!(with("", "SELINUXTYPE", "targeted"), "SELINUXTYPE=targeted\n");
    }
}
