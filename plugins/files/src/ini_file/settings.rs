use std::ops::Range;

use switchover_sdk::prelude::*;

use super::{IniFileParams, State};

/// What a task wants of the text of a file.
pub struct Settings<'a> {
    pub params: &'a IniFileParams,
    /// No value stands for an option without `=`.
    pub values: Vec<&'a str>,
    pub has: Vec<HasValues>,
}

/// What the section must hold to be the one that is meant.
pub struct HasValues {
    option: String,
    values: Vec<String>,
}

/// A line as far as one option is concerned.
struct Line<'a> {
    /// Stands in a comment.
    inactive: bool,
    /// `None` without `=`.
    value: Option<&'a str>,
}

impl HasValues {
    /// Reads an element of `section_has_values`.
    pub fn read(map: &Map) -> Result<Self, Failure> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let Some(option) = map.get("option") else {
            return Err(Failure::arguments("missing required arguments: option found in section_has_values"));
        };
        let values = match (map.get("value"), map.get("values")) {
            (Some(value), None) => vec![text(value)],
            (None, Some(Value::Array(values))) => values.iter().map(text).collect(),
            (None, None) => Vec::new(),
            _ => {
                return Err(Failure::arguments(
                    "parameters are mutually exclusive: value|values found in section_has_values",
                ));
            }
        };
        Ok(Self { option: text(option), values })
    }

    fn holds(&self, lines: &[String]) -> bool {
        let values: Vec<Option<&str>> = lines
            .iter()
            .filter_map(|line| read(line, &self.option))
            .filter(|line| !line.inactive)
            .map(|line| line.value)
            .collect();
        !values.is_empty() && self.values.iter().all(|wanted| values.contains(&Some(wanted.as_str())))
    }
}

