use switchover_sdk::prelude::*;

use crate::sections::Sections;

/// Tells of a unit: `$1` its name, then options of systemctl. Sections: `show`, its exit code, `is-enabled`, its
/// exit code, unit files of that name (only when `show` could not tell), an init script of that name.
pub const LOOK: &str = r#"unit=$1; shift
command -v systemctl >/dev/null 2>&1 || exit 64
: "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"; export XDG_RUNTIME_DIR
LC_ALL=C; export LC_ALL
systemctl "$@" show -- "$unit" 2>&1; rc=$?; printf '\036%s\036' $rc
systemctl "$@" is-enabled -l -- "$unit" 2>/dev/null; printf '\036%s\036' $?
[ $rc = 0 ] || systemctl "$@" list-unit-files --no-legend --no-pager -- "$unit" "$unit.service" 2>/dev/null
printf '\036'
for f in /etc/init.d/"$unit" /etc/rc.d/init.d/"$unit"; do [ -f "$f" ] && echo "$f"; done
for l in /etc/rc?.d/S??"$unit"; do [ -e "$l" ] && echo "$l"; done; :"#;

/// A unit as systemd tells of it.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// Every property of `systemctl show`; empty when there is no systemd that runs.
    pub status: Map,
    pub found: bool,
    pub enabled: bool,
    pub masked: bool,
}

impl Unit {
    /// Looks at a unit, in one round trip.
    pub fn look(name: &str, flags: &[&str], host: &Host) -> Result<Self, Failure> {
        let arguments: Vec<&str> = [name].into_iter().chain(flags.iter().copied()).collect();
        let said = Sections::look(LOOK, &arguments, 6, "systemctl", host)?;
        Ok(Self::read(&said, 0, !flags.iter().any(|flag| matches!(*flag, "--user" | "--global"))))
    }

    /// Reads the sections of [`LOOK`] that begin at `first`.
    pub fn read(said: &Sections, first: usize, is_system: bool) -> Self {
        let status = if said.number(first + 1) == 0 { properties(said.get(first)) } else { Map::new() };
        let word = said.get(first + 2).trim();
        let init = said.get(first + 5);
        let load = status.get("LoadState").and_then(Value::as_str);
        let known = match load {
            Some(load) => load != "not-found",
            None => said.number(first + 1) == 0 || !said.get(first + 4).trim().is_empty(),
        };
        let enabled = match said.number(first + 3) {
            0 => !matches!(word, "indirect" | "alias"),
            // An init script beside a unit file: the links of the runlevels decide.
            1 => is_system && init.contains("/init.d/") && !word.ends_with("disabled") && init.contains("/S"),
            _ => false,
        };
        Self { status, found: known || init.contains("/init.d/"), enabled, masked: word == "masked" }
    }

    /// Returns `ActiveState`; `None` when no systemd runs.
    pub fn active(&self) -> Option<&str> {
        self.status.get("ActiveState").and_then(Value::as_str)
    }
}

/// Reads `KEY=VALUE` lines; a value in braces may go over several lines.
fn properties(text: &str) -> Map {
    let mut found = Map::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((key, mut value)) = open.take() {
            value.push('\n');
            value.push_str(line);
            if line.trim_end().ends_with('}') {
                found.insert(key, json!(value.trim()));
            } else {
                open = Some((key, value));
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let starts_block = key.starts_with("Exec") && value.trim_start().starts_with('{');
        if starts_block && !value.trim_end().ends_with('}') {
            open = Some((key.to_owned(), value.to_owned()));
        } else {
            found.insert(key.to_owned(), json!(value.trim()));
        }
    }
    found.extend(open.map(|(key, value)| (key, json!(value.trim()))));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_in_braces_is_one_value() {
        let text = "Id=a.service\nExecStart={ path=/bin/sh ; argv[]=/bin/sh -c a\nb ; }\nDescription={ odd\nUMask=0022\n";
        let found = properties(text);
        assert_eq!(found["ExecStart"], "{ path=/bin/sh ; argv[]=/bin/sh -c a\nb ; }");
        assert_eq!(found["Description"], "{ odd");
        assert_eq!(found["UMask"], "0022");
    }

    fn read(text: &str) -> Unit {
        Unit::read(&Sections::split(text), 0, true)
    }

    #[test]
    fn an_alias_is_not_enabled() {
        let unit = read("LoadState=loaded\n\u{1e}0\u{1e}alias\n\u{1e}0\u{1e}\u{1e}");
        assert!(unit.found && !unit.enabled);
    }

    #[test]
    fn without_a_running_systemd_unit_files_and_links_decide() {
        let unit = read(
            "System has not been booted\n\u{1e}1\u{1e}enabled\n\u{1e}0\u{1e}ssh.service enabled\n\u{1e}",
        );
        assert!(unit.found && unit.enabled);
        assert_eq!(unit.active(), None);
        let unit = read("x\n\u{1e}1\u{1e}\u{1e}1\u{1e}\u{1e}/etc/init.d/a\n/etc/rc2.d/S01a\n");
        assert!(unit.found && unit.enabled);
        assert!(!read("x\n\u{1e}1\u{1e}\u{1e}1\u{1e}\u{1e}").found);
    }
}
