use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::site::{Site, complain, say, with_causes};
use crate::lab::link;
use crate::sim::{Phase, StoreError, World, this_process};

/// Why an update stops.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("no license file at {}", path.display())]
    License { path: PathBuf },
    #[error("failed to switch to {}", tree.display())]
    Switch { tree: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Updates the product to what is unpacked; what it does is told on stdout and in the version's own log.
pub fn run(site: &Site) -> u8 {
    site.record("update", Phase::Started, None, "");
    match update(site) {
        Ok(()) => site.end("update", 0, ""),
        Err(stop) => {
            let process = this_process();
            // The refusal matters more than a failure to note the end.
            let _ = site.store.change(|world| world.end(&site.host, "update", process));
            complain(&format!("ERROR: {}", with_causes(&stop)));
            site.end("update", 1, &stop.to_string())
        }
    }
}

fn update(site: &Site) -> Result<(), Stop> {
    let license = site.layout().product().join("alation_license.lic");
    if !license.exists() {
        return Err(Stop::License { path: license });
    }
    let process = this_process();
    let lines = site.store.change(|world| world.begin_update(&site.host, process))?;
    let state = site.state()?;
    let build = state.product.as_ref().map(|product| product.rpm_build.to_string()).unwrap_or_default();
    let tree = site.layout().product().join(format!("alation-{build}"));
    let log = tree.join("var/log/installer.log");
    for line in lines {
        tell(site, &log, &line);
    }
    let pause = World::UPDATE_SECONDS / World::UPDATE_LINES.len() as f64;
    for step in 0..World::UPDATE_LINES.len() {
        site.pass(pause);
        match site.store.change(|world| world.step_update(&site.host, step)) {
            Ok(line) => tell(site, &log, &line),
            Err(error) => {
                write_log(site, &log, &format!("ERROR: {error}"));
                return Err(error.into());
            }
        }
    }
    switch(site, &tree).map_err(|source| Stop::Switch { tree: tree.clone(), source })?;
    for line in site.store.change(|world| world.finish_update(&site.host, process))? {
        tell(site, &log, &line);
    }
    Ok(())
}

fn switch(site: &Site, tree: &Path) -> io::Result<()> {
    let current = site.layout().current();
    for file in [".disk1_cache", ".disk2_cache"] {
        fs::copy(current.join(file), tree.join(file))?;
    }
    link(tree, &current)
}

fn tell(site: &Site, log: &Path, line: &str) {
    write_log(site, log, line);
    say(line);
}

fn write_log(site: &Site, log: &Path, line: &str) {
    let seconds = site.store.simulated_now() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .and_then(|mut file| writeln!(file, "{hours:02}:{minutes:02}:{seconds:02} {line}"));
    if let Err(error) = written {
        complain(&format!("cannot write {}: {error}", log.display()));
    }
}
