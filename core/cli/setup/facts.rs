//! What the configuration says of facts and of hosts that are not there.

use std::time::Duration;

use switchover_engine::{FactCache, Gathering, Memory, Mismatch};
use switchover_inventory::Inventory;

use crate::config::Config;
use crate::options::WorkArgs;
use crate::problems;

/// Returns what is done about a pattern that matches nothing.
pub fn mismatch(config: &Config) -> Mismatch {
    match config.text("HOST_PATTERN_MISMATCH").as_deref() {
        Some("error") => Mismatch::Fail,
        Some("ignore") => Mismatch::Ignore,
        _ => Mismatch::Warn,
    }
}

/// Returns when plays gather facts.
pub fn gathering(config: &Config) -> Gathering {
    match config.text("DEFAULT_GATHERING").as_deref() {
        Some("explicit") => Gathering::Explicit,
        Some("smart") => Gathering::Smart,
        _ => Gathering::Implicit,
    }
}

/// Returns the memory of a run, with the facts of earlier runs where `fact_caching` asks for them.
pub fn memory(config: &Config, arguments: &WorkArgs, inventory: &Inventory) -> Memory {
    let plugin = config.text("CACHE_PLUGIN").unwrap_or_default();
    let cache = match plugin.rsplit('.').next().unwrap_or_default() {
        "jsonfile" => config.path("CACHE_PLUGIN_CONNECTION").map(|folder| FactCache {
            folder,
            prefix: config.text("CACHE_PLUGIN_PREFIX").unwrap_or_default(),
            keeps: config.number("CACHE_PLUGIN_TIMEOUT").filter(|n| *n > 0).map(Duration::from_secs),
        }),
        "memory" => None,
        other => {
            problems::warn(&format!(
                "there is no fact cache '{other}', so facts are kept for one run; there are: memory, jsonfile"
            ));
            None
        }
    };
    if arguments.source.flush_cache
        && let Some(cache) = &cache
    {
        inventory.all_hosts().for_each(|host| cache.forget(&host.name));
        cache.forget("localhost");
    }
    Memory::new(config.flag("INJECT_FACTS_AS_VARS"), cache)
}
