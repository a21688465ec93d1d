use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Source, Span};

/// What an `ansible.cfg` says, in its order.
#[derive(Debug, Default)]
pub struct File {
    pub path: PathBuf,
    pub entries: Vec<Entry>,
}

/// One `key = value` of a section.
#[derive(Debug)]
pub struct Entry {
    pub section: String,
    pub key: String,
    pub value: String,
    pub span: Span,
}

impl File {
    /// Reads a file as Python's `configparser` does: `;` after a blank begins a comment, lines that are indented go on.
    pub fn parse(path: &Path, text: String) -> Result<Self, Vec<Diagnostic>> {
        let source = Source::new(path, text);
        let mut reader = Reader { source: &source, section: None, entries: Vec::new(), errors: Vec::new() };
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            reader.line(line.trim_end_matches(['\n', '\r']), start);
            start += line.len();
        }
        if reader.errors.is_empty() {
            Ok(Self { path: path.to_owned(), entries: reader.entries })
        } else {
            Err(reader.errors)
        }
    }

    /// Returns what the file says of a key.
    pub fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.section == section && entry.key == key)
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    section: Option<String>,
    entries: Vec<Entry>,
    errors: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, start: usize) {
        let text = without_comment(line);
        if text.trim().is_empty() {
            return;
        }
        let span = Span::new(self.source, start as u32, (start + line.len()) as u32);
        let indented = text.starts_with([' ', '\t']);
        if let (true, Some(last)) = (indented, self.entries.last_mut()) {
            last.value = format!("{}\n{}", last.value, text.trim()).trim().to_owned();
        } else if let Some(name) = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.section = Some(name.to_owned());
        } else {
            self.entry(text.trim(), span);
        }
    }

    fn entry(&mut self, text: &str, span: Span) {
        let Some(section) = &self.section else {
            let wrong =
                Diagnostic::error("config::section", "this line stands before any `[section]`", &span);
            return self.errors.push(wrong.help("begin the file with `[defaults]`"));
        };
        let Some((key, value)) = text.split_once(['=', ':']) else {
            let wrong = Diagnostic::error("config::line", "this is no `key = value`", &span);
            return self.errors.push(wrong.help("write `key = value`, or begin the line with `#`"));
        };
        let (section, key) = (section.clone(), key.trim().to_lowercase());
        self.entries.push(Entry { section, key, value: value.trim().to_owned(), span });
    }
}

/// A line that begins with `#` or `;` is a comment, and so is what follows a `;` after a blank.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    let blank = |at: usize| line[..at].ends_with([' ', '\t']);
    match line.match_indices(';').find(|(at, _)| blank(*at)) {
        Some((at, _)) => line[..at].trim_end(),
        None => line.trim_end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> String {
        let file = File::parse(Path::new("ansible.cfg"), text.to_owned()).unwrap();
        file.get("defaults", key).unwrap().value.clone()
    }

    #[test]
    fn comments_follow_a_blank_and_a_semicolon() {
        assert_eq!(value("[defaults]\nforks = 5 ; five\n", "forks"), "5");
        assert_eq!(value("[defaults]\na = x;y # z\n", "a"), "x;y # z");
    }

    #[test]
    fn an_indented_line_goes_on() {
        assert_eq!(value("[defaults]\nA: b,\n  c\n", "a"), "b,\nc");
    }

    #[test]
    fn every_wrong_line_is_told() {
        let errors = File::parse(Path::new("x"), "a = 1\n[defaults]\nnothing\n".to_owned()).unwrap_err();
        let codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, ["config::section", "config::line"]);
    }
}
