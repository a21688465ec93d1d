use std::fmt;

use crate::{Diagnostic, Node, Span, nearest};

/// Why a node is not of the type that was asked for. The innermost place wins.
#[derive(Debug)]
pub(super) struct Error {
    code: &'static str,
    message: String,
    help: Option<String>,
    span: Option<Span>,
}

impl Error {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, span: None }
    }

    pub(super) fn encrypted() -> Self {
        Self::new("decode::encrypted", "an encrypted value cannot stand here")
    }

    pub(super) fn at(mut self, span: &Span) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }

    pub(super) fn or_help(mut self, help: &str) -> Self {
        self.help.get_or_insert_with(|| help.to_owned());
        self
    }

    pub(super) fn into_diagnostic(self, whole: &Node) -> Diagnostic {
        let span = self.span.unwrap_or_else(|| whole.span.clone());
        Diagnostic { help: self.help, ..Diagnostic::error(self.code, self.message, &span) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("decode::value", message.to_string())
    }

    fn invalid_type(found: serde::de::Unexpected<'_>, wanted: &dyn serde::de::Expected) -> Self {
        Self::new("decode::type", format!("expected {wanted}, found {found}"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let error = Self::new("decode::unknown-field", format!("unknown field `{field}`"));
        error.or_help(&suggestion(field, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let error = Self::new("decode::unknown-value", format!("unknown value `{variant}`"));
        error.or_help(&suggestion(variant, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("decode::missing-field", format!("missing field `{field}`"))
    }
}

fn suggestion(word: &str, expected: &'static [&'static str]) -> String {
    match nearest(word, expected.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if expected.is_empty() => "there are none here".to_owned(),
        None => format!("known: {}", expected.join(", ")),
    }
}
