use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::sim::{Build, Release};

/// What kind of hosts a lab has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// A primary and a secondary with the simulated product.
    HaPair,
    /// Hosts without a product.
    Plain,
}

/// How the product's shell takes a command; the documents prove only the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ShellForm {
    /// It reads commands from its stdin, and ignores words after `shell`.
    Stdin,
    /// It runs the words after `shell`.
    Argument,
}

/// Which backup tool the pair used before the update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum BackupTool {
    V1,
    V2,
}

/// What a lab was made with; kept in `lab.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub preset: Preset,
    pub hosts: Vec<HostEntry>,
    pub from: Release,
    pub from_build: Build,
    pub to: Release,
    pub to_build: Build,
    /// Real seconds for each simulated second.
    pub scale: f64,
    /// Unix time at which the simulated clock began, in seconds.
    pub epoch: f64,
    /// The one account that can log in.
    pub user: String,
    pub password: String,
    /// When set, the simulated sudo asks for it.
    pub sudo_password: Option<String>,
    pub shell_form: ShellForm,
    pub backup_tool: BackupTool,
}

/// A host's name and where it listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostEntry {
    pub name: String,
    /// An address of the loopback network.
    pub address: String,
    pub ssh_port: u16,
    pub monitor_port: u16,
}

impl Settings {
    /// Reads the settings of an existing lab.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    /// Writes the settings.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        fs::write(path, serde_json::to_vec_pretty(self)?)
    }
}
