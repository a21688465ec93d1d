use std::collections::BTreeMap;

use switchover_sdk::{Change, json};

use super::line::Line;

/// All lists of repositories in the one-line form, by path.
#[derive(Clone)]
pub struct Lists(BTreeMap<String, String>);

/// The list that is never removed.
const MAIN: &str = "/etc/apt/sources.list";

impl Lists {
    /// Reads paths and contents that are ended by NUL.
    pub fn read(said: &str) -> Self {
        let parts: Vec<&str> = said.split('\0').collect();
        let pairs = parts.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
        Self(pairs.collect())
    }

    /// Returns the lists with a repository; a line that is switched off is switched on.
    pub fn with(&self, wanted: &Line, file: &str) -> Self {
        let mut lists = self.clone();
        let mut found = false;
        for text in lists.0.values_mut() {
            *text = each_line(text, |line| {
                if line.source != wanted.source {
                    return None;
                }
                found = true;
                (!line.enabled).then(|| Line { enabled: true, ..line }.write())
            });
        }
        if !found {
            let text = lists.0.entry(file.to_owned()).or_default();
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&wanted.write());
        }
        lists
    }

    /// Returns the lists without a repository; a file that holds nothing then goes.
    pub fn without(&self, unwanted: &Line) -> Self {
        let mut lists = self.clone();
        for text in lists.0.values_mut() {
            *text = each_line(text, |line| (line.source == unwanted.source).then(String::new));
        }
        lists.0.retain(|path, text| path == MAIN || !text.is_empty() || self.0[path].is_empty());
        lists
    }

    /// Returns what differs, as `--diff` shows it.
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let mut paths: Vec<&String> = self.0.keys().chain(after.0.keys()).collect();
        paths.sort();
        paths.dedup();
        let header = |text: Option<&String>, path: &str| {
            Some(if text.is_some() { path.to_owned() } else { "/dev/null".to_owned() })
        };
        let differing = paths.into_iter().filter(|path| self.0.get(*path) != after.0.get(*path));
        differing
            .map(|path| {
                let (before, after) = (self.0.get(path), after.0.get(path));
                Change {
                    what: path.clone(),
                    before: json!(before.map_or("", String::as_str)),
                    after: json!(after.map_or("", String::as_str)),
                    before_header: header(before, path),
                    after_header: header(after, path),
                }
            })
            .collect()
    }

    pub fn paths_not_in(&self, other: &Self) -> Vec<String> {
        self.0.keys().filter(|path| !other.0.contains_key(*path)).cloned().collect()
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}

/// Replaces lines that name a repository; what names none stays as it is.
fn each_line(text: &str, mut replace: impl FnMut(Line) -> Option<String>) -> String {
    text.split_inclusive('\n')
        .map(|line| Line::read(line).and_then(&mut replace).unwrap_or_else(|| line.to_owned()))
        .collect()
}
