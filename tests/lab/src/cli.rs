//! The command line of the lab.

mod check;
mod events;
mod fault;
mod package;
mod serving;
mod start;
mod status;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::lab::{LabError, Layout};
use crate::output::{complain, with_causes};
use crate::sim::{HumanAct, PackageError, Store, StoreError, VersionError};

/// Simulated hosts behind real SSH servers.
#[derive(Parser)]
#[command(name = "switchover-lab", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a lab in a folder, or wakes the one that is there, and serves it.
    Start(Box<start::Start>),
    /// Ends the serving process of a lab, and all processes of its hosts.
    Stop { dir: PathBuf },
    /// Shows the state of each host.
    Status { dir: PathBuf },
    /// Compares a lab with an expectation: exit code 0 when all is so, else 1.
    Check(check::Check),
    /// Shows what was run on the hosts, in order.
    Events(events::Events),
    /// Turns a fault on or off, or lists the faults.
    Fault(fault::Change),
    /// Does at once what an administrator does in the web interface.
    Act { dir: PathBuf, host: String, act: HumanAct },
    /// Writes an update package.
    Package(package::Make),
}

/// Why a command of the lab failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(transparent)]
    Version(#[from] VersionError),
    #[error("{} holds a lab already: start it without --{option}, or remove the folder", dir.display())]
    HasLab { dir: PathBuf, option: &'static str },
    #[error("the lab in {} is being served by process {pid}", dir.display())]
    Served { dir: PathBuf, pid: u32 },
    #[error("the lab in {} is not being served", dir.display())]
    NotServed { dir: PathBuf },
    #[error("the lab did not start; see {}", log.display())]
    DidNotStart { log: PathBuf },
    #[error("failed to {what}")]
    System { what: &'static str, source: std::io::Error },
    #[error("the build of this release is not known: give --build")]
    Build,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Start(start) => start.run(),
        Command::Stop { dir } => serving::stop(&dir),
        Command::Status { dir } => status::run(&dir),
        Command::Check(check) => check.run(),
        Command::Events(events) => events.run(),
        Command::Fault(change) => change.run(),
        Command::Act { dir, host, act } => act_on(&dir, &host, act),
        Command::Package(make) => make.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("switchover-lab: {}", with_causes(&error)));
            ExitCode::from(2)
        }
    }
}

fn act_on(dir: &std::path::Path, host: &str, act: HumanAct) -> Result<ExitCode, CliError> {
    open(dir)?.change(|world| world.act(host, act))?;
    Ok(ExitCode::SUCCESS)
}

fn layout(dir: &std::path::Path) -> Result<Layout, CliError> {
    let dir = dir.canonicalize().map_err(|_| LabError::Missing { dir: dir.to_owned() })?;
    let layout = Layout::new(&dir);
    if layout.settings().exists() { Ok(layout) } else { Err(LabError::Missing { dir }.into()) }
}

fn open(dir: &std::path::Path) -> Result<Store, CliError> {
    Ok(Store::open(layout(dir)?)?)
}
