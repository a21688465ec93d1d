use serde::{Deserialize, Serialize};

/// `meta:` actions that change the course of a host or a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meta {
    FlushHandlers,
    ClearFacts,
    ClearHostErrors,
    EndHost,
    EndRole,
    EndBatch,
    EndPlay,
    RefreshInventory,
    ResetConnection,
    Noop,
}

impl Meta {
    /// Returns whether `when` decides it: Ansible does these always, and warns.
    pub fn heeds_conditions(self) -> bool {
        !matches!(self, Self::Noop | Self::RefreshInventory | Self::ResetConnection)
    }

    /// Returns what happened, in Ansible's words.
    pub fn done(self, host: &str) -> String {
        match self {
            Self::FlushHandlers => format!("triggered running handlers for {host}"),
            Self::ClearFacts => "facts cleared".to_owned(),
            Self::ClearHostErrors => "cleared host errors".to_owned(),
            Self::EndHost => format!("ending play for {host}"),
            Self::EndRole => format!("ending role for {host}"),
            Self::EndBatch => "ending batch".to_owned(),
            Self::EndPlay => "ending play".to_owned(),
            Self::RefreshInventory => "inventory successfully refreshed".to_owned(),
            Self::ResetConnection => "reset connection".to_owned(),
            Self::Noop => "noop".to_owned(),
        }
    }

    /// Returns what does not happen since a condition did not hold, in Ansible's words.
    pub fn not_done(self, host: &str) -> String {
        let (word, what) = match self {
            Self::FlushHandlers => ("flush_handlers", format!("not running handlers for {host}")),
            Self::ClearFacts => ("clear_facts", format!("not clearing facts and fact cache for {host}")),
            Self::ClearHostErrors => {
                ("clear_host_errors", format!("not clearing host error state for {host}"))
            }
            Self::EndHost => ("end_host", format!("continuing execution for {host}")),
            Self::EndRole => ("end_role", format!("continuing role for {host}")),
            Self::EndBatch => ("end_batch", "continuing current batch".to_owned()),
            Self::EndPlay => ("end_play", "continuing play".to_owned()),
            Self::RefreshInventory | Self::ResetConnection | Self::Noop => return String::new(),
        };
        format!("{word} conditional evaluated to False, {what}")
    }
}
