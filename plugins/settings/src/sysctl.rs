use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use switchover_sdk::script::{look, script};

#[derive(Params)]
pub struct SysctlParams {
    /// The setting: `vm.swappiness`, `net/ipv4/conf/eth0.1/forwarding`.
    #[param(alias = "key")]
    pub name: String,
    /// The value; booleans are 1 and 0.
    #[param(alias = "val")]
    pub value: Option<String>,
    /// Whether the file has it.
    #[param(default = "present")]
    pub state: State,
    /// Does not fail on settings that this kernel does not have.
    #[param(default = false)]
    pub ignoreerrors: bool,
    /// Loads the file after a change (`sysctl -p`), and when the kernel has another value.
    #[param(default = true)]
    pub reload: bool,
    /// The file.
    #[param(default = "/etc/sysctl.conf")]
    pub sysctl_file: HostPath,
    /// Gives the kernel the value itself when it has another.
    #[param(default = false)]
    pub sysctl_set: bool,
    /// Permission bits of the file.
    pub mode: Option<Mode>,
    /// Who owns the file: name or number.
    pub owner: Option<String>,
    /// Group of the file: name or number.
    pub group: Option<String>,
}

/// Whether the file has a setting.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Sysctl;

/// `$1` the setting, `$2` the file. Sections: `1` when the kernel has it, its value, the file.
const LOOK: &str = r#"PATH=$PATH:/usr/sbin:/sbin; command -v sysctl >/dev/null 2>&1 || exit 64
value=$(LC_ALL=C sysctl -e -n -- "$1" 2>/dev/null) && [ -n "$value" ] && printf 1
printf '\036%s\036' "$value"
if [ -e "$2" ]; then cat -- "$2"; fi"#;

/// `$1` setting and value (empty: not to be set), `$2` the file (empty: not to be loaded), `$3` `-e` or nothing.
/// A kernel may refuse a value and `sysctl` end well, so what it says is read too.
const LOAD: &str = r#"PATH=$PATH:/usr/sbin:/sbin LC_ALL=C; export LC_ALL
try() { code=$1; shift
said=$(sysctl "$@" 2>&1); rc=$?
case $said in *'": Invalid argument'*|*'": Read-only file system'*) rc=1;; esac
[ $rc = 0 ] || { printf '%s\n' "$said" >&2; exit $code; }; }
[ -z "$1" ] || try 1 $3 -w "$1"
[ -z "$2" ] || try 2 $3 -p "$2""#;

impl Module for Sysctl {
    type Params = SysctlParams;
    const SPEC: Spec = Spec {
        name: "ansible.posix.sysctl",
        aliases: &["sysctl", "ansible.builtin.sysctl"],
        summary: "Keeps a setting of the kernel in a file, and in the kernel.",
        examples: &[
            ("Swap less", "sysctl: { name: vm.swappiness, value: '5', state: present }"),
            (
                "Now and later",
                "ansible.posix.sysctl: { name: net.ipv4.ip_forward, value: '1', sysctl_set: true }",
            ),
            (
                "In a file of its own",
                "sysctl: { name: fs.file-max, value: 100000, sysctl_file: /etc/sysctl.d/90-db.conf }",
            ),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &SysctlParams, host: &Host) -> Result<Delta, Failure> {
        let name = params.refuse_nonsense()?;
        let value = params.value();
        let [has, now, before] = look(LOOK, &[name, &params.sysctl_file], "sysctl", host)?;
        let (after, in_file) = edited(&before, name, &value, params.state);
        let present = params.state == State::Present;
        let kernel_differs = has != "1" || !now.split_whitespace().eq(value.split_whitespace());
        let writes =
            if present { in_file.as_ref() != Some(&value) } else { in_file.is_some_and(|v| !v.is_empty()) };
        let sets = present && params.sysctl_set && kernel_differs;
        let loads = params.reload && (writes || sets || (present && kernel_differs));
        let mut changes = Vec::new();
        if writes {
            let what = params.sysctl_file.0.clone();
            changes.push(Change { what, before: json!(before), after: json!(after), ..Change::default() });
        }
        if present && kernel_differs && (sets || loads) {
            let what = format!("kernel {name}");
            changes.push(Change {
                what,
                before: json!(now.trim_end()),
                after: json!(value),
                ..Change::default()
            });
        }
        // Attributes alone need a look at the file that most tasks do not pay for.
        let attributes = params.attributes();
        let attributes_differ = !attributes.is_empty() && !writes && params.attributes_differ(host)?;
        if attributes_differ {
            changes
                .push(Change { what: format!("{} (attributes)", params.sysctl_file), ..Change::default() });
        }
        if changes.is_empty() {
            return Ok(Delta::none());
        }
        let state = json!({
            "file": writes.then_some(after), "sets": sets && has == "1", "loads": params.reload,
            "attributes": attributes_differ,
        });
        Ok(Delta::changes(changes).with_state(state))
    }

    fn apply(params: &SysctlParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let asked = |key: &str| delta.state()[key].as_bool().unwrap_or(false);
        let mut calls = Vec::new();
        if let Some(after) = delta.state()["file"].as_str() {
            calls.push(HostCall::Write(WriteFile {
                path: params.sysctl_file.0.clone(),
                content: Content::Inline(after.into()),
                attributes: params.attributes(),
                backup: false,
                validate: None,
                follow: true,
            }));
        } else if asked("attributes") {
            calls.push(HostCall::SetAttributes {
                path: params.sysctl_file.0.clone(),
                attributes: params.attributes(),
                recursive: false,
                follow: true,
            });
        }
        let set =
            if asked("sets") { format!("{}={}", params.name.trim(), params.value()) } else { String::new() };
        let file = if asked("loads") { params.sysctl_file.0.as_str() } else { "" };
        let ignore = if params.ignoreerrors { "-e" } else { "" };
        if !set.is_empty() || !file.is_empty() {
            calls.push(HostCall::Exec(script(LOAD, &[set.as_str(), file, ignore]).into_exec()));
        }
        if let Some(HostReply::Exec(output)) = host.many(calls)?.into_iter().next_back() {
            let stderr = output.stderr.to_text();
            let msg = match output.rc {
                0 => return Ok(Outcome::changed(json!({}))),
                1 => format!("setting {} failed: {}", params.name, stderr.trim()),
                _ => format!("Failed to reload sysctl: {}", stderr.trim()),
            };
            return Err(Failure::new(msg).with("rc", output.rc).with("stderr", stderr));
        }
        Ok(Outcome::changed(json!({})))
    }
}

impl SysctlParams {
    fn refuse_nonsense(&self) -> Result<&str, Failure> {
        let name = self.name.trim();
        let msg = if name.is_empty() {
            "name cannot be blank"
        } else if name.contains(['\n', '=']) || name.starts_with('-') {
            "name is no name of a setting"
        } else if self.state == State::Present && self.value.is_none() {
            "state is present but all of the following are missing: value"
        } else if self.state == State::Present && self.value().contains('\n') {
            "value must have one line"
        } else {
            return Ok(name);
        };
        Err(Failure::arguments(msg))
    }

