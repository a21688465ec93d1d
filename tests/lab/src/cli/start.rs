use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{CliError, serving};
use crate::lab::{BackupTool, Lab, Layout, Options, Preset, ShellForm};
use crate::output::say;
use crate::sim::{Build, FaultSpec, Release};

#[derive(Args)]
pub struct Start {
    /// The lab's folder.
    dir: PathBuf,
    /// What kind of hosts [default: ha-pair].
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// The hosts' names [default: primary,secondary].
    #[arg(long, value_delimiter = ',')]
    hosts: Vec<String>,
    /// The release that is installed [default: 2021.3].
    #[arg(long)]
    from: Option<Release>,
    /// Its build, for releases of which the lab knows none.
    #[arg(long)]
    from_build: Option<Build>,
    /// The release of the update package [default: 2021.4].
    #[arg(long)]
    to: Option<Release>,
    /// Its build.
    #[arg(long)]
    to_build: Option<Build>,
    /// Real seconds for each simulated second [default: 0.0007, eight hours in 20 seconds].
    #[arg(long)]
    scale: Option<f64>,
    /// A fault that is on from the start, NAME[=VALUE][@HOST]; may be given again.
    #[arg(long)]
    fault: Vec<FaultSpec>,
    /// Makes sudo ask for this password.
    #[arg(long)]
    sudo_password: Option<String>,
    /// How the init script's shell takes commands [default: stdin].
    #[arg(long, value_enum)]
    shell_form: Option<ShellForm>,
    /// The backup tool that the pair uses before the update [default: v2].
    #[arg(long, value_enum)]
    backup_tool: Option<BackupTool>,
    /// Length of the update package's payload in bytes [default: 1 MiB].
    #[arg(long)]
    package_payload: Option<u64>,
    /// Serves in this process until it is told to end (TERM or INT).
    #[arg(long)]
    foreground: bool,
}

impl Start {
    pub fn run(self) -> Result<ExitCode, CliError> {
        let layout =
            self.dir.canonicalize().ok().map(Layout::new).filter(|layout| layout.settings().exists());
        if let Some(layout) = &layout {
            if let Some(option) = self.making_option() {
                return Err(CliError::HasLab { dir: self.dir, option });
            }
            if let Some(process) = serving::served_by(layout) {
                return Err(CliError::Served { dir: self.dir, pid: process.pid });
            }
        }
        if self.foreground { self.serve(layout.is_some()) } else { serving::start_in_background(&self.dir) }
    }

    /// The first given option that only makes sense for a new lab.
    fn making_option(&self) -> Option<&'static str> {
        let given = [
            ("preset", self.preset.is_some()),
            ("hosts", !self.hosts.is_empty()),
            ("from", self.from.is_some()),
            ("from-build", self.from_build.is_some()),
            ("to", self.to.is_some()),
            ("to-build", self.to_build.is_some()),
            ("scale", self.scale.is_some()),
            ("fault", !self.fault.is_empty()),
            ("sudo-password", self.sudo_password.is_some()),
            ("shell-form", self.shell_form.is_some()),
            ("backup-tool", self.backup_tool.is_some()),
            ("package-payload", self.package_payload.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    fn serve(self, exists: bool) -> Result<ExitCode, CliError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|source| CliError::System { what: "start the runtime", source })?;
        runtime.block_on(async {
            let dir = self.dir.clone();
            let lab = if exists { Lab::resume(&dir).await? } else { Lab::start(self.options()).await? };
            serving::mark(lab.layout())?;
            say(&format!("ready {}", lab.inventory_path().display()));
            let ended = serving::wait_for_end().await;
            serving::unmark(lab.layout());
            lab.stop().await;
            ended
        })?;
        // Tasks of sessions that are still open must not hold up the end.
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    fn options(self) -> Options {
        let mut options = match self.preset {
            Some(Preset::Plain) => Options::plain(self.dir, ["a", "b", "c"]),
            Some(Preset::HaPair) | None => Options::ha_pair(self.dir),
        };
        if !self.hosts.is_empty() {
            options.hosts = self.hosts;
        }
        options.from = self.from.unwrap_or(options.from);
        options.from_build = self.from_build;
        options.to = self.to.unwrap_or(options.to);
        options.to_build = self.to_build;
        options.scale = self.scale.unwrap_or(options.scale);
        options.faults = self.fault;
        options.sudo_password = self.sudo_password;
        options.shell_form = self.shell_form.unwrap_or(options.shell_form);
        options.backup_tool = self.backup_tool.unwrap_or(options.backup_tool);
        options.package_payload = self.package_payload.unwrap_or(options.package_payload);
        options
    }
}
