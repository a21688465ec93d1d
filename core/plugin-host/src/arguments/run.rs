use switchover_protocol::{Map, ModuleSpec, ParamKind, ParamSpec, Value};

use super::coerce::{coerce, kind_name};
use super::python_text::python_text;
use super::{ArgumentProblem, Problem};

/// The text after the name of a free-form module, for which modules need not declare a parameter.
const FREE_FORM: &str = "_raw_params";

/// One check of the arguments of one task.
pub(super) struct Run<'a> {
    spec: &'a ModuleSpec,
    /// Values may be templates.
    before_rendering: bool,
    problems: Vec<ArgumentProblem>,
}

/// Whether a parameter is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given<'a> {
    No,
    /// A template, which may turn out to be `omit`.
    Maybe,
    /// With the name as it was written.
    Yes(&'a str, &'a Value),
}

impl<'a> Run<'a> {
    pub(super) fn new(spec: &'a ModuleSpec, before_rendering: bool) -> Self {
        Self { spec, before_rendering, problems: Vec::new() }
    }

    pub(super) fn check(mut self, args: &Map) -> (Map, Vec<ArgumentProblem>) {
        self.refuse_unknown(args);
        if self.before_rendering {
            self.warn_of_old_words(args);
        }
        let spec = self.spec;
        let given: Vec<Given<'_>> = spec.params.iter().map(|param| self.find(param, args)).collect();
        let mut params = Map::new();
        for (param, given) in spec.params.iter().zip(&given) {
            let value = match given {
                Given::Yes(name, value) => self.value(param, name, value),
                Given::Maybe => None,
                Given::No => self.absent(param),
            };
            params.extend(value.map(|value| (param.name.clone(), value)));
        }
        if let Some(text) = self.undeclared_free_form(args) {
            params.insert(FREE_FORM.into(), text.clone());
        }
        self.check_rules(&given);
        self.check_requires(&given);
        (params, self.problems)
    }

    fn refuse_unknown(&mut self, args: &Map) {
        let spec = self.spec;
        let is_free_form = |name: &str| spec.free_form && name == FREE_FORM;
        for name in args.keys().filter(|name| !is_known(spec, name) && !is_free_form(name)) {
            let supported: Vec<String> = spec.params.iter().map(|param| param.name.clone()).collect();
            let nearest = crate::nearest(name, spec.params.iter().flat_map(names_of)).map(str::to_owned);
            self.problem(name, Problem::Unknown { supported }, nearest);
        }
    }

