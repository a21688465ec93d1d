use std::path::PathBuf;
use std::sync::Arc;

use crate::{Redactor, TemplateError};

/// What does not change during a run and templates need to know.
#[derive(Default)]
pub struct Settings {
    /// Passwords for vault texts.
    pub vault: crate::vault::VaultSecrets,
    /// Where decrypted values and passwords are made known, so that no output shows them.
    pub redactor: Option<Arc<Redactor>>,
    /// Conditions may be anything that is true or false, as before ansible-core 2.19
    /// (its setting `ALLOW_BROKEN_CONDITIONALS`).
    pub allow_broken_conditionals: bool,
    /// Dictionaries of several places are merged, in place of the strongest one counting (`hash_behaviour = merge`).
    pub merge_hashes: bool,
    /// The folder for relative paths of lookups when the variables name none; usually that of the playbook.
    pub base: PathBuf,
    /// Settings that `lookup('config', ...)` may read, by their names in upper case.
    pub config: Vec<(String, minijinja::Value)>,
}

impl Settings {
    /// Decrypts a vault text that stands for a string.
    pub(crate) fn decrypt(&self, text: &str) -> Result<String, TemplateError> {
        let plain = crate::vault::decrypt(text, &self.vault)
            .map_err(|error| TemplateError::failed(format!("a vault value cannot be decrypted: {error}")))?;
        let plain = String::from_utf8(plain)
            .map_err(|_| TemplateError::failed("a vault value is not text (UTF-8)"))?;
        if let Some(redactor) = &self.redactor {
            redactor.add(&plain);
        }
        Ok(plain)
    }
}
