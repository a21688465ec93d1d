use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use switchover_model::KEYWORDS;
use switchover_plugin_host::{Catalog, Module};
use switchover_protocol::ParamSpec;

use crate::plugins::PluginSource;
use crate::{exit, plugin, problems};

/// `ansible-doc`, as far as there is something to document: modules and keywords.
#[derive(Args, Debug)]
pub struct AnsibleDocArgs {
    /// Modules or keywords; with `--list`, the beginning of their names.
    #[arg(value_name = "NAME", required_unless_present_any = ["list", "list_files"])]
    names: Vec<String>,
    /// Lists names with a line of what they are for.
    #[arg(short, long)]
    list: bool,
    /// Lists names with the files that hold them.
    #[arg(short = 'F', long = "list_files")]
    list_files: bool,
    /// Shows how modules are written in a playbook.
    #[arg(short, long)]
    snippet: bool,
    /// Prints JSON.
    #[arg(short, long)]
    json: bool,
    /// What is documented.
    #[arg(short = 't', long = "type", value_enum, default_value_t = Kind::Module)]
    kind: Kind,
    /// The folder that stands for a playbook's: its plugins are known, too.
    #[arg(long, value_name = "FOLDER")]
    playbook_dir: Option<PathBuf>,
    /// Tells more; there is nothing more to tell.
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(flatten)]
    plugins: PluginSource,
}

/// What Ansible documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[rustfmt::skip]
enum Kind {
    Become, Cache, Callback, Cliconf, Connection, Httpapi, Inventory, Lookup, Netconf, Shell, Vars, Module, Strategy,
    Test, Filter, Role, Keyword,
}

/// Shows the documentation of modules and keywords.
pub fn run(arguments: &AnsibleDocArgs) -> u8 {
    match arguments.kind {
        Kind::Keyword => keywords(arguments),
        Kind::Module => modules(arguments),
        _ => {
            let name = arguments.kind.to_possible_value().map(|value| value.get_name().to_owned());
            let text = format!("plugins of the kind `{}` are not documented", name.unwrap_or_default());
            let help = "there are pages for modules and keywords: `-t module`, `-t keyword`; filters, tests, lookups and \
                        inventories work as Ansible's documentation says";
            problems::say(&text, Some(help));
            exit::OPTIONS
        }
    }
}

fn keywords(arguments: &AnsibleDocArgs) -> u8 {
    let wanted =
        |name: &&str| arguments.names.is_empty() || arguments.names.iter().any(|given| given == name);
    if let Some(unknown) =
        arguments.names.iter().find(|name| !KEYWORDS.iter().any(|word| word.name == **name))
    {
        problems::say(&format!("there is no keyword `{unknown}`"), Some("`-t keyword -l` lists them"));
        return exit::OPTIONS;
    }
    let rows = KEYWORDS.iter().filter(|word| wanted(&word.name)).map(|word| (word.name, word.doc));
    listed(rows.map(|(name, doc)| (name.to_owned(), doc.to_owned())).collect(), arguments.json, ": ")
}

fn modules(arguments: &AnsibleDocArgs) -> u8 {
    let mut discovery = arguments.plugins.discovery();
    if let Some(folder) = &arguments.playbook_dir {
        discovery = arguments.plugins.discovery_in(Some(folder.clone()));
    }
    let catalog = Catalog::discover(&discovery);
    if arguments.list || arguments.list_files {
        let text = |module: &Module| match arguments.list_files {
            true => module.plugin.file.display().to_string(),
            false => module.spec.summary.clone(),
        };
        return listed(chosen(&catalog, &arguments.names, text), arguments.json, " ");
    }
    if arguments.snippet {
        return snippets(&catalog, &arguments.names);
    }
    plugin::pages(&catalog, &arguments.names, arguments.json)
}

/// Returns the modules whose full names begin with one of these, with a text each.
fn chosen(catalog: &Catalog, starts: &[String], text: impl Fn(&Module) -> String) -> Vec<(String, String)> {
    let wanted =
        |name: &str| starts.is_empty() || starts.iter().any(|start| name.starts_with(start.as_str()));
    let modules = catalog.modules().iter().filter(|module| wanted(&module.spec.name));
    let mut rows: Vec<_> = modules.map(|module| (module.spec.name.clone(), text(module))).collect();
    rows.sort();
    rows
}

fn listed(rows: Vec<(String, String)>, json: bool, between: &str) -> u8 {
    if json {
        let map: Map<String, Value> = rows.into_iter().map(|(name, text)| (name, json!(text))).collect();
        println!("{}", serde_json::to_string_pretty(&map).expect("names and texts are JSON"));
        return exit::OK;
    }
    let width = if between == " " { rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) } else { 0 };
    rows.iter().for_each(|(name, text)| println!("{name:<width$}{between}{text}"));
    exit::OK
}

fn snippets(catalog: &Catalog, names: &[String]) -> u8 {
    for name in names {
        let Some(module) = catalog.resolve(name) else {
            return plugin::pages(catalog, std::slice::from_ref(name), false);
        };
        let spec = &module.spec;
        println!("- name: {}\n  {}:", spec.summary, switchover_model::short(&spec.name));
        spec.params.iter().for_each(|param| println!("{}", snippet(param)));
    }
    exit::OK
}

fn snippet(param: &ParamSpec) -> String {
    let needed = if param.required { "(required) " } else { "" };
    let first = param.doc.lines().next().unwrap_or_default();
    let name = format!("{}:", param.name);
    format!("      {name:<22} # {needed}{first}")
}
