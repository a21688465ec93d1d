use std::borrow::Cow;

/// Returns a text without what would drive a terminal: control characters are shown as pictures, never sent.
///
/// Line breaks and tabs stay, so the text keeps its layout; a return before a line break is a part of that.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_driving) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.chars().map(|c| if is_driving(c) { visible(c) } else { c }).collect())
}

fn is_driving(c: char) -> bool {
    !matches!(c, '\n' | '\t') && visible(c) != c
}

/// Returns what is shown of a character: itself, or a picture when it would do something to a terminal.
pub(crate) fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        // C1 controls, and marks that turn the direction of the text around.
        0x80..=0x9f | 0x202a..=0x202e | 0x2066..=0x2069 => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_drives_a_terminal_is_a_picture() {
        assert_eq!(harmless("\u{1b}]0;x\u{7}\u{9b}2J\u{7f}"), "␛]0;x␇\u{fffd}2J␡");
        assert_eq!(harmless("a\rb"), "a␍b");
        assert_eq!(harmless("\u{202e}txt.exe"), "\u{fffd}txt.exe");
    }

    #[test]
    fn layout_and_letters_stay() {
        assert_eq!(harmless("a\tb\nä ☃ \u{1f600}"), "a\tb\nä ☃ \u{1f600}");
        assert_eq!(harmless("one\r\ntwo\r\n"), "one\ntwo\n");
    }
}
