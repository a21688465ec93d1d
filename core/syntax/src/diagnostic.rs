use crate::{Span, discreet};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// A place that a diagnostic is about, with a few words.
#[derive(Clone, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// Something that the user wrote and that is wrong, with its place and the remedy.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A stable name, `area::what`, such as `playbook::unknown-keyword`.
    pub code: &'static str,
    /// A lowercase sentence without a period.
    pub message: String,
    /// The first label is the place that is named in `path:line:column`.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns an error at this place.
    pub fn error(code: &'static str, message: impl Into<String>, span: &Span) -> Self {
        let sealed = span.source.sealed;
        let message = message.into();
        Self {
            severity: Severity::Error,
            code,
            message: if sealed { discreet::message(&message, &span.source) } else { message },
            labels: vec![Label { span: span.clone(), text: String::new() }],
            help: sealed.then(|| discreet::HELP.to_owned()),
        }
    }

    /// Returns a warning at this place.
    pub fn warning(code: &'static str, message: impl Into<String>, span: &Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// Adds words to the first place.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut().filter(|label| !label.span.source.sealed) {
            label.text = text.into();
        }
        self
    }

    fn is_sealed(&self) -> bool {
        self.labels.iter().any(|label| label.span.source.sealed)
    }

    /// Adds another place.
    pub fn and(mut self, span: &Span, text: impl Into<String>) -> Self {
        let text = if span.source.sealed { String::new() } else { text.into() };
        self.labels.push(Label { span: span.clone(), text });
        self
    }

    /// Adds the remedy.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if !self.is_sealed() {
            self.help = Some(text.into());
        }
        self
    }
}

impl std::fmt::Display for Diagnostic {
    /// Writes `path:line:column: message` on one line; [`Diagnostic::render`] makes the picture.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.labels.first() {
            Some(label) => write!(f, "{}: {}", label.span, self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Diagnostic {}
