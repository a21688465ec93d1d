use std::ops::Range;

use thiserror::Error;

/// Why one-line arguments cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    #[error("a quote is never closed")]
    OpenQuote { at: usize },
    #[error("a template is never closed")]
    OpenTemplate { at: usize },
}

impl SplitError {
    /// Returns the byte offset of what was opened.
    pub fn offset(&self) -> usize {
        match *self {
            Self::OpenQuote { at } | Self::OpenTemplate { at } => at,
        }
    }
}

const OPENING: [&str; 3] = ["{{", "{%", "{#"];
const CLOSING: [&str; 3] = ["}}", "%}", "#}"];

/// Returns the byte ranges of the words of a text: blanks inside quotes and templates do not separate.
pub(super) fn split_words(text: &str) -> Result<Vec<Range<usize>>, SplitError> {
    let mut scanner = Scanner::default();
    let mut words = Vec::new();
    let mut start = None;
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let width = scanner.step(text, at, next);
        if scanner.between() && (next == ' ' || next == '\n') {
            words.extend(start.take().map(|start| start..at));
        } else {
            start.get_or_insert(at);
        }
        at += width;
    }
    scanner.finish()?;
    words.extend(start.map(|start| start..text.len()));
    Ok(words.into_iter().filter(|word| &text[word.clone()] != "\\").collect())
}

/// Returns where the first word of a text ends; what is never closed goes up to the next blank.
pub fn first_word(text: &str) -> usize {
    match split_words(text) {
        Ok(words) => words.first().map_or(text.len(), |word| word.end),
        Err(_) => text.find([' ', '\n']).unwrap_or(text.len()),
    }
}

/// Knows whether the text is inside quotes or templates. Quotes count in templates and templates in quotes,
/// so that `a="{{ x | default("b c") }}"` is one word.
#[derive(Default)]
struct Scanner {
    quote: Option<(char, usize)>,
    templates: Vec<(usize, usize)>,
    escaped: bool,
}

impl Scanner {
    fn between(&self) -> bool {
        self.quote.is_none() && self.templates.is_empty()
    }

    /// Takes the character at a place and returns how many bytes it was.
    fn step(&mut self, text: &str, at: usize, next: char) -> usize {
        let rest = &text[at..];
        if let Some(kind) = OPENING.iter().position(|open| rest.starts_with(open)) {
            self.templates.push((kind, at));
            return 2;
        }
        if self.templates.last().is_some_and(|(kind, _)| rest.starts_with(CLOSING[*kind])) {
            self.templates.pop();
            return 2;
        }
        match (next, self.quote) {
            ('"' | '\'', None) if !self.escaped => self.quote = Some((next, at)),
            ('"' | '\'', Some((open, _))) if open == next && !self.escaped => self.quote = None,
            _ => {}
        }
        self.escaped = next == '\\' && !self.escaped;
        next.len_utf8()
    }

    fn finish(&self) -> Result<(), SplitError> {
        if let Some((_, at)) = self.templates.first() {
            return Err(SplitError::OpenTemplate { at: *at });
        }
        match self.quote {
            Some((_, at)) => Err(SplitError::OpenQuote { at }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        split_words(text).unwrap().into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn blanks_in_quotes_and_templates_do_not_separate() {
        let text = r#"a "b c" {{ d | default('e f') }} 'g'h"#;
        assert_eq!(words(text), ["a", "\"b c\"", "{{ d | default('e f') }}", "'g'h"]);
        assert_eq!(words(r#"x="{{ y | default("b c") }}"  z"#), [r#"x="{{ y | default("b c") }}""#, "z"]);
    }

    #[test]
    fn a_lone_backslash_continues_the_line() {
        assert_eq!(words("a \\\n  b"), ["a", "b"]);
    }

    #[test]
    fn tells_where_the_open_quote_is() {
        assert_eq!(split_words("echo it's"), Err(SplitError::OpenQuote { at: 7 }));
        assert_eq!(split_words("echo {{ x"), Err(SplitError::OpenTemplate { at: 5 }));
    }

    #[test]
    fn an_escaped_quote_opens_nothing() {
        assert_eq!(words(r"it\'s fine"), [r"it\'s", "fine"]);
    }
}
