//! Holds a task's arguments against what a module declares, by Ansible's rules: what is converted into
//! what, when a null counts as given, which choices booleans stand for. The rules were taken down by running
//! ansible-core 2.19 (README.md has the table and the few deliberate differences).

mod coerce;
mod number;
mod pairs;
mod problem;
mod python_literal;
mod python_text;
mod run;

use switchover_protocol::{Map, ModuleSpec, ParamKind, ParamSpec, Value};

pub use coerce::Mismatch;
pub use problem::{ArgumentProblem, Problem, told};

/// Returns the arguments under their main names, converted and with defaults, and all that is wrong with them.
///
/// The values are as rendered. Parameters that are absent, or null without a default, are absent from the
/// result. When there are problems the result lacks the arguments concerned and must not be used.
pub fn check_arguments(spec: &ModuleSpec, args: &Map) -> (Map, Vec<ArgumentProblem>) {
    run::Run::new(spec, false).check(args)
}

/// Returns what is surely wrong with arguments whose values may still be templates.
///
/// A text that holds `{{`, `{%` or `{#` may become anything, even `omit`, so nothing is said about its value
/// and it counts neither as given nor as absent where that matters.
pub fn check_arguments_static(spec: &ModuleSpec, args: &Map) -> Vec<ArgumentProblem> {
    run::Run::new(spec, true).check(args).1
}

/// Returns whether a declared choice is a value of the parameter's kind.
pub(crate) fn accepts_choice(param: &ParamSpec, choice: &str) -> bool {
    let kind = match &param.kind {
        ParamKind::List(kind) => kind,
        kind => kind,
    };
    coerce::coerce(kind, &Value::from(choice)).is_ok()
}

/// Returns whether a declared default is a value of its own parameter.
pub(crate) fn accepts_default(param: &ParamSpec, default: &Value) -> bool {
    coerce::coerce(&param.kind, default).is_ok_and(|value| run::choose(param, value).is_ok())
}
