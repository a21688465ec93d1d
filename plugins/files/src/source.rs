use sha1::{Digest as _, Sha1};
use switchover_sdk::prelude::*;
use switchover_sdk::{Bytes, ControllerFile};

use crate::diff::LIMIT;

/// What a file shall hold, and what is known of it before it is sent.
#[derive(Clone)]
pub struct Source {
    pub content: Content,
    /// SHA-1 as lowercase hex.
    pub checksum: String,
    /// Bytes.
    pub size: u64,
    /// Where it comes from, for results and the head of a diff.
    pub label: String,
    /// It was decrypted, so that no diff may show it.
    pub secret: bool,
}

impl Source {
    /// Returns what a diff calls the new content of a file.
    pub fn title<'a>(&'a self, path: &'a str) -> &'a str {
        if matches!(self.content, Content::Inline(_)) { path } else { &self.label }
    }

    /// Takes text or bytes as they are.
    pub fn inline(content: impl Into<Bytes>, label: &str) -> Self {
        let content: Bytes = content.into();
        Self {
            checksum: sha1(&content.0),
            size: content.0.len() as u64,
            content: Content::Inline(content),
            label: label.to_owned(),
            secret: false,
        }
    }

    /// Takes a file of the controller.
    pub fn controller(file: ControllerFile, host: &Host) -> Result<Self, Failure> {
        let checksum = host.controller_checksum(&file)?;
        let label = file.path.clone();
        Ok(Self { content: Content::Controller(file.path), checksum, size: file.size, label, secret: false })
    }

    /// Takes a file of the controller; one that is encrypted with a vault is decrypted when `decrypt`.
    pub fn plain(file: ControllerFile, decrypt: bool, host: &Host) -> Result<Self, Failure> {
        if !decrypt || !host.controller_is_encrypted(&file.path) {
            return Self::controller(file, host);
        }
        let content = host.controller_plain(&file.path)?;
        Ok(Self { secret: true, ..Self::inline(content, &file.path) })
    }

    /// Takes a file of the host.
    pub fn host(path: &str, stat: &FileStat) -> Result<Self, Failure> {
        let checksum =
            stat.checksum.clone().ok_or_else(|| Failure::new(format!("Source {path} not readable")))?;
        Ok(Self {
            content: Content::Host(path.to_owned()),
            checksum,
            size: stat.size,
            label: path.to_owned(),
            secret: false,
        })
    }

    /// Returns the bytes for a diff; `None` when there are too many.
    pub fn bytes(&self, host: &Host) -> Result<Option<Vec<u8>>, Failure> {
        if self.size > LIMIT as u64 {
            return Ok(None);
        }
        Ok(Some(match &self.content {
            Content::Inline(bytes) => bytes.0.clone(),
            Content::Controller(path) => host.controller_read(path)?.0,
            Content::Host(path) => host.read(path)?.0,
        }))
    }
}

/// Returns the SHA-1 of bytes as lowercase hex.
pub fn sha1(content: &[u8]) -> String {
    Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
