use super::Ansible;
use crate::paint::Meaning;

impl Ansible {
    /// Prints a text in the colour of what it means, line by line.
    pub(super) fn print(&mut self, meaning: Meaning, text: &str) {
        let text = self.lines(meaning, &self.output.safe(text));
        self.output.painted(&text);
    }

    /// Prints a text where errors and warnings go.
    pub(super) fn print_error(&mut self, meaning: Meaning, text: &str) {
        let text = self.lines(meaning, &self.errors.safe(text));
        self.errors.painted(&text);
    }

    /// Prints what failed, where failures are wanted.
    pub(super) fn print_failure(&mut self, meaning: Meaning, text: &str) {
        if self.display.failed_to_stderr {
            self.print_error(meaning, text)
        } else {
            self.print(meaning, text)
        }
    }

    /// Returns a text each line of which has the colour, at once: a log keeps it as one entry.
    fn lines(&self, meaning: Meaning, text: &str) -> String {
        text.split('\n').map(|line| self.coloured(meaning, line)).collect::<Vec<_>>().join("\n")
    }

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
