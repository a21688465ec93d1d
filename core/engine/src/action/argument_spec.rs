use std::collections::BTreeSet;

use switchover_plugin_host::{ArgumentProblem, Problem, check_arguments};
use switchover_protocol::{Map, ModuleSpec, ParamKind, ParamSpec, Requires, Value};

/// What a role, or an option of one that is a dictionary, declares that it takes.
pub struct ArgumentSpec<'a> {
    options: &'a Map,
    /// Where the rules between options stand; none are held against the arguments of a role itself.
    rules: Option<&'a Value>,
    /// The options around, outermost first.
    path: Vec<String>,
}

impl<'a> ArgumentSpec<'a> {
    /// Returns the specification of a role's entry point.
    pub fn of_role(options: &'a Map) -> Self {
        Self { options, rules: None, path: Vec::new() }
    }

    /// Returns all that is wrong with these arguments, in Ansible's words.
    pub fn errors(&self, given: &Map) -> Vec<String> {
        let (checked, problems) = check_arguments(&self.spec(), given);
        let excludes =
            |problem: &&ArgumentProblem| matches!(problem.problem, Problem::MutuallyExclusive { .. });
        let mut errors: Vec<_> =
            self.broken_rules(given).iter().filter(excludes).map(|problem| self.told(problem)).collect();
        let mut unknown = Vec::new();
        for problem in problems {
            match &problem.problem {
                Problem::Unknown { .. } => unknown.push(self.below(&problem.param)),
                _ => errors.push(self.told(&problem)),
            }
        }
        // What could not be converted is there all the same.
        let mut all = given.clone();
        all.extend(checked);
        let broken = self.broken_rules(&all);
        errors.extend(broken.iter().filter(|it| !excludes(it)).map(|problem| self.told(problem)));
        for (name, option) in self.options {
            errors.extend(self.nested(name, option, &all));
        }
        if !unknown.is_empty() {
            let mut known: Vec<_> = self.options.keys().map(String::as_str).collect();
            known.sort_unstable();
            errors.push(format!(
                "{}. Supported parameters include: {}.",
                unknown.join(", "),
                known.join(", ")
            ));
        }
        errors
    }

    /// Returns what is wrong inside an option that is a dictionary, or a list of them.
    fn nested(&self, name: &str, option: &Value, checked: &Map) -> Vec<String> {
        let Some(options) = option["options"].as_object() else { return Vec::new() };
        let mut path = self.path.clone();
        path.push(name.to_owned());
        let inner = ArgumentSpec { options, rules: Some(option), path };
        match checked.get(name) {
            Some(Value::Object(given)) => inner.errors(given),
            Some(Value::Array(items)) => {
                items.iter().filter_map(Value::as_object).flat_map(|given| inner.errors(given)).collect()
            }
            None if option["apply_defaults"] == Value::Bool(true) => inner.errors(&Map::new()),
            _ => Vec::new(),
        }
    }

    fn told(&self, problem: &ArgumentProblem) -> String {
        let text = ArgumentProblem { nearest: None, ..problem.clone() }.to_string();
        if self.path.is_empty() {
            return text;
        }
        let place = self.path.join(" -> ");
        let (before, after) = match &problem.problem {
            Problem::Type { .. } => {
                (" and we were unable", format!(" found in '{place}'. and we were unable"))
            }
            Problem::Element { .. } => (" is of type ", format!(" found in '{place}' is of type ")),
            _ => return format!("{text} found in {place}"),
        };
        text.replacen(before, &after, 1)
    }

    /// Returns a name with those of the options around it.
    fn below(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }

    fn spec(&self) -> ModuleSpec {
        ModuleSpec::new("role", self.options.iter().map(|(name, option)| param(name, option)).collect())
    }

    /// Holds the rules between options against what is given; defaults count as given except where they exclude.
    fn broken_rules(&self, given: &Map) -> Vec<ArgumentProblem> {
        let Some(rules) = self.rules else { return Vec::new() };
        let requires = requires(rules);
        // A rule may name what is no option.
        let needed = requires.iter().flat_map(|rule| &rule.params);
        let names: BTreeSet<_> = self.options.keys().chain(needed).cloned().collect();
        let params = names.into_iter().map(|name| ParamSpec::new(name, ParamKind::Raw)).collect();
        let spec = ModuleSpec {
            mutually_exclusive: lists(&rules["mutually_exclusive"]),
            required_one_of: lists(&rules["required_one_of"]),
            required_together: lists(&rules["required_together"]),
            requires,
            ..ModuleSpec::new("role", params)
        };
        let known = given.iter().filter(|(name, _)| self.options.contains_key(*name));
        let known = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        check_arguments(&spec, &known).1
    }
}

/// Returns what `required_if` and `required_by` say.
fn requires(rules: &Value) -> Vec<Requires> {
    let mut all = Vec::new();
    for rule in rules["required_if"].as_array().into_iter().flatten() {
        if let Some(param) = rule[0].as_str() {
            all.push(Requires { param: param.to_owned(), is: Some(text(&rule[1])), params: texts(&rule[2]) });
        }
    }
    for (param, needed) in rules["required_by"].as_object().into_iter().flatten() {
        all.push(Requires { param: param.clone(), is: None, params: texts(needed) });
    }
    all
}

fn lists(value: &Value) -> Vec<Vec<String>> {
    value.as_array().into_iter().flatten().map(texts).collect()
}

/// Returns the texts of a list, or the one text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Null => Vec::new(),
        one => vec![text(one)],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn param(name: &str, option: &Value) -> ParamSpec {
    let kind = kind(option["type"].as_str().unwrap_or("str"), option["elements"].as_str());
    ParamSpec {
        aliases: texts(&option["aliases"]),
        required: option["required"] == Value::Bool(true),
        default: option.get("default").filter(|default| !default.is_null()).cloned(),
        choices: texts(&option["choices"]),
        secret: option["no_log"] == Value::Bool(true),
        ..ParamSpec::new(name, kind)
    }
}

fn kind(word: &str, elements: Option<&str>) -> ParamKind {
    match word {
        "str" => ParamKind::Str,
        "bool" => ParamKind::Bool,
        "int" => ParamKind::Int,
        "float" => ParamKind::Float,
        "path" => ParamKind::Path,
        "dict" => ParamKind::Dict,
        "list" => ParamKind::List(Box::new(elements.map_or(ParamKind::Raw, |word| kind(word, None)))),
        _ => ParamKind::Raw,
    }
}
