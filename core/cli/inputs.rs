use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use switchover_inventory::{Inventory, VarsBeside};
use switchover_journal::{Inputs, digest};
use switchover_plugin_host::Catalog;
use switchover_values::{Stored, VarMap, node_to_value, to_json};

/// Returns the digests of everything that a run depends on beside its files.
pub fn of(inventory: &Inventory, beside: &VarsBeside, extra: &VarMap, catalog: &Catalog) -> Inputs {
    let hosts = inventory.all_hosts().map(|host| {
        let name = host.name.to_string();
        let groups = inventory.group_names(&name).join(",");
        let layers = inventory.layers(&name, Some(beside));
        let vars: Vec<String> =
            layers.iter().map(|(layer, vars)| format!("{layer:?} {}", text(vars))).collect();
        let digest = digest(format!("{groups}\n{}", vars.join("\n")).as_bytes());
        (name, digest)
    });
    let few = inventory.all_hosts().len() <= MARKED_HOSTS;
    let marked = inventory.all_hosts().filter(|_| few).map(|host| {
        let name = host.name.to_string();
        let marks = marks(&name, inventory.layers(&name, Some(beside)).iter().map(|(_, vars)| &**vars));
        (name, marks)
    });
    let extra_vars = extra.iter().map(|(name, stored)| (name.to_owned(), digest(value(stored).as_bytes())));
    let plugins = catalog.plugins().iter().map(|plugin| {
        let path = &plugin.file;
        (path.display().to_string(), stamp(path))
    });
    Inputs {
        files: BTreeMap::new(),
        hosts: hosts.collect(),
        host_vars: marked.collect(),
        extra_vars: extra_vars.collect(),
        plugins: plugins.collect(),
    }
}

/// Of more hosts than these it is told only that something changed: a journal must not become large by that.
const MARKED_HOSTS: usize = 100;

/// Two bytes of a digest fit one of 65,536 values: no secret can be guessed from them.
const MARK: usize = 4;

fn marks<'a>(host: &str, layers: impl Iterator<Item = &'a VarMap>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, stored) in layers.flat_map(|vars| vars.iter()) {
        *values.entry(name.to_owned()).or_default() += &format!("{}\n", value(stored));
    }
    let mark = |(name, text): (String, String)| {
        let digest = digest(format!("{host}\n{name}\n{text}").as_bytes());
        (name, digest.chars().take(MARK).collect())
    };
    values.into_iter().map(mark).collect()
}

fn text(vars: &VarMap) -> String {
    vars.iter().map(|(name, stored)| format!("{name}={}\n", value(stored))).collect()
}

fn value(stored: &Stored) -> String {
    match stored {
        Stored::Author(node) => to_json(&node_to_value(node)).to_string(),
        Stored::Data(value) => to_json(value).to_string(),
    }
}

/// A library is told apart by size and time: reading all of them would cost more than many a run.
fn stamp(path: &Path) -> String {
    let meta = std::fs::metadata(path);
    meta.map(|meta| format!("{} {}.{:09}", meta.size(), meta.mtime(), meta.mtime_nsec())).unwrap_or_default()
}
