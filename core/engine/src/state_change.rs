mod meta;

use std::path::PathBuf;
use std::sync::Arc;

use switchover_model::RoleFrom;
use switchover_protocol::Map;
use switchover_syntax::Mapping;
use switchover_values::VarMap;

pub use meta::Meta;

/// What a task asks of the engine itself. Only the dispatcher carries these out, in the order of the hosts.
#[derive(Clone, Debug)]
pub enum StateChange {
    /// Facts about the host.
    Facts(Map),
    /// Variables of `set_fact`.
    Set {
        vars: VarMap,
        cacheable: bool,
    },
    /// Variables of `include_vars`.
    IncludeVars {
        vars: VarMap,
        /// The files that the author's text came from; none when the variables are data.
        files: Vec<PathBuf>,
        /// The one variable that all of them are in.
        name: Option<String>,
    },
    /// A new host, or a known one in new groups.
    AddHost {
        name: String,
        groups: Vec<String>,
        vars: Map,
    },
    /// This host goes into a group, which goes into its parents.
    GroupBy {
        group: String,
        parents: Vec<String>,
    },
    /// Tasks to run next on this host.
    Include(Include),
    Meta(Meta),
}

/// An include that was decided on a host.
#[derive(Clone, Debug)]
pub struct Include {
    pub what: Included,
    /// Loop variables that the included tasks see.
    pub vars: Arc<VarMap>,
    /// The loop item, as people read it.
    pub label: Option<String>,
    pub apply: Option<Arc<Mapping>>,
}

/// What is included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Included {
    Tasks(PathBuf),
    Role { name: String, from: RoleFrom, public: bool, allow_duplicates: bool },
}
