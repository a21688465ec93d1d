use std::collections::HashSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use switchover_inventory::{Inventory, Pattern, PlainFiles, View};
use switchover_syntax::Diagnostic;
use switchover_values::VarMap;

use crate::options::{InventorySource, VaultArgs};
use crate::session::Session;
use crate::voice::Voice;
use crate::{exit, extra_vars, inventory_files, problems};

#[derive(Args, Debug)]
pub struct InventoryArgs {
    #[command(flatten)]
    pub source: InventorySource,
    #[command(flatten)]
    pub show: InventoryShow,
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Tells more; may be given up to four times.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// The folder that stands for a playbook's: its `group_vars` and `host_vars`.
    #[arg(long, value_name = "FOLDER")]
    pub playbook_dir: Option<PathBuf>,
    /// Variables that win over all others: `k=v k=v`, YAML, JSON, or `@FILE`.
    #[arg(short, long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    /// Prints YAML in place of JSON.
    #[arg(short, long, conflicts_with = "graph")]
    pub yaml: bool,
    /// Prints TOML in place of JSON.
    #[arg(long, conflicts_with_all = ["graph", "yaml"])]
    pub toml: bool,
    /// With `--graph`: with the variables.
    #[arg(long)]
    pub vars: bool,
    /// With `--list`: variables stay with the groups that have them.
    #[arg(long)]
    pub export: bool,
    /// Writes into this file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// With `--graph`: only below this group.
    #[arg(value_name = "GROUP")]
    pub group: Option<String>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct InventoryShow {
    /// All hosts, groups and variables.
    #[arg(long)]
    pub list: bool,
    /// The groups as a tree.
    #[arg(long)]
    pub graph: bool,
    /// The variables of one host.
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

/// Shows an inventory as `ansible-inventory` does.
pub fn run(arguments: &InventoryArgs) -> u8 {
    let session = match Session::open(&arguments.vault, arguments.verbose) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    match shown(&session, arguments) {
        Ok(text) => write(arguments, &text),
        Err(found) => {
            let usage = found.iter().any(|problem| problem.code == "options::inventory");
            if usage { problems::end(&found, exit::OPTIONS) } else { problems::end_plan(&found) }
        }
    }
}

/// Returns what is to be printed.
fn shown(session: &Session, arguments: &InventoryArgs) -> Result<String, Vec<Diagnostic>> {
    let named = arguments.playbook_dir.clone().or_else(|| session.config.path("PLAYBOOK_DIR"));
    let is_named = named.is_some();
    let folder = named.or_else(|| std::env::current_dir().ok());
    let extra = extra_vars::read(&arguments.extra_vars, &session.files())?;
    let (inventory, beside) = inventory_files::read(session, &arguments.source.inventory, folder.as_deref())?;
    let view = View {
        playbook: Some(&beside),
        named: is_named.then_some(&beside),
        export: arguments.export || session.config.flag("INVENTORY_EXPORT"),
        only: only(&inventory, arguments)?,
        extra: (!extra.entries.is_empty()).then(|| Arc::new(VarMap::from_mapping(&extra))),
    };
    let missing = |what: &str, name: &str| {
        let text = match (session.voice, what) {
            (Voice::Ansible, "host") => {
                problems::warn(&format!("Could not match supplied host pattern, ignoring: {name}"));
                "You must pass a single valid host to --host parameter".to_owned()
            }
            (Voice::Ansible, _) => "Pattern must be valid group name when using --graph".to_owned(),
            (Voice::Ours, _) => format!("there is no {what} `{name}` in the inventory"),
        };
        vec![problems::general("options::inventory", text).help("`--graph` shows what there is")]
    };
    if arguments.show.list {
        return Ok(match (arguments.yaml, arguments.toml) {
            (true, _) => inventory.list_yaml(&view),
            (_, true) => inventory.list_toml(&view),
            _ => inventory.list_json(&view) + "\n",
        });
    }
    if let Some(host) = &arguments.show.host {
        let text = match (arguments.yaml, arguments.toml) {
            (true, _) => inventory.host_yaml(host, &view),
            (_, true) => inventory.host_toml(host, &view),
            _ => inventory.host_json(host, &view).map(|text| text + "\n"),
        };
        return text.ok_or_else(|| missing("host", host));
    }
    let group = arguments.group.as_deref().unwrap_or("all");
    inventory.graph(group, arguments.vars, &view).map_err(|_| missing("group", group))
}

fn only(
    inventory: &Inventory,
    arguments: &InventoryArgs,
) -> Result<Option<HashSet<Arc<str>>>, Vec<Diagnostic>> {
    let Some(limit) = &arguments.source.limit else { return Ok(None) };
    let pattern = Pattern::parse_limit(limit, &PlainFiles);
    let pattern =
        pattern.map_err(|error| vec![problems::general("options::inventory", error.to_string())])?;
    let selection = inventory.hosts(&pattern, None);
    for name in selection.unmatched {
        problems::warn(&format!("Could not match supplied host pattern, ignoring: {name}"));
    }
    Ok(Some(selection.hosts.into_iter().collect()))
}

fn write(arguments: &InventoryArgs, text: &str) -> u8 {
    let done = match &arguments.output {
        Some(path) => std::fs::write(path, text),
        None => std::io::stdout().lock().write_all(text.as_bytes()),
    };
    match done {
        Ok(()) => exit::OK,
        Err(error) => {
            problems::say(&format!("cannot write the inventory: {error}"), None);
            exit::ERROR
        }
    }
}
