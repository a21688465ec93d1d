use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// What tells that a file is still the one that was looked at: its place on the disk, size, and times.
///
/// The time of the last change of the inode is among them, which nobody can set back without changing the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(String);

impl Stamp {
    pub(crate) fn of(file: &Metadata) -> Self {
        let (device, inode, size) = (file.dev(), file.ino(), file.size());
        let (modified, changed) = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
        Self(format!("{device}:{inode}:{size}:{}.{}:{}.{}", modified.0, modified.1, changed.0, changed.1))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
