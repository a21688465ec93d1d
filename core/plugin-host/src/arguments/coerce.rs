use serde_json::Value;
use switchover_protocol::ParamKind;

use super::python_text::python_text;
use super::{number, pairs, python_literal};

/// Why a value is not of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Mismatch {
    /// Python's name of the type that was given: `str`, `int`, `list`, `NoneType`...
    pub given: &'static str,
    /// It was an element of the list, not the whole value.
    pub(crate) element_of: Option<&'static str>,
    pub(crate) why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    #[error("{shown} is neither true (yes, on, y, t, 1) nor false (no, off, n, f, 0)")]
    NotBool { shown: String },
    #[error("{shown} cannot be converted to an int")]
    NotInt { shown: String },
    #[error("{shown} cannot be converted to a float")]
    NotFloat { shown: String },
    #[error("{shown} cannot be converted to a list")]
    NotList { shown: String },
    #[error("{shown} is neither JSON nor key=value text")]
    NotDict { shown: String },
    #[error("{shown} begins like a dictionary and cannot be read as one")]
    BadDict { shown: String },
    #[error("`{word}` has no `=`")]
    NoEquals { word: String },
    #[error("the value is secret and is not shown")]
    Hidden,
}

impl Mismatch {
    fn new(value: &Value, why: Why) -> Self {
        Self { given: type_name(value), element_of: None, why }
    }

    /// Drops everything that shows the value.
    pub(crate) fn hidden(self) -> Self {
        Self { why: Why::Hidden, ..self }
    }
}

/// Converts a value as Ansible's `argument_spec` does.
pub(crate) fn coerce(kind: &ParamKind, value: &Value) -> Result<Value, Mismatch> {
    let mismatch = |why: fn(String) -> Why| Mismatch::new(value, why(shown(value)));
    match kind {
        ParamKind::Raw => Ok(value.clone()),
        ParamKind::Str | ParamKind::Path => Ok(Value::String(text(value))),
        ParamKind::Bool => {
            boolean(value).map(Value::Bool).ok_or_else(|| mismatch(|shown| Why::NotBool { shown }))
        }
        ParamKind::Int => number::integer(value).ok_or_else(|| mismatch(|shown| Why::NotInt { shown })),
        ParamKind::Float => number::float(value).ok_or_else(|| mismatch(|shown| Why::NotFloat { shown })),
        ParamKind::List(kind) => {
            let elements = elements(value).ok_or_else(|| mismatch(|shown| Why::NotList { shown }))?;
            let convert = |element: &Value| {
                let of = |mismatch| Mismatch { element_of: Some(kind_name(kind)), ..mismatch };
                coerce(kind, element).map_err(of)
            };
            elements.iter().map(convert).collect::<Result<_, _>>().map(Value::Array)
        }
        ParamKind::Dict => dictionary(value),
    }
}

/// Returns Ansible's word for a kind.
pub(crate) fn kind_name(kind: &ParamKind) -> &'static str {
    match kind {
        ParamKind::Str => "str",
        ParamKind::Bool => "bool",
        ParamKind::Int => "int",
        ParamKind::Float => "float",
        ParamKind::Path => "path",
        ParamKind::List(_) => "list",
        ParamKind::Dict => "dict",
        ParamKind::Raw => "raw",
    }
}

/// A null becomes empty text, as an empty template did before Ansible 2.2.
fn text(value: &Value) -> String {
    if value.is_null() { String::new() } else { python_text(value) }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn elements(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(elements) => Some(elements.clone()),
        Value::String(text) => Some(text.split(',').map(Value::from).collect()),
        Value::Number(_) | Value::Bool(_) => Some(vec![Value::String(python_text(value))]),
        Value::Null | Value::Object(_) => None,
    }
}

fn dictionary(value: &Value) -> Result<Value, Mismatch> {
    let mismatch = |why| Mismatch::new(value, why);
    match value {
        Value::Object(_) => Ok(value.clone()),
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text)
            .ok()
            .or_else(|| python_literal::dictionary(text))
            .ok_or_else(|| mismatch(Why::BadDict { shown: shown(value) })),
        Value::String(text) if text.contains('=') => {
            pairs::parse(text).map(Value::Object).map_err(|word| mismatch(Why::NoEquals { word }))
        }
        _ => Err(mismatch(Why::NotDict { shown: shown(value) })),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Shows a value as Python would in a message, cut to a line.
fn shown(value: &Value) -> String {
    let text = super::python_text::python_repr(value);
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
