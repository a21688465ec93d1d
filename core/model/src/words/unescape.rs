/// Returns the text with Python's escapes resolved, as Ansible does in `k=v` words.
///
/// What is not an escape (`\d`, `\.`) stays as it is; so do named characters (`\N{...}`).
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match escape(after) {
            Some((character, length)) => {
                out.push(character);
                rest = &after[length..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Returns the character that an escape stands for and how long the escape is after its backslash.
fn escape(after: &str) -> Option<(char, usize)> {
    let first = after.chars().next()?;
    let plain = match first {
        '\\' | '\'' | '"' => first,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return number(after, 1, 2, 16),
        'u' => return number(after, 1, 4, 16),
        'U' => return number(after, 1, 8, 16),
        '0'..='7' => {
            let digits = after.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            return number(after, 0, digits, 8);
        }
        _ => return None,
    };
    Some((plain, 1))
}

fn number(after: &str, skip: usize, digits: usize, radix: u32) -> Option<(char, usize)> {
    let text = after.get(skip..skip + digits)?;
    let character = u32::from_str_radix(text, radix).ok().and_then(char::from_u32)?;
    Some((character, skip + digits))
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn resolves_the_escapes_of_python() {
        assert_eq!(unescape(r"a\nb\tc\x41\u00e4\101"), "a\nb\tcAäA");
    }

    #[test]
    fn leaves_regular_expressions_alone() {
        assert_eq!(unescape(r"^\d+\.\w$"), r"^\d+\.\w$");
        assert_eq!(unescape(r"\xzz\"), r"\xzz\");
    }
}
