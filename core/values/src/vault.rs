//! Ansible's vault, formats 1.1 and 1.2: AES-256 in counter mode, checked by HMAC-SHA256, keys by PBKDF2.

mod cipher;
mod envelope;

pub use cipher::{Opened, decrypt, encrypt, encrypt_with_salt, open};
pub use envelope::is_encrypted;

/// Why a vault text cannot be decrypted or made.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the text does not begin with $ANSIBLE_VAULT")]
    NoHeader,
    #[error("the vault header '{header}' is not supported; versions 1.1 and 1.2 with AES256 are")]
    Header { header: String },
    #[error("the encrypted text is damaged")]
    Damaged,
    #[error("there is no vault password")]
    NoPassword,
    #[error("none of the vault passwords fits{}", .id.as_ref().map(|id| format!(" (vault id '{id}')")).unwrap_or_default())]
    WrongPassword { id: Option<String> },
    #[error("a salt cannot be made")]
    Salt { source: getrandom::Error },
}

/// Vault passwords by their id, in the order in which they are tried.
#[derive(Clone, Default)]
pub struct VaultSecrets {
    secrets: Vec<(String, Vec<u8>)>,
    /// Refuse passwords of other ids than the text names (`ANSIBLE_VAULT_ID_MATCH`).
    pub match_id: bool,
}

impl std::fmt::Debug for VaultSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.ids().collect();
        f.debug_struct("VaultSecrets").field("ids", &ids).finish_non_exhaustive()
    }
}

impl VaultSecrets {
    /// Adds a password; white space at its ends is no part of it, as in Ansible's password files.
    pub fn add(&mut self, id: &str, password: &[u8]) {
        self.secrets.push((id.to_string(), password.trim_ascii().to_vec()));
    }

    /// Returns whether there are no passwords.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Returns the ids in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|(id, _)| id.as_str())
    }

    /// Returns the password of an id.
    pub fn get(&self, id: &str) -> Option<&[u8]> {
        self.secrets.iter().find(|(other, _)| other == id).map(|(_, password)| password.as_slice())
    }

    /// Returns the passwords to try for a text, those of its own id first.
    fn candidates<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a [u8]> {
        let own = self.secrets.iter().filter(move |(other, _)| id.is_some_and(|id| id == other));
        let others = self.secrets.iter().filter(move |(other, _)| match id {
            Some(id) => !self.match_id && id != other,
            None => true,
        });
        own.chain(others).map(|(_, password)| password.as_slice())
    }
}
