use clap::{Parser, Subcommand};

use crate::ansible_config::AnsibleConfigArgs;
use crate::ansible_doc::AnsibleDocArgs;
use crate::approve::ApproveArgs;
use crate::completions::CompletionsArgs;
use crate::exec::ExecArgs;
use crate::inventory::InventoryArgs;
use crate::jobs::JobsArgs;
use crate::lint::LintArgs;
use crate::plan::PlanArgs;
use crate::plugin::PluginArgs;
use crate::resume::ResumeArgs;
use crate::run::RunArgs;
use crate::runs::RunsArgs;
use crate::schema::SchemaArgs;
use crate::unlock::UnlockArgs;
use crate::vars::VarsArgs;
use crate::vault::VaultCommandArgs;

/// Runs playbooks and plugins across an inventory over SSH, and loses nothing.
#[derive(Debug, Parser)]
#[command(
    name = "switchover",
    version,
    max_term_width = 100,
    propagate_version = true,
    args_override_self = true,
    infer_long_args = true
)]
pub struct Switchover {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs playbooks.
    Run(Box<RunArgs>),
    /// Goes on with a run where it stopped.
    Resume(ResumeArgs),
    /// Shows every step that would destroy something, and where; no host is touched.
    Plan(Box<PlanArgs>),
    /// Permits a step of a run that waits, or stopped, from another terminal.
    Approve(ApproveArgs),
    /// Lists the runs of this user, or shows one.
    Runs(RunsArgs),
    /// Runs one task on hosts.
    Exec(Box<ExecArgs>),
    /// Shows who holds the locks of hosts, and gives back those that nobody needs any more.
    Unlock(UnlockArgs),
    /// Shows the detached jobs on hosts, follows them, ends them.
    Jobs(JobsArgs),
    /// Shows the hosts and groups of an inventory.
    Inventory(Box<InventoryArgs>),
    /// Shows the variables of a host, and where they come from.
    Vars(Box<VarsArgs>),
    /// Encrypts and decrypts files and values.
    Vault(VaultCommandArgs),
    /// Shows modules and their documentation; helps those who write them.
    Plugin(PluginArgs),
    /// Documents modules and keywords with the options of `ansible-doc`.
    #[command(hide = true)]
    AnsibleDoc(AnsibleDocArgs),
    /// Shows the configuration with the commands of `ansible-config`.
    #[command(hide = true)]
    AnsibleConfig(AnsibleConfigArgs),
    /// Says what is wrong with playbooks, and what will be a trap later.
    Lint(LintArgs),
    /// Prints a JSON Schema for playbooks, with which editors complete and check them.
    Schema(SchemaArgs),
    /// Prints a script with which a shell completes commands and options.
    Completions(CompletionsArgs),
}
