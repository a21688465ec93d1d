//! Reading and writing of known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//!
//! Certificate authorities are passed over: host certificates are not checked, so the key itself must be known.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use russh::keys::{PublicKey, PublicKeyBase64 as _, parse_public_key_base64};
use sha1::Sha1;

use super::pattern;

/// What the files say about one host.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub trusted: Vec<KnownKey>,
    pub revoked: Vec<KnownKey>,
}

/// A key with the place where it is written.
#[derive(Debug)]
pub(super) struct KnownKey {
    pub key: PublicKey,
    pub file: PathBuf,
    pub line: usize,
}

impl Known {
    /// Reads the files for a host by the name under which it is written there; a file that is missing says nothing.
    pub(super) fn read(files: &[PathBuf], name: &str) -> Self {
        let mut known = Self::default();
        for file in files {
            // Not UTF-8 is no reason to forget the keys on the other lines.
            if let Ok(bytes) = std::fs::read(file) {
                known.parse(&String::from_utf8_lossy(&bytes), file, name);
            }
        }
        let Self { trusted, revoked } = &mut known;
        trusted.retain(|one| !revoked.iter().any(|bad| bad.key.key_data() == one.key.key_data()));
        known
    }

    fn parse(&mut self, text: &str, file: &Path, name: &str) {
        for (index, line) in text.lines().enumerate() {
            let mut words = line.split_ascii_whitespace();
            let Some(mut hosts) = words.next().filter(|word| !word.starts_with('#')) else { continue };
            let mark = hosts.starts_with('@').then_some(hosts);
            if mark.is_some() {
                let Some(word) = words.next() else { continue };
                hosts = word;
            }
            // A type that is not known here cannot be the type that will be agreed upon.
            let Some(Ok(key)) = words.nth(1).map(parse_public_key_base64) else { continue };
            if !names(hosts, name) {
                continue;
            }
            let entry = KnownKey { key, file: file.to_owned(), line: index + 1 };
            match mark {
                None => self.trusted.push(entry),
                Some("@revoked") => self.revoked.push(entry),
                Some(_) => {}
            }
        }
    }
}

/// Returns the name of a host in known_hosts files.
pub(super) fn name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

fn names(hosts: &str, name: &str) -> bool {
    if hosts.starts_with('|') {
        return hash_matches(hosts, name);
    }
    let lower = hosts.to_ascii_lowercase();
    pattern::list_matches(lower.split(','), name)
}

fn hash_matches(hosts: &str, name: &str) -> bool {
    let mut parts = hosts.split('|').skip(1);
    let (Some("1"), Some(salt), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else { return false };
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(&salt) else { return false };
    mac.chain_update(name.as_bytes()).verify_slice(&hash).is_ok()
}

/// Adds a key to a file, which is made when missing; with `hashed` the name cannot be read from it.
pub(super) fn add(file: &Path, name: &str, key: &PublicKey, hashed: bool) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let ends_open = std::fs::read(file).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
    let name = if hashed { hash(name) } else { name.to_owned() };
    let start = if ends_open { "\n" } else { "" };
    let line = format!("{start}{name} {} {}\n", key.algorithm().as_str(), key.public_key_base64());
    // One write, so that lines of two processes do not mix.
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file)?.write_all(line.as_bytes())
}

fn hash(name: &str) -> String {
    let salt = &crate::token::token().into_bytes()[..20];
    let mac = Hmac::<Sha1>::new_from_slice(salt).expect("HMAC takes keys of any length");
    let hash = mac.chain_update(name.as_bytes()).finalize().into_bytes();
    format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AAAAC3NzaC1lZDI1NTE5AAAAILLtUZbzd1NH2TUp8LaRzSHMNKuIpRDMWvAsFS0OCUTX";
    const TWO: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAx3FcFbRjiQ7TtZuv5SXyjPiNMZ6FfBxvRZmlTxtT5E";

    fn lines(text: &str, name: &str) -> (Vec<usize>, Vec<usize>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        std::fs::write(&file, text).unwrap();
        let known = Known::read(&[file], name);
        let lines = |keys: &[KnownKey]| keys.iter().map(|key| key.line).collect();
        (lines(&known.trusted), lines(&known.revoked))
    }

    #[test]
    fn reads_every_kind_of_line() {
        let text = format!(
            "# comment\n\n  web1,10.0.0.1\tssh-ed25519  {ONE} me@there\n*.example.org,!bad.example.org ssh-ed25519 {ONE}\n\
             [web1]:2222 ssh-ed25519 {ONE}\n@cert-authority * ssh-ed25519 {ONE}\nweb1 ssh-dss AAAAB3NzaC1kc3M=\nweb1 garbage\n"
        );
        assert_eq!(lines(&text, "web1").0, [3]);
        assert_eq!(lines(&text, "10.0.0.1").0, [3]);
        assert_eq!(lines(&text, "a.example.org").0, [4]);
        assert_eq!(lines(&text, "bad.example.org").0, [0usize; 0]);
        assert_eq!(lines(&text, "[web1]:2222").0, [5]);
        assert_eq!(name("WEB1", 2222), "[web1]:2222");
    }

    #[test]
    fn a_revoked_key_is_not_trusted_by_another_line() {
        let text = format!("h ssh-ed25519 {ONE}\nh ssh-ed25519 {TWO}\n@revoked * ssh-ed25519 {ONE}\n");
        assert_eq!(lines(&text, "h"), (vec![2], vec![3]));
    }

    #[test]
    fn a_key_that_was_added_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/known_hosts");
        let key = parse_public_key_base64(ONE).unwrap();
        add(&file, "[h]:2222", &key, true).unwrap();
        add(&file, "plain", &key, false).unwrap();
        let found = |name: &str| Known::read(std::slice::from_ref(&file), name).trusted.len();
        assert_eq!((found("[h]:2222"), found("plain"), found("h")), (1, 1, 0));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("|1|") && text.contains("\nplain ssh-ed25519 AAAA"), "{text}");
    }
}
