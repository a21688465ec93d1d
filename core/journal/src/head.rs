use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::database::Database;
use crate::link::Link;
use crate::{Broken, RunFolder};

/// Tells, in a file of its own, how far the journal had come at least: a journal that ends before it has lost
/// entries that were safe on the disk.
pub struct Head {
    file: File,
}

impl Head {
    /// Opens the file; it is made when it is not there.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        Ok(Self { file: options.open(path)? })
    }

    /// Notes that the journal has come here.
    pub fn write(&self, seq: u64, link: Link) -> std::io::Result<()> {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&seq.to_be_bytes());
        bytes[8..].copy_from_slice(&link.0);
        self.file.write_all_at(&bytes, 0)
    }

    /// Returns where the journal had come to; `None` when nothing was noted.
    pub fn read(&self) -> Option<(u64, Link)> {
        let mut bytes = [0; 24];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        let (seq, link) = bytes.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*seq), Link(link.try_into().ok()?)))
    }
}

/// Holds a journal against what was noted of it: a journal that lost its end, or has another one, is damaged.
pub fn holds(database: &Database, folder: &RunFolder) -> Result<(), Broken> {
    let Ok(file) = File::open(folder.head()) else { return Ok(()) };
    let Some((seq, link)) = (Head { file }).read() else { return Ok(()) };
    match database.link(seq)? {
        Some(known) if known == link => Ok(()),
        Some(_) => {
            Err(Broken::damaged(&folder.journal(), format!("entry {seq} is not the one that was written")))
        }
        None => {
            Err(Broken::damaged(&folder.journal(), format!("it ends before entry {seq}, which was written")))
        }
    }
}
