use fancy_regex::Regex;
use switchover_sdk::prelude::*;

use crate::regex::{found, spans_lines};

/// Where a block goes that is not there yet.
pub enum Place {
    Begin,
    End,
    After(Regex),
    Before(Regex),
}

/// Lines between two markers.
pub struct Block {
    pub begin: String,
    pub end: String,
    /// Empty when the block should not be there.
    pub lines: String,
    pub blank_before: bool,
    pub blank_after: bool,
}

impl Block {
    /// Returns the text with the block in it, or without it.
    pub fn put(&self, text: &str, place: &Place) -> Result<String, Failure> {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let at = match self.take_old(&mut lines) {
            Some(at) => at,
            None => place.index(&lines)?,
        };
        let wanted = self.wanted();
        if wanted.is_empty() && !self.blank_before && !self.blank_after {
            return Ok(lines.concat());
        }
        if let Some(last) =
            at.checked_sub(1).and_then(|index| lines.get_mut(index)).filter(|line| !line.ends_with('\n'))
        {
            last.push('\n');
        }
        let blank = |index: Option<usize>| {
            index.and_then(|index| lines.get(index)).is_some_and(|line: &String| line.trim().is_empty())
        };
        let before = self.blank_before && at > 0 && !blank(at.checked_sub(1));
        let after = self.blank_after && at < lines.len() && !blank(Some(at));
        let mut new = Vec::new();
        new.extend(before.then(|| "\n".to_owned()));
        new.extend(wanted);
        new.extend(after.then(|| "\n".to_owned()));
        lines.splice(at..at, new);
        Ok(lines.concat())
    }

    /// Takes the old block away and returns where it began. Markers in the wrong order mean what is between them.
    fn take_old(&self, lines: &mut Vec<String>) -> Option<usize> {
        let last =
            |marker: &str| lines.iter().rposition(|line| line.trim_end_matches(['\r', '\n']) == marker);
        let (begin, end) = (last(&self.begin)?, last(&self.end)?);
        let (first, last) = if begin < end { (begin, end) } else { (end, begin) };
        lines.drain(first..=last);
        Some(first)
    }

    fn wanted(&self) -> Vec<String> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let body = self.lines.strip_suffix('\n').unwrap_or(&self.lines);
        std::iter::once(self.begin.as_str())
            .chain(body.split('\n'))
            .chain(std::iter::once(self.end.as_str()))
            .map(|line| format!("{line}\n"))
            .collect()
    }
}

impl Place {
    /// Returns the line before which the block goes. An expression is held against each line, and the last one counts;
    /// one with the flag `(?m)` is held against the whole text, and its first match counts.
    fn index(&self, lines: &[String]) -> Result<usize, Failure> {
        let line = match self {
            Self::Begin => Some(0),
            Self::End => None,
            Self::After(regex) if spans_lines(regex) => {
                first_match(regex, lines)?.map(|found| line_at(lines, found.1) + 1)
            }
            Self::Before(regex) if spans_lines(regex) => {
                first_match(regex, lines)?.map(|found| line_at(lines, found.0))
            }
            Self::After(regex) => last_line(regex, lines)?.map(|index| index + 1),
            Self::Before(regex) => last_line(regex, lines)?,
        };
        Ok(line.map_or(lines.len(), |index| index.min(lines.len())))
    }
}

fn last_line(regex: &Regex, lines: &[String]) -> Result<Option<usize>, Failure> {
    let mut last = None;
    for (index, line) in lines.iter().enumerate() {
        if found(regex, line)? {
            last = Some(index);
        }
    }
    Ok(last)
}

/// Returns where the first match begins and ends in the whole text.
fn first_match(regex: &Regex, lines: &[String]) -> Result<Option<(usize, usize)>, Failure> {
    let text = lines.concat();
    let found = regex.find(&text).map_err(|error| Failure::arguments(error.to_string()))?;
    Ok(found.map(|found| (found.start(), found.end())))
}

/// Returns the line that holds the byte at `offset`.
fn line_at(lines: &[String], offset: usize) -> usize {
    let mut end = 0;
    lines
        .iter()
        .position(|line| {
            end += line.len();
            offset < end
        })
        .unwrap_or(lines.len())
}
