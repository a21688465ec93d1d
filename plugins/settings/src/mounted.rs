/// What is mounted at a path, by `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    pub path: String,
    /// The device, or the folder of a bind mount.
    pub sources: Vec<String>,
}

struct Line {
    id: u64,
    parent: u64,
    root: String,
    path: String,
    source: String,
}

/// Returns what is mounted at a path; the last mount hides those before it.
pub fn at(mountinfo: &str, path: &str) -> Option<Mounted> {
    let lines: Vec<Line> = mountinfo.lines().filter_map(Line::read).collect();
    let found = lines.iter().rfind(|line| line.path == path)?;
    let mut sources = vec![found.source.clone()];
    // A bind mount has the device of its folder; the folder is the root of the mount, seen through each place where
    // the same file system is mounted.
    for other in lines.iter().filter(|other| other.source == found.source && other.id != found.id) {
        let below = match other.root.as_str() {
            "/" => Some(found.root.as_str()),
            root => found.root.strip_prefix(root),
        };
        if let Some(below) = below.filter(|below| below.is_empty() || below.starts_with('/')) {
            let folder = format!("{}{}", other.path.trim_end_matches('/'), below.trim_end_matches('/'));
            sources.push(if folder.is_empty() { "/".to_owned() } else { folder });
        }
    }
    if let Some(parent) = lines.iter().find(|line| line.id == found.parent).filter(|_| found.root != "/") {
        sources.push(format!("{}{}", parent.path.trim_end_matches('/'), found.root));
    }
    Some(Mounted { path: found.path.clone(), sources })
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let before: Vec<&str> = before.split_whitespace().collect();
        let [id, parent, _, root, path, ..] = before[..] else { return None };
        Some(Self {
            id: id.parse().ok()?,
            parent: parent.parse().ok()?,
            root: unescaped(root),
            path: unescaped(path),
            source: unescaped(after.split_whitespace().nth(1)?),
        })
    }
}

/// Reads blanks and the like that the kernel writes in octal.
fn unescaped(text: &str) -> String {
    let mut found = Vec::new();
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let octal = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| *first == b'\\') {
            Some(byte) => {
                found.push(byte);
                bytes = &rest[3..];
            }
            None => {
                found.push(*first);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&found).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
        2 1 8:2 / /data\\040x rw - xfs /dev/sdb1 rw\n\
        3 1 8:1 /srv/www /mnt rw - ext4 /dev/sda1 rw\n";

    #[test]
    fn finds_devices_and_folders_of_bind_mounts() {
        assert_eq!(at(INFO, "/data x").unwrap().sources, ["/dev/sdb1"]);
        assert!(at(INFO, "/mnt").unwrap().sources.contains(&"/srv/www".to_owned()));
        assert_eq!(at(INFO, "/nothing"), None);
    }
}
