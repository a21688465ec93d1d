use std::collections::BTreeMap;

use switchover_protocol::{Entry, FileKind, FileStat, HostError, HostReply};

/// One path of a [`FakeHost`](super::FakeHost).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FakeFile {
    pub stat: FileStat,
    pub content: Vec<u8>,
}

/// The files of a fake host, by absolute path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files(pub BTreeMap<String, FakeFile>);

impl Files {
    /// Puts a path there; its folder appears too.
    pub fn put(&mut self, path: &str, kind: FileKind, mode: u32, content: &[u8]) {
        let parent = path.rsplit_once('/').map(|(parent, _)| parent).unwrap_or_default();
        if !parent.is_empty() && !self.0.contains_key(parent) {
            self.put(parent, FileKind::Directory, 0o755, b"");
        }
        let stat = FileStat {
            kind,
            mode,
            size: content.len() as u64,
            owner: "root".into(),
            group: "root".into(),
            nlink: 1,
            readable: true,
            writable: true,
            executable: mode & 0o111 != 0,
            inode: self.0.len() as u64 + 1,
            ..FileStat::default()
        };
        self.0.insert(path.to_owned(), FakeFile { stat, content: content.to_vec() });
    }

    /// Follows links, at most eight.
    pub fn resolve(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..8 {
            match self.0.get(&path).and_then(|file| file.stat.link_target.clone()) {
                Some(target) if target.starts_with('/') => path = target,
                Some(target) => {
                    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    path = format!("{folder}/{target}");
                }
                None => break,
            }
        }
        path
    }

    /// Answers `List`.
    pub fn list(&self, folder: &str, recursive: bool) -> HostReply {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let entries = self
            .0
            .iter()
            .filter_map(|(path, file)| Some((path, path.strip_prefix(&prefix)?, file)))
            .filter(|(_, rest, _)| !rest.is_empty() && (recursive || !rest.contains('/')))
            .map(|(path, _, file)| Entry { path: path.clone(), stat: file.stat.clone() })
            .collect();
        HostReply::List(entries)
    }

    /// Answers `Symlink`.
    pub fn link(&mut self, path: &str, target: &str) -> HostReply {
        self.put(path, FileKind::Link, 0o777, b"");
        if let Some(file) = self.0.get_mut(path) {
            file.stat.link_target = Some(target.to_owned());
        }
        let source = self.resolve(path);
        if let (true, Some(file)) = (self.0.contains_key(&source), self.0.get_mut(path)) {
            file.stat.link_source = Some(source);
        }
        HostReply::Done
    }

    /// Answers `Hardlink`; a copy that shares the inode's number, not later changes.
    pub fn hard_link(&mut self, path: &str, target: &str) -> HostReply {
        let Some(mut file) = self.0.get(target).cloned() else {
            return failed(&format!("link {path}"), "No such file or directory");
        };
        file.stat.nlink += 1;
        self.0.insert(target.to_owned(), file.clone());
        self.0.insert(path.to_owned(), file);
        HostReply::Done
    }

    /// Answers `Rename`.
    pub fn rename(&mut self, from: &str, to: &str) -> HostReply {
        match self.0.remove(from) {
            Some(file) => {
                self.0.insert(to.to_owned(), file);
                HostReply::Done
            }
            None => failed(&format!("rename {from}"), "No such file or directory"),
        }
    }

    /// Answers `Remove`.
    pub fn remove(&mut self, path: &str, recursive: bool) -> HostReply {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let below = self.0.keys().any(|other| other.starts_with(&prefix));
        if below && !recursive {
            return failed(&format!("remove {path}"), "Directory not empty");
        }
        self.0.retain(|other, _| other != path && !other.starts_with(&prefix));
        HostReply::Done
    }
}

/// Returns the error of a host that could not do it.
pub fn failed(what: &str, stderr: &str) -> HostReply {
    HostReply::Error(HostError::Failed { what: what.to_owned(), rc: 1, stderr: stderr.to_owned() })
}
