use std::path::Path;
use std::process::ExitCode;

use super::{CliError, open, serving};
use crate::output::say;
use crate::sim::{Fault, HostState, Kind, Member, Product, Update, World};

/// Prints a block for each host.
pub fn run(dir: &Path) -> Result<ExitCode, CliError> {
    let store = open(dir)?;
    let world = store.world()?;
    match serving::served_by(store.layout()) {
        Some(process) => say(&format!("served by process {}", process.pid)),
        None => say("not served"),
    }
    for entry in &store.settings().hosts {
        if let Some(host) = world.hosts.get(&entry.name) {
            say(&format!("\n{} at {} port {}", entry.name, entry.address, entry.ssh_port));
            for (key, value) in rows(host, &world) {
                say(&format!("  {key:<14} {value}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn rows(host: &HostState, world: &World) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    if let Some(product) = &host.product {
        product_rows(product, &mut rows);
        if host.member == Member::Primary {
            let lag =
                world.lag(&host.name).map_or_else(|| "unknown".to_owned(), |lag| format!("{lag} bytes"));
            rows.push(("lag".to_owned(), lag));
        }
    }
    for loss in &host.losses {
        let text = format!("{} generation {}, by {}", loss.data.name(), loss.generation, loss.by);
        rows.push(("LOST DATA".to_owned(), text));
    }
    for twice in &host.double_starts {
        rows.push(("STARTED TWICE".to_owned(), twice.work.clone()));
    }
    if !host.faults.is_empty() {
        let names: Vec<&str> = host.faults.keys().map(|fault: &Fault| fault.name()).collect();
        rows.push(("faults".to_owned(), names.join(", ")));
    }
    rows
}

fn product_rows(product: &Product, rows: &mut Vec<(String, String)>) {
    let mut row = |key: &str, value: String| rows.push((key.to_owned(), value));
    row("release", format!("{} ({})", product.release, product.build));
    if product.has_unpacked() {
        row("unpacked", format!("{} ({})", product.rpm_release, product.rpm_build));
    }
    row("mode", product.mode.word().to_owned());
    row("services", if product.services { "up" } else { "down" }.to_owned());
    match product.update {
        Update::Never => {}
        Update::Running { percent } => row("update", format!("running, {percent} %")),
        Update::Stopped { percent } => row("update", format!("STOPPED at {percent} %")),
        Update::Done => row("update", "done".to_owned()),
    }
    for kind in Kind::ALL {
        row(kind.name(), product.data.get(kind).describe());
    }
    for running in &product.running {
        row("running", format!("{} (process {})", running.work, running.process.pid));
    }
}
