//! Simulated hosts behind real SSH servers, with a simulated product whose mistakes can be seen.
//!
//! A [`Lab`] is a folder and a process that serves it. Each host is a folder with its own commands, home, host
//! key, persisted state and event log; commands are real processes. See the crate's `README.md` for what is
//! simulated, and how sure that is.

pub mod applet;
pub mod cli;
mod lab;
mod output;
mod server;
pub mod sim;

pub use lab::{
    BackupTool, HostEntry, HostLayout, Lab, LabError, Layout, Options, Preset, Settings, ShellForm,
};
pub use sim::{
    Event, Expectation, Fault, FaultSpec, HostState, Kind, Member, Mode, Phase, Product, Release, World,
    problems,
};