impl Settings<'_> {
    /// Returns the text as it should be, and what was done.
    pub fn edited(&self, before: &str) -> (String, String) {
        let before = before.trim_start_matches('\u{feff}');
        let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
        if lines.is_empty() && self.params.state == State::Present {
            lines.push(String::new());
        }
        let msg = match (self.section(&lines), self.params.state, &self.params.option) {
            (Some(section), State::Present, Some(option)) => self.set(&mut lines, section, option),
            (Some(section), State::Absent, Some(option)) => self.unset(&mut lines, section, option),
            (Some(_), State::Absent, None) => self.remove_sections(&mut lines),
            (None, State::Present, option) => self.add_section(&mut lines, option.as_deref()),
            (Some(_), State::Present, None) | (None, State::Absent, _) => "OK",
        };
        (lines.iter().map(|line| format!("{line}\n")).collect(), msg.to_owned())
    }

    /// Returns the lines of the section that is meant, its head among them.
    fn section(&self, lines: &[String]) -> Option<Range<usize>> {
        let Some(name) = &self.params.section else {
            return Some(0..lines.iter().position(|line| head(line).is_some()).unwrap_or(lines.len()));
        };
        let named = (0..lines.len()).filter(|at| head(&lines[*at]) == Some(name));
        let mut ranges = named.map(|at| at..next_head(lines, at));
        ranges.find(|range| self.has.iter().all(|has| has.holds(&lines[range.clone()])))
    }

    fn set(&self, lines: &mut Vec<String>, section: Range<usize>, option: &str) -> &'static str {
        let mut wanted: Vec<Option<&str>> = self.values.iter().copied().map(Some).collect();
        if wanted.is_empty() {
            wanted.push(None);
        }
        let mut kept: Vec<usize> = Vec::new();
        let mut changed = false;
        // Lines that have one of the values stay where they are.
        for at in section.clone() {
            let Some(line) = self.line(&lines[at], option) else { continue };
            let Some(index) = wanted.iter().position(|value| *value == line.value) else { continue };
            let (value, active) = (wanted.remove(index), !line.inactive);
            changed |= self.put(&mut lines[at], option, value, active);
            kept.push(at);
        }
        let mut removed = Vec::new();
        if self.params.exclusive {
            for at in section.clone().filter(|at| !kept.contains(at)) {
                let Some(line) = self.line(&lines[at], option) else { continue };
                if !wanted.is_empty() {
                    let value = wanted.remove(0);
                    changed |= self.put(&mut lines[at], option, value, false);
                } else if !line.inactive {
                    removed.push(at);
                }
            }
        }
        let added = !wanted.is_empty();
        let last = section.clone().rev().find(|at| is_setting(&lines[*at]));
        let at = last.map_or(section.start, |at| at + 1);
        for value in wanted.into_iter().rev() {
            lines.insert(at, self.written(option, value));
        }
        for at in removed.iter().rev() {
            lines.remove(*at);
        }
        match (added, changed || !removed.is_empty()) {
            (true, _) => "option added",
            (false, true) => "option changed",
            (false, false) => "OK",
        }
    }

    /// Writes a line where it has to be another; returns whether it was.
    fn put(&self, line: &mut String, option: &str, value: Option<&str>, same_value: bool) -> bool {
        let new = self.written(option, value);
        if *line == new || (same_value && self.params.ignore_spaces) {
            return false;
        }
        *line = new;
        true
    }

    fn unset(&self, lines: &mut Vec<String>, section: Range<usize>, option: &str) -> &'static str {
        let before = lines.len();
        let goes = |line: &str| {
            read(line, option).is_some_and(|line| {
                let named = line.value.is_some_and(|value| self.values.contains(&value));
                !line.inactive && (self.params.exclusive || named)
            })
        };
        let mut at = 0;
        lines.retain(|line| {
            at += 1;
            !(section.contains(&(at - 1)) && goes(line))
        });
        if lines.len() == before { "OK" } else { "option changed" }
    }

    /// All sections of the name go, or the one that has the values.
    fn remove_sections(&self, lines: &mut Vec<String>) -> &'static str {
        while let Some(section) = self.section(lines) {
            lines.drain(section);
            if !self.has.is_empty() {
                break;
            }
        }
        "section removed"
    }

    fn add_section(&self, lines: &mut Vec<String>, option: Option<&str>) -> &'static str {
        lines.push(format!("[{}]", self.params.section.as_deref().unwrap_or_default()));
        for has in &self.has {
            lines.extend(has.values.iter().map(|value| self.written(&has.option, Some(value))));
        }
        let Some(option) = option else { return "only section added" };
        match self.values.as_slice() {
            [] => lines.push(self.written(option, None)),
            values => lines.extend(values.iter().map(|value| self.written(option, Some(value)))),
        }
        "section and option added"
    }

    /// Reads a line that has the option; one in a comment only when it may become the option.
    fn line<'l>(&self, line: &'l str, option: &str) -> Option<Line<'l>> {
        read(line, option).filter(|line| !line.inactive || self.params.modify_inactive_option)
    }

    fn written(&self, option: &str, value: Option<&str>) -> String {
        match value {
            Some(value) if self.params.no_extra_spaces => format!("{option}={value}"),
            Some(value) => format!("{option} = {value}"),
            None => option.to_owned(),
        }
    }
}

/// Reads a line that has this option, also in a comment.
fn read<'a>(line: &'a str, option: &str) -> Option<Line<'a>> {
    let text = line.trim_start();
    let bare = text.strip_prefix(['#', ';']);
    let rest = bare.unwrap_or(text).trim_start().strip_prefix(option)?.trim_start();
    let value = match rest.strip_prefix('=') {
        Some(value) => Some(value.trim()),
        None if rest.is_empty() => None,
        None => return None,
    };
    Some(Line { inactive: bare.is_some(), value })
}

/// Returns the name in the head of a section.
fn head(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split_once(']').map(|(name, _)| name.trim())
}

fn next_head(lines: &[String], at: usize) -> usize {
    (at + 1..lines.len()).find(|next| head(&lines[*next]).is_some()).unwrap_or(lines.len())
}

/// Returns whether new lines go behind this one: it is neither blank nor a comment.
fn is_setting(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.starts_with(['#', ';'])
}
