//! Writes YAML as PyYAML writes it, because people compare and template its layout.

use std::fmt::Write;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};
use switchover_syntax::is_plain_text;

use crate::call::{items, pairs};
use crate::operators::order;
use crate::template::python;

/// How YAML is laid out.
pub struct Style {
    pub indent: usize,
    /// Everything in one line.
    pub flow: bool,
    /// Containers that hold only scalars in one line.
    pub flow_leaves: bool,
    pub sort_keys: bool,
    /// Lines are broken after this many columns where YAML allows it.
    pub width: usize,
    pub explicit_start: bool,
}

/// Returns the YAML document of a value.
pub fn write(value: &Value, style: &Style) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), style };
    if style.explicit_start {
        writer.out.push_str("---");
    }
    let in_block = is_container(value) && !writer.in_flow(value)?;
    if style.explicit_start {
        writer.out.push(if in_block { '\n' } else { ' ' });
    }
    match in_block {
        true => writer.block(value, 0, 0)?,
        false => writer.flow(value, style.indent)?,
    }
    if !writer.out.ends_with('\n') {
        writer.out.push('\n');
    }
    Ok(writer.out)
}

/// Returns a value as PyYAML writes it in blocks: keys sorted, lines of 80 columns.
pub fn block_yaml(value: &serde_json::Value) -> String {
    let style = Style {
        indent: 2,
        flow: false,
        flow_leaves: false,
        sort_keys: true,
        width: 80,
        explicit_start: false,
    };
    // Keys of JSON are text, so that they can be sorted, which is all that can fail.
    write(&crate::from_json(value.clone()), &style).unwrap_or_default()
}

struct Writer<'a> {
    out: String,
    style: &'a Style,
}

fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable)
}

fn sorted_pairs(value: &Value, sort: bool) -> Result<Vec<(Value, Value)>, Error> {
    let mut entries = pairs(value)?;
    if sort {
        // Keys of different types cannot be sorted, and then PyYAML leaves them as they are.
        let comparable = entries.windows(2).all(|pair| order(&pair[0].0, &pair[1].0, "<").is_ok());
        if comparable {
            entries.sort_by(|(a, _), (b, _)| order(a, b, "<").unwrap_or(std::cmp::Ordering::Equal));
        }
    }
    Ok(entries)
}

