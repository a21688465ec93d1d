use super::Ansible;
use crate::paint::Meaning;

impl Ansible {
    /// Prints a text in the colour of what it means, line by line.
    pub(super) fn print(&mut self, meaning: Meaning, text: &str) {
        let lines = self.lines(meaning, &self.output.safe(text));
        lines.iter().for_each(|line| self.output.painted(line));
    }

    /// Prints a text where errors and warnings go.
    pub(super) fn print_error(&mut self, meaning: Meaning, text: &str) {
        let lines = self.lines(meaning, &self.errors.safe(text));
        lines.iter().for_each(|line| self.errors.painted(line));
    }

    /// Prints what failed, where failures are wanted.
    pub(super) fn print_failure(&mut self, meaning: Meaning, text: &str) {
        if self.display.failed_to_stderr {
            self.print_error(meaning, text)
        } else {
            self.print(meaning, text)
        }
    }

    fn lines(&self, meaning: Meaning, text: &str) -> Vec<String> {
        text.split('\n').map(|line| self.coloured(meaning, line)).collect()
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
