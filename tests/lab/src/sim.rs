//! The state machine of the simulated product: pure functions over a [`World`], kept on disk by a [`Store`].

mod action;
mod backup;
mod check;
mod cluster;
mod conf;
mod copy;
mod dataset;
mod event;
mod fault;
mod host;
mod human;
mod monitor;
mod package;
mod process;
mod product;
mod release;
mod store;
mod update;
mod world;

pub use action::{Action, Line, Refusal};
pub use check::{Expectation, problems};
pub use conf::ConfError;
pub use dataset::{Dataset, Datasets, Kind};
pub use event::{Event, Phase};
pub use fault::{Fault, FaultError, FaultSpec};
pub use host::{HostState, Loss, Member, Process, Running, Twice};
pub use human::HumanAct;
pub use package::{Package, PackageError};
pub use process::this_process;
pub use product::{Disk, Disks, Mode, Product, Replication, Update};
pub use release::{Build, Release, VersionError};
pub use store::{Store, StoreError, now};
pub use world::World;

#[cfg(test)]
mod tests;
