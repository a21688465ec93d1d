//! The picture of a diagnostic, after rustc's: the line, what is meant on it, and what to do.

mod cells;
mod excerpt;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::{Diagnostic, Label, Severity};
use excerpt::Excerpt;

/// How the parts of a picture look.
struct Palette {
    strong: Style,
    severity: Style,
    primary: Style,
    secondary: Style,
    gutter: Style,
    help: Style,
}

impl Palette {
    fn of(severity: Severity, colour: bool) -> Self {
        let plain = Style::new();
        if !colour {
            return Self {
                strong: plain,
                severity: plain,
                primary: plain,
                secondary: plain,
                gutter: plain,
                help: plain,
            };
        }
        let hue = match severity {
            Severity::Error => AnsiColor::BrightRed,
            Severity::Warning => AnsiColor::BrightYellow,
        };
        let bold = |colour: AnsiColor| colour.on_default().bold();
        Self {
            strong: plain.bold(),
            severity: bold(hue),
            primary: bold(hue),
            secondary: bold(AnsiColor::BrightBlue),
            gutter: bold(AnsiColor::BrightBlue),
            help: bold(AnsiColor::BrightCyan),
        }
    }
}

impl Diagnostic {
    /// Returns the picture for a terminal, with ANSI colours when wanted; it ends with a line break.
    ///
    /// Control characters of the text are shown, never sent. Long lines are cut around the place.
    pub fn render(&self, colour: bool) -> String {
        let palette = Palette::of(self.severity, colour);
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (severity, strong) = (palette.severity, palette.strong);
        let mut out = String::new();
        let message = cells::one_line(&self.message);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{severity}{word}[{}]{severity:#}{strong}: {message}{strong:#}", self.code);
        let margin = self.margin();
        let gutter = palette.gutter;
        let mut rest = self.labels.as_slice();
        let mut arrow = "-->";
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|l| l.span.source == first.span.source).count();
            let (group, others) = rest.split_at(same);
            let _ = writeln!(out, "{:margin$}{gutter}{arrow}{gutter:#} {}", "", first.span);
            Excerpt { palette: &palette, margin, primary: arrow == "-->" }.write(&mut out, group);
            arrow = ":::";
            rest = others;
        }
        if let Some(help) = &self.help {
            let help_style = palette.help;
            let indent = margin + "help: ".len() + 3;
            let text =
                help.lines().map(cells::one_line).collect::<Vec<_>>().join(&format!("\n{:indent$}", ""));
            let _ =
                writeln!(out, "{:margin$} {gutter}={gutter:#} {help_style}help{help_style:#}: {text}", "");
        }
        out
    }

    fn margin(&self) -> usize {
        let last = self.labels.iter().map(|l: &Label| l.span.position().line).max().unwrap_or(1);
        last.to_string().len()
    }
}
