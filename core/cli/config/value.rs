use std::path::{Path, PathBuf};

use super::Kind;

/// Returns what is wrong with a value of this form.
pub fn problem(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::Flag => flag(value).is_none().then(|| "is neither true nor false".to_owned()),
        // An empty number is one that nobody set.
        Kind::Number if value.is_empty() => None,
        Kind::Number => value.trim().parse::<u64>().is_err().then(|| "is no whole number".to_owned()),
        Kind::Choice(words) => (!words.contains(&value)).then(|| format!("is none of {}", words.join(", "))),
        Kind::Text | Kind::Path | Kind::Paths | Kind::Sources | Kind::Words => None,
    }
}

/// Returns a truth in Ansible's words.
pub fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
        "" | "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
        _ => None,
    }
}

/// Returns the words between commas, and between lines.
pub fn words(text: &str) -> Vec<String> {
    text.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Returns a value without the quotes around it.
pub fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Returns a path with `~`, `$NAME` and `{{CWD}}` filled in; a relative one is beside `folder` when there is one.
pub fn path(text: &str, folder: Option<&Path>) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let text = text.replace("{{CWD}}", &here.to_string_lossy());
    let text = with_variables(&text);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let path = match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
        _ => PathBuf::from(text),
    };
    match folder {
        Some(folder) if path.is_relative() => folder.join(path),
        _ => path,
    }
}

/// Fills in `$NAME` and `${NAME}` for the names that the environment has.
fn with_variables(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, left) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, left)) => (name, left),
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            }
        };
        match std::env::var(name) {
            Ok(value) => out.push_str(&value),
            Err(_) => out.push_str(&rest[at..rest.len() - left.len()]),
        }
        rest = left;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_of_a_file_is_beside_it() {
        assert_eq!(path("roles", Some(Path::new("/p"))), Path::new("/p/roles"));
        assert_eq!(path("/roles", Some(Path::new("/p"))), Path::new("/roles"));
        assert_eq!(path("roles", None), Path::new("roles"));
    }

    #[test]
    fn a_name_that_the_environment_does_not_have_stays() {
        assert_eq!(with_variables("/a/$NO_SUCH_NAME_HERE/b"), "/a/$NO_SUCH_NAME_HERE/b");
    }

    #[test]
    fn quotes_are_no_part_of_a_value() {
        assert_eq!(unquoted(" \"-o A=b\" "), "-o A=b");
        assert_eq!(unquoted("it's"), "it's");
    }

    #[test]
    fn a_wrong_value_is_told() {
        assert_eq!(problem(Kind::Number, "x").as_deref(), Some("is no whole number"));
        assert_eq!(problem(Kind::Choice(&["a", "b"]), "c").as_deref(), Some("is none of a, b"));
        assert_eq!(problem(Kind::Flag, "maybe").as_deref(), Some("is neither true nor false"));
    }
}