impl Writer<'_> {
    /// Returns whether a container is written in one line: PyYAML's rule for its default style.
    fn in_flow(&self, value: &Value) -> Result<bool, Error> {
        if self.style.flow || value.len() == Some(0) {
            return Ok(true);
        }
        if !self.style.flow_leaves {
            return Ok(false);
        }
        Ok(match value.kind() {
            ValueKind::Map => !pairs(value)?.iter().any(|(_, item)| is_container(item)),
            _ => !items(value)?.iter().any(is_container),
        })
    }

    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }

    fn line(&mut self, indent: usize) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(indent));
    }

    /// Writes a container line by line; the first entry continues the current line from `column` on.
    fn block(&mut self, value: &Value, indent: usize, column: usize) -> Result<(), Error> {
        let mut first = true;
        if value.kind() == ValueKind::Map {
            for (key, item) in sorted_pairs(value, self.style.sort_keys)? {
                self.entry_start(&mut first, indent, column);
                self.scalar(&key, indent + self.style.indent, true)?;
                self.out.push(':');
                self.after_key(&item, indent)?;
            }
            return Ok(());
        }
        for item in items(value)? {
            self.entry_start(&mut first, indent, column);
            self.out.push('-');
            if is_container(&item) && !self.in_flow(&item)? {
                let inner = indent + self.style.indent;
                self.out.push_str(&" ".repeat(self.style.indent - 1));
                self.block(&item, inner, inner)?;
            } else {
                self.out.push(' ');
                self.flow(&item, indent + self.style.indent)?;
            }
        }
        Ok(())
    }

    fn entry_start(&mut self, first: &mut bool, indent: usize, column: usize) {
        if !*first || column == 0 {
            self.line(indent);
        }
        *first = false;
    }

    fn after_key(&mut self, item: &Value, indent: usize) -> Result<(), Error> {
        if !is_container(item) || self.in_flow(item)? {
            self.out.push(' ');
            return self.flow(item, indent + self.style.indent);
        }
        // A list under a key is not indented: PyYAML's way.
        let inner = if item.kind() == ValueKind::Map { indent + self.style.indent } else { indent };
        self.block(item, inner, 0)
    }

    /// Writes a scalar, or a container in one line.
    fn flow(&mut self, value: &Value, indent: usize) -> Result<(), Error> {
        match value.kind() {
            ValueKind::Map => {
                self.out.push('{');
                for (index, (key, item)) in sorted_pairs(value, self.style.sort_keys)?.into_iter().enumerate()
                {
                    self.flow_gap(index, indent);
                    self.scalar(&key, indent, true)?;
                    self.out.push_str(": ");
                    self.flow(&item, indent + self.style.indent)?;
                }
                self.out.push('}');
                Ok(())
            }
            ValueKind::Seq | ValueKind::Iterable => {
                self.out.push('[');
                for (index, item) in items(value)?.iter().enumerate() {
                    self.flow_gap(index, indent);
                    self.flow(item, indent + self.style.indent)?;
                }
                self.out.push(']');
                Ok(())
            }
            _ => self.scalar(value, indent, false),
        }
    }

    fn flow_gap(&mut self, index: usize, indent: usize) {
        if index > 0 {
            self.out.push(',');
        }
        if self.column() > self.style.width {
            self.line(indent);
        } else if index > 0 {
            self.out.push(' ');
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, is_key: bool) -> Result<(), Error> {
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.number(value),
            ValueKind::Undefined => return Err(Error::from(minijinja::ErrorKind::UndefinedError)),
            _ => self.text(&python::text(value), indent, is_key),
        }
        Ok(())
    }

    fn number(&mut self, value: &Value) {
        let mut text = python::text(value);
        if !value.is_integer() {
            text = match text.as_str() {
                "nan" => ".nan".into(),
                "inf" => ".inf".into(),
                "-inf" => "-.inf".into(),
                // YAML 1.1 wants a point in a float with an exponent.
                text if text.contains('e') && !text.contains('.') => text.replacen('e', ".0e", 1),
                text => text.to_string(),
            };
        }
        self.out.push_str(&text);
    }

    fn text(&mut self, text: &str, indent: usize, is_key: bool) {
        let special = |c: char| {
            c.is_control() && c != '\n'
                || c == '\u{feff}'
                || c == '\u{2028}'
                || c == '\u{2029}'
                || c == '\u{85}'
        };
        if text.contains(special) || has_space_at_break(text) {
            return self.double_quoted(text);
        }
        if can_be_plain(text) {
            return self.folded(text, indent, is_key);
        }
        self.out.push('\'');
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.out.push('\n');
                // A break inside quotes is written as an empty line; only the last one before text is indented.
                let next_is_break = part.is_empty() && text.split('\n').nth(index + 1).is_some();
                if index == 1 || !self.out.ends_with("\n\n") {
                    self.out.push('\n');
                }
                if !next_is_break {
                    self.out.push_str(&" ".repeat(indent));
                }
            }
            self.folded(&part.replace('\'', "''"), indent, is_key);
        }
        self.out.push('\'');
    }

    /// Writes text and breaks lines at single spaces where they are too long.
    fn folded(&mut self, text: &str, indent: usize, is_key: bool) {
        let mut words = text.split(' ').peekable();
        let mut first = true;
        while let Some(word) = words.next() {
            if !first {
                let single = !word.is_empty() && !self.out.ends_with(' ');
                let more = words.peek().is_some() || !word.is_empty();
                if self.column() > self.style.width && single && more && !is_key {
                    self.line(indent);
                } else {
                    self.out.push(' ');
                }
            }
            first = false;
            self.out.push_str(word);
        }
    }

    fn double_quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                '\r' => self.out.push_str("\\r"),
                '\0' => self.out.push_str("\\0"),
                '\u{7}' => self.out.push_str("\\a"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{b}' => self.out.push_str("\\v"),
                '\u{c}' => self.out.push_str("\\f"),
                '\u{1b}' => self.out.push_str("\\e"),
                '\u{85}' => self.out.push_str("\\N"),
                '\u{2028}' => self.out.push_str("\\L"),
                '\u{2029}' => self.out.push_str("\\P"),
                c if c.is_control() => {
                    write!(self.out, "\\x{:02X}", c as u32).expect("writing to a string cannot fail")
                }
                '\u{feff}' => self.out.push_str("\\uFEFF"),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// Spaces beside line breaks survive only in double quotes.
fn has_space_at_break(text: &str) -> bool {
    text.contains(" \n") || text.contains("\n ")
}

/// Returns whether a text can stand without quotes, in block and flow context alike.
fn can_be_plain(text: &str) -> bool {
    if text.is_empty()
        || text.contains('\n')
        || text.starts_with(' ')
        || text.ends_with(' ')
        || !is_plain_text(text)
    {
        return false;
    }
    if text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    if "#,[]{}&*!|>'\"%@`".contains(first) {
        return false;
    }
    let second_is_space = chars.next().is_none_or(|c| c == ' ');
    if "-?:".contains(first) && second_is_space {
        return false;
    }
    !text.contains(": ") && !text.contains(" #") && !text.ends_with(':')
}
