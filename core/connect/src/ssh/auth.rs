//! Proofs of who we are, in the order in which they are likely to be taken.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_ssh2_tokio::client::{AuthKeyboardInteractive, AuthMethod};
use russh::keys::agent::client::AgentClient;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{PublicKey, decode_secret_key};

use super::route::Hop;
use crate::Secret;

/// A proof to try, and its name for messages.
pub(super) struct Proof {
    pub label: String,
    pub method: AuthMethod,
}

/// Keys are read, and decrypted, once in a run: deriving the key of an encrypted one is slow on purpose.
#[derive(Default)]
pub(super) struct Keyring {
    keys: Mutex<Keys>,
    /// The label of what last opened a door: the next host is likely to take it, too.
    likely: Mutex<Option<String>>,
}

/// Key files by path and passphrase.
type Keys = HashMap<(PathBuf, Option<Secret>), Result<Secret, Unreadable>>;

#[derive(Clone)]
enum Unreadable {
    Encrypted,
    Other(String),
}

impl Keyring {
    /// Returns the proofs for a hop, the likeliest first. What cannot be used is told in `problems`.
    pub(super) async fn proofs(&self, hop: &Hop, problems: &mut Vec<String>) -> Vec<Proof> {
        let mut proofs = Vec::new();
        let public_keys = hop.methods.contains(&"publickey");
        let held = if public_keys { held_by_agent().await } else { Vec::new() };
        if public_keys {
            for file in &hop.keys {
                proofs.extend(self.key_proof(file, hop, &held, problems));
            }
        }
        // A password in the inventory is meant for this host; what lies about in the agent may not be.
        if let Some(password) = &hop.password {
            proofs.extend(password_proofs(hop, password));
        }
        if public_keys {
            if !held.is_empty() && !hop.identities_only {
                proofs.push(Proof { label: "ssh agent".to_owned(), method: AuthMethod::with_agent() });
            }
            for file in &hop.usual_keys {
                proofs.extend(self.key_proof(file, hop, &held, problems));
            }
        }
        if let Some(likely) = &*self.likely.lock().unwrap_or_else(PoisonError::into_inner)
            && let Some(at) = proofs.iter().position(|proof| proof.label == *likely)
        {
            let proof = proofs.remove(at);
            proofs.insert(0, proof);
        }
        proofs
    }

    pub(super) fn worked(&self, label: &str) {
        *self.likely.lock().unwrap_or_else(PoisonError::into_inner) = Some(label.to_owned());
    }

    fn key_proof(
        &self,
        file: &Path,
        hop: &Hop,
        held: &[PublicKey],
        problems: &mut Vec<String>,
    ) -> Option<Proof> {
        let label = format!("key {}", file.display());
        let public = PathBuf::from(format!("{}.pub", file.display()));
        match self.read(file, hop.passphrase.as_ref()) {
            Ok(key) => {
                let method = AuthMethod::with_key(key.reveal(), None);
                Some(Proof { label, method })
            }
            Err(_) if is_held(&public, held) => {
                let method = AuthMethod::with_public_key_file(&public);
                Some(Proof { label: format!("{label} (in the agent)"), method })
            }
            Err(Unreadable::Encrypted) => {
                let why = match hop.passphrase {
                    Some(_) => "the passphrase does not open it",
                    None => {
                        "it is encrypted, and there is no passphrase and no agent that holds it: `ssh-add` gives it \
                         to the agent"
                    }
                };
                problems.push(format!("{label}: {why}"));
                None
            }
            Err(Unreadable::Other(reason)) => {
                problems.push(format!("{label}: {reason}"));
                None
            }
        }
    }

    fn read(&self, file: &Path, passphrase: Option<&Secret>) -> Result<Secret, Unreadable> {
        let index = (file.to_owned(), passphrase.cloned());
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.entry(index).or_insert_with(|| decrypt(file, passphrase)).clone()
    }
}

fn decrypt(file: &Path, passphrase: Option<&Secret>) -> Result<Secret, Unreadable> {
    let other = |error: &dyn std::fmt::Display| Unreadable::Other(error.to_string());
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    let key = match decode_secret_key(&text, None) {
        Ok(key) if !key.is_encrypted() => key,
        Ok(_) | Err(russh::keys::Error::KeyIsEncrypted) => match passphrase {
            None => return Err(Unreadable::Encrypted),
            Some(secret) => {
                decode_secret_key(&text, Some(secret.reveal())).map_err(|_| Unreadable::Encrypted)?
            }
        },
        Err(_) => {
            let text = "it is not a private key that can be read: `ssh-keygen -y -f` on it tells more";
            return Err(Unreadable::Other(text.to_owned()));
        }
    };
    let plain = key.to_openssh(LineEnding::LF).map_err(|error| other(&error))?;
    Ok(Secret::from(plain.as_str()))
}

fn unreadable(error: &std::io::Error) -> Unreadable {
    let text = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no such file: name another with --private-key or ansible_ssh_private_key_file"
                .to_owned()
        }
        std::io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not text, so it is no private key".to_owned(),
        _ => error.to_string(),
    };
    Unreadable::Other(text)
}

fn is_held(public: &Path, held: &[PublicKey]) -> bool {
    let key = russh::keys::load_public_key(public);
    key.is_ok_and(|key| held.iter().any(|one| one.key_data() == key.key_data()))
}

fn password_proofs(hop: &Hop, password: &Secret) -> Vec<Proof> {
    let mut proofs = Vec::new();
    if hop.methods.contains(&"password") {
        let method = AuthMethod::with_password(password.reveal());
        proofs.push(Proof { label: "password".to_owned(), method });
    }
    if hop.methods.contains(&"keyboard-interactive") {
        // Every prompt contains the empty text. A second question is not answered with the password again.
        let answers = AuthKeyboardInteractive::new().with_response("", password.reveal());
        proofs.push(Proof { label: "keyboard-interactive".to_owned(), method: answers.into() });
    }
    proofs
}

/// Returns the keys in the agent; none when there is no agent.
async fn held_by_agent() -> Vec<PublicKey> {
    let Some(socket) = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    let Ok(mut agent) = AgentClient::connect_uds(&socket).await else { return Vec::new() };
    let identities = agent.request_identities().await.unwrap_or_default();
    identities.iter().map(|identity| identity.public_key().into_owned()).collect()
}
