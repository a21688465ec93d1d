/// Why text is no list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitError {
    NoClosingQuotation,
    NoEscapedCharacter,
}

impl std::fmt::Display for SplitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoClosingQuotation => "No closing quotation",
            Self::NoEscapedCharacter => "No escaped character",
        })
    }
}

/// Splits text into words as Python's `shlex.split` does, which is what Ansible's `command` promises: quotes and
/// backslashes, no comments, no variables.
pub fn split(text: &str) -> Result<Vec<String>, SplitError> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some((word, end)) = next_word(rest)? {
        words.push(word);
        rest = &rest[end..];
    }
    Ok(words)
}

/// Returns the first word and where in the text it ends.
pub fn next_word(text: &str) -> Result<Option<(String, usize)>, SplitError> {
    let mut word = String::new();
    let mut started = false;
    let mut quote = None;
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match (quote, letter) {
            (None, ' ' | '\t' | '\r' | '\n') => {
                if started {
                    return Ok(Some((word, index)));
                }
                continue;
            }
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if letter == open => quote = None,
            (None | Some('"'), '\\') => {
                let (_, escaped) = letters.next().ok_or(SplitError::NoEscapedCharacter)?;
                if quote.is_some() && !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            _ => word.push(letter),
        }
        started = true;
    }
    match quote {
        Some(_) => Err(SplitError::NoClosingQuotation),
        None => Ok(started.then_some((word, text.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_like_shlex() {
        let table: &[(&str, &[&str])] = &[
            ("a b  c", &["a", "b", "c"]),
            (r#"echo "a b" 'c d'e"#, &["echo", "a b", "c de"]),
            (r#""a\"b\\c\d" a\ b '\n'"#, &[r#"a"b\c\d"#, "a b", r"\n"]),
            ("a # not a comment", &["a", "#", "not", "a", "comment"]),
            ("'' \"\"", &["", ""]),
            ("a\nb\\\nc", &["a", "b\nc"]),
            ("  ", &[]),
        ];
        for (text, words) in table {
            assert_eq!(split(text).unwrap(), *words, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_closed() {
        assert_eq!(split("echo 'a"), Err(SplitError::NoClosingQuotation));
        assert_eq!(split("echo a\\"), Err(SplitError::NoEscapedCharacter));
    }
}
