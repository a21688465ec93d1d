//! The command line: parse, dispatch, exit.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the command line is what prints")]

/// Prints a line. A reader that has gone (`| head`) is no mistake: nothing is left to tell.
macro_rules! println {
    ($($text:tt)*) => { switchover_report::Output::stdout().line(&format!($($text)*)) };
}

mod ansible_config;
mod ansible_doc;
mod approve;
mod assume;
mod callbacks;
mod command;
mod completions;
mod config;
mod details;
mod exec;
mod exit;
mod extra_vars;
mod inputs;
mod inventory;
mod inventory_files;
mod jobs;
mod kept;
mod link;
mod lint;
mod listing;
mod next;
mod no_hosts;
mod operator;
mod options;
mod passwords;
mod plan;
mod plugin;
mod plugins;
mod problems;
mod prompt;
mod reach;
mod reporter;
mod resume;
mod run;
mod runs;
mod schema;
mod session;
mod setup;
mod signals;
mod stop;
mod tools;
mod unlock;
mod vars;
mod vault;
mod voice;
mod waits;

use clap::Parser as _;

use command::{Command, Switchover};

fn main() -> std::process::ExitCode {
    let mut words = std::env::args_os().skip(1);
    if let (Some(first), Some(library)) = (words.next(), words.next())
        && first == switchover_plugin_host::CHILD_ARGUMENT
    {
        return switchover_plugin_host::serve(&library).into();
    }
    switchover_plugin_host::watch_for_crashes(exit::UNKNOWN);
    if let Some(tool) = link::version_asked() {
        return std::process::ExitCode::from(details::tell_version(&tool));
    }
    if let Some(code) = link::refused() {
        return std::process::ExitCode::from(code);
    }
    let switchover = match Switchover::try_parse_from(link::words(std::env::args_os())) {
        Ok(switchover) => switchover,
        Err(error) => return usage(&error),
    };
    let code = match switchover.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Approve(arguments) => approve::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Runs(arguments) => runs::run(&arguments),
        Command::Exec(arguments) => exec::run(&arguments),
        Command::Vars(arguments) => vars::run(&arguments),
        Command::Vault(arguments) => vault::run(&arguments),
        Command::Unlock(arguments) => unlock::run(&arguments),
        Command::Jobs(arguments) => jobs::run(&arguments),
        Command::Inventory(arguments) => inventory::run(&arguments),
        Command::AnsibleDoc(arguments) => ansible_doc::run(&arguments),
        Command::AnsibleConfig(arguments) => ansible_config::run(&arguments),
        Command::Plugin(arguments) => plugin::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    };
    std::process::ExitCode::from(code)
}

/// Prints help or a mistake in the options; Ansible's code for the latter is 5 in some tools and 2 in others.
fn usage(error: &clap::Error) -> std::process::ExitCode {
    // A closed pipe leaves nothing to tell.
    drop(error.print());
    // What `ansible-inventory` is to do is no option to its parser.
    let no_action = matches!(
        error.kind(),
        clap::error::ErrorKind::MissingRequiredArgument | clap::error::ErrorKind::ArgumentConflict
    );
    let inventory = link::words(std::env::args_os()).get(1).is_some_and(|word| word == "inventory");
    let code = if inventory && no_action {
        exit::OPTIONS
    } else if link::is_ansible() || std::env::var_os("ANSIBLE_CONFIG").is_some() {
        exit::USAGE
    } else {
        exit::OPTIONS
    };
    std::process::ExitCode::from(if error.use_stderr() { code } else { exit::OK })
}
