use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

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

/// Returns the text without characters that do something to a terminal.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        // C1 controls, and marks that turn the direction of the text around.
        0x80..=0x9f | 0x202a..=0x202e | 0x2066..=0x2069 => '\u{fffd}',
        _ => c,
    }
}
