//! Writes YAML as PyYAML writes it, because people compare and template its layout.

mod text;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{items, pairs};
use crate::operators::order;
use crate::template::python;
use text::{Place, is_break};

/// Keys that are longer stand on a line of their own.
const LONGEST_KEY: usize = 128;

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
    /// Texts of several lines are blocks of lines, after this has made them fit for one.
    pub literal: Option<fn(&str) -> String>,
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
        false => writer.value(value, style.indent)?,
    }
    if !writer.out.ends_with('\n') {
        writer.out.push('\n');
    }
    Ok(writer.out)
}

/// Returns a value as PyYAML writes it in blocks: keys sorted, lines of 80 columns.
pub fn block_yaml(value: &serde_json::Value) -> String {
    write_data(value, 2, None)
}

/// Returns a value in blocks, too; texts of several lines are blocks of lines once `readable` made them fit for one.
pub fn literal_yaml(value: &serde_json::Value, indent: usize, readable: fn(&str) -> String) -> String {
    write_data(value, indent, Some(readable))
}

fn write_data(value: &serde_json::Value, indent: usize, literal: Option<fn(&str) -> String>) -> String {
    let style = Style {
        indent,
        flow: false,
        flow_leaves: false,
        sort_keys: true,
        width: 80,
        explicit_start: false,
        literal,
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

/// Returns whether a key can stand on the line of its value.
fn is_simple(key: &Value) -> bool {
    key.as_str().is_none_or(|text| text.len() <= LONGEST_KEY && !text.contains(is_break))
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
                let inner = indent + self.style.indent;
                if is_simple(&key) {
                    self.scalar(&key, inner, true, false)?;
                    self.out.push(':');
                    self.after_key(&item, indent)?;
                } else {
                    self.out.push_str("? ");
                    self.scalar(&key, inner, false, false)?;
                    self.line(indent);
                    self.out.push(':');
                    self.after_mark(&item, indent)?;
                }
            }
            return Ok(());
        }
        for item in items(value)? {
            self.entry_start(&mut first, indent, column);
            self.out.push('-');
            self.after_mark(&item, indent)?;
        }
        Ok(())
    }

    /// Writes what follows a `-` or a `:` that stands alone.
    fn after_mark(&mut self, item: &Value, indent: usize) -> Result<(), Error> {
        let inner = indent + self.style.indent;
        if is_container(item) && !self.in_flow(item)? {
            self.out.push_str(&" ".repeat(self.style.indent - 1));
            return self.block(item, inner, inner);
        }
        self.out.push(' ');
        self.value(item, inner)
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
            return self.value(item, indent + self.style.indent);
        }
        // A list under a key is not indented: PyYAML's way.
        let inner = if item.kind() == ValueKind::Map { indent + self.style.indent } else { indent };
        self.block(item, inner, 0)
    }

    /// Writes a scalar that stands in a block, or a container in one line.
    fn value(&mut self, value: &Value, indent: usize) -> Result<(), Error> {
        if is_container(value) { self.flow(value, indent) } else { self.scalar(value, indent, false, false) }
    }

    /// Writes a scalar or container inside one line.
    fn flow(&mut self, value: &Value, indent: usize) -> Result<(), Error> {
        match value.kind() {
            ValueKind::Map => {
                self.out.push('{');
                for (index, (key, item)) in sorted_pairs(value, self.style.sort_keys)?.into_iter().enumerate()
                {
                    self.flow_gap(index, indent);
                    self.scalar(&key, indent, true, true)?;
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
            _ => self.scalar(value, indent, false, true),
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

    fn scalar(&mut self, value: &Value, indent: usize, is_key: bool, flow: bool) -> Result<(), Error> {
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.number(value),
            ValueKind::Undefined => return Err(Error::from(minijinja::ErrorKind::UndefinedError)),
            _ => self.text(&python::text(value), indent, is_key, flow),
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

    fn text(&mut self, text: &str, indent: usize, is_key: bool, flow: bool) {
        let Style { width, indent: step, .. } = *self.style;
        let place = Place { indent, width, key: is_key, flow, step };
        match self.style.literal {
            Some(readable) if text.contains(['\n', '\u{2028}', '\u{2029}']) => {
                text::write_literal(&mut self.out, &readable(text), &place);
            }
            _ => text::write(&mut self.out, text, &place),
        }
    }
}
