use std::os::unix::fs::MetadataExt;
use std::path::Path;

use switchover_syntax::{Diagnostic, Node, Source, Span, parse_one};

use crate::Loader;
use crate::files::{absolute, shown};

/// What a file looked like when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

/// A parsed file and the state in which it was read.
pub(crate) struct Cached {
    stamp: Option<Stamp>,
    node: Node,
}

/// A parsed file and the warnings of its first reading.
pub(crate) struct Parsed {
    pub node: Node,
    pub warnings: Vec<Diagnostic>,
}

impl Loader {
    /// Returns the one document of a file. `from` is the place that names the file, for messages.
    pub(crate) fn parse(&self, path: &Path, from: Option<&Span>) -> Result<Parsed, Vec<Diagnostic>> {
        let path = absolute(path);
        let stamp = stamp(&path);
        if let Some(node) = self.unchanged(&path, stamp) {
            return Ok(Parsed { node, warnings: Vec::new() });
        }
        let text = (self.settings.read)(&path).map_err(|error| vec![unreadable(&path, &error, from)])?;
        let (node, warnings) = parse_one(&Source::new(shown(&path), text))?;
        let mut parsed = self.parsed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        parsed.insert(path, Cached { stamp, node: node.clone() });
        Ok(Parsed { node, warnings })
    }

    fn unchanged(&self, path: &Path, stamp: Option<Stamp>) -> Option<Node> {
        let parsed = self.parsed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        parsed.get(path).filter(|cached| stamp.is_some() && cached.stamp == stamp).map(|c| c.node.clone())
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some(Stamp {
        device: meta.dev(),
        inode: meta.ino(),
        size: meta.size(),
        seconds: meta.mtime(),
        nanoseconds: meta.mtime_nsec(),
    })
}

fn unreadable(path: &Path, error: &std::io::Error, from: Option<&Span>) -> Diagnostic {
    let path = shown(path);
    let message = format!("cannot read {}: {}", path.display(), reason(error));
    match from {
        Some(span) => Diagnostic::error("playbook::unreadable-file", message, span).label("named here"),
        None => {
            let nowhere = Source::new(path, "");
            Diagnostic::error("playbook::unreadable-file", message, &Span::new(&nowhere, 0, 0))
        }
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
