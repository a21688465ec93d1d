//! Orders of versions: Ansible's `version` test has several.

use std::cmp::Ordering;

/// Orders versions as Python's `LooseVersion` did: numbers and words in turn; a number and a word have no order.
pub fn loose(left: &str, right: &str) -> Result<Ordering, String> {
    let (a, b) = (loose_parts(left), loose_parts(right));
    for (x, y) in a.iter().zip(&b) {
        let ordering = match (x, y) {
            (Part::Number(x), Part::Number(y)) => x.cmp(y),
            (Part::Word(x), Part::Word(y)) => x.cmp(y),
            (Part::Number(x), Part::Word(y)) | (Part::Word(y), Part::Number(x)) => {
                return Err(format!(
                    "'{left}' and '{right}' cannot be compared: {x} and '{y}' have no order"
                ));
            }
        };
        if ordering != Ordering::Equal {
            return Ok(ordering);
        }
    }
    Ok(a.len().cmp(&b.len()))
}

#[derive(PartialEq, Eq)]
enum Part {
    Number(u128),
    Word(String),
}

fn loose_parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            first if first.is_ascii_digit() => c.is_ascii_digit(),
            first if first.is_ascii_lowercase() => c.is_ascii_lowercase(),
            first => first != '.' && !c.is_ascii_digit() && !c.is_ascii_lowercase() && c != '.',
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        if part != "." {
            parts.push(part.parse().map_or_else(|_| Part::Word(part.to_string()), Part::Number));
        }
        rest = after;
    }
    parts
}

/// Orders versions as `StrictVersion` did: `N.N[.N][(a|b)N]`.
pub fn strict(left: &str, right: &str) -> Result<Ordering, String> {
    Ok(strict_parts(left)?.cmp(&strict_parts(right)?))
}

type Strict = (Vec<u64>, Option<(char, u64)>);

/// A version without a pre-release comes after those with one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct StrictKey(Vec<u64>, bool, Option<(char, u64)>);

fn strict_parts(text: &str) -> Result<StrictKey, String> {
    let wrong = || format!("invalid version number '{text}'");
    let (numbers, pre): Strict = match text.find(['a', 'b']) {
        Some(at) => {
            let letter = text[at..].chars().next().ok_or_else(wrong)?;
            (
                dotted(&text[..at]).ok_or_else(wrong)?,
                Some((letter, text[at + 1..].parse().map_err(|_| wrong())?)),
            )
        }
        None => (dotted(text).ok_or_else(wrong)?, None),
    };
    if !(2..=3).contains(&numbers.len()) {
        return Err(wrong());
    }
    let mut numbers = numbers;
    numbers.resize(3, 0);
    Ok(StrictKey(numbers, pre.is_none(), pre))
}

fn dotted(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

/// Orders semantic versions (semver.org, section 11).
pub fn semantic(left: &str, right: &str) -> Result<Ordering, String> {
    let (a, b) = (semantic_parts(left)?, semantic_parts(right)?);
    Ok(a.0.cmp(&b.0).then_with(|| match (a.1.is_empty(), b.1.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => pre_releases(&a.1, &b.1),
    }))
}

fn semantic_parts(text: &str) -> Result<(Vec<u64>, Vec<String>), String> {
    let wrong = || format!("invalid semantic version '{text}'");
    let core = text.strip_prefix('v').unwrap_or(text);
    let core = core.split('+').next().unwrap_or(core);
    let (numbers, pre) = core.split_once('-').unwrap_or((core, ""));
    let numbers = dotted(numbers).filter(|numbers| numbers.len() == 3).ok_or_else(wrong)?;
    let pre = if pre.is_empty() { Vec::new() } else { pre.split('.').map(str::to_string).collect() };
    Ok((numbers, pre))
}

fn pre_releases(left: &[String], right: &[String]) -> Ordering {
    for (a, b) in left.iter().zip(right) {
        let ordering = match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => a.cmp(b),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    left.len().cmp(&right.len())
}

/// Orders Python's versions (PEP 440).
pub fn pep440(left: &str, right: &str) -> Result<Ordering, String> {
    Ok(Pep440::parse(left)?.cmp(&Pep440::parse(right)?))
}

/// A version of PEP 440; the order of the fields is the order of their weight.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pep440 {
    epoch: u64,
    release: Vec<u64>,
    /// `dev` without `pre` comes before all pre-releases, a final release after them.
    pre: (u8, u8, u64),
    post: Option<u64>,
    dev: (bool, u64),
    local: Vec<String>,
}

impl Pep440 {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("invalid version '{text}'");
        let lower = text.trim().to_ascii_lowercase();
        let (public, local) = lower.split_once('+').unwrap_or((&lower, ""));
        let public = public.strip_prefix('v').unwrap_or(public);
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().map_err(|_| wrong())?, rest),
            None => (0, public),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let mut release = dotted(rest[..end].trim_end_matches('.')).ok_or_else(wrong)?;
        while release.last() == Some(&0) {
            release.pop();
        }
        let mut version =
            Self { epoch, release, pre: (2, 0, 0), post: None, dev: (true, 0), local: Vec::new() };
        version.suffixes(&rest[end..]).ok_or_else(wrong)?;
        version.local =
            local.split(['.', '-', '_']).filter(|part| !part.is_empty()).map(str::to_string).collect();
        Ok(version)
    }

    fn suffixes(&mut self, text: &str) -> Option<()> {
        let mut rest = text;
        let mut has_pre = false;
        while !rest.is_empty() {
            rest = rest.trim_start_matches(['.', '-', '_']);
            let word_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(word_end);
            let after = after.trim_start_matches(['.', '-', '_']);
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let number = if digits == 0 { 0 } else { after[..digits].parse().ok()? };
            let stage = match word {
                "a" | "alpha" => Some(0),
                "b" | "beta" => Some(1),
                "rc" | "c" | "pre" | "preview" => Some(2),
                _ => None,
            };
            match (stage, word) {
                (Some(stage), _) => {
                    self.pre = (1, stage, number);
                    has_pre = true;
                }
                (None, "post" | "rev" | "r" | "") if digits > 0 || !word.is_empty() => {
                    self.post = Some(number)
                }
                (None, "dev") => self.dev = (false, number),
                _ => return None,
            }
            rest = &after[digits..];
        }
        if !has_pre && !self.dev.0 && self.post.is_none() {
            self.pre = (0, 0, 0);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_orders_numbers_as_numbers() {
        assert_eq!(loose("1.10", "1.9"), Ok(Ordering::Greater));
        assert_eq!(loose("1.0.2", "1.0"), Ok(Ordering::Greater));
        assert_eq!(loose("1.2-3.el7", "1.2-4.el7"), Ok(Ordering::Less));
        assert!(loose("1.a", "1.2").is_err());
    }

    #[test]
    fn pre_releases_come_first() {
        assert_eq!(semantic("1.0.0-rc.1", "1.0.0"), Ok(Ordering::Less));
        assert_eq!(semantic("1.0.0-2", "1.0.0-10"), Ok(Ordering::Less));
        assert_eq!(strict("1.2b1", "1.2"), Ok(Ordering::Less));
        assert_eq!(pep440("1.0rc1", "1.0"), Ok(Ordering::Less));
        assert_eq!(pep440("1.0.dev1", "1.0a1"), Ok(Ordering::Less));
        assert_eq!(pep440("1.0.post1", "1.0"), Ok(Ordering::Greater));
        assert_eq!(pep440("1.0.0", "1"), Ok(Ordering::Equal));
    }
}
