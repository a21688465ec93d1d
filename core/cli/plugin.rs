use clap::{Args, Subcommand};

use crate::plugins::PluginSource;
use crate::problems;

mod check;
mod doc;
mod example;
mod list;
mod lock;
mod new;
mod page;
mod vendor;

#[derive(Args, Debug)]
pub struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
    #[command(flatten)]
    plugins: PluginSource,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Lists every module.
    List(list::ListArgs),
    /// Shows the documentation of modules.
    Doc(doc::DocArgs),
    /// Writes a new plugin: a small project that builds and passes its own tests.
    New(new::NewArgs),
    /// Tries a plugin in a process of its own and says what to mend.
    Check(check::CheckArgs),
    /// Writes `plugins.lock`: from then on only these plugin files run here.
    Lock(lock::LockArgs),
}

/// Shows modules, and helps those who write them.
pub fn run(arguments: &PluginArgs) -> u8 {
    let source = &arguments.plugins;
    match &arguments.command {
        PluginCommand::New(arguments) => new::run(arguments),
        PluginCommand::Check(arguments) => check::run(arguments, source),
        PluginCommand::Lock(_) => lock::run(source),
        PluginCommand::List(arguments) => with_problems(source, |catalog| list::run(arguments, catalog)),
        PluginCommand::Doc(arguments) => with_problems(source, |catalog| doc::run(arguments, catalog)),
    }
}

/// Shows the pages of modules, as text or as JSON.
pub fn pages(catalog: &switchover_plugin_host::Catalog, names: &[String], json: bool) -> u8 {
    doc::run(&doc::DocArgs::of(names, json), catalog)
}

fn with_problems(source: &PluginSource, show: impl FnOnce(&switchover_plugin_host::Catalog) -> u8) -> u8 {
    let catalog = source.catalog();
    let code = show(&catalog);
    for problem in catalog.problems() {
        problems::say(&problem.explain(), problem.remedy().as_deref());
    }
    code
}
