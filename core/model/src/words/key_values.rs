use std::ops::Range;

use super::SplitError;
use super::split::split_words;
use super::unescape::unescape;

/// One `key=value` of one-line arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub key: String,
    /// Without its quotes, with escapes resolved.
    pub value: String,
    /// Where the whole word stands in the text, in bytes.
    pub range: Range<usize>,
}

/// One-line arguments, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyValues {
    pub pairs: Vec<Pair>,
    /// What is no `key=value`: kept verbatim, but for the words that were taken out.
    pub rest: String,
}

/// The words that free-form modules take for themselves; everything else belongs to the command.
const FREE_FORM_KEYS: [&str; 8] =
    ["chdir", "creates", "executable", "removes", "stdin", "stdin_add_newline", "strip_empty_ends", "warn"];

/// Splits `k=v` one-line arguments as Ansible does: quotes and templates hold blanks together.
///
/// With `free_form` only the words that `command` and its kin know are taken; the rest keeps its blanks and
/// its line breaks, and a backslash at the end of a line joins lines.
pub fn split_key_values(text: &str, free_form: bool) -> Result<KeyValues, SplitError> {
    let mut taken = KeyValues::default();
    let mut kept = Vec::new();
    for range in split_words(text)? {
        let pair = pair(text, &range).filter(|p| !free_form || FREE_FORM_KEYS.contains(&p.key.as_str()));
        match pair {
            Some(pair) => taken.pairs.push(pair),
            None => kept.push(range),
        }
    }
    taken.rest = if free_form { without(text, &taken.pairs) } else { joined(text, &kept) };
    Ok(taken)
}

fn pair(text: &str, range: &Range<usize>) -> Option<Pair> {
    let word = unescape(&text[range.clone()]);
    let at = word.match_indices('=').map(|(at, _)| at).find(|at| *at == 0 || !word[..*at].ends_with('\\'))?;
    let (key, value) = (word[..at].trim(), word[at + 1..].trim());
    is_key(key).then(|| Pair { key: key.to_owned(), value: unquote(value).to_owned(), range: range.clone() })
}

/// An equals sign inside a template or a quote, such as that of `{{ a == b }}`, ends no key. A key may be a template.
fn is_key(key: &str) -> bool {
    let closed = key.matches("{{").count() == key.matches("}}").count();
    !key.is_empty() && closed && !key.contains("{%") && !key.starts_with(['"', '\''])
}

fn unquote(value: &str) -> &str {
    let mut ends = value.chars();
    match (ends.next(), ends.next_back()) {
        (Some(first @ ('"' | '\'')), Some(last)) if first == last => {
            let inner = &value[1..value.len() - 1];
            if inner.ends_with('\\') { value } else { inner }
        }
        _ => value,
    }
}

fn joined(text: &str, kept: &[Range<usize>]) -> String {
    let words: Vec<_> = kept.iter().map(|range| text[range.clone()].replace("\\=", "=")).collect();
    words.join(" ")
}

/// Returns the text without these words and the blanks after them, and with continued lines joined.
fn without(text: &str, pairs: &[Pair]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for pair in pairs {
        out.push_str(&text[at..pair.range.start]);
        let rest = &text[pair.range.end..];
        at = text.len() - rest.trim_start_matches([' ', '\n']).len();
    }
    out.push_str(&text[at..]);
    let joined = without_continuations(&out).replace("\\=", "=");
    joined.trim_end_matches(' ').to_owned()
}

/// Joins lines that end with a backslash; the words stay apart.
fn without_continuations(text: &str) -> String {
    let mut lines = text.split(" \\\n");
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        if !line.starts_with([' ', '\n']) && !line.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let taken = split_key_values(text, false).unwrap();
        taken.pairs.into_iter().map(|p| (p.key, p.value)).collect()
    }

    fn free(text: &str) -> (String, Vec<String>) {
        let taken = split_key_values(text, true).unwrap();
        (taken.rest, taken.pairs.into_iter().map(|p| format!("{}:{}", p.key, p.value)).collect())
    }

    #[test]
    fn takes_quotes_off_and_resolves_escapes() {
        assert_eq!(
            pairs(r#"src=a dest="b c" msg='x\ny' e="#),
            [("src", "a"), ("dest", "b c"), ("msg", "x\ny"), ("e", "")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn keeps_a_template_with_quotes_and_blanks_in_one_value() {
        assert_eq!(
            pairs(r#"a={{ x | default("b c") }} b=1"#),
            [("a".to_owned(), r#"{{ x | default("b c") }}"#.to_owned()), ("b".to_owned(), "1".to_owned())]
        );
    }

    #[test]
    fn a_comparison_in_a_template_is_no_key() {
        let taken = split_key_values("{{ a=='b' }} c=1", false).unwrap();
        assert_eq!((taken.rest.as_str(), taken.pairs.len()), ("{{ a=='b' }}", 1));
    }

    #[test]
    fn a_command_keeps_its_blanks_and_its_own_equals_signs() {
        let (rest, taken) = free("echo \"x   y\"   z  'q  r' chdir=/tmp  a=b {{ 'w  w' }}");
        assert_eq!(rest, "echo \"x   y\"   z  'q  r' a=b {{ 'w  w' }}");
        assert_eq!(taken, ["chdir:/tmp"]);
    }

    #[test]
    fn a_script_keeps_its_lines() {
        let (rest, taken) = free("if true; then\n   echo   hi \\\n     there\nfi\ncreates=/none\n");
        assert_eq!(rest, "if true; then\n   echo   hi     there\nfi\n");
        assert_eq!(taken, ["creates:/none"]);
    }

    #[test]
    fn words_of_joined_lines_stay_apart() {
        assert_eq!(free("echo a \\\n\"b\nc\" \\\n | cat\n").0, "echo a \"b\nc\" | cat\n");
    }

    #[test]
    fn an_escaped_equals_sign_separates_nothing() {
        assert_eq!(free(r"echo chdir\=x"), ("echo chdir=x".to_owned(), vec![]));
    }
}
