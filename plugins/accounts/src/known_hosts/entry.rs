use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use switchover_sdk::Failure;

use crate::key_line::is_kind;

/// How the field of a hidden name begins.
const HASHED: &str = "|1|";

/// A line of a `known_hosts` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `@cert-authority`, `@revoked`, or empty.
    marker: String,
    /// Names separated by commas, or one hidden name.
    hosts: String,
    kind: String,
    blob: String,
    comment: String,
}

impl Entry {
    /// Reads a line; `None` when it holds no key.
    pub fn read(line: &str) -> Option<Self> {
        let mut rest = line.trim();
        let mut next = || {
            let (word, tail) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
            rest = tail.trim_start();
            word.to_owned()
        };
        let first = next();
        let (marker, hosts) = if first.starts_with('@') { (first, next()) } else { (String::new(), first) };
        let (kind, blob) = (next(), next());
        let found = !hosts.starts_with('#') && is_kind(&kind) && !blob.is_empty();
        found.then(|| Self { marker, hosts, kind, blob, comment: rest.to_owned() })
    }

    /// Returns the line again.
    pub fn write(&self) -> String {
        let words = [&self.marker, &self.hosts, &self.kind, &self.blob, &self.comment];
        let words: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }

    /// Returns whether the line is about this host. Patterns are not: they are about others too.
    pub fn is_for(&self, name: &str) -> bool {
        match self.hosts.strip_prefix(HASHED).and_then(|rest| rest.split_once('|')) {
            Some((salt, hash)) => STANDARD.decode(salt).is_ok_and(|salt| digest(&salt, name) == hash),
            None => self.hosts.split(',').any(|host| host.to_lowercase() == name),
        }
    }

    pub fn is_hashed(&self) -> bool {
        self.hosts.starts_with(HASHED)
    }

    pub fn same_key(&self, other: &Self) -> bool {
        self.same_kind(other) && self.blob == other.blob
    }

    pub fn same_kind(&self, other: &Self) -> bool {
        self.kind == other.kind && self.marker == other.marker
    }

    /// Returns whether a new line takes the place of another: a host has one key of a kind, and any number of
    /// authorities and of keys that are revoked.
    pub fn replaces(&self, other: &Self) -> bool {
        self.same_kind(other) && (self.marker.is_empty() || self.blob == other.blob)
    }

    /// Returns the line with the name hidden, as `ssh-keygen -H` does.
    pub fn hashed(&self, name: &str) -> Result<Self, Failure> {
        if self.is_hashed() {
            return Ok(self.clone());
        }
        let mut salt = [0; 20];
        getrandom::fill(&mut salt).map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
        let hosts = format!("{HASHED}{}|{}", STANDARD.encode(salt), digest(&salt, name));
        Ok(Self { hosts, ..self.clone() })
    }
}

fn digest(salt: &[u8], name: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).expect("an HMAC takes keys of any length");
    mac.update(name.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_ssh_keygen_hashed() {
        let line = "|1|jXW3FZmbWg8DawZFDrBoz8i2jL4=|IHIPIfOcKs2KYTgmVBXy4Bc41lQ= ssh-ed25519 AAAA";
        let entry = Entry::read(line).unwrap();
        assert!(entry.is_for("[h3]:2222"));
        assert!(!entry.is_for("h3"));
    }

    #[test]
    fn reads_markers_and_comments_and_writes_them_again() {
        let line = "@cert-authority a,b ssh-rsa AAAA with a comment";
        let entry = Entry::read(line).unwrap();
        assert!(entry.is_for("b") && !entry.is_for("c"));
        assert_eq!(entry.write(), line);
        assert_eq!(Entry::read("# db1 ssh-rsa AAAA"), None);
        assert_eq!(Entry::read("ssh-rsa AAAA"), None);
    }
}
