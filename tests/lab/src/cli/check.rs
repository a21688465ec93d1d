use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{CliError, open};
use crate::output::{complain, say};
use crate::sim::{Expectation, problems};

#[derive(Args)]
pub struct Check {
    /// The lab's folder.
    dir: PathBuf,
    #[arg(long, value_enum)]
    expect: Expectation,
}

impl Check {
    pub fn run(self) -> Result<ExitCode, CliError> {
        let store = open(&self.dir)?;
        let settings = store.settings();
        let target = (settings.to, settings.to_build);
        let found = problems(&store.world()?, self.expect, target, settings.from_build);
        if found.is_empty() {
            say("as expected");
            return Ok(ExitCode::SUCCESS);
        }
        for problem in found {
            complain(&problem);
        }
        Ok(ExitCode::from(1))
    }
}
