use std::error::Error;
use std::path::Path;

use switchover_syntax::Text;

/// How files are read, so that a caller who knows the passwords can decrypt those that are encrypted.
pub trait Files {
    /// Returns the text of a file, decrypted when it is a vault.
    fn text(&self, path: &Path) -> Result<Text, Box<dyn Error + Send + Sync>>;
}

/// Reads files as they are and refuses vaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainFiles;

impl Files for PlainFiles {
    fn text(&self, path: &Path) -> Result<Text, Box<dyn Error + Send + Sync>> {
        let text = std::fs::read_to_string(path)?;
        if text.starts_with("$ANSIBLE_VAULT;") {
            return Err("the file is encrypted and there is no vault password".into());
        }
        Ok(text.into())
    }
}
