use std::path::PathBuf;

use clap::Args;

use crate::options::{InventorySource, VaultArgs};
use crate::session::Session;
use crate::{exit, inventory_files, problems};

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
    /// With `--graph`: only below this group.
    #[arg(value_name = "GROUP")]
    pub group: Option<String>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct InventoryShow {
    /// All hosts, groups and variables as JSON.
    #[arg(long)]
    pub list: bool,
    /// The groups as a tree.
    #[arg(long)]
    pub graph: bool,
    /// The variables of one host as JSON.
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

/// Shows an inventory as `ansible-inventory` does.
pub fn run(arguments: &InventoryArgs) -> u8 {
    let session = match Session::open(&arguments.vault, arguments.verbose) {
        Ok(session) => session,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    let folder = arguments.playbook_dir.clone().or_else(|| session.config.path("PLAYBOOK_DIR"));
    let folder = folder.or_else(|| std::env::current_dir().ok());
    let read = inventory_files::read(&session, &arguments.source.inventory, folder.as_deref());
    let (inventory, beside) = match read {
        Ok(read) => read,
        Err(found) => return problems::end(&found, exit::PLAN),
    };
    if arguments.show.list {
        println!("{}", inventory.list_json(Some(&beside), false));
        return exit::OK;
    }
    if let Some(host) = &arguments.show.host {
        return match inventory.host_json(host, Some(&beside)) {
            Some(json) => {
                println!("{json}");
                exit::OK
            }
            None => unknown("host", host),
        };
    }
    let group = arguments.group.as_deref().unwrap_or("all");
    match inventory.graph(group, false, Some(&beside)) {
        Ok(graph) => {
            print!("{graph}");
            exit::OK
        }
        Err(_) => unknown("group", group),
    }
}

fn unknown(what: &str, name: &str) -> u8 {
    problems::say(
        &format!("there is no {what} `{name}` in the inventory"),
        Some("`--graph` shows what there is"),
    );
    exit::OPTIONS
}