    /// Returns the value as files have it.
    fn value(&self) -> String {
        let text = self.value.as_deref().unwrap_or_default().trim();
        match text.to_lowercase().as_str() {
            "yes" | "on" | "true" | "t" | "y" | "1" => "1".to_owned(),
            "no" | "off" | "false" | "f" | "n" | "0" => "0".to_owned(),
            _ => text.to_owned(),
        }
    }

    fn attributes(&self) -> Attributes {
        Attributes {
            mode: self.mode.as_ref().map(|mode| mode.0.clone()),
            owner: self.owner.clone(),
            group: self.group.clone(),
            ..Attributes::default()
        }
    }

    fn attributes_differ(&self, host: &Host) -> Result<bool, Failure> {
        let Some(stat) = host.stat_with(&self.sysctl_file, true, None)? else { return Ok(false) };
        let same = |wanted: &Option<String>, number: u32, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name || wanted.parse() == Ok(number))
        };
        let mode = match &self.mode {
            Some(mode) => match u32::from_str_radix(&mode.0, 8) {
                Ok(bits) => bits == stat.mode,
                Err(_) => {
                    return Err(Failure::arguments(
                        "argument `mode` must be octal digits here, such as \"0644\"",
                    ));
                }
            },
            None => true,
        };
        Ok(!(mode && same(&self.owner, stat.uid, &stat.owner) && same(&self.group, stat.gid, &stat.group)))
    }
}

/// Returns the file with the setting as it should be, and the value that it had (the last one counts). Each setting
/// stays once, in its first place.
fn edited(before: &str, name: &str, value: &str, state: State) -> (String, Option<String>) {
    let (mut lines, mut seen, mut had) = (Vec::new(), Vec::new(), None);
    for line in before.lines().map(str::trim) {
        let setting = line.split_once('=').filter(|_| !line.starts_with(['#', ';']));
        let Some((key, old)) = setting.map(|(key, old)| (key.trim(), old.trim())) else {
            lines.push(line.to_owned());
            continue;
        };
        if key == name {
            had = Some(old.to_owned());
        }
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        match (key == name, state) {
            (true, State::Absent) => {}
            (true, State::Present) => lines.push(format!("{key}={value}")),
            (false, _) => lines.push(format!("{key}={old}")),
        }
    }
    if state == State::Present && !seen.contains(&name) {
        lines.push(format!("{name}={value}"));
    }
    (lines.iter().map(|line| format!("{line}\n")).collect(), had)
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Sysctl>(env!("CARGO_MANIFEST_DIR"));
        examples::<Sysctl>();
    }

    #[test]
    fn a_setting_stays_once_in_its_first_place() {
        let (after, had) = edited("# c\na = 1\nb=2\na=3\n", "a", "4", State::Present);
        assert_eq!(after, "# c\na=4\nb=2\n");
        assert_eq!(had.as_deref(), Some("3"));
        assert_eq!(edited("a=1\nb = 2\n", "a", "", State::Absent).0, "b=2\n");
        assert_eq!(edited("", "a", "1", State::Present), ("a=1\n".to_owned(), None));
    }
}
