use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use sha1::{Digest as _, Sha1};
use switchover_protocol::{Algorithm, FileKind, FileStat};

/// Returns what a path is, without the names that only the host knows.
pub(crate) fn stat(metadata: &Metadata) -> FileStat {
    let seconds = |whole: i64, nanos: i64| whole as f64 + nanos as f64 / 1e9;
    let mode = metadata.mode() & 0o7777;
    FileStat {
        kind: kind(metadata),
        mode,
        uid: metadata.uid(),
        gid: metadata.gid(),
        size: metadata.size(),
        inode: metadata.ino(),
        dev: metadata.dev(),
        nlink: metadata.nlink(),
        atime: seconds(metadata.atime(), metadata.atime_nsec()),
        mtime: seconds(metadata.mtime(), metadata.mtime_nsec()),
        ctime: seconds(metadata.ctime(), metadata.ctime_nsec()),
        readable: mode & 0o444 != 0,
        writable: mode & 0o222 != 0,
        executable: mode & 0o111 != 0,
        ..FileStat::default()
    }
}

fn kind(metadata: &Metadata) -> FileKind {
    let kind = metadata.file_type();
    match () {
        () if kind.is_dir() => FileKind::Directory,
        () if kind.is_symlink() => FileKind::Link,
        () if kind.is_fifo() => FileKind::Fifo,
        () if kind.is_socket() => FileKind::Socket,
        () if kind.is_block_device() => FileKind::BlockDevice,
        () if kind.is_char_device() => FileKind::CharDevice,
        () => FileKind::File,
    }
}

/// Returns a real SHA-1; other algorithms get a stand-in that differs when the content does.
pub(crate) fn checksum(place: &Path, algorithm: Algorithm) -> Option<String> {
    let content = std::fs::read(place).ok()?;
    let hex: String = Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    Some(match algorithm {
        Algorithm::Sha1 => hex,
        other => format!("{other:?}-{hex}").to_lowercase(),
    })
}
