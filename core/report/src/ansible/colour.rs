use super::Ansible;
use crate::paint::Meaning;

impl Ansible {
    /// Returns the text in Ansible's colour for a meaning, when colours are on.
    pub(super) fn coloured(&self, meaning: Meaning, text: &str) -> String {
        let code = match meaning {
            Meaning::Good => "0;32",
            Meaning::Changed => "0;33",
            Meaning::Bad => "0;31",
            Meaning::Unreachable => "1;31",
            Meaning::Skipped => "0;36",
            Meaning::Warning => "1;35",
            Meaning::Deprecated => "0;35",
            Meaning::Detail => "0;34",
            Meaning::Faint => "1;30",
            Meaning::Heading | Meaning::Plain => return text.to_owned(),
        };
        if self.paint.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
