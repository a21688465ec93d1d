//! Texts as libyaml writes them, which is behind PyYAML: where quotes are needed, where lines are broken.

use std::fmt::Write as _;

use switchover_syntax::is_plain_text;

/// Where a text stands.
pub struct Place {
    /// The column that its later lines begin at.
    pub indent: usize,
    /// Lines are broken after this many columns, where that changes nothing.
    pub width: usize,
    /// It is a key that stands on one line.
    pub key: bool,
    /// It stands in a container on one line.
    pub flow: bool,
    /// A block's first line that begins with a blank needs to be told how deep the block is.
    pub step: usize,
}

/// Returns whether a character ends a line for YAML.
pub fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn is_special(letter: char) -> bool {
    !is_printable(letter)
}

/// Writes a text in the plainest form that reads back as the same text.
pub fn write(out: &mut String, text: &str, place: &Place) {
    if can_be_plain(text, place.flow) {
        return folded(out, text, place, false);
    }
    if text.contains(is_special) || space_before_break(text) || space_after_break(text) {
        return double_quoted(out, text, place);
    }
    out.push('\'');
    folded(out, text, place, true);
    out.push('\'');
}

/// Writes a text as a block of lines, where a block can hold it.
pub fn write_literal(out: &mut String, text: &str, place: &Place) {
    if place.flow || place.key || !can_be_block(text) {
        return double_quoted(out, text, place);
    }
    out.push('|');
    if text.starts_with(|letter| letter == ' ' || is_break(letter)) {
        write!(out, "{}", place.step).expect("writing to a string cannot fail");
    }
    let body = text.trim_end_matches(is_break);
    match text[body.len()..].chars().count() {
        0 => out.push('-'),
        1 if !body.is_empty() => {}
        _ => out.push('+'),
    }
    out.push('\n');
    let mut fresh = true;
    for letter in text.chars() {
        if fresh && !is_break(letter) {
            out.push_str(&" ".repeat(place.indent));
        }
        out.push(letter);
        fresh = is_break(letter);
    }
}

fn can_be_block(text: &str) -> bool {
    !text.is_empty() && !text.contains(is_special) && !text.ends_with(' ') && !space_before_break(text)
}

fn space_before_break(text: &str) -> bool {
    pairs(text).any(|(first, second)| first == ' ' && is_break(second))
}

fn space_after_break(text: &str) -> bool {
    pairs(text).any(|(first, second)| is_break(first) && second == ' ')
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

/// Returns whether a text can stand without quotes.
fn can_be_plain(text: &str, flow: bool) -> bool {
    let outer = |letter: char| letter == ' ' || is_break(letter);
    if text.is_empty() || text.starts_with(outer) || text.ends_with(outer) {
        return false;
    }
    if text.contains(|letter| is_break(letter) || is_special(letter)) || !is_plain_text(text) {
        return false;
    }
    if text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let mut letters = text.chars();
    let first = letters.next().unwrap_or(' ');
    let before_space = letters.next().is_none_or(|letter| letter == ' ');
    if "#,[]{}&*!|>'\"%@`".contains(first)
        || ("-?:".contains(first) && (before_space || (flow && first != '-')))
    {
        return false;
    }
    let in_flow = flow && text.contains([',', '?', '[', ']', '{', '}', ':']);
    !in_flow && !text.contains(": ") && !text.contains(" #") && !text.ends_with(':')
}

/// Writes what needs no escapes; lines are broken at single blanks where they are too long.
fn folded(out: &mut String, text: &str, place: &Place, quoted: bool) {
    let mut column = column(out);
    let (mut after_space, mut after_break) = (false, false);
    let mut letters = text.chars().peekable();
    let mut first = true;
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        if letter == ' ' {
            let inner = !quoted || (!first && next.is_some());
            if !place.key && !after_space && column > place.width && inner && next != Some(' ') {
                new_line(out, place, &mut column);
            } else {
                out.push(' ');
                column += 1;
            }
        } else if is_break(letter) {
            if !after_break && letter == '\n' {
                out.push('\n');
            }
            out.push(letter);
            column = 0;
        } else {
            if after_break {
                indent(out, place, &mut column);
            }
            let doubled = quoted && letter == '\'';
            out.push_str(if doubled { "'" } else { "" });
            out.push(letter);
            column += 1 + usize::from(doubled);
        }
        (after_space, after_break, first) = (letter == ' ', is_break(letter), false);
    }
    if after_break {
        indent(out, place, &mut column);
    }
}

fn double_quoted(out: &mut String, text: &str, place: &Place) {
    out.push('"');
    let mut column = column(out);
    let mut letters = text.chars().peekable();
    let (mut after_space, mut first) = (false, true);
    while let Some(letter) = letters.next() {
        if letter == ' '
            && !place.key
            && !after_space
            && column > place.width
            && !first
            && letters.peek().is_some()
        {
            new_line(out, place, &mut column);
            if letters.peek() == Some(&' ') {
                out.push('\\');
                column += 1;
            }
        } else {
            let before = out.len();
            escaped(out, letter);
            column += out[before..].chars().count();
        }
        (after_space, first) = (letter == ' ', false);
    }
    out.push('"');
}

fn escaped(out: &mut String, letter: char) {
    let short = match letter {
        '"' | '\\' => letter,
        '\n' => 'n',
        '\t' => 't',
        '\r' => 'r',
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\u{1b}' => 'e',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        printable if is_printable(printable) => return out.push(letter),
        _ => {
            let code = letter as u32;
            let written = match code {
                0..=0xff => write!(out, "\\x{code:02X}"),
                0x100..=0xffff => write!(out, "\\u{code:04X}"),
                _ => write!(out, "\\U{code:08X}"),
            };
            return written.expect("writing to a string cannot fail");
        }
    };
    out.extend(['\\', short]);
}

fn column(out: &str) -> usize {
    let line = out.rfind('\n').map_or(0, |at| at + 1);
    out[line..].chars().count()
}

fn new_line(out: &mut String, place: &Place, column: &mut usize) {
    out.push('\n');
    indent(out, place, column);
}

fn indent(out: &mut String, place: &Place, column: &mut usize) {
    out.push_str(&" ".repeat(place.indent));
    *column = place.indent;
}
