use clap::Args;
use switchover_plugin_host::{Catalog, Discovery, LOCK_FILE, Lock, Locked};
use switchover_report::plural;

use crate::plugins::PluginSource;
use crate::{exit, problems};

#[derive(Args, Debug)]
pub struct LockArgs {}

/// Writes the lock of the current folder from what is found now. A plugin that was marked `isolated` stays so.
pub fn run(source: &PluginSource) -> u8 {
    let here = std::env::current_dir().unwrap_or_default();
    // Whoever writes a lock is not held to the old one.
    let catalog = Catalog::discover(&Discovery { project: None, ..source.discovery() });
    for problem in catalog.problems() {
        problems::say(&problem.explain(), problem.remedy().as_deref());
    }
    let before = match Lock::read(&here) {
        Ok(before) => before.unwrap_or_default(),
        Err(problem) => return refuse(&problem.explain()),
    };
    let mut entries = Vec::new();
    for plugin in catalog.plugins() {
        let name = plugin.stem().to_owned();
        let sha256 = match plugin.sha256() {
            Ok(sha256) => sha256,
            Err(problem) => return refuse(&problem.explain()),
        };
        let isolated = before.entries.iter().any(|entry| entry.name == name && entry.isolated);
        entries.push(Locked { name, version: plugin.version.clone(), sha256, isolated });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let lock = Lock { file: here.join(LOCK_FILE), entries };
    if let Err(error) = std::fs::write(&lock.file, lock.text()) {
        return refuse(&format!("cannot write {}: {error}", lock.file.display()));
    }
    for entry in &lock.entries {
        let old = before.entries.iter().find(|old| old.name == entry.name);
        match old {
            None => println!("added    {} {}", entry.name, entry.version),
            Some(old) if old.sha256 != entry.sha256 => {
                println!("changed  {} {} -> {}", entry.name, old.version, entry.version);
            }
            Some(_) => {}
        }
    }
    for old in before.entries.iter().filter(|old| lock.entries.iter().all(|entry| entry.name != old.name)) {
        println!("removed  {} {}", old.name, old.version);
    }
    println!("{}: {}", lock.file.display(), plural(lock.entries.len(), "plugin"));
    if catalog.problems().is_empty() { exit::OK } else { exit::ERROR }
}

fn refuse(message: &str) -> u8 {
    problems::say(message, None);
    exit::ERROR
}
