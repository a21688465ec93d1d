use std::collections::BTreeMap;

use switchover_sdk::prelude::*;

use super::privileges::Privileges;

/// One account of a name, as it is on the server.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The host that it comes from.
    pub host: String,
    /// The hash of its password, or what its plugin compares with.
    pub stored: String,
    /// How it logs in.
    pub plugin: String,
    /// What `SHOW CREATE USER` and `SHOW GRANTS` say, where they were asked.
    pub lines: Vec<String>,
}

impl Account {
    /// Takes in a row of the server's list of users.
    pub fn read(row: &Value) -> Self {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        Self { host: text("host"), stored: text("stored"), plugin: text("plugin"), lines: Vec::new() }
    }

    /// Returns what it may.
    pub fn privileges(&self) -> Privileges {
        Privileges::granted(&self.lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Whether it may not log in.
    pub fn is_locked(&self) -> bool {
        self.words().windows(2).any(|pair| pair == [Word::plain("ACCOUNT"), Word::plain("LOCK")])
    }

    /// Returns what must be there of TLS, with its values.
    pub fn tls(&self) -> BTreeMap<String, String> {
        let words = self.words();
        let mut found = BTreeMap::new();
        let mut rest = words.iter().skip_while(|word| **word != Word::plain("REQUIRE")).skip(1).peekable();
        while let Some(Word { text, quoted: false }) = rest.next() {
            match (text.as_str(), rest.peek()) {
                ("SSL" | "X509", _) => {
                    found.insert(text.clone(), String::new());
                }
                ("CIPHER" | "ISSUER" | "SUBJECT", Some(Word { text: value, quoted: true })) => {
                    found.insert(text.clone(), value.clone());
                    rest.next();
                }
                ("AND", _) => {}
                _ => break,
            }
        }
        found
    }

    /// Returns the limits that are not those of everybody.
    pub fn limits(&self) -> BTreeMap<String, u64> {
        let words = self.words();
        let limit = |pair: &[Word]| match pair {
            [word, number] if !word.quoted && word.text.starts_with("MAX_") => {
                Some((word.text.clone(), number.text.parse().ok()?))
            }
            _ => None,
        };
        words.windows(2).filter_map(limit).collect()
    }

    /// Returns when the password ends: `NEVER`, `DEFAULT`, `INTERVAL 30 DAY`, or nothing for one that has ended.
    pub fn expiry(&self) -> String {
        let words = self.words();
        let at = words.windows(2).position(|pair| pair == [Word::plain("PASSWORD"), Word::plain("EXPIRE")]);
        let Some(at) = at else { return "DEFAULT".to_owned() };
        let word = |place: usize| words.get(at + place).map_or("", |word| word.text.as_str());
        match word(2) {
            kind @ ("NEVER" | "DEFAULT") => kind.to_owned(),
            "INTERVAL" => format!("INTERVAL {} DAY", word(3)),
            _ => String::new(),
        }
    }

    fn words(&self) -> Vec<Word> {
        self.lines.first().map(|line| words(line)).unwrap_or_default()
    }
}

/// A word of a statement, or what stood in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    quoted: bool,
}

impl Word {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), quoted: false }
    }
}

fn words(line: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut text = String::new();
        if c == '\'' || c == '`' {
            while let Some(inner) = chars.next() {
                match inner {
                    '\\' if c == '\'' => text.extend(chars.next()),
                    // A quote that stands twice is one of the text.
                    _ if inner == c && chars.next_if_eq(&c).is_none() => break,
                    _ => text.push(inner),
                }
            }
            found.push(Word { text, quoted: true });
            continue;
        }
        text.push(c);
        while let Some(more) = chars.next_if(|next| !next.is_whitespace() && !matches!(next, '\'' | '`')) {
            text.push(more);
        }
        found.push(Word { text, quoted: false });
    }
    found
}
