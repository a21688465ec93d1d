/// Colours by meaning. Without colour every word stays readable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    pub colour: bool,
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Good,
    Changed,
    Bad,
    Warning,
    Faint,
    Heading,
    /// Ansible's cyan for what was skipped.
    Skipped,
    Unreachable,
    Deprecated,
    /// What only `-v` tells.
    Detail,
    Plain,
}

impl Paint {
    /// Returns the text, coloured when colours are on.
    pub fn paint(self, meaning: Meaning, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match meaning {
            Meaning::Plain => return text.to_owned(),
            Meaning::Good => "32",
            Meaning::Changed => "33",
            Meaning::Bad | Meaning::Unreachable => "1;31",
            Meaning::Warning | Meaning::Deprecated => "35",
            Meaning::Faint | Meaning::Detail => "2",
            Meaning::Heading => "1",
            Meaning::Skipped => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
