//! What selects hosts: `all`, `web:&db:!web1`, `web[0:2]`, `~regex`, `*.example.com`.

pub mod glob;
mod split;
mod subscript;

use std::path::Path;

use fancy_regex::Regex;
use thiserror::Error;

use crate::Files;

pub(crate) use glob::Glob;
pub(crate) use subscript::Subscript;

/// A pattern of hosts, parsed.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(crate) parts: Vec<Part>,
}

/// Why a text is no pattern.
#[derive(Debug, Error)]
pub enum PatternError {
    #[error("`{pattern}` is no regular expression")]
    Regex {
        pattern: String,
        #[source]
        source: Box<fancy_regex::Error>,
    },
    #[error("cannot read the limit file {path}")]
    LimitFile {
        path: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("`{0}`: write `[x:y]`, not `[x-y]`")]
    OldRange(String),
}

/// What a part does with the hosts that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Add,
    Keep,
    Remove,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) operation: Operation,
    pub(crate) matcher: Matcher,
    pub(crate) subscript: Option<Subscript>,
    /// The name without operation and subscript, for messages.
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    Name(String),
    Glob(Glob),
    /// Matches at the beginning of a name, as Python's `re.match` does.
    Regex(Regex),
}

impl Matcher {
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Glob(glob) => glob.matches(name),
            // An expression that gives up on a name does not match it.
            Self::Regex(regex) => regex.is_match(name).unwrap_or(false),
        }
    }
}

impl Pattern {
    /// Returns the pattern of `hosts:` in a play. Parts are separated by `:` or, when there is one, by `,`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::of(split::split(text))
    }

    /// Returns the pattern of `--limit`, in which `@file` stands for the lines of a file.
    pub fn parse_limit(text: &str, files: &dyn Files) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        for part in split::split(text) {
            let Some(path) = part.strip_prefix('@') else {
                parts.push(part);
                continue;
            };
            let text = files
                .text(Path::new(path))
                .map_err(|source| PatternError::LimitFile { path: path.to_owned(), source })?;
            parts.extend(text.text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned));
        }
        Self::of(parts)
    }

    /// Additions come first, then `&`, then `!`, in whatever order they were written; without an addition `all` is meant.
    fn of(texts: Vec<String>) -> Result<Self, PatternError> {
        let mut parts: Vec<Part> = texts.iter().map(|text| Part::parse(text)).collect::<Result<_, _>>()?;
        if !parts.iter().any(|part| part.operation == Operation::Add) {
            parts.push(Part::parse("all")?);
        }
        parts.sort_by_key(|part| part.operation);
        Ok(Self { parts })
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, PatternError> {
        let (operation, text) = match text.chars().next() {
            Some('&') => (Operation::Keep, &text[1..]),
            Some('!') => (Operation::Remove, &text[1..]),
            _ => (Operation::Add, text),
        };
        if let Some(expression) = text.strip_prefix('~') {
            let regex = Regex::new(&format!("^(?:{expression})")).map_err(|source| PatternError::Regex {
                pattern: text.to_owned(),
                source: Box::new(source),
            })?;
            return Ok(Self {
                operation,
                matcher: Matcher::Regex(regex),
                subscript: None,
                text: text.to_owned(),
            });
        }
        let (name, subscript) = subscript::split(text)?;
        let matcher = if name.contains(['*', '?', '[']) {
            Matcher::Glob(Glob::new(name))
        } else {
            Matcher::Name(name.to_owned())
        };
        Ok(Self { operation, matcher, subscript, text: name.to_owned() })
    }

    /// Returns whether hosts are looked at even when a group matches.
    pub(crate) fn looks_at_hosts(&self) -> bool {
        !matches!(&self.matcher, Matcher::Name(name) if !name.contains('.'))
    }
}
