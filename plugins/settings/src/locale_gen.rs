use switchover_sdk::prelude::*;

use switchover_sdk::script::{change, look, script};

#[derive(Params)]
pub struct LocaleGenParams {
    /// Locales with their encoding: `de_CH.UTF-8`.
    pub name: Vec<String>,
    /// Whether they are there.
    #[param(default = "present")]
    pub state: State,
}

/// Whether a locale is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct LocaleGen;

/// Sections: `ubuntu`, `debian` or nothing, the list of locales to be made, all that could be made, all that there are.
const LOOK: &str = r#"command -v locale-gen >/dev/null 2>&1 || [ -e /usr/sbin/locale-gen ] || exit 64
if [ -d /var/lib/locales/supported.d ]; then printf 'ubuntu\036'; cat /var/lib/locales/supported.d/local 2>/dev/null
elif [ -e /etc/locale.gen ]; then printf 'debian\036'; cat /etc/locale.gen
else printf '\036'; fi
printf '\036'; cat /usr/share/i18n/SUPPORTED 2>/dev/null
printf '\036'; locale -a 2>/dev/null; :"#;

/// The list comes by standard input. `$1` the file, then arguments of locale-gen.
const MAKE: &str = r#"PATH=$PATH:/usr/sbin; f=$1; shift; cat >"$f" && exec locale-gen "$@""#;

impl Module for LocaleGen {
    type Params = LocaleGenParams;
    const SPEC: Spec = Spec {
        name: "community.general.locale_gen",
        aliases: &["locale_gen", "ansible.builtin.locale_gen"],
        summary: "Makes and removes locales on Debian and Ubuntu.",
        examples: &[
            ("One", "locale_gen: { name: de_CH.UTF-8, state: present }"),
            ("Two", "community.general.locale_gen: { name: [en_GB.UTF-8, nl_NL.UTF-8] }"),
        ],
        returns: &[("name", "the locales")],
        ..Spec::DEFAULT
    };

    fn check(params: &LocaleGenParams, host: &Host) -> Result<Delta, Failure> {
        let [mode, list, supported, there] = look::<4, &str>(LOOK, &[], "locale-gen", host)?;
        if mode.is_empty() {
            let msg = "/var/lib/locales/supported.d/ and /etc/locale.gen are missing. Is the package \"locales\" installed?";
            return Err(Failure::new(msg));
        }
        let is_there = |name: &&String| there.lines().any(|line| normal(line) == normal(name));
        let known = |name: &&String| charset(&supported, name).or_else(|| charset(&list, name)).is_some();
        let unknown: Vec<&str> =
            params.name.iter().filter(|name| !known(name) && !is_there(name)).map(String::as_str).collect();
        if !unknown.is_empty() {
            let msg = "The following locales you have entered are not available on your system";
            return Err(Failure::new(format!("{msg}: {}", unknown.join(", "))));
        }
        let present = params.state == State::Present;
        let result = json!({ "name": params.name });
        let differing: Vec<&String> = params.name.iter().filter(|name| is_there(name) != present).collect();
        if differing.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let (path, after) = match mode.as_str() {
            "ubuntu" => (
                "/var/lib/locales/supported.d/local",
                rewritten(&list, &supported, &differing, present, false),
            ),
            _ => ("/etc/locale.gen", rewritten(&list, &supported, &differing, present, true)),
        };
        let purge = mode == "ubuntu" && !present;
        let what = path.to_owned();
        let change = Change { what, before: json!(list), after: json!(after), ..Change::default() };
        Ok(Delta::changes(vec![change]).with_result(result).with_state(json!([path, after, purge])))
    }

    fn apply(params: &LocaleGenParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let state = delta.state();
        let mut arguments = vec![state[0].as_str().unwrap_or_default()];
        arguments.extend((state[2] == true).then_some("--purge"));
        let command = script(MAKE, &arguments).stdin(state[1].as_str().unwrap_or_default());
        change(&command, |said| format!("locale-gen failed: {said}"), host)?;
        Ok(Outcome::changed(json!({ "name": params.name })))
    }
}

/// Returns a locale as all tools would write it: `locale -a` says `en_US.utf8` for `en_US.UTF-8`.
fn normal(name: &str) -> String {
    let (place, encoding) = name.trim().split_once('.').unwrap_or((name.trim(), ""));
    let (encoding, variant) = encoding.split_once('@').unwrap_or((encoding, ""));
    let encoding: String = encoding.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{place}.{}@{variant}", encoding.to_lowercase())
}

/// Returns the line `NAME CHARSET`, whether it is a comment or not.
fn entry(line: &str) -> Option<(&str, &str)> {
    let mut words = line.trim_start_matches('#').split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(name), Some(charset), None) => Some((name, charset)),
        _ => None,
    }
}

fn charset<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    list.lines().filter_map(entry).find(|(known, _)| *known == name).map(|(_, charset)| charset)
}

/// Returns the list with these locales made or not; what goes becomes a comment where the list has them.
fn rewritten(list: &str, supported: &str, names: &[&String], present: bool, has_comments: bool) -> String {
    let mut found: Vec<&str> = Vec::new();
    let mut text = String::new();
    for line in list.lines() {
        let named = entry(line).filter(|(name, _)| names.iter().any(|wanted| *wanted == name));
        match named {
            Some((name, charset)) => {
                found.push(name);
                if present {
                    text.push_str(&format!("{name} {charset}\n"));
                } else if has_comments {
                    text.push_str(&format!("# {name} {charset}\n"));
                }
            }
            None => text.push_str(&format!("{line}\n")),
        }
    }
    for name in names.iter().filter(|name| present && !found.contains(&name.as_str())) {
        if let Some(charset) = charset(supported, name) {
            text.push_str(&format!("{name} {charset}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<LocaleGen>(env!("CARGO_MANIFEST_DIR"));
        examples::<LocaleGen>();
    }

    #[test]
    fn tools_write_one_locale_in_two_ways() {
        assert_eq!(normal("en_US.UTF-8"), normal("en_US.utf8"));
        assert_eq!(normal("de_DE.ISO-8859-15@euro"), normal("de_DE.iso885915@euro"));
        assert_ne!(normal("de_DE@euro"), normal("de_DE"));
    }
}
