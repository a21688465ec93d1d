use std::cell::{Cell, RefCell};

use minijinja::Value;

use crate::TemplateError;

/// What is known about a missing variable, key or item.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The path as the author wrote it, such as `cfg.port`.
    pub path: String,
    pub error: TemplateError,
}

thread_local! {
    /// minijinja's undefined value cannot carry a reason, so reasons are kept beside it while a template runs.
    static NOTED: RefCell<Vec<Missing>> = const { RefCell::new(Vec::new()) };
    /// How many templates run inside of each other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A template that defines nothing may ask for very many missing things; the last ones are those that matter.
const KEPT: usize = 64;

/// Returns the undefined value and remembers why it is.
pub fn undefined(path: &str, message: impl Into<String>) -> Value {
    note(path, TemplateError::undefined(path, message));
    Value::UNDEFINED
}

/// Remembers why something is undefined.
pub fn note(path: &str, error: TemplateError) {
    NOTED.with_borrow_mut(|noted| {
        if noted.len() >= KEPT {
            noted.drain(..KEPT / 2);
        }
        noted.push(Missing { path: path.to_string(), error });
    });
}

/// Returns the most likely reason for an undefined value met in this piece of template text.
pub fn reason(snippet: &str) -> Option<TemplateError> {
    NOTED.with_borrow(|noted| {
        noted
            .iter()
            .rev()
            .find(|missing| !missing.path.is_empty() && snippet.contains(&missing.path))
            .or_else(|| noted.last())
            .map(|missing| missing.error.clone())
    })
}

/// Runs a template; the outermost one begins without reasons, and its own stay for who uses its value.
pub fn during<T>(work: impl FnOnce() -> T) -> T {
    let depth = DEPTH.get();
    if depth == 0 {
        NOTED.with_borrow_mut(Vec::clear);
    }
    DEPTH.set(depth + 1);
    let result = work();
    DEPTH.set(depth);
    result
}
