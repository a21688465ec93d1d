use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use switchover_values::vault::{self, Opened, VaultSecrets};

use super::keys::{self, Key};
use super::{EncryptArgs, FilesArgs, RekeyArgs, ViewArgs, Wrong, misused, told, wrong};
use crate::config::{Config, expanded};
use crate::passwords::{self, Purpose};

/// Encrypts files in place, or one to another place.
pub fn encrypt(arguments: &EncryptArgs, config: &Config) -> Result<(), Wrong> {
    let key = keys::for_encryption(&arguments.files.vault, arguments.encrypt_vault_id.as_ref(), config)?;
    each(&arguments.files, |plain| {
        if vault::is_encrypted(&String::from_utf8_lossy(&plain)) {
            return wrong("input is already encrypted");
        }
        Ok(key.encrypt(&plain, config)?.into_bytes())
    })?;
    told("Encryption successful");
    Ok(())
}

/// Decrypts files in place, or one to another place.
pub fn decrypt(arguments: &FilesArgs, config: &Config) -> Result<(), Wrong> {
    let secrets = keys::known(&arguments.vault, config)?;
    each(arguments, |text| Ok(open(&text, &secrets, "input")?.plain))?;
    told("Decryption successful");
    Ok(())
}

/// Prints what files hold.
pub fn view(arguments: &ViewArgs, config: &Config) -> Result<(), Wrong> {
    let secrets = keys::known(&arguments.vault, config)?;
    for file in &arguments.files {
        write("-", &open(&read(file)?, &secrets, file)?.plain)?;
    }
    Ok(())
}

/// Decrypts files with the old password and encrypts them with the new one.
pub fn rekey(arguments: &RekeyArgs, config: &Config) -> Result<(), Wrong> {
    let secrets = keys::known(&arguments.vault, config)?;
    let key = new_key(arguments)?;
    for file in &arguments.files {
        let opened = open(&read(file)?, &secrets, file)?;
        write(file, key.encrypt(&opened.plain, config)?.as_bytes())?;
    }
    told("Rekey successful");
    Ok(())
}

fn new_key(arguments: &RekeyArgs) -> Result<Key, Wrong> {
    let named = arguments.new_vault_id.clone().or_else(|| {
        let label = arguments.encrypt_vault_id.as_deref().unwrap_or("default");
        arguments.new_vault_password_file.as_ref().map(|file| format!("{label}@{file}"))
    });
    let id = named.unwrap_or_else(|| "default@prompt_ask_vault_pass".to_owned());
    let (label, source) = passwords::split(&id, "default");
    let password = passwords::one(&label, &source, Purpose::New).or_else(wrong)?;
    if arguments.encrypt_vault_id.as_ref().is_some_and(|wanted| *wanted != label) {
        return misused(format!("--encrypt-vault-id names another vault-id than the new one, `{label}`"));
    }
    Ok(Key::new(&label, password.as_bytes()))
}

fn each(arguments: &FilesArgs, change: impl Fn(Vec<u8>) -> Result<Vec<u8>, Wrong>) -> Result<(), Wrong> {
    if arguments.output.is_some() && arguments.files.len() > 1 {
        return misused("The --output option can be used only with a single input file");
    }
    let standard = ["-".to_owned()];
    let files = if arguments.files.is_empty() { &standard[..] } else { &arguments.files };
    for file in files {
        let changed = change(read(file)?)?;
        write(arguments.output.as_ref().unwrap_or(file), &changed)?;
    }
    Ok(())
}

/// Decrypts a text, and tells with which password.
pub fn open(text: &[u8], secrets: &VaultSecrets, name: &str) -> Result<Opened, Wrong> {
    let Ok(text) = std::str::from_utf8(text) else {
        return wrong(format!("{name} is not a vault encrypted file"));
    };
    if !vault::is_encrypted(text) {
        return wrong(format!("{name} is not vault encrypted data"));
    }
    vault::open(text, secrets)
        .or_else(|error| wrong(format!("Decryption failed: {error}. Error occurred while decrypting {name}")))
}

/// Reads a file; `-` is standard input.
pub fn read(file: &str) -> Result<Vec<u8>, Wrong> {
    let mut content = Vec::new();
    let done = match file {
        "-" => std::io::stdin().lock().read_to_end(&mut content).map(drop),
        file => std::fs::read(expanded(file)).map(|bytes| content = bytes),
    };
    match done {
        Ok(()) => Ok(content),
        Err(error) => wrong(format!("cannot read {file}: {error}")),
    }
}

/// Writes a file at once or not at all, for its owner only unless it was there with other rights; `-` is standard output.
pub fn write(file: &str, content: &[u8]) -> Result<(), Wrong> {
    let done = match file {
        "-" => {
            let mut to = std::io::stdout().lock();
            to.write_all(content).and_then(|()| to.flush())
        }
        file => replace(&expanded(file), content),
    };
    done.or_else(|error| wrong(format!("cannot write {file}: {error}")))
}

fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    // A link stays one: what it points to is written.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let known = path.metadata();
    if known.as_ref().is_ok_and(|meta| !meta.is_file()) {
        return std::fs::write(&path, content);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    if let Ok(meta) = known {
        use std::os::unix::fs::MetadataExt as _;
        // Only root may give files away; for others the file is theirs already.
        drop(chown(file.path(), Some(meta.uid()), Some(meta.gid())));
        file.as_file().set_permissions(std::fs::Permissions::from_mode(meta.mode() & 0o7777))?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
