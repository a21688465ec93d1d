use crate::command::InventoryArgs;
use crate::{exit, inventory_files, problems};

/// Shows an inventory as `ansible-inventory` does.
pub fn run(arguments: &InventoryArgs) -> u8 {
    let here = std::env::current_dir().ok();
    let (inventory, beside) = match inventory_files::read(&arguments.source.inventory, here.as_deref()) {
        Ok(read) => read,
        Err(found) => {
            problems::print(&found);
            return exit::PLAN;
        }
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
