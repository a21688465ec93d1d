use switchover_sdk::prelude::*;

use crate::monitor::Monitor;
use crate::{ReleaseBuilds, quote_if_needed};

/// The parameters that every Alation module has: how this installation is reached.
#[derive(Params, Clone)]
pub struct Settings {
    /// The prefix that runs one command in the Alation shell. It is text for `sh`; the command follows it as one
    /// quoted word (`shell_mode: argument`) or on its input (`stdin`).
    /// Default: `{sudo} chroot {root}/alation /bin/su - {shell_user} -c`, or `{sudo} {init} shell` for `stdin`.
    pub shell: Option<String>,
    /// How the shell takes its command.
    #[param(default = "argument")]
    pub shell_mode: ShellMode,
    /// The user inside the Alation shell, for the default of `shell`.
    #[param(default = "alationadmin")]
    pub shell_user: String,
    /// Alation's init script, as text for `sh`.
    #[param(default = "/etc/init.d/alation")]
    pub init: String,
    /// The folder that holds `alation` and `alation-x.y.z.nnnn`.
    #[param(default = "/opt/alation")]
    pub root: HostPath,
    /// What makes a command run as root, as text for `sh`; empty when the user is root already.
    #[param(default = "sudo -n")]
    pub sudo: String,
    /// Action name to the text it gets on its standard input, such as `{cluster_add_slaves: "YES\n"}`. Without it
    /// an action gets no input.
    pub action_input: Option<Map>,
    /// Seconds until the run stops waiting for an action: one number, or action name to number (`default` for the rest).
    pub action_timeout: Option<Value>,
    /// Action name (or `default`) to `{rc: [..], success: [..], failure: [..], ignore: [..]}`; all but `rc` are regular expressions.
    pub action_rules: Option<Map>,
    /// Seconds of silence after an unfinished line that looks like a question, before the action is ended.
    #[param(default = 10)]
    pub prompt_grace: u64,
    /// The words of `alation.cluster.replication_mode`: `{master: [..], slave: [..], standalone: [..]}`.
    pub replication_modes: Option<Map>,
    /// Release to build series, such as `{"2021.3": "9.0"}`, beside and above the shipped table.
    pub release_builds: Option<Map>,
    /// The role that the inventory declares for this host.
    pub role: Option<Role>,
    /// Seconds that reading one key may take.
    #[param(default = 120)]
    pub read_timeout: u64,
    /// Modules to start once more although nobody can tell how their last start ended.
    pub again: Option<Vec<String>>,
    /// Modules whose action, if it still runs on the host, is ended and started anew: one that waits for something that
    /// never comes.
    pub end: Option<Vec<String>>,
    #[param(flatten)]
    pub monitor: Monitor,
}

/// How the Alation shell takes its command.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellMode {
    Argument,
    Stdin,
}

/// The role of a host in the pair.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Primary,
    Secondary,
}

impl Settings {
    /// Returns the prefix of the Alation shell, as text for `sh`.
    pub fn shell_prefix(&self) -> String {
        match (&self.shell, self.shell_mode) {
            (Some(prefix), _) => prefix.clone(),
            (None, ShellMode::Stdin) => self.as_root(&format!("{} shell", self.init)),
            (None, ShellMode::Argument) => {
                let root = quote_if_needed(&self.path("alation"));
                let user = quote_if_needed(&self.shell_user);
                self.as_root(&format!("chroot {root} /bin/su - {user} -c"))
            }
        }
    }

    /// Returns text for `sh` that runs a command line as root.
    pub fn as_root(&self, line: &str) -> String {
        format!("{} {line}", self.sudo).trim_start().to_owned()
    }

    /// Returns a path below the root folder.
    pub fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.root.trim_end_matches('/'))
    }

    /// Returns the shipped table of releases with the operator's entries above it.
    pub fn builds(&self) -> Result<ReleaseBuilds, Failure> {
        ReleaseBuilds::with(self.release_builds.as_ref())
    }

    /// Returns whether the operator asks for a new start of a module whose last end is unknown.
    pub fn wants_again(&self, module: &str) -> bool {
        names(self.again.as_deref(), module)
    }

    /// Returns whether the operator asks to end what still runs of a module.
    pub fn wants_end(&self, module: &str) -> bool {
        names(self.end.as_deref(), module)
    }
}

fn names(list: Option<&[String]>, module: &str) -> bool {
    let short = module.strip_prefix("alation.").unwrap_or(module);
    list.unwrap_or_default().iter().any(|name| name == module || name == short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: Value) -> Settings {
        Settings::parse(arguments.as_object().unwrap()).unwrap()
    }

    #[test]
    fn the_default_enters_the_chroot_without_a_terminal() {
        let prefix = settings(json!({})).shell_prefix();
        assert_eq!(prefix, "sudo -n chroot /opt/alation/alation /bin/su - alationadmin -c");
    }

    #[test]
    fn a_root_user_needs_no_sudo() {
        let prefix = settings(json!({ "sudo": "", "root": "/srv/my alation/" })).shell_prefix();
        assert_eq!(prefix, "chroot '/srv/my alation/alation' /bin/su - alationadmin -c");
    }

    #[test]
    fn the_documented_shell_takes_its_commands_on_stdin() {
        let prefix = settings(json!({ "shell_mode": "stdin" })).shell_prefix();
        assert_eq!(prefix, "sudo -n /etc/init.d/alation shell");
    }

    #[test]
    fn a_module_is_named_with_or_without_its_collection() {
        let settings = settings(json!({ "again": ["kvstore_copy"] }));
        assert!(settings.wants_again("alation.kvstore_copy"));
        assert!(!settings.wants_again("alation.update"));
    }
}
