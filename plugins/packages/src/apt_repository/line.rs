/// A repository as a line of `sources.list`.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub enabled: bool,
    /// Type, options, address, suite and components, with one blank between.
    pub source: String,
    /// What stands behind `#`; empty when nothing does.
    pub comment: String,
}

impl Line {
    /// Reads a line; `None` when it names no repository.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (enabled, text) = match text.strip_prefix('#') {
            Some(rest) => (false, rest.trim_start_matches('#').trim()),
            None => (true, text),
        };
        let (source, comment) = text.split_once('#').unwrap_or((text, ""));
        let words: Vec<&str> = source.split_whitespace().collect();
        let kind = words.first().is_some_and(|word| matches!(*word, "deb" | "deb-src"));
        (kind && words.len() > 1).then(|| Self {
            enabled,
            source: words.join(" "),
            comment: comment.trim().to_owned(),
        })
    }

    /// Returns the line again.
    pub fn write(&self) -> String {
        let off = if self.enabled { "" } else { "# " };
        let comment = if self.comment.is_empty() { String::new() } else { format!(" # {}", self.comment) };
        format!("{off}{}{comment}\n", self.source)
    }

    /// Returns the name of a file for it: the address without its scheme and user, with `_` for all that is no letter or digit.
    pub fn file_name(&self) -> String {
        let rest = self.source.split_once(' ').map_or("", |(_, rest)| rest);
        let rest = match rest.strip_prefix('[') {
            Some(options) => options.split_once(']').map_or(rest, |(_, rest)| rest.trim_start()),
            None => rest,
        };
        let address = rest.split(' ').next().unwrap_or_default();
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let address = address.rsplit_once('@').map_or(address, |(_, rest)| rest);
        let words: Vec<&str> =
            address.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.join("_")
    }
}
