/// A pattern of a shell, with the rules of Python's `fnmatch`: `*`, `?`, `[abc]`, `[a-c]`, `[!a]`.
#[derive(Clone, Debug)]
pub struct Glob(Vec<Token>);

#[derive(Clone, Debug)]
enum Token {
    Any,
    One,
    Char(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Reads a pattern; every text is one.
    pub fn new(pattern: &str) -> Self {
        let chars: Vec<char> = pattern.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(c) = chars.get(at) {
            at += 1;
            match c {
                '*' => tokens.push(Token::Any),
                '?' => tokens.push(Token::One),
                '[' => match class(&chars[at..]) {
                    Some((token, length)) => {
                        tokens.push(token);
                        at += length;
                    }
                    None => tokens.push(Token::Char('[')),
                },
                c => tokens.push(Token::Char(*c)),
            }
        }
        Self(tokens)
    }

    /// Returns whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut token, mut at) = (0, 0);
        // Where to go on when the guess of how much a `*` takes was wrong.
        let mut star: Option<(usize, usize)> = None;
        loop {
            match self.0.get(token) {
                Some(Token::Any) => {
                    star = Some((token, at));
                    token += 1;
                    continue;
                }
                Some(other) if name.get(at).is_some_and(|c| other.takes(*c)) => {
                    (token, at) = (token + 1, at + 1);
                    continue;
                }
                None if at == name.len() => return true,
                _ => {}
            }
            match star {
                Some((any, taken)) if taken < name.len() => {
                    star = Some((any, taken + 1));
                    (token, at) = (any + 1, taken + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Char(own) => *own == c,
            Self::Class { negated, ranges } => ranges.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *negated,
        }
    }
}

/// Returns the class that begins after a `[`, and how long it is; a bracket that is never closed is a bracket.
fn class(chars: &[char]) -> Option<(Token, usize)> {
    let negated = chars.first() == Some(&'!');
    let begin = usize::from(negated);
    let first = usize::from(chars.get(begin) == Some(&']'));
    let end = begin + first + chars.get(begin + first..)?.iter().position(|c| *c == ']')?;
    let inner = &chars[begin..end];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        if at + 2 < inner.len() && inner[at + 1] == '-' {
            ranges.push((inner[at], inner[at + 2]));
            at += 3;
        } else {
            ranges.push((inner[at], inner[at]));
            at += 1;
        }
    }
    Some((Token::Class { negated, ranges }, end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_as_python_does() {
        for (pattern, name, expected) in [
            ("web*", "web1", true),
            ("*1", "web1", true),
            ("w?b1", "web1", true),
            ("we[b]1", "web1", true),
            ("web[!1]", "web2", true),
            ("web[!1]", "web1", false),
            ("web[0-9]", "web5", true),
            ("web[-2:]", "web2", true),
            ("web[-2:]", "web-", true),
            ("*.com", "e1.x.com", true),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("web[", "web[", true),
            ("[]]", "]", true),
            ("WEB", "web", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_and_a_star(name in "[a-z0-9.-]{0,20}", cut in 0usize..20) {
            prop_assert!(Glob::new(&name).matches(&name));
            let cut = cut.min(name.len());
            let (before, after) = (&name[..cut], &name[cut..]);
            let starred = format!("{before}*{after}");
            prop_assert!(Glob::new(&starred).matches(&name));
        }

        #[test]
        fn no_glob_panics(pattern in "[a-c*?!\\[\\]é-]{0,12}", name in "[a-cé]{0,12}") {
            let _ = Glob::new(&pattern).matches(&name);
        }
    }
}
