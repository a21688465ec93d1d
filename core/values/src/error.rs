use switchover_syntax::{Diagnostic, Span};

/// What kind of mistake a template has; it decides the diagnostic's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is no template: wrong syntax.
    Syntax,
    /// A filter, test or lookup that does not exist.
    UnknownName,
    /// A variable, key or item that is not there.
    Undefined,
    /// Variables that need each other.
    Cycle,
    /// A filter, test, lookup or operator refused its values.
    Failed,
}

impl Fault {
    /// Returns the stable code of diagnostics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax => "template::syntax",
            Self::UnknownName => "template::unknown-name",
            Self::Undefined => "template::undefined",
            Self::Cycle => "template::cycle",
            Self::Failed => "template::failed",
        }
    }
}

/// Why a template, a variable or a condition has no value.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}{}", Trail(chain))]
pub struct TemplateError {
    pub fault: Fault,
    /// A lowercase sentence without a period; names come as the author wrote them.
    pub message: String,
    /// The variable or path that is not defined.
    pub undefined: Option<Box<str>>,
    /// The narrowest place in the author's text that is known.
    pub span: Option<Span>,
    /// The variables that were being rendered, outermost first.
    pub chain: Vec<String>,
    /// What to do.
    pub help: Option<Box<str>>,
}

/// The variables on the way to an error, as people read it.
struct Trail<'a>(&'a [String]);

impl std::fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            [] => Ok(()),
            [only] => write!(f, " (in variable '{only}')"),
            chain => write!(f, " (in variables '{}')", chain.join("' -> '")),
        }
    }
}

impl TemplateError {
    /// Returns an error without a place.
    pub fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), undefined: None, span: None, chain: Vec::new(), help: None }
    }

    /// Returns an error of a filter, test, lookup or operator.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Fault::Failed, message)
    }

    /// Returns the error of something that is not defined.
    pub fn undefined(name: &str, message: impl Into<String>) -> Self {
        Self { undefined: Some(name.into()), ..Self::new(Fault::Undefined, message) }
    }

    /// Adds the remedy.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into().into_boxed_str());
        self
    }

    /// Says what was being done, in front of the message.
    pub fn about(mut self, words: &str) -> Self {
        self.message = format!("{words}: {}", self.message);
        self
    }

    /// Sets the place unless a narrower one is known.
    pub fn at(mut self, span: &Span) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }

    /// Notes that this happened while a variable was rendered.
    pub fn within(mut self, variable: &str) -> Self {
        const LONGEST: usize = 20;
        if self.chain.len() < LONGEST {
            self.chain.insert(0, variable.to_string());
        }
        self
    }

    /// Returns whether a variable, key or item is missing.
    pub fn is_undefined(&self) -> bool {
        self.fault == Fault::Undefined
    }

    /// Returns the diagnostic to show; an error without a place gets the one given.
    pub fn to_diagnostic(&self, fallback: &Span) -> Diagnostic {
        let span = self.span.as_ref().unwrap_or(fallback);
        let diagnostic = Diagnostic::error(self.fault.code(), self.to_string(), span);
        match &self.help {
            Some(help) => diagnostic.help(&**help),
            None => diagnostic,
        }
    }
}
