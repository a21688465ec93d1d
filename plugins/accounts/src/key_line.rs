//! A line of `authorized_keys`: options, type, key, comment.

/// A key with all that stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyLine {
    /// As written, such as `no-pty,command="a b"`; empty when there are none.
    pub options: String,
    pub kind: String,
    /// Base64.
    pub blob: String,
    pub comment: String,
}

impl KeyLine {
    /// Reads a line; `None` when it holds no key.
    pub fn read(line: &str) -> Option<Self> {
        let (first, rest) = word(line.trim());
        let (options, kind, rest) = if is_kind(first) {
            ("", first, rest)
        } else {
            let (second, rest) = word(rest);
            (first, second, rest)
        };
        let (blob, comment) = word(rest);
        (is_kind(kind) && !blob.is_empty()).then(|| Self {
            options: options.to_owned(),
            kind: kind.to_owned(),
            blob: blob.to_owned(),
            comment: comment.to_owned(),
        })
    }

    /// Returns the line again.
    pub fn write(&self) -> String {
        let words = [&self.options, &self.kind, &self.blob, &self.comment];
        let words: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }

    /// Returns whether both say the same, in whatever order the options stand.
    pub fn same(&self, other: &Self) -> bool {
        let options = |line: &Self| {
            let mut options: Vec<String> = split_quoted(&line.options, ',').map(str::to_owned).collect();
            options.sort();
            options
        };
        (&self.kind, &self.blob, &self.comment) == (&other.kind, &other.blob, &other.comment)
            && options(self) == options(other)
    }
}

/// Returns whether a word is the name of a key's type.
pub fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|head| word.starts_with(head))
}

/// Splits the first word off; blanks in quotes do not end it.
fn word(text: &str) -> (&str, &str) {
    let first = split_quoted(text, ' ').next().unwrap_or_default();
    let first = if first.contains('"') { first } else { first.split('\t').next().unwrap_or_default() };
    (first, text[first.len()..].trim_start())
}

fn split_quoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let ends = c == separator && !quoted;
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys_with_and_without_options() {
        let plain = KeyLine::read("ssh-rsa AAAA me at home").unwrap();
        assert_eq!((&*plain.options, &*plain.blob, &*plain.comment), ("", "AAAA", "me at home"));
        let text = r#"no-pty,command="echo \"a b\"" ssh-ed25519 BBBB"#;
        let with = KeyLine::read(text).unwrap();
        assert_eq!(with.options, r#"no-pty,command="echo \"a b\"""#);
        assert_eq!((&*with.kind, &*with.blob), ("ssh-ed25519", "BBBB"));
        assert_eq!(with.write(), text);
    }

    #[test]
    fn holds_no_key() {
        for line in ["", "# ssh-rsa", "garbage", "ssh-rsa", "a b c"] {
            assert_eq!(KeyLine::read(line), None, "{line}");
        }
    }

    #[test]
    fn the_order_of_options_does_not_matter() {
        let one = KeyLine::read("no-pty,from=\"a,b\" ssh-rsa AAAA").unwrap();
        assert!(one.same(&KeyLine::read("from=\"a,b\",no-pty ssh-rsa AAAA").unwrap()));
        assert!(!one.same(&KeyLine::read("no-pty ssh-rsa AAAA").unwrap()));
    }
}
