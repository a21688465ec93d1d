use fancy_regex::Regex;
use switchover_sdk::prelude::*;

use crate::regex::{expand, found};

/// Where a line goes that replaces none.
pub enum Place {
    Begin,
    End,
    After(Regex),
    Before(Regex),
}

/// What a look through the lines gave.
pub enum Found {
    /// The line to replace: the one that the expression or text found, or that is the wanted line already.
    Line { index: usize, captured: Option<Captured> },
    /// None; `place` is the index where the expression for a place puts a new line.
    Nothing { place: Option<usize> },
}

/// An expression and the line in which it was found, to fill groups in.
pub struct Captured {
    regex: Regex,
    line: String,
}

impl Captured {
    /// Fills the groups into a line.
    pub fn expand(&self, line: &str) -> Result<String, Failure> {
        match self.regex.captures(self.line.as_str()) {
            Ok(Some(captures)) => expand(line, &captures),
            Ok(None) => Ok(line.to_owned()),
            Err(error) => Err(Failure::new(format!("the regular expression gave up: {error}"))),
        }
    }
}

/// The lines of a file, each with its end as it was.
pub struct Lines(Vec<String>);

impl Lines {
    pub fn read(text: &str) -> Self {
        Self(text.split_inclusive('\n').map(str::to_owned).collect())
    }

    pub fn text(&self) -> String {
        self.0.concat()
    }

    /// Looks for the line to replace, and for the place of a new one.
    pub fn look(
        &self,
        line: &str,
        regex: Option<&Regex>,
        search: Option<&str>,
        place: &Place,
        first: bool,
    ) -> Result<Found, Failure> {
        if let Some(index) = self.find(regex, search, first)? {
            let captured = regex.map(|regex| Captured { regex: regex.clone(), line: self.0[index].clone() });
            return Ok(Found::Line { index, captured });
        }
        let mut found_line = None;
        let mut found_place = None;
        for (index, current) in self.0.iter().enumerate() {
            if bare(current) == line {
                found_line = Some(index);
            } else if let Some(offset) = place.at(current)? {
                found_place = Some(index + offset);
                if first {
                    break;
                }
            }
        }
        Ok(match found_line {
            Some(index) => Found::Line { index, captured: None },
            None => Found::Nothing { place: found_place },
        })
    }

    fn find(
        &self,
        regex: Option<&Regex>,
        search: Option<&str>,
        first: bool,
    ) -> Result<Option<usize>, Failure> {
        let mut last = None;
        for (index, current) in self.0.iter().enumerate() {
            if matches(current, regex, search)? {
                last = Some(index);
                if first {
                    break;
                }
            }
        }
        Ok(last)
    }

    /// Puts a line in place of another; returns whether anything changed.
    pub fn replace(&mut self, index: usize, line: &str) -> bool {
        let line = ended(line);
        let differs = self.0[index] != line;
        self.0[index] = line;
        differs
    }

    /// Puts a new line at its place: at the end when its place was not found. Returns false when the line already
    /// stands there.
    pub fn insert(&mut self, place: &Place, index: Option<usize>, line: &str) -> bool {
        match (place, index) {
            (Place::Begin, _) => self.0.insert(0, ended(line)),
            (Place::End, _) | (_, None) => self.append(line),
            (Place::After(_), Some(index)) => {
                let beside = self.0.get(index).or_else(|| self.0.get(index.wrapping_sub(1)));
                if beside.is_some_and(|beside| bare(beside) == line) {
                    return false;
                }
                if index == self.0.len() { self.append(line) } else { self.0.insert(index, ended(line)) }
            }
            (Place::Before(_), Some(index)) => {
                let beside = self.0.get(index.saturating_sub(1));
                if beside.is_some_and(|beside| bare(beside) == line) {
                    return false;
                }
                self.0.insert(index, ended(line));
            }
        }
        true
    }

    fn append(&mut self, line: &str) {
        if let Some(last) = self.0.last_mut().filter(|last| !last.ends_with(['\n', '\r'])) {
            last.push('\n');
        }
        self.0.push(ended(line));
    }

    /// Removes every line that is meant; returns how many.
    pub fn remove(
        &mut self,
        regex: Option<&Regex>,
        search: Option<&str>,
        line: Option<&str>,
    ) -> Result<usize, Failure> {
        let before = self.0.len();
        let mut kept = Vec::new();
        for current in std::mem::take(&mut self.0) {
            let meant = match (regex, search) {
                (None, None) => line.is_some_and(|line| bare(&current) == line),
                _ => matches(&current, regex, search)?,
            };
            if !meant {
                kept.push(current);
            }
        }
        self.0 = kept;
        Ok(before - self.0.len())
    }
}

impl Place {
    /// Returns how far from this line the new one goes, when this is the place.
    fn at(&self, line: &str) -> Result<Option<usize>, Failure> {
        Ok(match self {
            Self::After(regex) => found(regex, line)?.then_some(1),
            Self::Before(regex) => found(regex, line)?.then_some(0),
            Self::Begin | Self::End => None,
        })
    }
}

fn matches(line: &str, regex: Option<&Regex>, search: Option<&str>) -> Result<bool, Failure> {
    match (regex, search) {
        (Some(regex), _) => found(regex, line),
        (None, Some(search)) => Ok(line.contains(search)),
        (None, None) => Ok(false),
    }
}

fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn ended(line: &str) -> String {
    if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") }
}
