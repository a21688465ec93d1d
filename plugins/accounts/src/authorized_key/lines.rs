use crate::key_line::KeyLine;

/// The lines of an `authorized_keys` file; what is no key stays as it is.
pub struct Lines(Vec<Line>);

enum Line {
    Key(KeyLine),
    Other(String),
}

impl Lines {
    /// Reads the file's text.
    pub fn read(text: &str) -> Self {
        let line = |line: &str| match KeyLine::read(line) {
            Some(key) if !line.trim_start().starts_with('#') => Line::Key(key),
            _ => Line::Other(line.to_owned()),
        };
        Self(text.lines().map(line).collect())
    }

    /// Returns the file's text, with a line end after each line.
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|line| match line {
            Line::Key(key) => key.write() + "\n",
            Line::Other(text) => text.clone() + "\n",
        });
        lines.collect()
    }

    /// Adds keys at the end. The same key with other options or another comment goes; with `exclusive`, all else goes.
    pub fn add(&mut self, wanted: &[KeyLine], exclusive: bool) {
        self.0.retain(|line| match line {
            Line::Key(key) => match wanted.iter().rfind(|wanted| wanted.blob == key.blob) {
                Some(wanted) => wanted.same(key),
                None => !exclusive,
            },
            Line::Other(_) => !exclusive,
        });
        for (index, key) in wanted.iter().enumerate() {
            let later = wanted[index + 1..].iter().any(|other| other.blob == key.blob);
            let there = self.0.iter().any(|line| matches!(line, Line::Key(is) if is.blob == key.blob));
            if !later && !there {
                self.0.push(Line::Key(key.clone()));
            }
        }
    }

    /// Removes keys, whatever their options and comments.
    pub fn remove(&mut self, unwanted: &[KeyLine]) {
        self.0.retain(|line| match line {
            Line::Key(key) => !unwanted.iter().any(|unwanted| unwanted.blob == key.blob),
            Line::Other(_) => true,
        });
    }
}
