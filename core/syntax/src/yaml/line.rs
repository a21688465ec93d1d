use std::ops::Range;

/// One line of a text as someone who looks for a mistake sees it. Offsets are bytes from the line's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Where the line begins in the text.
    pub(super) start: usize,
    /// The line without its line break.
    pub(super) text: &'a str,
}

/// Returns the blanks at the beginning.
pub(super) fn indentation_of(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches([' ', '\t']).len()]
}

impl<'a> Line<'a> {
    /// Returns the line that holds this offset.
    pub(super) fn around(text: &'a str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
        let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        Self { start, text: text[start..end].trim_end_matches('\r') }
    }

    /// Returns the line after this one.
    pub(super) fn next(&self, text: &'a str) -> Option<Self> {
        let end = self.start + text[self.start..].find('\n')? + 1;
        (end < text.len()).then(|| Self::around(text, end))
    }

    /// Returns the nearest line above that is neither empty nor a comment.
    pub(super) fn previous(&self, text: &'a str) -> Option<Self> {
        let mut start = self.start;
        while start > 0 {
            let line = Self::around(text, start - 1);
            let content = line.text.trim();
            if !content.is_empty() && !content.starts_with('#') {
                return Some(line);
            }
            start = line.start;
        }
        None
    }

    /// Returns where the content begins, after blanks but before a `- `.
    pub(super) fn content_start(&self) -> usize {
        indentation_of(self.text).len()
    }

    /// Returns where the key begins, after any number of `- `.
    fn item_start(&self) -> usize {
        let mut at = self.content_start();
        while let Some(rest) = self.text[at..].strip_prefix("- ") {
            at = self.text.len() - rest.trim_start_matches(' ').len();
        }
        at
    }

    /// Returns the range of the key when the line is `key:` or `key: value`.
    pub(super) fn key(&self) -> Option<Range<usize>> {
        let start = self.item_start();
        let text = &self.text[start..];
        let end = match text.chars().next()? {
            quote @ ('"' | '\'') => {
                let close = 1 + text[1..].find(quote)? + 1;
                let after = text[close..].trim_start();
                (after.starts_with(": ") || after == ":").then_some(close)?
            }
            _ => text.find(": ").or_else(|| text.trim_end().strip_suffix(':').map(str::len))?,
        };
        Some(start..start + end)
    }

    /// Returns where the value begins when the line has one, be it after a key or after `- `.
    pub(super) fn value_start(&self) -> Option<usize> {
        let item = self.item_start();
        if self.text[item..].starts_with(['{', '[']) {
            return (item > self.content_start()).then_some(item);
        }
        match self.key() {
            Some(key) => {
                let after = &self.text[key.end..];
                let value = after.strip_prefix(':').unwrap_or(after).trim_start_matches(' ');
                (!value.is_empty()).then(|| self.text.len() - value.len())
            }
            None => (item > self.content_start() && item < self.text.len()).then_some(item),
        }
    }

    /// Returns the column, from 1 and in characters, of an offset.
    pub(super) fn column(&self, offset: usize) -> usize {
        self.text[..offset].chars().count() + 1
    }
}
