//! Making it happen: takes playbooks through their hosts.
//!
//! [`engine::run`](run) goes play by play, a [`batch`] owns the state of its hosts, a [`step`] is one task on one
//! host, and a `HostSide` answers what a plugin asks of that host. Nothing here prints: everything is an event.

mod action;
mod ahead;
mod background;
mod batch;
mod cursor;
mod engine;
mod events;
mod fact_cache;
mod flags;
mod handlers;
mod host_run;
mod host_side;
mod hosts;
mod job_id;
mod lock;
mod magic;
mod memory;
mod mistake;
mod operator;
mod options;
mod performed;
mod plan;
mod play_context;
mod play_run;
mod precheck;
mod recorded;
mod search;
mod settings;
mod state_change;
mod step;
mod stop;
mod strategy;
mod tags;
mod task_digest;
mod task_scope;
#[cfg(test)]
mod testing;
mod threads;
mod under_way;
mod vars_files;
mod world;

pub use action::{arguments_of as action_arguments, names as action_names};
pub use background::{Background, Owner};
pub use engine::{Excluded, NotBegun, Summary, run};
pub use events::{Events, now};
pub use fact_cache::FactCache;
pub use hosts::{Hosts, Mismatch, Sources};
pub use job_id::key_of as job_key_of;
pub use lock::{
    Holder, Kept, Life, LockProblem, LockWhy, Locks, Machine, look as look_at_lock, release as release_lock,
};
pub use magic::LANGUAGE;
pub use memory::Memory;
pub use mistake::Mistake;
pub use operator::{ApprovalRequest, Nobody, Operator, Word};
pub use options::{Approvals, Assumed, Assumptions, ConnectionDefaults, Defaults, Gathering, Options};
pub use plan::{Open, OpenKind, Plan, PlannedConfirmation, PlannedStep, plan};
pub use play_run::title as play_title;
pub use precheck::precheck;
pub use step::{ConnectionPlan, plan_of};
pub use stop::StopPoint;
pub use tags::Tags;
pub use threads::Threads;
pub use under_way::{JobAt, UnderWayStep};
pub use world::{RunState, World};
