use std::path::Path;

use crate::{Diagnostic, Severity};

/// How many lines are shown up to the one that is meant.
const LINES: usize = 3;

/// How many characters of a line are shown, with its number and its mark of what was cut.
const WIDEST: usize = 120;

/// Returns a place as Ansible shows it: its path, the lines that lead to it when the text is there, a mark below.
pub fn origin(path: &Path, text: Option<&str>, line: usize, column: usize) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let title = format!("Origin: {}:{line}:{column}", path.display());
    let Some(text) = text else { return title };
    let first = line.saturating_sub(LINES - 1).max(1);
    let width = line.to_string().len();
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .skip(first - 1)
        .take(line + 1 - first)
        .map(|(index, line)| {
            let between = if line.is_empty() { "" } else { " " };
            cut(format!("{:>width$}{between}{line}", index + 1))
        })
        .collect();
    let mark = match width + column < WIDEST {
        true => format!("\n{}^ column {column}", " ".repeat(width + column)),
        false => String::new(),
    };
    format!("{title}\n\n{}{mark}", lines.join("\n"))
}

fn cut(line: String) -> String {
    const MARK: &str = "...";
    match line.chars().count() > WIDEST {
        true => line.chars().take(WIDEST - MARK.len()).chain(MARK.chars()).collect(),
        false => line,
    }
}

impl Diagnostic {
    /// Returns the finding in Ansible's form: the message, where it comes from, what to do.
    pub fn render_origin(&self) -> String {
        let word = match self.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
        };
        let mut out = format!("[{word}]: {}", self.message);
        let Some(first) = self.labels.first() else {
            return self.help.iter().fold(out, |out, help| format!("{out}\n\n{help}\n"));
        };
        let (source, at) = (&first.span.source, first.span.position());
        let text = Some(source.text.as_str()).filter(|_| !source.sealed);
        out += &format!("\n{}\n", origin(source.name(), text, at.line as usize, at.column as usize));
        let others = self.labels[1..].iter().map(|label| {
            let at = label.span.position();
            format!("line {}, column {}: {}", at.line, at.column, label.text)
        });
        let first = Some(first.text.clone()).filter(|text| !text.is_empty());
        let words: Vec<String> = first.into_iter().chain(others).chain(self.help.clone()).collect();
        if !words.is_empty() {
            out += &format!("\n{}\n", words.join("\n"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use crate::{Diagnostic, Source, Span};

    #[test]
    fn shows_the_lines_before_the_place() {
        let source = Source::new("/p/x.yml", "- a\n- b\n- c: d\n".to_owned());
        let found = Diagnostic::error("x::y", "no good", &Span::new(&source, 10, 11)).help("write another");
        let expected = "[ERROR]: no good\nOrigin: /p/x.yml:3:3\n\n1 - a\n2 - b\n3 - c: d\n    ^ column 3\n\nwrite another\n";
        assert_eq!(found.render_origin(), expected);
    }
}
