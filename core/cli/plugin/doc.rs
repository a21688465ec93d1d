use clap::Args;
use switchover_plugin_host::{Catalog, Module};

use super::list::Form;
use super::page;
use crate::{exit, problems};

#[derive(Args, Debug)]
pub struct DocArgs {
    /// Their names, short or full.
    #[arg(value_name = "MODULE", required_unless_present = "all")]
    modules: Vec<String>,
    /// All modules.
    #[arg(long)]
    all: bool,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

impl DocArgs {
    /// Returns the wish for the pages of these modules.
    pub fn of(names: &[String], json: bool) -> Self {
        let format = if json { Form::Json } else { Form::Text };
        Self { modules: names.to_vec(), all: false, format }
    }
}

/// Shows the documentation of modules.
pub fn run(arguments: &DocArgs, catalog: &Catalog) -> u8 {
    let mut modules: Vec<&Module> = Vec::new();
    for name in &arguments.modules {
        match catalog.resolve(name) {
            Some(module) => modules.push(module),
            None => return unknown(catalog, name),
        }
    }
    if arguments.all {
        modules = catalog.modules().iter().collect();
        modules.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    }
    let pages: Vec<String> = match arguments.format {
        Form::Text => modules.iter().map(|module| page::text(module)).collect(),
        Form::Markdown => modules.iter().map(|module| page::markdown(module)).collect(),
        Form::Json => {
            let specs: Vec<_> = modules.iter().map(|module| &*module.spec).collect();
            let one = specs.len() == 1 && !arguments.all;
            let text = if one {
                serde_json::to_string_pretty(specs[0])
            } else {
                serde_json::to_string_pretty(&specs)
            };
            vec![text.expect("a declaration is made of JSON") + "\n"]
        }
    };
    print!("{}", pages.join("\n"));
    exit::OK
}

fn unknown(catalog: &Catalog, name: &str) -> u8 {
    if let Some(refused) = catalog.refused().find(|refused| refused.includes(name)) {
        problems::say(&format!("there is no module `{name}`: {}", refused.why), Some(&refused.instead));
        return exit::OPTIONS;
    }
    let family = format!("{name}.");
    let own: Vec<&str> = catalog
        .modules()
        .iter()
        .map(|module| module.spec.name.as_str())
        .filter(|own| own.starts_with(&family))
        .collect();
    let help = match own.as_slice() {
        [] => catalog.nearest(name).map(|nearest| format!("did you mean `{nearest}`?")),
        own => Some(format!("there are {}", own.join(", "))),
    };
    problems::say(&format!("there is no module `{name}`"), help.as_deref());
    exit::OPTIONS
}
