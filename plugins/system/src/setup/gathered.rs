use std::collections::BTreeMap;

use switchover_sdk::Map;
use switchover_sdk::prelude::{Value, json};

/// What the script on the host printed, by section.
#[derive(Debug, Default)]
pub struct Gathered {
    sections: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<String>>,
}

impl Gathered {
    /// Takes the script's output apart; the section `files` holds lines `path:text`.
    pub fn read(said: &str) -> Self {
        let mut gathered = Self::default();
        for section in said.split('\u{1}').skip(1) {
            let (name, text) = section.split_once('\n').unwrap_or((section, ""));
            gathered.sections.insert(name.to_owned(), text.to_owned());
        }
        for line in gathered.section("files").to_owned().lines() {
            if let Some((path, text)) = line.split_once(':') {
                gathered.files.entry(path.to_owned()).or_default().push(text.to_owned());
            }
        }
        gathered
    }

    /// Returns whether the script came to its end.
    pub fn is_whole(&self) -> bool {
        self.sections.contains_key("end")
    }

    /// Returns a section's text; empty when there is none.
    pub fn section(&self, name: &str) -> &str {
        self.sections.get(name).map_or("", String::as_str)
    }

    /// Returns a line of a section; empty when there is none.
    pub fn line(&self, section: &str, index: usize) -> &str {
        self.section(section).lines().nth(index).unwrap_or_default().trim()
    }

    /// Returns the lines of a file that are not empty.
    pub fn file(&self, path: &str) -> &[String] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// Returns the first line of a file.
    pub fn first(&self, path: &str) -> Option<&str> {
        self.file(path).first().map(|line| line.trim())
    }

    /// Returns the files below a folder, as the rest of their paths with their first lines.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let files = self.files.range(folder.to_owned()..);
        files
            .map_while(move |(path, lines)| Some((path.strip_prefix(folder)?, lines)))
            .filter_map(|(rest, lines)| Some((rest, lines.first()?.trim())))
    }

    /// Returns the symbolic links below a folder, as the rest of their paths with their targets.
    pub fn links<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let lines = self.section("links").lines();
        lines.filter_map(move |line| {
            let (head, target) = line.split_once(" -> ")?;
            let at = head.find(&format!(" {folder}"))? + 1;
            Some((&head[at + folder.len()..], target))
        })
    }

    /// Returns whether a path was found on the host.
    pub fn there(&self, path: &str) -> bool {
        self.section("there").lines().any(|line| line == path)
    }
}

/// Facts being collected, each for a subset that a task may choose.
#[derive(Debug, Default)]
pub struct Facts {
    known: Vec<(&'static str, String, Value)>,
}

impl Facts {
    /// Adds a fact without its `ansible_`.
    pub fn add(&mut self, subset: &'static str, name: &str, value: impl Into<Value>) {
        self.known.push((subset, format!("ansible_{name}"), value.into()));
    }

    /// Adds several facts.
    pub fn extend<const N: usize>(&mut self, subset: &'static str, facts: [(&str, Value); N]) {
        for (name, value) in facts {
            self.add(subset, name, value);
        }
    }

    /// Returns the facts whose subset and name are wanted.
    pub fn chosen(self, wanted: impl Fn(&str, &str) -> bool) -> Map {
        self.known
            .into_iter()
            .filter(|(subset, name, _)| wanted(subset, name))
            .map(|(_, name, value)| (name, value))
            .collect()
    }
}

/// Returns text, or null when there is none.
pub fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| json!(text))
}
