//! The types that parameters may have, with Ansible's coercions.

use std::ops::Deref;

use switchover_protocol::{Map, ParamKind, Value};

use crate::ParamType;

/// A path on the host, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPath(pub String);

impl Deref for HostPath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HostPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl ParamType for HostPath {
    fn kind() -> ParamKind {
        ParamKind::Path
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        String::from_value(value).map(Self)
    }
}

/// Permission bits: octal digits or chmod's symbolic form. A YAML number is taken as the bits themselves
/// (YAML has already read `0644` as 420).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode(pub String);

impl ParamType for Mode {
    fn kind() -> ParamKind {
        ParamKind::Raw
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Number(number) => match number.as_u64() {
                Some(bits) if bits <= 0o7777 => Ok(Self(format!("{bits:04o}"))),
                _ => Err(format!("must be permission bits such as \"0644\", not {number}")),
            },
            other => String::from_value(other).map(Self),
        }
    }
}

/// Text that is masked everywhere. Mark its field `#[param(secret)]` too.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the text; keep it off command lines, logs and results.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl ParamType for Secret {
    fn kind() -> ParamKind {
        ParamKind::Str
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        String::from_value(value).map(Self)
    }
}

impl ParamType for String {
    fn kind() -> ParamKind {
        ParamKind::Str
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(true) => Ok("True".into()),
            Value::Bool(false) => Ok("False".into()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null => Ok(String::new()),
            Value::Array(_) | Value::Object(_) => Ok(value.to_string()),
        }
    }
}

impl ParamType for bool {
    fn kind() -> ParamKind {
        ParamKind::Bool
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let word = match value {
            Value::Bool(flag) => return Ok(*flag),
            Value::String(text) => text.trim().to_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        match word.as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Ok(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Ok(false),
            _ => Err(format!("must be a boolean, not {value}")),
        }
    }
}

macro_rules! numbers {
    ($($number:ty => $kind:ident),+) => {$(
        impl ParamType for $number {
            fn kind() -> ParamKind {
                ParamKind::$kind
            }

            fn from_value(value: &Value) -> Result<Self, String> {
                let text = match value {
                    Value::String(text) => text.trim().to_owned(),
                    other => other.to_string(),
                };
                text.parse().map_err(|_| format!("must be a number, not {value}"))
            }
        }
    )+};
}

numbers!(i64 => Int, u64 => Int, u32 => Int, u16 => Int, f64 => Float);

impl<T: ParamType> ParamType for Option<T> {
    const REQUIRED: bool = false;

    fn kind() -> ParamKind {
        T::kind()
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        T::from_value(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: ParamType> ParamType for Vec<T> {
    fn kind() -> ParamKind {
        ParamKind::List(Box::new(T::kind()))
    }

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Array(items) => items.iter().map(T::from_value).collect(),
            Value::String(text) => {
                text.split(',').map(|part| T::from_value(&Value::String(part.trim().to_owned()))).collect()
            }
            other => Ok(vec![T::from_value(other)?]),
        }
    }
}

impl ParamType for Map {
    fn kind() -> ParamKind {
        ParamKind::Dict
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        value.as_object().cloned().ok_or_else(|| format!("must be a mapping, not {value}"))
    }
}

impl ParamType for Value {
    fn kind() -> ParamKind {
        ParamKind::Raw
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }
}
