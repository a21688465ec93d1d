use switchover_values::vault::{self, VaultSecrets};

use super::{Wrong, misused, wrong};
use crate::config::Config;
use crate::options::VaultArgs;
use crate::passwords::{self, Purpose};

/// A password to encrypt with, and the label that the text will bear.
pub struct Key {
    pub label: Option<String>,
    pub password: Vec<u8>,
}

impl Key {
    /// Returns the key of a label; the default one leaves no label in the text.
    pub fn new(label: &str, password: &[u8]) -> Self {
        let label = (label != "default").then(|| label.to_owned());
        Self { label, password: password.to_vec() }
    }

    /// Encrypts bytes.
    pub fn encrypt(&self, plain: &[u8], config: &Config) -> Result<String, Wrong> {
        let label = self.label.as_deref();
        let text = match config.text("VAULT_ENCRYPT_SALT") {
            Some(salt) => vault::encrypt_with_salt(plain, &self.password, label, salt.as_bytes()),
            None => vault::encrypt(plain, &self.password, label),
        };
        text.or_else(|error| wrong(error.to_string()))
    }
}

/// Returns the passwords that may open a file.
pub fn known(arguments: &VaultArgs, config: &Config) -> Result<VaultSecrets, Wrong> {
    passwords::vault_secrets(arguments, config, Purpose::Known, true)
}

/// Returns the password to encrypt with: the one of the label that is asked for, or the only one there is.
pub fn for_encryption(arguments: &VaultArgs, wanted: Option<&String>, config: &Config) -> Result<Key, Wrong> {
    let secrets = passwords::vault_secrets(arguments, config, Purpose::New, true)?;
    choose(&secrets, wanted.cloned().or_else(|| config.text("DEFAULT_VAULT_ENCRYPT_IDENTITY")).as_deref())
}

/// Returns the password of a label among others.
pub fn choose(secrets: &VaultSecrets, wanted: Option<&str>) -> Result<Key, Wrong> {
    let labels: Vec<&str> = secrets.ids().collect();
    let label = match (wanted, labels.as_slice()) {
        (Some(wanted), _) => wanted,
        (None, [only]) => only,
        (None, several) => {
            return misused(format!(
                "The vault-ids {} are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id",
                several.join(",")
            ));
        }
    };
    match secrets.get(label) {
        Some(password) => Ok(Key::new(label, password)),
        None => misused(format!(
            "Did not find a match for --encrypt-vault-id={label} in the known vault-ids [{}]",
            labels.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ")
        )),
    }
}