    fn undeclared_free_form<'b>(&self, args: &'b Map) -> Option<&'b Value> {
        args.get(FREE_FORM).filter(|_| self.spec.free_form && !is_known(self.spec, FREE_FORM))
    }

    fn find<'b>(&mut self, param: &ParamSpec, args: &'b Map) -> Given<'b> {
        let mut found: Option<(&'b str, &'b Value)> = None;
        for (name, value) in
            args.iter().filter(|(name, _)| names_of(param).any(|known| known == name.as_str()))
        {
            match found {
                Some((other, earlier)) if earlier != value => {
                    self.problem(name, Problem::GivenTwice { other: other.to_owned() }, None);
                }
                _ => found = Some((name, value)),
            }
        }
        match found {
            None => Given::No,
            Some((_, value)) if self.before_rendering && is_template(value) => Given::Maybe,
            Some((name, value)) => Given::Yes(name, value),
        }
    }

    /// Ansible skips a null unless the parameter is required or has a default; choices are held against it all
    /// the same.
    fn value(&mut self, param: &ParamSpec, name: &str, value: &Value) -> Option<Value> {
        if value.is_null() && !param.required && param.default.is_none() {
            if !param.choices.is_empty() {
                self.refuse_choice(param, name, "None".into());
            }
            return None;
        }
        if self.before_rendering && holds_template(value) {
            self.literal_elements(param, name, value);
            return None;
        }
        let value = self.converted(&param.kind, param, name, value)?;
        match choose(param, value) {
            Ok(value) => {
                self.refuse_unsupported(param, name, &value);
                self.refuse_beyond(param, name, &value);
                Some(value)
            }
            Err(given) => {
                self.refuse_choice(param, name, given);
                None
            }
        }
    }

    /// The default of what is not supported asks for nothing, so it may be given.
    fn refuse_unsupported(&mut self, param: &ParamSpec, name: &str, value: &Value) {
        let Some(reason) = &param.refused else { return };
        if param.default.as_ref() != Some(value) {
            self.problem(name, Problem::Refused { reason: reason.clone() }, None);
        }
    }

    /// A list is held element by element.
    fn refuse_beyond(&mut self, param: &ParamSpec, name: &str, value: &Value) {
        let (min, max) = (param.min, param.max);
        let is_beyond =
            |number: f64| min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max);
        let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if let Some(wrong) = elements.iter().find(|element| element.as_f64().is_some_and(is_beyond)) {
            let given = if param.secret { "(a secret)".into() } else { wrong.to_string() };
            self.problem(name, Problem::Range { given, min, max }, None);
        }
    }

    /// Says once before a run what should be written instead.
    fn warn_of_old_words(&mut self, args: &Map) {
        for (param, name) in
            self.spec.params.iter().flat_map(|param| args.keys().map(move |name| (param, name)))
        {
            if param.old_names.contains(name) {
                let instead = format!("it is called `{}` now", param.name);
                self.problem(name, Problem::Deprecated { instead }, None);
            } else if let Some(instead) = &param.deprecated
                && names_of(param).any(|known| known == name)
            {
                self.problem(name, Problem::Deprecated { instead: instead.clone() }, None);
            }
        }
    }

    fn absent(&mut self, param: &ParamSpec) -> Option<Value> {
        if param.required {
            self.problem(&param.name, Problem::Missing, None);
        }
        let default = param.default.as_ref()?;
        self.value(param, &param.name, default)
    }

    /// Checks those elements of a list that are no templates.
    fn literal_elements(&mut self, param: &ParamSpec, name: &str, value: &Value) {
        let (ParamKind::List(kind), Value::Array(elements)) = (&param.kind, value) else { return };
        for element in elements.iter().filter(|element| !holds_template(element)) {
            let alone = Value::Array(vec![element.clone()]);
            let list = ParamKind::List(kind.clone());
            let Some(converted) = self.converted(&list, param, name, &alone) else { continue };
            if let Err(given) = choose(param, converted) {
                self.refuse_choice(param, name, given);
            }
        }
    }

    fn converted(&mut self, kind: &ParamKind, param: &ParamSpec, name: &str, value: &Value) -> Option<Value> {
        let mismatch = match coerce(kind, value) {
            Ok(value) => return Some(value),
            Err(mismatch) => mismatch,
        };
        let mismatch = if param.secret { mismatch.hidden() } else { mismatch };
        let problem = match mismatch.element_of {
            Some(kind) => Problem::Element { kind, mismatch },
            None => Problem::Type { kind: kind_name(kind), mismatch },
        };
        self.problem(name, problem, None);
        None
    }

    fn refuse_choice(&mut self, param: &ParamSpec, name: &str, given: String) {
        let choices = param.choices.iter().map(String::as_str);
        let nearest = crate::nearest(&given, choices).filter(|_| !param.secret).map(str::to_owned);
        let given = if param.secret { "(a secret)".into() } else { given };
        self.problem(name, Problem::Choice { given, choices: param.choices.clone() }, nearest);
    }

    fn check_rules(&mut self, given: &[Given<'_>]) {
        let spec = self.spec;
        let is = |name: &String, wanted: fn(&Given<'_>) -> bool| {
            spec.params.iter().zip(given).any(|(param, given)| param.name == *name && wanted(given))
        };
        let yes: fn(&Given<'_>) -> bool = |given| matches!(given, Given::Yes(..));
        let no: fn(&Given<'_>) -> bool = |given| *given == Given::No;
        for names in &spec.mutually_exclusive {
            if names.iter().filter(|name| is(name, yes)).count() > 1 {
                self.rule(names, |names| Problem::MutuallyExclusive { names });
            }
        }
        for names in &spec.required_one_of {
            if names.iter().all(|name| is(name, no)) {
                self.rule(names, |names| Problem::OneOfRequired { names });
            }
        }
        for names in &spec.required_together {
            if names.iter().any(|name| is(name, yes)) && names.iter().any(|name| is(name, no)) {
                self.rule(names, |names| Problem::RequiredTogether { names });
            }
        }
    }

    /// Defaults count as given here, as they do for Ansible.
    fn check_requires(&mut self, given: &[Given<'_>]) {
        let spec = self.spec;
        let find = |name: &str| spec.params.iter().zip(given).find(|(param, _)| param.name == name);
        for requires in &spec.requires {
            let Some((param, given)) = find(&requires.param) else { continue };
            let value = match given {
                Given::Yes(_, value) => Some(*value),
                Given::Maybe => None,
                Given::No => param.default.as_ref().filter(|_| requires.is.is_some()),
            };
            let is_so = value.is_some_and(|value| match &requires.is {
                Some(is) => python_text(value).eq_ignore_ascii_case(is),
                None => true,
            });
            let is_missing = |name: &&String| {
                find(name).is_some_and(|(param, given)| *given == Given::No && param.default.is_none())
            };
            let names: Vec<String> = requires.params.iter().filter(is_missing).cloned().collect();
            if is_so && !names.is_empty() {
                let problem =
                    Problem::Required { when: requires.param.clone(), is: requires.is.clone(), names };
                self.problem(&requires.param, problem, None);
            }
        }
    }

    fn rule(&mut self, names: &[String], problem: impl FnOnce(Vec<String>) -> Problem) {
        let first = names.first().cloned().unwrap_or_default();
        self.problem(&first, problem(names.to_vec()), None);
    }

    fn problem(&mut self, param: &str, problem: Problem, nearest: Option<String>) {
        self.problems.push(ArgumentProblem { param: param.to_owned(), problem, nearest });
    }
}

/// Holds a converted value against the choices; fails with what was given.
///
/// YAML turns an unquoted `yes` or `off` into a boolean: it means the one choice that reads as that boolean.
pub(super) fn choose(param: &ParamSpec, value: Value) -> Result<Value, String> {
    if param.choices.is_empty() {
        return Ok(value);
    }
    let is_choice = |text: &String| param.choices.contains(text);
    if let Value::Array(elements) = &value {
        let wrong: Vec<_> = elements.iter().map(python_text).filter(|text| !is_choice(text)).collect();
        return if wrong.is_empty() { Ok(value) } else { Err(wrong.join(", ")) };
    }
    let text = python_text(&value);
    if is_choice(&text) {
        return Ok(value);
    }
    if value.is_boolean() {
        let is_same = |choice: &String| choice.eq_ignore_ascii_case(&text);
        return if param.choices.iter().any(is_same) { Ok(value) } else { Err(text) };
    }
    let words: &[&str] = match text.as_str() {
        "True" => &["y", "yes", "on", "1", "true", "t"],
        "False" => &["n", "no", "off", "0", "false", "f"],
        _ => return Err(text),
    };
    let mut meant = param.choices.iter().filter(|choice| words.contains(&choice.as_str()));
    match (meant.next(), meant.next()) {
        (Some(choice), None) => Ok(Value::String(choice.clone())),
        _ => Err(text),
    }
}

fn names_of(param: &ParamSpec) -> impl Iterator<Item = &str> {
    std::iter::once(&param.name).chain(&param.aliases).map(String::as_str)
}

fn is_known(spec: &ModuleSpec, name: &str) -> bool {
    spec.params.iter().flat_map(names_of).any(|known| known == name)
}

fn is_template(value: &Value) -> bool {
    value.as_str().is_some_and(|text| ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)))
}

fn holds_template(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(holds_template),
        Value::Object(map) => map.values().any(holds_template),
        other => is_template(other),
    }
}
