use std::collections::BTreeSet;
use std::sync::Arc;

use switchover_engine::{Tags, World};
use switchover_model::{Item, Play, Playbook, Task};

use crate::run::RunArgs;
use crate::{exit, problems};

/// Prints what a run would touch, in Ansible's layout, without touching it.
pub fn print(arguments: &RunArgs, world: &Arc<World>, playbooks: &[Playbook]) -> u8 {
    for (playbook, path) in playbooks.iter().zip(&arguments.playbooks) {
        println!("\nplaybook: {}", path.display());
        warn_of_patterns(world, playbook);
        if arguments.syntax_check {
            continue;
        }
        for (index, play) in playbook.plays.iter().enumerate() {
            print_play(arguments, world, play, index + 1);
        }
    }
    exit::OK
}

fn print_play(arguments: &RunArgs, world: &Arc<World>, play: &Arc<Play>, number: usize) {
    let (pattern, name) = switchover_engine::play_title(world, play);
    let tags: Vec<&str> = play.context.tags.iter().filter_map(|tag| tag.as_str()).collect();
    println!("\n  play #{number} ({pattern}): {name}\tTAGS: [{}]", tags.join(", "));
    if arguments.work.list_hosts {
        print_hosts(world, &pattern);
    }
    // As in Ansible, who lists tags sees also tasks that never run by themselves.
    let options = &world.options;
    let asked = options.tags.iter().chain(&options.skip_tags).any(|tag| tag != "all");
    let listed = if arguments.list_tags && !asked { Listed::All } else { Listed::Wanted };
    if arguments.list_tasks {
        println!("    tasks:");
        each_task(world, play, listed, &mut |task| print_task(task));
    }
    if arguments.list_tags {
        let mut all = BTreeSet::new();
        each_task(world, play, listed, &mut |task| all.extend(tags_of(task)));
        println!("      TASK TAGS: [{}]", all.into_iter().collect::<Vec<_>>().join(", "));
    }
}

/// A pattern that matches nothing is often a slip; it is told whatever is listed.
fn warn_of_patterns(world: &Arc<World>, playbook: &Playbook) {
    for play in &playbook.plays {
        let (pattern, _) = switchover_engine::play_title(world, play);
        // What is wrong with a pattern is told where its hosts are listed.
        drop(world.hosts.select(&pattern, None));
        world.hosts.take_warnings().iter().for_each(|text| problems::warn(text));
    }
}

fn print_hosts(world: &Arc<World>, pattern: &str) {
    match world.hosts.select(pattern, world.options.limit.as_deref()) {
        Ok(hosts) => {
            println!("    pattern: ['{pattern}']\n    hosts ({}):", hosts.len());
            hosts.iter().for_each(|host| println!("      {host}"));
        }
        Err(error) => println!("    {error}"),
    }
}

/// Which tasks are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    All,
    /// Those that `--tags` and `--skip-tags` take.
    Wanted,
}

/// Visits the tasks that are listed; as in Ansible, those that only run after a failure are left out.
fn each_task(world: &World, play: &Play, listed: Listed, visit: &mut impl FnMut(&Task)) {
    let tags = Tags { only: world.options.tags.clone(), skip: world.options.skip_tags.clone() };
    for items in [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks] {
        walk(items, &mut |task| {
            if listed == Listed::All || tags.select(&tags_of(task).into_iter().collect()) {
                visit(task);
            }
        });
    }
}

fn walk(items: &[Item], visit: &mut impl FnMut(&Task)) {
    for item in items {
        match item {
            Item::Task(task) => visit(task),
            Item::Block(block) => walk(&block.body, visit),
        }
    }
}

fn print_task(task: &Task) {
    let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or(&task.action.name);
    let named = task.context.role().filter(|_| task.name.is_some());
    let role = named.map(|role| format!("{} : ", role.name)).unwrap_or_default();
    println!("      {role}{name}\tTAGS: [{}]", tags_of(task).join(", "));
}

fn tags_of(task: &Task) -> Vec<String> {
    let tags: BTreeSet<String> = task
        .context
        .levels()
        .flat_map(|level| &level.tags)
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    tags.into_iter().collect()
}
