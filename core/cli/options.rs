//! Groups of options that several commands share.

use std::path::PathBuf;

use clap::Args;

use crate::plugins::PluginSource;

/// Where hosts come from.
#[derive(Args, Clone, Debug)]
pub struct InventorySource {
    /// An inventory: a file, a folder, a program, or a list such as `web1,web2,`. May be given several times.
    #[arg(short, long = "inventory", visible_alias = "inventory-file", value_name = "INVENTORY")]
    pub inventory: Vec<String>,
    /// Only these hosts: a pattern, or `@FILE`.
    #[arg(short, long, value_name = "PATTERN")]
    pub limit: Option<String>,
    /// Forgets the facts that a fact cache keeps of the hosts.
    #[arg(long)]
    pub flush_cache: bool,
}

/// Where the passwords of vaults come from.
#[derive(Args, Clone, Debug, Default)]
pub struct VaultArgs {
    /// A vault password: `LABEL@SOURCE`, where the source is a file, a program, or `prompt`.
    #[arg(long, value_name = "ID")]
    pub vault_id: Vec<String>,
    /// A file with a vault password, or a program that prints it.
    #[arg(long, alias = "vault-pass-file", value_name = "FILE")]
    pub vault_password_file: Vec<String>,
    /// Asks for a vault password.
    #[arg(short = 'J', long = "ask-vault-password", visible_alias = "ask-vault-pass")]
    pub ask_vault_password: bool,
}

/// How work is done on hosts, whatever the work is.
#[derive(Args, Debug)]
pub struct WorkArgs {
    #[command(flatten)]
    pub source: InventorySource,
    /// Variables that win over all others: `k=v k=v`, YAML, JSON, or `@FILE`.
    #[arg(short, long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    /// Changes nothing; tells what would change.
    #[arg(short = 'C', long)]
    pub check: bool,
    /// Shows what changes, before and after.
    #[arg(short = 'D', long)]
    pub diff: bool,
    /// How many hosts work at once; 50 unless told otherwise.
    #[arg(short, long, value_name = "N")]
    pub forks: Option<usize>,
    /// Tells more; may be given up to four times.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Permits destroying steps: `all`, or the names that a stop tells; `STEP@HOST` on one host only.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub approve: Vec<String>,
    /// Lists the hosts that would be touched, and stops.
    #[arg(long)]
    pub list_hosts: bool,
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub plugins: PluginSource,
}

#[derive(Args, Clone, Debug)]
pub struct ConnectionArgs {
    /// Logs in as this user.
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Asks for the login password.
    #[arg(short = 'k', long)]
    pub ask_pass: bool,
    /// Takes the login password from this file, or from a program.
    #[arg(long, alias = "conn-pass-file", value_name = "FILE")]
    pub connection_password_file: Option<PathBuf>,
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
    /// Takes the password of sudo, su or doas from this file, or from a program.
    #[arg(long, alias = "become-pass-file", value_name = "FILE")]
    pub become_password_file: Option<PathBuf>,
}

/// What is needed to reach hosts without running anything on them.
#[derive(Args, Debug)]
pub struct ReachArgs {
    #[command(flatten)]
    pub source: InventorySource,
    /// Variables that win over all others: `k=v k=v`, YAML, JSON, or `@FILE`.
    #[arg(short, long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

impl ReachArgs {
    /// Returns options of work that does nothing.
    pub fn work(&self) -> WorkArgs {
        WorkArgs {
            source: self.source.clone(),
            extra_vars: self.extra_vars.clone(),
            check: false,
            diff: false,
            forks: None,
            verbose: 0,
            approve: Vec::new(),
            list_hosts: false,
            vault: self.vault.clone(),
            connection: self.connection.clone(),
            plugins: PluginSource::default(),
        }
    }
}
