use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{PrivateKey, PublicKey};

/// Reads a private key, or makes one with its public half beside it when there is none.
pub fn keep(path: &Path, comment: &str) -> io::Result<PrivateKey> {
    if path.exists() {
        return PrivateKey::from_openssh(fs::read(path)?).map_err(io::Error::other);
    }
    let mut seed = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    key.set_comment(comment);
    let text = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())?;
    fs::write(path.with_extension("pub"), format!("{}\n", line(key.public_key())?))?;
    Ok(key)
}

/// The key as one line, as in `authorized_keys`.
pub fn line(key: &PublicKey) -> io::Result<String> {
    key.to_openssh().map_err(io::Error::other)
}
