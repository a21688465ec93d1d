use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, open};
use crate::lab::set_fault;
use crate::output::say;
use crate::sim::{Fault, FaultSpec};

#[derive(Args)]
pub struct Change {
    /// The lab's folder; without a host the faults are listed.
    dir: PathBuf,
    /// The host.
    #[arg(requires = "fault")]
    host: Option<String>,
    /// The fault, NAME[=VALUE].
    #[arg(requires = "switch")]
    fault: Option<FaultSpec>,
    switch: Option<Switch>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Change {
    pub fn run(self) -> Result<ExitCode, CliError> {
        let store = open(&self.dir)?;
        let (Some(host), Some(mut spec), Some(switch)) = (self.host, self.fault, self.switch) else {
            for (_, name, what) in Fault::ALL {
                say(&format!("{name:<26} {what}"));
            }
            return Ok(ExitCode::SUCCESS);
        };
        spec.host = Some(host);
        set_fault(&store, &spec, switch == Switch::On)?;
        Ok(ExitCode::SUCCESS)
    }
}
