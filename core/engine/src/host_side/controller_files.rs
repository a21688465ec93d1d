use std::fs;
use std::path::{Path, PathBuf};

use switchover_protocol::{Bytes, Entry, FileKind, FileStat, HostError, HostReply};

use super::HostSide;
use crate::search::find_file;

/// The most that a module may have of a file of the controller in one piece; what is larger is copied, not read.
const LARGEST: u64 = 256 << 20;

impl HostSide {
    pub(super) fn controller_file(&self, path: &str, search: Option<&str>) -> HostReply {
        let found = match find_file(&self.scope, path, search) {
            Ok(found) => found,
            Err(searched) => return not_found(path, &searched),
        };
        match fs::metadata(&found) {
            Ok(meta) => HostReply::ControllerFile {
                path: found.to_string_lossy().into_owned(),
                size: meta.len(),
                is_dir: meta.is_dir(),
                checksum: None,
            },
            Err(error) => failed(&found, &error),
        }
    }

    pub(super) fn controller_read(&self, path: &str, decrypt: bool) -> HostReply {
        match read(Path::new(path)) {
            Ok(bytes) if decrypt && bytes.starts_with(b"$ANSIBLE_VAULT;") => self.decrypted(path, &bytes),
            Ok(bytes) => HostReply::Content(Bytes(bytes)),
            Err(error) => failed(Path::new(path), &error),
        }
    }

    fn decrypted(&self, path: &str, bytes: &[u8]) -> HostReply {
        let text = String::from_utf8_lossy(bytes);
        match switchover_values::vault::decrypt(&text, &self.world.templates.vault) {
            Ok(plain) => HostReply::Content(Bytes(plain)),
            Err(error) => HostReply::Error(HostError::Failed {
                what: format!("decrypting {path}"),
                rc: 1,
                stderr: error.to_string(),
            }),
        }
    }

    pub(super) fn controller_list(&self, path: &str) -> HostReply {
        let mut entries = Vec::new();
        match list(Path::new(path), Path::new(""), &mut entries) {
            Ok(()) => HostReply::List(entries),
            Err(error) => failed(Path::new(path), &error),
        }
    }
}

/// Reads a file, which may be a pipe; a device such as `/dev/zero` would never end.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    Ok(bytes)
}

fn list(root: &Path, below: &Path, entries: &mut Vec<Entry>) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let mut children: Vec<_> = fs::read_dir(root.join(below))?.collect::<Result<_, _>>()?;
    children.sort_by_key(fs::DirEntry::file_name);
    for child in children {
        let relative = below.join(child.file_name());
        let meta = fs::symlink_metadata(child.path())?;
        let kind = match meta.file_type() {
            kind if kind.is_dir() => FileKind::Directory,
            kind if kind.is_symlink() => FileKind::Link,
            _ => FileKind::File,
        };
        let stat = FileStat {
            kind,
            mode: meta.permissions().mode() & 0o7777,
            uid: meta.uid(),
            gid: meta.gid(),
            size: meta.len(),
            mtime: meta.mtime() as f64,
            link_target: fs::read_link(child.path()).ok().map(|target| target.to_string_lossy().into_owned()),
            ..FileStat::default()
        };
        entries.push(Entry { path: relative.to_string_lossy().into_owned(), stat });
        if kind == FileKind::Directory {
            list(root, &relative, entries)?;
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> HostReply {
    let what = format!("reading {} on the controller", path.display());
    HostReply::Error(HostError::Failed { what, rc: 1, stderr: error.to_string() })
}

fn not_found(path: &str, searched: &[PathBuf]) -> HostReply {
    let places: Vec<String> = searched.iter().map(|path| path.display().to_string()).collect();
    let stderr =
        format!("could not find or access '{path}' on the controller; searched in: {}", places.join(", "));
    HostReply::Error(HostError::Failed { what: format!("finding {path}"), rc: 1, stderr })
}
