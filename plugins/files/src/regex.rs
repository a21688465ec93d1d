//! Regular expressions as Python reads them, on an engine that reads some signs differently.

use fancy_regex::Regex;
use switchover_sdk::Failure;

type Captures<'t> = fancy_regex::Captures<'t, str>;

/// How an expression looks at text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `^` and `$` stand at each line.
    pub multiline: bool,
    /// `.` also stands for a newline.
    pub dot_all: bool,
}

/// Compiles a Python expression.
pub fn compile(pattern: &str, flags: Flags) -> Result<Regex, Failure> {
    let multiline = flags.multiline || has_flag(pattern, 'm');
    let mut text = String::new();
    if flags.multiline {
        text.push_str("(?m)");
    }
    if flags.dot_all {
        text.push_str("(?s)");
    }
    text.push_str(&translate(pattern, multiline));
    Regex::new(&text)
        .map_err(|error| Failure::arguments(format!("the regular expression `{pattern}` is wrong: {error}")))
}

/// Returns whether a compiled expression asks to be held against several lines at once, with the flag `(?m)`.
pub fn spans_lines(regex: &Regex) -> bool {
    has_flag(regex.as_str(), 'm')
}

/// Returns whether the expression begins with flags such as `(?m)`.
fn has_flag(pattern: &str, flag: char) -> bool {
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    flags.is_some_and(|(flags, _)| flags.chars().all(|c| c.is_ascii_lowercase()) && flags.contains(flag))
}

/// Writes the signs that the two read differently: `\Z`, `$` before a last newline, escapes of punctuation, `{,n}`,
/// and everything that has a meaning in a set only here.
fn translate(pattern: &str, multiline: bool) -> String {
    let letters: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut index = 0;
    let mut set_start: Option<usize> = None;
    while index < letters.len() {
        let letter = letters[index];
        let next = letters.get(index + 1).copied();
        match (letter, set_start) {
            ('\\', _) => {
                escape(&mut out, next, set_start.is_some());
                index += 1;
            }
            ('[', None) => {
                set_start = Some(if next == Some('^') { index + 2 } else { index + 1 });
                out.push('[');
            }
            (']', Some(start)) if index > start => {
                set_start = None;
                out.push(']');
            }
            (']', Some(_)) => out.push_str("\\]"),
            ('[' | '&' | '~', Some(_)) => {
                out.push('\\');
                out.push(letter);
            }
            ('-', Some(_)) if next == Some('-') => out.push_str("\\-"),
            ('$', None) if !multiline => out.push_str("(?=\\n?\\z)"),
            ('{', None) if next == Some(',') => out.push_str("{0"),
            _ => out.push(letter),
        }
        index += 1;
    }
    out
}

fn escape(out: &mut String, next: Option<char>, in_set: bool) {
    match next {
        Some('Z') if !in_set => out.push_str("\\z"),
        Some('0') => out.push_str("\\x00"),
        Some(letter) if letter.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(letter);
        }
        Some(letter) => out.push_str(&literal(letter, in_set)),
        None => out.push('\\'),
    }
}

fn literal(letter: char, in_set: bool) -> String {
    let special = if in_set { "\\[]^-&~" } else { "\\.+*?()|[]{}^$#" };
    if special.contains(letter) { format!("\\{letter}") } else { letter.to_string() }
}

/// Fills in groups as Python's `Match.expand` does: `\1`, `\g<1>`, `\g<name>`, `\n`, `\\`.
pub fn expand(template: &str, captures: &Captures<'_>) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('\\') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let (text, used) = expand_one(after, captures)?;
        out.push_str(&text);
        rest = &after[used..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Returns what an escape stands for, and how long it is.
fn expand_one(after: &str, captures: &Captures<'_>) -> Result<(String, usize), Failure> {
    let wrong = |what: &str| Failure::arguments(format!("the replacement is wrong: {what}"));
    let group = |found: Option<fancy_regex::Match<'_>>| {
        found.map_or(String::new(), |found| found.as_str().to_owned())
    };
    if let Some(inner) = after.strip_prefix("g<") {
        let (name, _) = inner.split_once('>').ok_or_else(|| wrong("missing > after \\g<"))?;
        let found = match name.parse::<usize>() {
            Ok(number) if number < captures.len() => captures.get(number),
            Ok(number) => return Err(wrong(&format!("no group {number}"))),
            Err(_) => captures.name(name),
        };
        return Ok((group(found), name.len() + 3));
    }
    let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits > 0 && !after.starts_with('0') {
        let number: usize = after[..digits].parse().map_err(|_| wrong(after))?;
        if number >= captures.len() {
            return Err(wrong(&format!("no group {number}")));
        }
        return Ok((group(captures.get(number)), digits));
    }
    let letter = after.chars().next().ok_or_else(|| wrong("a backslash at its end"))?;
    let text = match letter {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'f' => "\u{c}".to_owned(),
        'v' => "\u{b}".to_owned(),
        'a' => "\u{7}".to_owned(),
        'b' => "\u{8}".to_owned(),
        '0' => "\0".to_owned(),
        letter if letter.is_ascii_alphabetic() => return Err(wrong(&format!("bad escape \\{letter}"))),
        '\\' => "\\".to_owned(),
        letter => format!("\\{letter}"),
    };
    Ok((text, letter.len_utf8()))
}

/// Returns whether the expression is found; a search that takes too long is a failure.
pub fn found(regex: &Regex, text: &str) -> Result<bool, Failure> {
    regex.is_match(text).map_err(|error| Failure::new(format!("the regular expression gave up: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        found(&compile(pattern, Flags::default()).unwrap(), text).unwrap()
    }

    #[test]
    fn reads_what_python_reads() {
        let table = [
            (r"^a$", "a\n", true),
            (r"^a$", "a\nb", false),
            (r"a\Z", "a\n", false),
            (r"\<b\>", "<b>", true),
            (r"[[]x", "[x", true),
            (r"[a&&b]", "&", true),
            (r"[]a]", "]", true),
            (r"^[^#]*=", "a=1", true),
            (r"x{,2}y", "xxy", true),
            (r"\/etc\/a\ b\-c\_d\'", "/etc/a b-c_d'", true),
            (r"[\w.-]+@[\w\.\-]+", "a.b@c-d", true),
            (r"(?i)^#?\s*PermitRootLogin", "# permitrootlogin no", true),
            (r"(a)\1", "aa", true),
            (r"(?P<q>['\x22]).*(?P=q)", "'x'", true),
            (r"^(?!#)x", "x", true),
            (r"\$HOME", "$HOME", true),
        ];
        for (pattern, text, wanted) in table {
            assert_eq!(matches(pattern, text), wanted, "{pattern} on {text:?}");
        }
        assert!(compile("(open", Flags::default()).is_err());
    }

    #[test]
    fn fills_in_groups() {
        let regex = compile(r"(?P<key>\w+)=(\w+)", Flags::default()).unwrap();
        let captures = regex.captures("a=b").unwrap().unwrap();
        assert_eq!(expand(r"\2-\g<1>-\g<key>\g<0>\n\\\.", &captures).unwrap(), "b-a-aa=b\n\\\\.");
        assert!(expand(r"\3", &captures).is_err());
        assert!(expand(r"\q", &captures).is_err());
    }
}
