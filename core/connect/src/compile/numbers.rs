//! The fields of a path as `stat` and `find` print them.

use switchover_protocol::{FileKind, FileStat};

use crate::names;

/// Reads `MODE UID GID SIZE INODE DEV LINKS ATIME MTIME CTIME` with the names of owner and group. The mode is
/// hexadecimal with the kind in it (`stat`), or a letter, a colon and octal digits (`find`).
pub(super) fn read(numbers: &[u8], owner: &[u8], group: &[u8], access: &[u8]) -> Option<FileStat> {
    let mut words = std::str::from_utf8(numbers).ok()?.split(' ');
    let (kind, mode) = kind_and_mode(words.next()?)?;
    let mut number = || words.next()?.parse::<u64>().ok();
    let (uid, gid) = (number()? as u32, number()? as u32);
    let (size, inode, dev, nlink) = (number()?, number()?, number()?, number()?);
    let mut time = || words.next()?.parse::<f64>().ok();
    let (atime, mtime, ctime) = (time()?, time()?, time()?);
    let may = |letter| access.contains(&letter);
    Some(FileStat {
        kind,
        mode,
        uid,
        gid,
        owner: name(owner, uid),
        group: name(group, gid),
        size,
        inode,
        dev,
        nlink,
        atime,
        mtime,
        ctime,
        readable: may(b'r'),
        writable: may(b'w'),
        executable: may(b'x'),
        ..FileStat::default()
    })
}

fn kind_and_mode(word: &str) -> Option<(FileKind, u32)> {
    let Some((letter, octal)) = word.split_once(':') else {
        let raw = u32::from_str_radix(word, 16).ok()?;
        return Some((kind_of_bits(raw)?, raw & 0o7777));
    };
    let kind = match letter {
        "f" => FileKind::File,
        "d" => FileKind::Directory,
        "l" => FileKind::Link,
        "p" => FileKind::Fifo,
        "s" => FileKind::Socket,
        "b" => FileKind::BlockDevice,
        "c" => FileKind::CharDevice,
        _ => return None,
    };
    Some((kind, u32::from_str_radix(octal, 8).ok()?))
}

fn kind_of_bits(raw: u32) -> Option<FileKind> {
    Some(match raw >> 12 {
        0o01 => FileKind::Fifo,
        0o02 => FileKind::CharDevice,
        0o04 => FileKind::Directory,
        0o06 => FileKind::BlockDevice,
        0o10 => FileKind::File,
        0o12 => FileKind::Link,
        0o14 => FileKind::Socket,
        _ => return None,
    })
}

/// A number without a name is shown as `UNKNOWN` by `stat`, and as itself by `find`.
fn name(name: &[u8], number: u32) -> String {
    let name = names::from_host(name);
    if name == "UNKNOWN" || name == number.to_string() { String::new() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_mode_are_read() {
        assert_eq!(kind_and_mode("81a4"), Some((FileKind::File, 0o644)));
        assert_eq!(kind_and_mode("41ed"), Some((FileKind::Directory, 0o755)));
        assert_eq!(kind_and_mode("a1ff"), Some((FileKind::Link, 0o777)));
        assert_eq!(kind_and_mode("c1ed"), Some((FileKind::Socket, 0o755)));
        assert_eq!(kind_and_mode("f:644"), Some((FileKind::File, 0o644)));
        assert_eq!(kind_and_mode("d:1777"), Some((FileKind::Directory, 0o1777)));
        assert_eq!(kind_and_mode("c:0"), Some((FileKind::CharDevice, 0)));
        assert_eq!(kind_and_mode("?:644"), None);
    }

    #[test]
    fn a_number_without_a_name_has_an_empty_name() {
        let stat = read(b"81a4 4242 0 3 9 64 1 1.5 2 3", b"UNKNOWN", b"root", b"rw").unwrap();
        assert_eq!((stat.owner.as_str(), stat.group.as_str(), stat.uid, stat.atime), ("", "root", 4242, 1.5));
        assert_eq!((stat.readable, stat.writable, stat.executable), (true, true, false));
    }
}
