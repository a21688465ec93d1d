use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::plugins::PluginSource;

/// Runs playbooks and plugins across an inventory over SSH, and loses nothing.
#[derive(Debug, Parser)]
#[command(name = "switchover", version, max_term_width = 100)]
pub struct Switchover {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs playbooks.
    Run(Box<RunArgs>),
    /// Shows the hosts and groups of an inventory.
    Inventory(InventoryArgs),
    /// Shows modules and their documentation.
    Plugin(PluginArgs),
}

/// Where hosts come from.
#[derive(Args, Debug)]
pub struct InventorySource {
    /// An inventory: a file, a folder, a program, or a list such as `web1,web2,`. May be given several times.
    #[arg(short, long = "inventory", value_name = "INVENTORY")]
    pub inventory: Vec<String>,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// The playbooks, run one after the other.
    #[arg(required = true, value_name = "PLAYBOOK")]
    pub playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub source: InventorySource,
    /// Only these hosts: a pattern, or `@FILE`.
    #[arg(short, long, value_name = "PATTERN")]
    pub limit: Option<String>,
    /// Variables that win over all others: `k=v k=v`, YAML, JSON, or `@FILE`.
    #[arg(short, long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    /// Only tasks with these tags.
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Not the tasks with these tags.
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub skip_tags: Vec<String>,
    /// Changes nothing; tells what would change.
    #[arg(short = 'C', long)]
    pub check: bool,
    /// Shows what changes, before and after.
    #[arg(short = 'D', long)]
    pub diff: bool,
    /// How many hosts work at once.
    #[arg(short, long, default_value_t = 50, value_name = "N")]
    pub forks: usize,
    /// Tells more; may be given up to four times.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Permits destroying steps: `all`, or the names that a stop tells.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub approve: Vec<String>,
    /// Starts at the task of this name.
    #[arg(long, value_name = "NAME")]
    pub start_at_task: Option<String>,
    /// Runs notified handlers even when a task failed.
    #[arg(long)]
    pub force_handlers: bool,
    /// Sends every step by itself: simple steps of a single host do not travel together.
    #[arg(long)]
    pub no_batch: bool,
    /// Checks the playbooks and stops before a host is touched.
    #[arg(long)]
    pub syntax_check: bool,
    /// Lists the hosts that would be touched, and stops.
    #[arg(long)]
    pub list_hosts: bool,
    /// Lists the tasks that would be run, and stops.
    #[arg(long)]
    pub list_tasks: bool,
    /// Lists the tags that there are, and stops.
    #[arg(long)]
    pub list_tags: bool,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = OutputForm::Default)]
    pub output: OutputForm,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub plugins: PluginSource,
}

#[derive(Args, Debug)]
pub struct ConnectionArgs {
    /// Logs in as this user.
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Asks for the login password.
    #[arg(short = 'k', long)]
    pub ask_pass: bool,
    /// Logs in with this key.
    #[arg(long, alias = "key-file", value_name = "FILE")]
    pub private_key: Option<PathBuf>,
    /// How hosts are reached: `ssh` or `local`.
    #[arg(short, long, value_name = "KIND")]
    pub connection: Option<String>,
    /// Seconds to wait for a connection.
    #[arg(short = 'T', long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Options for ssh, such as `-J bastion` or `-o Port=2222`.
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub ssh_common_args: Option<String>,
    /// More options for ssh.
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub ssh_extra_args: Option<String>,
    /// Accepts the key of a host that is not known yet, and remembers it. A changed key is never accepted.
    #[arg(long)]
    pub accept_new_host_keys: bool,
    /// Becomes another user, `root` unless told otherwise.
    #[arg(short, long)]
    pub r#become: bool,
    /// How to become another user: sudo, su or doas.
    #[arg(long, value_name = "METHOD")]
    pub become_method: Option<String>,
    /// Becomes this user.
    #[arg(long, value_name = "USER")]
    pub become_user: Option<String>,
    /// Asks for the password of sudo, su or doas.
    #[arg(short = 'K', long)]
    pub ask_become_pass: bool,
}

/// The forms of a run's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// What changed and what failed, live progress, a recap.
    Default,
    /// Ansible's own format.
    Ansible,
    /// One JSON object a line.
    Jsonl,
}

#[derive(Args, Debug)]
pub struct InventoryArgs {
    #[command(flatten)]
    pub source: InventorySource,
    #[command(flatten)]
    pub show: InventoryShow,
    /// With `--graph`: only below this group.
    #[arg(value_name = "GROUP")]
    pub group: Option<String>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct InventoryShow {
    /// All hosts, groups and variables as JSON.
    #[arg(long)]
    pub list: bool,
    /// The groups as a tree.
    #[arg(long)]
    pub graph: bool,
    /// The variables of one host as JSON.
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

#[derive(Args, Debug)]
pub struct PluginArgs {
    #[command(subcommand)]
    pub command: PluginCommand,
    #[command(flatten)]
    pub plugins: PluginSource,
}

#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Lists every module.
    List,
    /// Shows the documentation of a module.
    Doc {
        /// Its name, short or full.
        module: String,
    },
}
