use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::CliError;
use crate::sim::{Build, Package, Release};

#[derive(Args)]
pub struct Make {
    #[arg(long)]
    release: Release,
    /// Needed for releases of which the lab knows no build.
    #[arg(long)]
    build: Option<Build>,
    /// Length of the payload in bytes.
    #[arg(long, default_value_t = 1024 * 1024)]
    payload: u64,
    file: PathBuf,
}

impl Make {
    pub fn run(self) -> Result<ExitCode, CliError> {
        let build = self.build.or_else(|| self.release.usual_build()).ok_or(CliError::Build)?;
        Package::create(&self.file, self.release, build, self.payload)?;
        Ok(ExitCode::SUCCESS)
    }
}
