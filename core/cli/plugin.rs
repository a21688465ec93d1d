use switchover_plugin_host::Catalog;
use switchover_protocol::{Effect, ModuleSpec, ParamKind, ParamSpec};

use crate::command::{PluginArgs, PluginCommand};
use crate::{exit, plugins, problems};

/// Lists modules, or shows the documentation of one.
pub fn run(arguments: &PluginArgs) -> u8 {
    let catalog = arguments.plugins.catalog();
    let code = match &arguments.command {
        PluginCommand::List => list(&catalog),
        PluginCommand::Doc { module } => doc(&catalog, module),
    };
    for problem in catalog.problems() {
        problems::say(&problem.explain(), plugins::remedy(problem));
    }
    code
}

fn list(catalog: &Catalog) -> u8 {
    let mut modules: Vec<&ModuleSpec> = catalog.modules().iter().map(|module| &*module.spec).collect();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    let width = modules.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    for spec in modules {
        println!("{:<width$}  {:<8}  {}", spec.name, effect(&spec.effect), spec.summary);
    }
    exit::OK
}

fn doc(catalog: &Catalog, name: &str) -> u8 {
    let Some(module) = catalog.resolve(name) else {
        let help = catalog.nearest(name).map(|nearest| format!("did you mean `{nearest}`?"));
        problems::say(&format!("there is no module `{name}`"), help.as_deref());
        return exit::OPTIONS;
    };
    let spec = &module.spec;
    println!("{}\n    {}", spec.name, spec.summary);
    if !spec.description.is_empty() {
        println!("\n{}", spec.description);
    }
    print!("\neffect: {}", effect(&spec.effect));
    match &spec.effect {
        Effect::Destroys { what } => println!(" ({what}); needs `--approve {}`", spec.name),
        Effect::Reads | Effect::Changes => println!(),
    }
    println!("\narguments:");
    spec.params.iter().for_each(print_param);
    if !spec.returns.is_empty() {
        println!("\nresults:");
        spec.returns.iter().for_each(|key| println!("  {}: {}", key.name, key.doc));
    }
    for example in &spec.examples {
        println!("\n# {}\n{}", example.title, example.yaml.trim_end());
    }
    exit::OK
}

fn print_param(param: &ParamSpec) {
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
    if !param.aliases.is_empty() {
        words.push(format!("also called {}", param.aliases.join(", ")));
    }
    if param.secret {
        words.push("secret".to_owned());
    }
    println!("  {} ({})", param.name, words.join("; "));
    param.doc.lines().for_each(|line| println!("      {line}"));
    if let Some(reason) = &param.refused {
        println!("      Refused: {reason}.");
    }
}

fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads",
        Effect::Changes => "changes",
        Effect::Destroys { .. } => "destroys",
    }
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
