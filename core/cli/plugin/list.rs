use clap::{Args, ValueEnum};
use serde_json::json;
use switchover_plugin_host::{Catalog, Module};

use super::page;
use crate::exit;

#[derive(Args, Debug)]
pub struct ListArgs {
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// How modules are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    Text,
    Markdown,
    /// The declarations, as plugins give them.
    Json,
}

/// Lists all modules by name.
pub fn run(arguments: &ListArgs, catalog: &Catalog) -> u8 {
    let mut modules: Vec<&Module> = catalog.modules().iter().collect();
    modules.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    match arguments.format {
        Form::Text => {
            let width = modules.iter().map(|module| module.spec.name.len()).max().unwrap_or(0);
            for spec in modules.iter().map(|module| &module.spec) {
                println!("{:<width$}  {:<8}  {}", spec.name, page::effect(&spec.effect), spec.summary);
            }
        }
        Form::Markdown => {
            println!("| module | effect | |\n|---|---|---|");
            for spec in modules.iter().map(|module| &module.spec) {
                println!(
                    "| `{}` | {} | {} |",
                    spec.name,
                    page::effect(&spec.effect),
                    page::cell(&spec.summary)
                );
            }
        }
        Form::Json => {
            let list: Vec<_> = modules
                .iter()
                .map(|module| {
                    json!({
                        "name": module.spec.name,
                        "aliases": module.spec.aliases,
                        "summary": module.spec.summary,
                        "effect": page::effect(&module.spec.effect),
                        "plugin": module.plugin.name,
                        "version": module.plugin.version,
                        "file": module.plugin.file,
                    })
                })
                .collect();
            println!("{}", serde_json::Value::from(list));
        }
    }
    exit::OK
}
