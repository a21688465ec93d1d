use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use switchover_syntax::Diagnostic;
use switchover_values::{Layer, Scope, Settings, VarMap};

use crate::options::{InventorySource, VaultArgs};
use crate::session::Session;
use crate::{exit, extra_vars, inventory_files, problems};

#[derive(Args, Debug)]
pub struct VarsArgs {
    /// The host, as the inventory names it.
    pub host: String,
    /// Only these variables.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub source: InventorySource,
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Variables that win over all others: `k=v k=v`, YAML, JSON, or `@FILE`.
    #[arg(short, long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    /// The folder whose `group_vars` and `host_vars` count as the playbook's.
    #[arg(long, value_name = "FOLDER")]
    pub playbook_dir: Option<PathBuf>,
    /// Tells where each value stands, and what it shadows.
    #[arg(long)]
    pub origin: bool,
}

/// Shows the variables of a host before any play begins, rendered.
pub fn run(arguments: &VarsArgs) -> u8 {
    let session = match Session::open(&arguments.vault, 0) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    match scope(&session, arguments) {
        Ok(scope) => print(&scope, arguments),
        Err(found) => problems::end_plan(&found),
    }
}

fn scope(session: &Session, arguments: &VarsArgs) -> Result<Scope, Vec<Diagnostic>> {
    let folder = arguments.playbook_dir.clone().or_else(|| std::env::current_dir().ok());
    let extra = extra_vars::read(&arguments.extra_vars, &session.files())?;
    let (inventory, beside) = inventory_files::read(session, &arguments.source.inventory, folder.as_deref())?;
    if inventory.host(&arguments.host).is_none() && arguments.host != "localhost" {
        let text = format!("there is no host `{}` in the inventory", arguments.host);
        let help = "`switchover inventory --graph` shows what there is";
        return Err(vec![problems::general("options::host", text).help(help)]);
    }
    let settings = Settings { vault: session.vault.clone(), ..Settings::default() };
    let mut scope = Scope::with_settings(Arc::new(settings));
    for (layer, vars) in inventory.layers(&arguments.host, Some(&beside)) {
        scope.push(layer, vars);
    }
    scope.push(Layer::ExtraVars, Arc::new(VarMap::from_mapping(&extra)));
    Ok(scope)
}

fn print(scope: &Scope, arguments: &VarsArgs) -> u8 {
    let mut names: Vec<String> = scope.names().collect();
    names.sort();
    names.retain(|name| arguments.names.is_empty() || arguments.names.contains(name));
    for name in &names {
        match scope.get(name) {
            Ok(value) => {
                let value = value.map(|value| switchover_values::to_json(&value));
                println!("{name}: {}", value.unwrap_or_default());
            }
            // What a play brings may be missing; the others are of use all the same.
            Err(error) => println!("{name}: cannot be rendered: {error}"),
        }
        if arguments.origin {
            origin(scope, name);
        }
    }
    let missing: Vec<&String> = arguments.names.iter().filter(|name| !names.contains(name)).collect();
    for name in &missing {
        problems::say(&format!("{} has no variable `{name}`", arguments.host), None);
    }
    if missing.is_empty() { exit::OK } else { exit::ERROR }
}

fn origin(scope: &Scope, name: &str) {
    for (index, (layer, span)) in scope.origin(name).into_iter().enumerate() {
        let place = span.map_or_else(|| "(computed)".to_owned(), |span| span.to_string());
        let word = if index == 0 { "from" } else { "shadows" };
        println!("    {word} {place} ({})", level(layer));
    }
}

fn level(layer: Layer) -> &'static str {
    match layer {
        Layer::InventoryGroup => "a group of the inventory",
        Layer::InventoryGroupVarsAll => "group_vars/all beside the inventory",
        Layer::PlaybookGroupVarsAll => "group_vars/all beside the playbook",
        Layer::InventoryGroupVars => "group_vars beside the inventory",
        Layer::PlaybookGroupVars => "group_vars beside the playbook",
        Layer::InventoryHost => "the host in the inventory",
        Layer::InventoryHostVars => "host_vars beside the inventory",
        Layer::PlaybookHostVars => "host_vars beside the playbook",
        Layer::ExtraVars => "the command line",
        _ => "a play",
    }
}
