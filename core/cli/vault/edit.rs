use std::io::{IsTerminal as _, Seek as _, Write as _};
use std::path::Path;
use std::process::Command;

use super::files::{open, read, write};
use super::keys::{self, Key, choose};
use super::{EditArgs, Wrong, wrong};
use crate::config::{Config, expanded};
use crate::problems::general;

/// Makes an encrypted file of what the editor gives.
pub fn create(arguments: &EditArgs, config: &Config) -> Result<(), Wrong> {
    let [file] = arguments.files.as_slice() else {
        return super::misused("ansible-vault create can take only one filename argument");
    };
    if !std::io::stdout().is_terminal() && !arguments.skip_tty_check {
        return wrong("not a tty, editor cannot be opened; `--skip-tty-check` opens it anyway");
    }
    let key = keys::for_encryption(&arguments.vault, arguments.encrypt_vault_id.as_ref(), config)?;
    if expanded(file).exists() {
        return wrong(format!("{file} exists, please use 'edit' instead"));
    }
    let plain = in_editor(b"", Path::new(file), config)?;
    write(file, key.encrypt(&plain, config)?.as_bytes())
}

/// Changes encrypted files; one that was not changed is left as it is.
pub fn edit(arguments: &EditArgs, config: &Config) -> Result<(), Wrong> {
    let secrets = keys::known(&arguments.vault, config)?;
    for file in &arguments.files {
        let opened = open(&read(file)?, &secrets, file)?;
        let plain = in_editor(&opened.plain, Path::new(file), config)?;
        let key = match &arguments.encrypt_vault_id {
            Some(wanted) => choose(&secrets, Some(wanted))?,
            None => Key { label: opened.id.clone(), password: opened.password.clone() },
        };
        if plain != opened.plain || arguments.encrypt_vault_id.is_some() {
            write(file, key.encrypt(&plain, config)?.as_bytes())?;
        }
    }
    Ok(())
}

/// Returns what the editor makes of a text. The file it works on is its owner's only, and is overwritten after.
fn in_editor(text: &[u8], name: &Path, config: &Config) -> Result<Vec<u8>, Wrong> {
    let failed = |error: std::io::Error| vec![general("vault::failed", format!("cannot edit: {error}"))];
    let folder = tempfile::tempdir().map_err(failed)?;
    let ending = name.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    let path = folder.path().join(format!("vault{ending}"));
    let done =
        write_private(&path, text).and_then(|()| start(&path, config)).and_then(|()| std::fs::read(&path));
    let shredded = shred(&path);
    let plain = done.map_err(failed)?;
    shredded.map_err(failed)?;
    Ok(plain)
}

fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)?.write_all(text)
}

fn start(path: &Path, config: &Config) -> std::io::Result<()> {
    let editor = config.text("EDITOR").unwrap_or_else(|| "vi".to_owned());
    // The setting is a command with its options, as a shell would read it.
    let status = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(path).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(format!("`{editor}` ended with {status}")))
    }
}

/// Overwrites a file before its folder goes; the file may have been replaced by the editor.
fn shred(path: &Path) -> std::io::Result<()> {
    let mut file = match std::fs::OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let length = file.metadata()?.len() as usize;
    for byte in [0xff, 0x00] {
        file.rewind()?;
        file.write_all(&vec![byte; length])?;
        file.sync_all()?;
    }
    std::fs::remove_file(path)
}
