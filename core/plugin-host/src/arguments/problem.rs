use switchover_protocol::ModuleSpec;

use super::Mismatch;

/// One thing that is wrong with the arguments of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct ArgumentProblem {
    /// The argument as it was written; the declared name when it is absent; the first of several.
    pub param: String,
    pub problem: Problem,
    /// What was most likely meant: a parameter, or one of the choices.
    pub nearest: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// The module has no such parameter. `supported` are those it has.
    Unknown { supported: Vec<String> },
    /// The module knows the parameter only to say why it does not support it.
    Refused { reason: String },
    /// It works, and something else should be written. Told before a run only.
    Deprecated { instead: String },
    /// The number is outside the range. `given` is masked for secrets.
    Range { given: String, min: Option<f64>, max: Option<f64> },
    /// It is required.
    Missing,
    /// The same parameter is given under two names, with different values.
    GivenTwice { other: String },
    /// The value cannot be converted. `kind` is Ansible's word for the wanted type.
    Type { kind: &'static str, mismatch: Mismatch },
    /// An element of the list cannot be converted.
    Element { kind: &'static str, mismatch: Mismatch },
    /// The value is none of the choices. `given` is masked for secrets.
    Choice { given: String, choices: Vec<String> },
    /// More than one of these is given.
    MutuallyExclusive { names: Vec<String> },
    /// None of these is given.
    OneOfRequired { names: Vec<String> },
    /// Some but not all of these are given.
    RequiredTogether { names: Vec<String> },
    /// `when` makes these necessary: a parameter that is given, or has the value `is`.
    Required { when: String, is: Option<String>, names: Vec<String> },
}

/// Says all that is wrong with the arguments of a task in the very words of Ansible, which playbooks compare: what is
/// unknown hides the rest, as does what is refused (whose reason belongs to the remedy), and what is missing is one list. `module` is the name as the task wrote it.
pub fn told(module: &str, spec: &ModuleSpec, problems: &[ArgumentProblem]) -> String {
    let names = |of: fn(&Problem) -> bool| {
        let mut names: Vec<&str> =
            problems.iter().filter(|it| of(&it.problem)).map(|it| it.param.as_str()).collect();
        names.sort_unstable();
        names.join(", ")
    };
    let unknown = names(|problem| matches!(problem, Problem::Unknown { .. }));
    if !unknown.is_empty() {
        let known = supported(spec);
        return format!(
            "Unsupported parameters for ({module}) module: {unknown}. Supported parameters include: {known}."
        );
    }
    let refused = names(|problem| matches!(problem, Problem::Refused { .. }));
    if !refused.is_empty() {
        return format!("Unsupported parameters for ({module}) module: {refused}");
    }
    let missing = names(|problem| matches!(problem, Problem::Missing));
    let mut words: Vec<String> = Vec::new();
    if !missing.is_empty() {
        let usual = || format!("missing required arguments: {missing}");
        words.push(spec.missing.clone().unwrap_or_else(usual));
    }
    let others = problems.iter().filter(|it| !matches!(it.problem, Problem::Missing));
    words.extend(others.map(|it| ArgumentProblem { nearest: None, ..it.clone() }.to_string()));
    words.join("; ")
}

/// Returns the names in order, and after them the other names in brackets.
fn supported(spec: &ModuleSpec) -> String {
    let joined = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.join(", ")
    };
    let aliases = joined(spec.params.iter().flat_map(|param| &param.aliases).map(String::as_str).collect());
    let names = joined(spec.params.iter().map(|param| param.name.as_str()).collect());
    if aliases.is_empty() { names } else { format!("{names} ({aliases})") }
}

impl std::fmt::Display for ArgumentProblem {
    /// Says it in Ansible's words where it has some: playbooks search messages for them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let param = &self.param;
        match &self.problem {
            Problem::Unknown { supported } => {
                write!(f, "unsupported parameter: {param}")?;
                match &self.nearest {
                    Some(nearest) => return write!(f, " (did you mean `{nearest}`?)"),
                    None => write!(f, ". Supported parameters include: {}", supported.join(", "))?,
                }
            }
            Problem::Refused { reason } => write!(f, "argument `{param}` is not supported: {reason}")?,
            Problem::Deprecated { instead } => write!(f, "`{param}` is deprecated: {instead}")?,
            Problem::Range { given, min, max } => match (min, max) {
                (Some(min), Some(max)) => write!(f, "value of {param} must be {min} to {max}, got: {given}")?,
                (Some(min), None) => write!(f, "value of {param} must be at least {min}, got: {given}")?,
                (None, max) => {
                    let max = max.unwrap_or(f64::INFINITY);
                    write!(f, "value of {param} must be at most {max}, got: {given}")?;
                }
            },
            Problem::Required { when, is: Some(is), names } => {
                write!(f, "{when} is {is} but all of the following are missing: {}", names.join(", "))?;
            }
            Problem::Required { when, is: None, names } => {
                write!(f, "missing parameter(s) required by '{when}': {}", names.join(", "))?;
            }
            Problem::Missing => write!(f, "missing required arguments: {param}")?,
            Problem::GivenTwice { other } => {
                write!(f, "{param} and {other} are the same parameter and have different values")?;
            }
            Problem::Type { kind, mismatch } => {
                let given = mismatch.given;
                write!(
                    f,
                    "argument '{param}' is of type {given} and we were unable to convert to {kind}: {mismatch}"
                )?;
            }
            Problem::Element { kind, mismatch } => {
                let given = mismatch.given;
                write!(
                    f,
                    "Elements value for option '{param}' is of type {given} and we were unable to convert to {kind}: {mismatch}"
                )?;
            }
            Problem::Choice { given, choices } => {
                write!(f, "value of {param} must be one of: {}, got: {given}", choices.join(", "))?;
            }
            Problem::MutuallyExclusive { names } => {
                write!(f, "parameters are mutually exclusive: {}", names.join("|"))?;
            }
            Problem::OneOfRequired { names } => {
                write!(f, "one of the following is required: {}", names.join(", "))?;
            }
            Problem::RequiredTogether { names } => {
                write!(f, "parameters are required together: {}", names.join(", "))?;
            }
        }
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean `{nearest}`?)"),
            None => Ok(()),
        }
    }
}
