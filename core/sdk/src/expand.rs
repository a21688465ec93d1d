//! `~` and `$NAME` in paths and arguments, with the meaning that Ansible's modules give them: what is not set
//! stays as it was written, and nothing else of a shell's language is known.

use switchover_protocol::{Failure, Map, ParamKind, ParamSpec, Value};

use crate::{Command, Host};

/// Variables that a shell makes for itself, which are not in the environment.
const SHELL_OWN: &[&str] = &[
    "_",
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "BASH_VERSION",
    "COLUMNS",
    "DIRSTACK",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "OPTARG",
    "OPTIND",
    "OSTYPE",
    "PPID",
    "PS1",
    "PS2",
    "PS4",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "UID",
];

/// Returns text as one word of a shell, exactly as it is.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns whether expanding could change the text.
pub(crate) fn expands(text: &str) -> bool {
    text.starts_with('~') || text.contains('$')
}

/// Returns text as one word of a shell that stands for the expanded text.
pub(crate) fn expanded_word(text: &str) -> String {
    let (tilde, rest) = split_tilde(text);
    let mut word = tilde.to_owned();
    let mut rest = rest;
    while let Some(start) = rest.find('$') {
        let (plain, variable) = rest.split_at(start);
        push_plain(&mut word, plain);
        let (written, name) = variable_at(variable);
        word.push_str(&variable_word(written, name));
        rest = &variable[written.len()..];
    }
    push_plain(&mut word, rest);
    if word.is_empty() { "''".to_owned() } else { word }
}

fn push_plain(word: &mut String, plain: &str) {
    if !plain.is_empty() {
        word.push_str(&quote(plain));
    }
}

/// Splits `~user/` or `~/` off, with its slash: a shell reads it only when both stand unquoted.
fn split_tilde(text: &str) -> (&str, &str) {
    if !text.starts_with('~') {
        return ("", text);
    }
    let end = text.find('/').map_or(text.len(), |slash| slash + 1);
    let user = text[1..end].trim_end_matches('/');
    let plain = user.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if plain && !user.starts_with('-') { text.split_at(end) } else { ("", text) }
}

/// Returns what is written at a `$` and the variable's name, empty when it names none.
fn variable_at(text: &str) -> (&str, &str) {
    if let Some(inner) = text.strip_prefix("${") {
        return match inner.find('}') {
            Some(end) => (&text[..end + 3], &inner[..end]),
            None => (&text[..1], ""),
        };
    }
    let end =
        text[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(text.len(), |end| end + 1);
    (&text[..end], &text[1..end])
}

fn variable_word(written: &str, name: &str) -> String {
    let identifier = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !identifier {
        return quote(written);
    }
    if SHELL_OWN.contains(&name) {
        return format!("\"$(printenv {name} || printf %s {})\"", quote(written));
    }
    let escaped = written.replace('$', "\\$").replace('}', "\\}");
    format!("\"${{{name}-{escaped}}}\"")
}

impl Host<'_> {
    /// Replaces `~` and `$NAME` in a path, for paths that only sometimes are the host's; [`HostPath`](crate::HostPath)
    /// arguments are expanded before the module sees them.
    pub fn expand(&self, path: &str) -> Result<String, Failure> {
        if !expands(path) {
            return Ok(path.to_owned());
        }
        let script = format!("printf %s {}", expanded_word(path));
        self.output(&Command::new(["sh", "-c", &script]).reads())
    }
}

/// Expands the arguments that are paths of the host; costs a round trip only when one holds `~` or `$`.
pub(crate) fn expand_paths(
    arguments: &Map,
    specs: &[ParamSpec],
    host: &Host,
) -> Result<Option<Map>, Failure> {
    let paths: Vec<&ParamSpec> = specs.iter().filter(|spec| is_path(&spec.kind)).collect();
    let given = |spec: &ParamSpec| {
        std::iter::once(&spec.name).chain(&spec.aliases).find(|name| arguments.contains_key(*name)).cloned()
    };
    let named: Vec<(String, Value)> = paths
        .into_iter()
        .filter_map(|spec| {
            let name = given(spec).unwrap_or_else(|| spec.name.clone());
            let value = arguments.get(&name).or(spec.default.as_ref())?;
            strings(value).iter().any(|text| expands(text)).then(|| (name, value.clone()))
        })
        .collect();
    if named.is_empty() {
        return Ok(None);
    }
    let words: Vec<String> =
        named.iter().flat_map(|(_, value)| strings(value)).map(|text| expanded_word(&text)).collect();
    let script = format!("printf '%s\\0' {}", words.join(" "));
    let output = host.output(&Command::new(["sh", "-c", &script]).reads())?;
    let mut found = output.split('\0').map(str::to_owned);
    let mut arguments = arguments.clone();
    for (name, value) in named {
        let mut next = || found.next().map(Value::String).unwrap_or_default();
        let expanded = match &value {
            Value::Array(items) => {
                items.iter().map(|item| if item.is_string() { next() } else { item.clone() }).collect()
            }
            _ => next(),
        };
        arguments.insert(name, expanded);
    }
    Ok(Some(arguments))
}

fn is_path(kind: &ParamKind) -> bool {
    match kind {
        ParamKind::Path => true,
        ParamKind::List(inner) => is_path(inner),
        _ => false,
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_shell(text: &str) -> String {
        let script = format!("printf %s {}", expanded_word(text));
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .env("HOME", "/home/me")
            .env("NAME", "a b")
            .env_remove("NOT_SET")
            .env_remove("OPTIND")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn expands_the_home_folder_and_variables() {
        assert_eq!(in_a_shell("~/x y"), "/home/me/x y");
        assert_eq!(in_a_shell("$NAME/${NAME}s"), "a b/a bs");
        assert_eq!(in_a_shell("a~b"), "a~b");
    }

    #[test]
    fn leaves_what_is_not_set_as_it_was_written() {
        for text in [
            "$NOT_SET/x",
            "${NOT_SET}",
            "$OPTIND",
            "$1",
            "$",
            "a$$b",
            "${",
            "~no-such-user/x",
            "$(id)",
            "`id`",
            "",
        ] {
            assert_eq!(in_a_shell(text), text);
        }
    }
}
