use minijinja::machinery;
use minijinja::{AutoEscape, Error, ErrorKind, Value};

use super::environment::environment;
use super::formatter::Outputs;
use super::program::{Program, Shape, line_range};
use super::root::Root;
use super::{missing, python};
use crate::{Fault, Scope, TemplateError};

/// An error and the bytes of the program's source that it is about, when it is about them.
pub struct Failure {
    pub error: TemplateError,
    pub range: Option<std::ops::Range<usize>>,
}

/// What a template is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The value, with its type.
    Value,
    /// The text; none where nothing was put out.
    Text,
}

/// What one template may need before the next one inside of it grows the stack.
const RED_ZONE: usize = 256 * 1024;
const GROWTH: usize = 2 * 1024 * 1024;

/// Evaluates a program; the result may hold lazy parts.
pub fn run(program: &Program, scope: &Scope, wish: Wish) -> Result<Value, Failure> {
    let work =
        || missing::during(|| evaluate(program, scope, wish).map_err(|error| failure(&error, program)));
    stacker::maybe_grow(RED_ZONE, GROWTH, work)
}

fn evaluate(program: &Program, scope: &Scope, wish: Wish) -> Result<Value, Error> {
    let root = Root::value(scope.clone(), program.mutates, program.asks_of_vaults);
    let mut text = String::new();
    let (value, state) = {
        let mut out = machinery::make_string_output(&mut text);
        machinery::eval(environment(), &program.code, root, &program.blocks, &mut out, AutoEscape::None)?
    };
    if program.shape == Shape::Expression {
        let value = value.unwrap_or_default();
        return match wish {
            _ if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
            Wish::Value => Ok(value),
            Wish::Text => Ok(Value::from(plain_text(&value)?)),
        };
    }
    let outputs = state.get_extension::<Outputs>();
    // Not even an empty text was put out.
    if outputs.is_none() && text.is_empty() {
        return Ok(Value::from(()));
    }
    Ok(if wish == Wish::Text { Value::from(text) } else { native(text, outputs) })
}

fn plain_text(value: &Value) -> Result<String, Error> {
    if value.is_none() {
        return Ok(String::new());
    }
    Ok(python::text(&crate::lazy::force_for_output(value).map_err(crate::call::into_engine)?))
}

/// Returns the only value that was put out, with its type, or the text.
fn native(text: String, outputs: Option<&Outputs>) -> Value {
    match outputs {
        Some(Outputs { count: 1, last: Some(last) }) if written_as(last, &text) => last.clone(),
        // The end of a block scalar is no text beside a value that is none.
        Some(Outputs { count: 1, last: Some(last) })
            if last.as_str().is_none()
                && text.strip_suffix('\n').is_some_and(|text| written_as(last, text)) =>
        {
            last.clone()
        }
        _ => Value::from(text),
    }
}

fn written_as(value: &Value, text: &str) -> bool {
    match crate::lazy::force_for_output(value) {
        Ok(forced) => python::text(&forced) == text,
        Err(_) => false,
    }
}

/// Finds out what an error of minijinja means.
fn failure(error: &Error, program: &Program) -> Failure {
    let range = range_of(error, program);
    if let Some(nested) = nested(error) {
        return Failure { error: nested.clone(), range };
    }
    let cause = deepest(error);
    let detail = cause.detail().map_or_else(|| cause.kind().to_string(), str::to_string);
    let error = match cause.kind() {
        ErrorKind::UndefinedError => {
            let snippet = range.clone().and_then(|range| program.source.get(range)).unwrap_or_default();
            missing::reason(snippet)
                .unwrap_or_else(|| TemplateError::undefined(snippet, "a value is undefined"))
        }
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction => {
            TemplateError::new(Fault::UnknownName, detail)
        }
        ErrorKind::SyntaxError => {
            TemplateError::new(Fault::Syntax, format!("syntax error in template: {detail}"))
        }
        _ => TemplateError::failed(detail),
    };
    Failure { error, range }
}

fn range_of(error: &Error, program: &Program) -> Option<std::ops::Range<usize>> {
    // A part of another template (include, import) has its own name and its own text.
    if error.name().is_some_and(|name| name != program.code.name()) {
        return None;
    }
    error.range().or_else(|| error.line().map(|line| line_range(program.source, line)))
}

/// Returns the error of ours that travelled through minijinja.
pub fn nested(error: &Error) -> Option<&TemplateError> {
    let mut source = std::error::Error::source(error);
    while let Some(current) = source {
        if let Some(found) = current.downcast_ref::<TemplateError>() {
            return Some(found);
        }
        source = current.source();
    }
    None
}

fn deepest(error: &Error) -> &Error {
    let mut found = error;
    while let Some(inner) = std::error::Error::source(found).and_then(|source| source.downcast_ref::<Error>())
    {
        found = inner;
    }
    found
}

impl From<Error> for TemplateError {
    fn from(error: Error) -> Self {
        if let Some(nested) = nested(&error) {
            return nested.clone();
        }
        let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_string);
        match error.kind() {
            ErrorKind::UndefinedError => missing::reason("").unwrap_or_else(|| Self::undefined("", detail)),
            _ => Self::failed(detail),
        }
    }
}
