use std::path::{Path, PathBuf};

use switchover_syntax::{Diagnostic, Span};

use super::Reader;
use crate::files::{absolute, shown};

/// A file or role that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    File(PathBuf),
    Role { name: String, path: PathBuf, entry: String },
}

impl Stop {
    pub fn file(path: &Path) -> Self {
        Self::File(absolute(path))
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Role { path: a, entry: x, .. }, Self::Role { path: b, entry: y, .. }) => a == b && x == y,
            _ => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::File(path) => shown(path).display().to_string(),
            Self::Role { name, entry, .. } if entry == "main" => format!("role {name}"),
            Self::Role { name, entry, .. } => format!("role {name} ({entry})"),
        }
    }
}

impl Reader<'_> {
    /// Reads something that other files name; a file or role that is being read already is a cycle.
    pub(super) fn within<T>(&self, stop: Stop, from: &Span, read: impl FnOnce() -> Option<T>) -> Option<T> {
        let cycle = {
            let trail = self.trail.borrow();
            trail.iter().position(|open| open.same(&stop)).map(|at| chain(&trail[at..], &stop))
        };
        if let Some(chain) = cycle {
            self.report(
                Diagnostic::error("playbook::cycle", format!("this imports itself: {chain}"), from)
                    .help("imports are resolved before the run, without end here; a file may include itself with `include_tasks` and a `when`"),
            );
            return None;
        }
        self.trail.borrow_mut().push(stop);
        let result = read();
        self.trail.borrow_mut().pop();
        result
    }
}

fn chain(open: &[Stop], again: &Stop) -> String {
    let names: Vec<_> = open.iter().chain([again]).map(Stop::describe).collect();
    names.join(" -> ")
}
