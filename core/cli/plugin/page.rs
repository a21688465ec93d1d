//! The page of one module, from its declaration.

use std::fmt::Write as _;

use switchover_plugin_host::Module;
use switchover_protocol::{DestroysWhen, Effect, ModuleSpec, ParamKind, ParamSpec};

/// Returns the page as plain text.
pub fn text(module: &Module) -> String {
    let spec = &module.spec;
    let mut page = format!("{}\n    {}\n", spec.name, spec.summary);
    if !spec.description.is_empty() {
        line(&mut page, &format!("\n{}", spec.description));
    }
    line(&mut page, &format!("\neffect: {}", effect_in_words(spec)));
    if !spec.aliases.is_empty() {
        line(&mut page, &format!("also called: {}", spec.aliases.join(", ")));
    }
    line(
        &mut page,
        &format!(
            "plugin: {} {} ({})",
            module.plugin.name,
            module.plugin.version,
            module.plugin.file.display()
        ),
    );
    if !spec.params.is_empty() {
        line(&mut page, "\narguments:");
    }
    for param in &spec.params {
        line(&mut page, &format!("  {} ({})", param.name, words(param).join("; ")));
        let notes = notes(param);
        param
            .doc
            .lines()
            .chain(notes.iter().map(String::as_str))
            .for_each(|doc| line(&mut page, &format!("      {doc}")));
    }
    let rules = rules(spec);
    if !rules.is_empty() {
        line(&mut page, "\nrules:");
        rules.iter().for_each(|rule| line(&mut page, &format!("  {rule}")));
    }
    if !spec.returns.is_empty() {
        line(&mut page, "\nresults:");
        spec.returns.iter().for_each(|key| line(&mut page, &format!("  {}: {}", key.name, key.doc)));
    }
    for example in &spec.examples {
        line(&mut page, &format!("\n# {}\n{}", example.title, example.yaml.trim_end()));
    }
    page
}

/// Returns the page as Markdown.
pub fn markdown(module: &Module) -> String {
    let spec = &module.spec;
    let mut page = format!("## {}\n\n{}\n", spec.name, spec.summary);
    if !spec.description.is_empty() {
        line(&mut page, &format!("\n{}", spec.description));
    }
    line(&mut page, &format!("\nEffect: {}.", effect_in_words(spec)));
    if !spec.aliases.is_empty() {
        line(&mut page, &format!("Also called {}.", quoted(&spec.aliases)));
    }
    if !spec.params.is_empty() {
        line(&mut page, "\n| argument | | meaning |\n|---|---|---|");
    }
    for param in &spec.params {
        let meaning: Vec<String> =
            std::iter::once(param.doc.replace('\n', " ")).chain(notes(param)).collect();
        let row = format!(
            "| `{}` | {} | {} |",
            param.name,
            cell(&words(param).join("; ")),
            cell(&meaning.join(" "))
        );
        line(&mut page, &row);
    }
    let rules = rules(spec);
    if !rules.is_empty() {
        line(&mut page, "");
        rules.iter().for_each(|rule| line(&mut page, &format!("- {rule}")));
    }
    if !spec.returns.is_empty() {
        line(&mut page, "\n| result | meaning |\n|---|---|");
        spec.returns
            .iter()
            .for_each(|key| line(&mut page, &format!("| `{}` | {} |", key.name, cell(&key.doc))));
    }
    for example in &spec.examples {
        line(&mut page, &format!("\n```yaml\n# {}\n{}\n```", example.title, example.yaml.trim_end()));
    }
    page
}

/// Returns the word for an effect.
pub fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads",
        Effect::Changes => "changes",
        Effect::Destroys { .. } => "destroys",
    }
}

/// Returns text that stays within a cell of a Markdown table.
pub fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn effect_in_words(spec: &ModuleSpec) -> String {
    match &spec.effect {
        Effect::Destroys { what } => format!("destroys ({what}); needs `--approve {}`", spec.name),
        other => {
            let when = |when: &DestroysWhen| {
                format!("; with `{}: {}` destroys ({})", when.param, when.is, when.what)
            };
            let mut words = effect(other).to_owned();
            words.extend(spec.destroys_when.iter().map(when));
            if !spec.destroys_when.is_empty() {
                words += &format!(", which needs `--approve {}`", spec.name);
            }
            words
        }
    }
}

/// Returns what there is to say of a parameter besides its meaning.
fn words(param: &ParamSpec) -> Vec<String> {
    let mut words = vec![kind(&param.kind)];
    if param.required {
        words.push("required".to_owned());
    }
    if let Some(default) = &param.default {
        words.push(format!("default {default}"));
    }
    if !param.choices.is_empty() {
        words.push(format!("one of {}", param.choices.join(", ")));
    }
    match (param.min, param.max) {
        (Some(min), Some(max)) => words.push(format!("{min} to {max}")),
        (Some(min), None) => words.push(format!("at least {min}")),
        (None, Some(max)) => words.push(format!("at most {max}")),
        (None, None) => {}
    }
    let (old, aliases): (Vec<_>, Vec<_>) =
        param.aliases.iter().cloned().partition(|name| param.old_names.contains(name));
    if !aliases.is_empty() {
        words.push(format!("also called {}", aliases.join(", ")));
    }
    if !old.is_empty() {
        words.push(format!("once called {}", old.join(", ")));
    }
    if param.secret {
        words.push("secret".to_owned());
    }
    words
}

fn notes(param: &ParamSpec) -> Vec<String> {
    let deprecated = param.deprecated.iter().map(|instead| format!("Deprecated: {instead}."));
    deprecated.chain(param.refused.iter().map(|reason| format!("Refused: {reason}."))).collect()
}

/// Returns the rules between parameters, one a line.
fn rules(spec: &ModuleSpec) -> Vec<String> {
    let sets = |sets: &[Vec<String>], say: fn(String) -> String| -> Vec<String> {
        sets.iter().map(|names| say(quoted(names))).collect()
    };
    let mut rules = sets(&spec.mutually_exclusive, |names| format!("at most one of {names}"));
    rules.extend(sets(&spec.required_one_of, |names| format!("at least one of {names}")));
    rules.extend(sets(&spec.required_together, |names| format!("all or none of {names}")));
    rules.extend(spec.requires.iter().map(|requires| match &requires.is {
        Some(is) => format!("`{}: {is}` needs {}", requires.param, quoted(&requires.params)),
        None => format!("`{}` needs {}", requires.param, quoted(&requires.params)),
    }));
    rules
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn kind(kind: &ParamKind) -> String {
    match kind {
        ParamKind::Str => "text".into(),
        ParamKind::Bool => "boolean".into(),
        ParamKind::Int | ParamKind::Float => "number".into(),
        ParamKind::Path => "path".into(),
        ParamKind::List(of) => format!("list of {}", self::kind(of)),
        ParamKind::Dict => "mapping".into(),
        ParamKind::Raw => "anything".into(),
    }
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a text takes everything");
}
