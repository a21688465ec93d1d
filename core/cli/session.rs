use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_inventory::Files;
use switchover_syntax::{Diagnostic, DuplicateKeys, Text};
use switchover_values::vault::{self, VaultSecrets};

use crate::config::Config;
use crate::options::VaultArgs;
use crate::passwords::{self, Purpose};
use crate::problems;
use crate::setup;
use crate::voice::Voice;

/// What every command needs first: the configuration, the passwords of vaults, and in whose voice to speak.
pub struct Session {
    pub config: Config,
    pub vault: VaultSecrets,
    pub voice: Voice,
}

impl Session {
    /// Reads the configuration, then asks for the passwords that it and the options name.
    pub fn open(arguments: &VaultArgs, verbose: u8) -> Result<Self, Vec<Diagnostic>> {
        let config = Config::load()?;
        let voice = Voice::of(&config);
        duplicate_keys(&config).choose();
        begin_log(&config, voice);
        // Ansible does not tell of such keys; whoever compares its output hears of them with `-vvv`.
        if voice == Voice::Ours || verbose > 2 {
            config.warnings.iter().for_each(|text| problems::warn(text));
        }
        let vault = passwords::vault_secrets(arguments, &config, Purpose::Known, false)?;
        Ok(Self { config, vault, voice })
    }

    /// Returns what reads files and decrypts those that are encrypted.
    pub fn files(&self) -> Decrypting {
        Decrypting { secrets: Arc::new(self.vault.clone()) }
    }
}

/// Writes what is printed into the file that the configuration names, too.
fn begin_log(config: &Config, voice: Voice) {
    let Some(path) = config.path("DEFAULT_LOG_PATH") else { return };
    let tool = if voice == Voice::Ansible { "ansible" } else { "switchover" };
    if let Err(error) = switchover_report::log_to(&path, &setup::user(), tool) {
        problems::warn(&match voice {
            Voice::Ansible => {
                format!(
                    "log file at '{}' is not writeable and we cannot create it, aborting\n",
                    path.display()
                )
            }
            Voice::Ours => format!("the log file {} cannot be written: {error}", path.display()),
        });
    }
}

/// Reads files of the controller; one that is encrypted as a whole is decrypted.
#[derive(Clone)]
pub struct Decrypting {
    secrets: Arc<VaultSecrets>,
}

impl Decrypting {
    /// Returns the text of a file, marked when it was encrypted.
    pub fn read(&self, path: &Path) -> std::io::Result<Text> {
        let text = std::fs::read_to_string(path)?;
        if !text.starts_with("$ANSIBLE_VAULT;") {
            return Ok(text.into());
        }
        let plain = vault::decrypt(&text, &self.secrets).map_err(std::io::Error::other)?;
        String::from_utf8(plain).map(Text::sealed).map_err(std::io::Error::other)
    }
}

impl Files for Decrypting {
    fn text(&self, path: &Path) -> Result<Text, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.read(path)?)
    }
}

/// Returns the folder whose `group_vars` and `host_vars` count beside the inventory.
pub fn beside(playbook: Option<&PathBuf>) -> Option<PathBuf> {
    let folder = playbook?.parent()?;
    Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() })
}

fn duplicate_keys(config: &Config) -> DuplicateKeys {
    match config.text("DUPLICATE_YAML_DICT_KEY").as_deref() {
        Some("ignore") => DuplicateKeys::Ignore,
        Some("error") => DuplicateKeys::Refuse,
        _ => DuplicateKeys::Warn,
    }
}
