use std::path::{Path, PathBuf};

use super::settings::{BackupTool, Preset, ShellForm};
use crate::sim::{Build, FaultSpec, Release};

/// How to make a lab.
#[derive(Clone, Debug)]
pub struct Options {
    /// The lab's folder; it is made when missing.
    pub dir: PathBuf,
    pub preset: Preset,
    /// The hosts' names; a pair is the primary and the secondary, in this order.
    pub hosts: Vec<String>,
    pub from: Release,
    /// `None` is the build that the lab knows for the release.
    pub from_build: Option<Build>,
    pub to: Release,
    pub to_build: Option<Build>,
    /// Real seconds for each simulated second: 0.0001 makes eight hours last three seconds.
    pub scale: f64,
    pub faults: Vec<FaultSpec>,
    /// The `switchover-lab` program, which plays the hosts' commands; `None` looks beside this program.
    pub multicall: Option<PathBuf>,
    pub user: String,
    pub password: String,
    pub sudo_password: Option<String>,
    pub shell_form: ShellForm,
    pub backup_tool: BackupTool,
    /// Length of the payload of the update package in bytes.
    pub package_payload: u64,
}

impl Options {
    /// A pair on 2021.3, with a package of 2021.4.
    pub fn ha_pair(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            preset: Preset::HaPair,
            hosts: vec!["primary".to_owned(), "secondary".to_owned()],
            from: Release::new(2021, 3),
            from_build: None,
            to: Release::new(2021, 4),
            to_build: None,
            scale: 0.0007,
            faults: Vec::new(),
            multicall: None,
            user: "lab".to_owned(),
            password: "lab-password".to_owned(),
            sudo_password: None,
            shell_form: ShellForm::Stdin,
            backup_tool: BackupTool::V2,
            package_payload: 1024 * 1024,
        }
    }

    /// Hosts without a product.
    pub fn plain<'a>(dir: impl Into<PathBuf>, hosts: impl IntoIterator<Item = &'a str>) -> Self {
        let hosts = hosts.into_iter().map(str::to_owned).collect();
        Self { preset: Preset::Plain, hosts, ..Self::ha_pair(dir) }
    }

    /// The program that plays the hosts' commands: the one given, this one, or one beside this one.
    pub(super) fn find_multicall(&self) -> Option<PathBuf> {
        if let Some(path) = &self.multicall {
            return path.exists().then(|| path.clone());
        }
        let this = std::env::current_exe().ok()?;
        let is_lab = |path: &Path| path.file_name().is_some_and(|name| name == "switchover-lab");
        if is_lab(&this) {
            return Some(this);
        }
        // Tests run from `target/debug/deps`, one folder below the programs.
        this.ancestors()
            .skip(1)
            .take(2)
            .map(|folder| folder.join("switchover-lab"))
            .find(|path| path.exists())
    }
}
