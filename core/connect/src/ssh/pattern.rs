//! Host patterns of ssh: `*`, `?`, lists with commas or blanks, and `!` before what must not match.

/// Returns whether a text matches one pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&character) if character == '?' || character == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|character| *character == '*')
}

/// Returns whether a text matches a list: at least one pattern, and none of those with a `!`.
pub(super) fn list_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, text: &str) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern, text) => return false,
            Some(_) => {}
            None => found |= matches(pattern, text),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_ssh() {
        let yes = [
            ("*", "x"),
            ("web?.a", "web1.a"),
            ("*.example.*", "a.example.org"),
            ("a*b*c", "axxbyyc"),
            ("", ""),
        ];
        assert!(yes.iter().all(|(pattern, text)| matches(pattern, text)));
        let no = [("web?", "web"), ("a*b", "abc"), ("?", ""), ("x", "X")];
        assert!(!no.iter().any(|(pattern, text)| matches(pattern, text)));
    }

    #[test]
    fn a_negated_pattern_wins_and_alone_matches_nothing() {
        assert!(list_matches(["*.a", "!x.a"], "y.a"));
        assert!(!list_matches(["*.a", "!x.a"], "x.a"));
        assert!(!list_matches(["!x.a"], "y.a"));
    }
}
