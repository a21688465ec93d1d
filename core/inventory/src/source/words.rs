//! The words of a host line, by the rules of Python's `shlex` that Ansible uses.

/// A word with its quotes removed, and the bytes of the line that it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A quote or backslash at this byte that nothing follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfinished(pub(super) usize);

/// Returns the words of a line. A `#` outside of quotes begins a comment, even within a word.
pub(super) fn words(line: &str) -> Result<Vec<Word>, Unfinished> {
    let mut words = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some((start, first)) = chars.peek().copied() {
        if is_blank(first) {
            chars.next();
            continue;
        }
        let mut text = String::new();
        let mut comment = first == '#';
        let mut end = line.len();
        while let Some((at, c)) = chars.peek().copied() {
            if is_blank(c) || c == '#' {
                comment |= c == '#';
                end = at;
                break;
            }
            chars.next();
            match c {
                '\'' | '"' => quoted(&mut chars, c, &mut text).ok_or(Unfinished(at))?,
                '\\' => text.push(chars.next().ok_or(Unfinished(at))?.1),
                _ => text.push(c),
            }
        }
        if end > start {
            words.push(Word { text, start, end });
        }
        if comment {
            break;
        }
    }
    Ok(words)
}

/// In double quotes a backslash only escapes a double quote and itself.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    quote: char,
    text: &mut String,
) -> Option<()> {
    loop {
        match chars.next()?.1 {
            c if c == quote => return Some(()),
            '\\' if quote == '"' => match chars.next()?.1 {
                c @ ('"' | '\\') => text.push(c),
                c => text.extend(['\\', c]),
            },
            c => text.push(c),
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        words(line).unwrap().into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn splits_as_a_shell_does() {
        for (line, expected) in [
            ("a b=c", &["a", "b=c"][..]),
            ("a b='x y' c=\"q # z\"", &["a", "b=x y", "c=q # z"]),
            ("a b=x'y z'w", &["a", "b=xy zw"]),
            ("a #c", &["a"]),
            ("a#c d", &["a"]),
            ("a b=1#c d=2", &["a", "b=1"]),
            ("a b=\\# c", &["a", "b=#", "c"]),
            ("a b=\"x\\\"y\\z\"", &["a", "b=x\"y\\z"]),
            ("a b='\\n'", &["a", "b=\\n"]),
            ("a ''", &["a", ""]),
            ("# c", &[]),
            ("", &[]),
        ] {
            assert_eq!(texts(line), expected, "{line}");
        }
    }

    #[test]
    fn knows_where_each_word_stands() {
        let found = words("ab  c='d e' # f").unwrap();
        assert_eq!((found[1].start, found[1].end), (4, 11));
    }

    #[test]
    fn tells_what_is_not_finished() {
        assert_eq!(words("a b='c"), Err(Unfinished(4)));
        assert_eq!(words("a b\\"), Err(Unfinished(3)));
    }
}
