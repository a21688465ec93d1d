use switchover_engine::World;

use crate::exit;
use crate::problems::{self, general};

/// Refuses a `--limit` that leaves none of the hosts of an inventory that has some: it is a slip, and the run would do
/// nothing and look well. Returns the exit code.
pub fn refuse(world: &World, pattern: &str) -> Result<(), u8> {
    let Some(limit) = world.options.limit.as_deref() else { return Ok(()) };
    if world.hosts.inventory().all_hosts().len() == 0 {
        return Ok(());
    }
    match world.hosts.select(pattern, Some(limit)) {
        Ok(hosts) if !hosts.is_empty() => return Ok(()),
        Ok(_) => {}
        Err(wrong) => {
            problems::say(&wrong, None);
            return Err(exit::ERROR);
        }
    }
    world.hosts.take_warnings().iter().for_each(|text| problems::warn(text));
    let text = "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.";
    let help = format!(
        "see the hosts there are: `switchover inventory --graph`; `--limit {limit}` matches none of them"
    );
    Err(problems::end(&[general("options::no-hosts", text).help(help)], exit::ERROR))
}
