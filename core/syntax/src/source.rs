use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Text;

/// A mark that some editors put before a text; it takes no column.
const BOM: char = '\u{feff}';

/// A text that was read, with its name and the places where its lines begin.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user would write it, or a name such as `<extra vars>`.
    pub name: PathBuf,
    pub text: String,
    /// The file is encrypted: see [`Text`].
    pub sealed: bool,
    line_starts: Vec<u32>,
}

impl Source {
    /// Returns a source for this text.
    pub fn new(name: impl Into<PathBuf>, text: impl Into<Text>) -> Arc<Self> {
        let Text { text, sealed } = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        Arc::new(Self { name: name.into(), text, sealed, line_starts })
    }

    /// Returns the path or name.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Returns line and column (both from 1, columns in characters) of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.line_starts[line] as usize;
        let end = (offset as usize).clamp(start, self.text.len());
        let column = self.text.get(start..end).map_or(0, |t| t.trim_start_matches(BOM).chars().count()) + 1;
        Position { line: line as u32 + 1, column: column as u32 }
    }

    /// Returns the byte offset at which a line (from 1) begins.
    pub fn line_start(&self, number: u32) -> u32 {
        let index = number.saturating_sub(1) as usize;
        self.line_starts.get(index).copied().unwrap_or(self.text.len() as u32)
    }

    /// Returns the text of a line (from 1) to be shown, without its line break; nothing of an encrypted file.
    pub fn line(&self, number: u32) -> &str {
        if self.sealed {
            return "";
        }
        let index = number.saturating_sub(1) as usize;
        let Some(start) = self.line_starts.get(index) else { return "" };
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |e| *e as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }
}

/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// A range of bytes in a source.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    pub source: Arc<Source>,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// Returns the range.
    pub fn new(source: &Arc<Source>, start: u32, end: u32) -> Self {
        Self { source: Arc::clone(source), start, end }
    }

    /// Returns where the range begins.
    pub fn position(&self) -> Position {
        self.source.position(self.start)
    }
}

impl std::fmt::Display for Span {
    /// Writes `path:line:column`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.position();
        write!(f, "{}:{}:{}", self.source.name.display(), at.line, at.column)
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
