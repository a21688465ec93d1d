use std::cmp::Ordering;

/// A version of a Python package, as PEP 440 orders them. Local parts (`+x`) are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    epoch: u64,
    /// Without zeros at the end, but see [`Version::compatible`].
    release: Vec<u64>,
    /// How many numbers were written.
    written: usize,
    /// `a`, `b` or `r`, and a number.
    pre: Option<(char, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
}

impl Version {
    /// Reads a version; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let text = text.split('+').next().unwrap_or_default();
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let mut release =
            numbers.trim_end_matches('.').split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
        let written = release.len();
        while release.len() > 1 && release.last() == Some(&0) {
            release.pop();
        }
        let mut version = Self { epoch, release, written, pre: None, post: None, dev: None };
        version.read_suffixes(rest)?;
        Some(version)
    }

    fn read_suffixes(&mut self, mut rest: &str) -> Option<()> {
        while !rest.is_empty() {
            let dashed = rest.starts_with('-');
            rest = rest.trim_start_matches(['.', '-', '_']);
            let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
            rest = rest[word.len()..].trim_start_matches(['.', '-', '_']);
            let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
            rest = &rest[digits.len()..];
            let number = if digits.is_empty() { 0 } else { digits.parse().ok()? };
            match word {
                "a" | "alpha" => self.pre = Some(('a', number)),
                "b" | "beta" => self.pre = Some(('b', number)),
                "c" | "rc" | "pre" | "preview" => self.pre = Some(('r', number)),
                "post" | "rev" | "r" => self.post = Some(number),
                "dev" => self.dev = Some(number),
                "" if dashed && !digits.is_empty() => self.post = Some(number),
                _ => return None,
            }
        }
        Some(())
    }

    pub fn is_pre(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    pub fn is_post(&self) -> bool {
        self.post.is_some()
    }

    pub fn same_release(&self, other: &Self) -> bool {
        (self.epoch, &self.release) == (other.epoch, &other.release)
    }

    /// Returns whether the release begins with the numbers that `prefix` was written with.
    pub fn begins_with(&self, prefix: &Self) -> bool {
        let number = |version: &Self, index: usize| version.release.get(index).copied().unwrap_or(0);
        self.epoch == prefix.epoch
            && (0..prefix.written).all(|index| number(self, index) == number(prefix, index))
    }

    /// Returns what a version that `~=` allows begins with.
    pub fn compatible(&self) -> Self {
        Self { written: self.written.saturating_sub(1), ..self.clone() }
    }

    /// A development release comes before all, a final one after its candidates.
    fn phase(&self) -> (u8, char, u64) {
        match self.pre {
            Some((kind, number)) => (1, kind, number),
            None if self.post.is_none() && self.dev.is_some() => (0, ' ', 0),
            None => (2, ' ', 0),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let post = |version: &Self| version.post.map_or(0, |number| number + 1);
        let dev = |version: &Self| version.dev.unwrap_or(u64::MAX);
        let length = self.release.len().max(other.release.len());
        let number = |version: &Self, index: usize| version.release.get(index).copied().unwrap_or(0);
        let release = (0..length)
            .map(|index| number(self, index).cmp(&number(other, index)))
            .find(|order| order.is_ne());
        self.epoch
            .cmp(&other.epoch)
            .then(release.unwrap_or(Ordering::Equal))
            .then_with(|| self.phase().cmp(&other.phase()))
            .then_with(|| post(self).cmp(&post(other)))
            .then_with(|| dev(self).cmp(&dev(other)))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions_as_pep_440_does() {
        let ordered = [
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev4",
            "1.0a12",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0.post1",
            "1.1",
            "1!0.1",
        ];
        for (index, left) in ordered.iter().enumerate().skip(2) {
            for (other, right) in ordered.iter().enumerate().skip(2) {
                let order = Version::read(left).unwrap().cmp(&Version::read(right).unwrap());
                assert_eq!(order == Ordering::Less, index < other, "{left} and {right}");
            }
        }
        assert_eq!(Version::read("1.0-1"), Version::read("1.0.post1"));
        assert_eq!(Version::read("abc"), None);
    }
}
