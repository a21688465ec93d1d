use switchover_sdk::prelude::*;

/// Returns the keys that `stat` and `find` share: kind, owner, times and the permission bits one by one.
pub fn permissions(stat: &FileStat) -> Map {
    let kind = |kind: FileKind| json!(stat.kind == kind);
    let bit = |bit: u32| json!(stat.mode & bit != 0);
    let keys = [
        ("isdir", kind(FileKind::Directory)),
        ("ischr", kind(FileKind::CharDevice)),
        ("isblk", kind(FileKind::BlockDevice)),
        ("isreg", kind(FileKind::File)),
        ("isfifo", kind(FileKind::Fifo)),
        ("islnk", kind(FileKind::Link)),
        ("issock", kind(FileKind::Socket)),
        ("uid", json!(stat.uid)),
        ("gid", json!(stat.gid)),
        ("size", json!(stat.size)),
        ("inode", json!(stat.inode)),
        ("dev", json!(stat.dev)),
        ("nlink", json!(stat.nlink)),
        ("atime", json!(stat.atime)),
        ("mtime", json!(stat.mtime)),
        ("ctime", json!(stat.ctime)),
        ("wusr", bit(0o200)),
        ("rusr", bit(0o400)),
        ("xusr", bit(0o100)),
        ("wgrp", bit(0o020)),
        ("rgrp", bit(0o040)),
        ("xgrp", bit(0o010)),
        ("woth", bit(0o002)),
        ("roth", bit(0o004)),
        ("xoth", bit(0o001)),
        ("isuid", bit(0o4000)),
        ("isgid", bit(0o2000)),
    ];
    let mut keys: Map = keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    for (key, name) in [("pw_name", &stat.owner), ("gr_name", &stat.group)] {
        if !name.is_empty() {
            keys.insert(key.into(), json!(name));
        }
    }
    keys
}
