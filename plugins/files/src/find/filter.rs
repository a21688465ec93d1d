use fancy_regex::Regex;
use globset::{GlobBuilder, GlobMatcher};
use switchover_sdk::prelude::*;
use switchover_sdk::{Command, Entry};

use super::{AgeStamp, FileType, FindParams};
use crate::regex::{Flags, compile, found};

/// What is taken of what is found.
pub struct Filter {
    names: Vec<Name>,
    excluded: Vec<Name>,
    file_type: FileType,
    hidden: bool,
    /// Seconds since 1970 on the host, and the limit; negative for younger.
    age: Option<(f64, i64)>,
    age_stamp: AgeStamp,
    size: Option<i64>,
    mode: Option<(u32, bool)>,
    contains: Option<(Regex, bool)>,
}

enum Name {
    Glob(GlobMatcher),
    Regex(Regex),
}

impl Filter {
    /// Reads a task's wishes; asks the host for its clock when an age is given.
    pub fn new(params: &FindParams, host: &Host) -> Result<Self, Failure> {
        let names = |patterns: &[String]| -> Result<Vec<Name>, Failure> {
            let patterns = patterns.iter().filter(|pattern| !pattern.is_empty());
            patterns.map(|pattern| Name::new(pattern, params.use_regex)).collect()
        };
        let age = match &params.age {
            Some(age) => Some((clock(host)?, scaled(age, "age", AGES)?)),
            None => None,
        };
        let mode = match &params.mode {
            Some(mode) => Some((crate::mode::bits(&mode.0, 0, false)?, params.exact_mode)),
            None => None,
        };
        let contains = match &params.contains {
            Some(pattern) if params.read_whole_file => {
                Some((compile(pattern, Flags { multiline: true, dot_all: false })?, true))
            }
            Some(pattern) => Some((compile(&format!("^(?:{pattern})"), Flags::default())?, false)),
            None => None,
        };
        Ok(Self {
            names: names(&params.patterns)?,
            excluded: names(params.excludes.as_deref().unwrap_or_default())?,
            file_type: params.file_type,
            hidden: params.hidden,
            age,
            age_stamp: params.age_stamp,
            size: params.size.as_ref().map(|size| scaled(size, "size", SIZES)).transpose()?,
            mode,
            contains,
        })
    }

    /// Returns whether an entry is wanted; `below` is its path below the folder.
    pub fn takes(&self, entry: &Entry, below: &str, host: &Host) -> Result<bool, Failure> {
        let name = below.rsplit('/').next().unwrap_or(below);
        if !self.hidden && name.starts_with('.') {
            return Ok(false);
        }
        let kind = match self.file_type {
            FileType::Any => true,
            FileType::Directory => entry.stat.kind == FileKind::Directory,
            FileType::File => entry.stat.kind == FileKind::File,
            FileType::Link => entry.stat.kind == FileKind::Link,
        };
        if !kind || !self.named(name)? || !self.old_enough(&entry.stat) || !self.permitted(&entry.stat) {
            return Ok(false);
        }
        if entry.stat.kind == FileKind::File || self.file_type == FileType::Any {
            return Ok(self.large_enough(&entry.stat) && self.holds(entry, host)?);
        }
        Ok(true)
    }

    fn named(&self, name: &str) -> Result<bool, Failure> {
        let any = |names: &[Name]| -> Result<bool, Failure> {
            for pattern in names {
                if pattern.fits(name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        Ok((self.names.is_empty() || any(&self.names)?) && !any(&self.excluded)?)
    }

    fn old_enough(&self, stat: &FileStat) -> bool {
        let Some((now, limit)) = self.age else { return true };
        let time = match self.age_stamp {
            AgeStamp::Atime => stat.atime,
            AgeStamp::Ctime => stat.ctime,
            AgeStamp::Mtime => stat.mtime,
        };
        let age = now - time;
        if limit >= 0 { age >= limit as f64 } else { age <= -limit as f64 }
    }

    fn large_enough(&self, stat: &FileStat) -> bool {
        let Some(limit) = self.size else { return true };
        if limit >= 0 { stat.size >= limit.unsigned_abs() } else { stat.size <= limit.unsigned_abs() }
    }

    fn permitted(&self, stat: &FileStat) -> bool {
        match self.mode {
            None => true,
            Some((bits, true)) => stat.mode == bits,
            Some((bits, false)) => stat.mode & bits == bits,
        }
    }

    fn holds(&self, entry: &Entry, host: &Host) -> Result<bool, Failure> {
        let Some((regex, whole)) = &self.contains else { return Ok(true) };
        if entry.stat.kind != FileKind::File {
            return Ok(false);
        }
        let text = host.read(&entry.path)?.to_text();
        if *whole {
            return found(regex, &text);
        }
        for line in text.lines() {
            if found(regex, line)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Name {
    fn new(pattern: &str, regex: bool) -> Result<Self, Failure> {
        if regex {
            return Ok(Self::Regex(compile(&format!("^(?:{pattern})"), Flags::default())?));
        }
        let glob = GlobBuilder::new(pattern).backslash_escape(false).build();
        glob.map(|glob| Self::Glob(glob.compile_matcher()))
            .map_err(|error| Failure::arguments(format!("the pattern `{pattern}` is wrong: {error}")))
    }

    fn fits(&self, name: &str) -> Result<bool, Failure> {
        match self {
            Self::Glob(glob) => Ok(glob.is_match(name)),
            Self::Regex(regex) => found(regex, name),
        }
    }
}

const AGES: &[(char, i64)] = &[('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)];
const SIZES: &[(char, i64)] = &[('b', 1), ('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30), ('t', 1 << 40)];

/// Reads a number with a unit, such as `-2w`.
fn scaled(text: &str, what: &str, units: &[(char, i64)]) -> Result<i64, Failure> {
    let lower = text.trim().to_lowercase();
    let unit = lower.chars().last().filter(|unit| unit.is_ascii_alphabetic());
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match unit {
        None => Some(1),
        Some(unit) => units.iter().find(|(known, _)| *known == unit).map(|(_, factor)| *factor),
    };
    match (number.parse::<i64>().ok(), factor) {
        (Some(number), Some(factor)) if lower.len() - number.to_string().len() <= 1 => Ok(number * factor),
        _ => Err(Failure::new(format!("failed to process {what}")).with(what, text)),
    }
}

fn clock(host: &Host) -> Result<f64, Failure> {
    let said = host.output(&Command::new(["date", "+%s"]).reads())?;
    said.trim().parse().map_err(|_| Failure::new(format!("`date` gave no time: {said}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ages_and_sizes() {
        assert_eq!(scaled("2w", "age", AGES).unwrap(), 2 * 604_800);
        assert_eq!(scaled("-1d", "age", AGES).unwrap(), -86_400);
        assert_eq!(scaled("10M", "size", SIZES).unwrap(), 10 << 20);
        assert_eq!(scaled("7", "size", SIZES).unwrap(), 7);
        assert!(scaled("x", "size", SIZES).is_err());
        assert!(scaled("1y", "age", AGES).is_err());
    }
}
