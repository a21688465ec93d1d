use clap::{Args, Subcommand};

use crate::config::{Config, Here};
use crate::{exit, problems};

/// `ansible-config`: what the configuration says, and what is followed.
#[derive(Args, Debug)]
pub struct AnsibleConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
    /// Tells more; there is nothing more to tell.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Lists every setting, and what becomes of it here.
    List,
    /// Prints the value of every setting, and where it comes from.
    Dump {
        /// Only what somebody set.
        #[arg(long, alias = "changed-only")]
        only_changed: bool,
    },
    /// Prints the file that is read.
    View,
    /// Is refused: no file is made.
    Init,
    /// Says what is wrong with the configuration.
    Validate,
}

/// Shows the configuration.
pub fn run(arguments: &AnsibleConfigArgs) -> u8 {
    if matches!(arguments.command, ConfigCommand::Init) {
        problems::say("no configuration is made", Some("write `[defaults]` and the keys that you need"));
        return exit::OPTIONS;
    }
    let config = match Config::load() {
        Ok(config) => config,
        Err(found) => return problems::end(&found, exit::ERROR),
    };
    match &arguments.command {
        ConfigCommand::List => list(),
        ConfigCommand::Dump { only_changed } => dump(&config, *only_changed),
        ConfigCommand::View => return view(&config),
        ConfigCommand::Validate => {
            config.warnings.iter().for_each(|text| problems::warn(text));
            println!("All configurations seem valid!");
        }
        ConfigCommand::Init => {}
    }
    exit::OK
}

fn list() {
    for setting in crate::config::settings() {
        let fate = match setting.here {
            Here::Used => "followed".to_owned(),
            Here::Ignored(why) => format!("not followed: {why}"),
            Here::Moot(why) => format!("changes nothing: {why}"),
        };
        println!("{}: {fate}", setting.name);
        setting.keys.iter().for_each(|(section, key)| println!("  [{section}] {key}"));
        setting.env.iter().for_each(|name| println!("  ${name}"));
    }
}

fn dump(config: &Config, only_changed: bool) {
    for (name, value) in config.values() {
        let origin = config.origin(&name);
        if origin.is_some() || !only_changed {
            let origin = origin.unwrap_or_else(|| "default".to_owned());
            println!("{name}({origin}) = {}", switchover_report::python(&value).trim_matches('\''));
        }
    }
}

fn view(config: &Config) -> u8 {
    let Some(path) = &config.file else {
        problems::say(
            "no configuration file is read",
            Some("`ansible-config dump` shows what holds without one"),
        );
        return exit::ERROR;
    };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            println!("{}", text.trim_end());
            exit::OK
        }
        Err(error) => {
            problems::say(&format!("cannot read {}: {error}", path.display()), None);
            exit::ERROR
        }
    }
}
