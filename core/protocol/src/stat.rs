use serde::{Deserialize, Serialize};

/// What a path is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    #[default]
    File,
    Directory,
    Link,
    Fifo,
    Socket,
    BlockDevice,
    CharDevice,
}

/// A path of a host, as `lstat` (or `stat`, when followed) tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileStat {
    pub kind: FileKind,
    /// Permission bits with setuid, setgid and sticky: at most 0o7777.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Empty when the number has no name.
    pub owner: String,
    pub group: String,
    /// Bytes.
    pub size: u64,
    pub inode: u64,
    pub dev: u64,
    pub nlink: u64,
    /// Seconds since 1970, with fractions where the host tells them.
    pub atime: f64,
    pub mtime: f64,
    pub ctime: f64,
    /// The target as written, when this is a link.
    #[serde(default)]
    pub link_target: Option<String>,
    /// The absolute target with every link resolved, when this is a link and it can be resolved.
    #[serde(default)]
    pub link_source: Option<String>,
    /// Lowercase hex, when asked for and the path is a readable regular file.
    #[serde(default)]
    pub checksum: Option<String>,
    pub readable: bool,
    pub writable: bool,
    pub executable: bool,
}
