use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::harmless::visible;

const TAB: usize = 4;

/// One character as a terminal shows it.
pub(super) struct Cell {
    /// Where the character begins, in bytes from the start of the line.
    pub(super) offset: usize,
    pub(super) shown: Cow<'static, str>,
    /// How many columns it takes; 0 for marks that join the character before.
    pub(super) width: usize,
}

/// Returns a line's characters as they can be shown: tabs as blanks, control characters as pictures.
pub(super) fn cells(line: &str) -> Vec<Cell> {
    line.char_indices()
        .map(|(offset, c)| match c {
            '\t' => Cell { offset, shown: Cow::Owned(" ".repeat(TAB)), width: TAB },
            _ => {
                let c = visible(c);
                Cell { offset, shown: Cow::Owned(c.to_string()), width: c.width().unwrap_or(1) }
            }
        })
        .collect()
}

/// Returns the text on one line, without characters that do something to a terminal.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(visible).collect()
}
