use std::fmt::Write;

use super::Palette;
use super::cells::{Cell, cells, one_line};
use crate::Label;

/// Longer lines are cut.
const WIDTH: usize = 110;

/// The lines of one file that a diagnostic is about.
pub(super) struct Excerpt<'a> {
    pub(super) palette: &'a Palette,
    /// How wide the line numbers are.
    pub(super) margin: usize,
    /// Whether the first label is the place that the diagnostic names.
    pub(super) primary: bool,
}

/// A label on its line: what to underline, in columns.
struct Mark<'a> {
    line: u32,
    from: usize,
    to: usize,
    text: &'a str,
    primary: bool,
}

impl Excerpt<'_> {
    pub(super) fn write(&self, out: &mut String, labels: &[Label]) {
        let Some(first) = labels.first() else { return };
        let source = &first.span.source;
        let mut marks: Vec<Mark<'_>> =
            labels.iter().enumerate().map(|(i, l)| mark(l, self.primary && i == 0)).collect();
        marks.sort_by_key(|m| (m.line, m.from, !m.primary));
        self.bar(out);
        let mut previous = None;
        for group in marks.chunk_by(|a, b| a.line == b.line) {
            let number = group[0].line;
            if previous.is_some_and(|p| p + 1 < number) {
                let gutter = self.palette.gutter;
                let _ = writeln!(out, "{gutter}...{gutter:#}");
            }
            previous = Some(number);
            let line = cells(source.line(number));
            let window = window(&line, group);
            self.line(out, number, &line, window);
            for mark in group {
                self.underline(out, mark, window);
            }
        }
        self.bar(out);
    }

    fn bar(&self, out: &mut String) {
        let gutter = self.palette.gutter;
        let _ = writeln!(out, "{:1$} {gutter}|{gutter:#}", "", self.margin);
    }

    fn line(&self, out: &mut String, number: u32, line: &[Cell], window: (usize, usize)) {
        let (gutter, margin) = (self.palette.gutter, self.margin);
        let _ = write!(out, "{gutter}{number:>margin$} |{gutter:#} ");
        let mut text = String::new();
        let mut column = 0;
        if window.0 > 0 {
            text.push('…');
        }
        for cell in line {
            if column >= window.0 && column + cell.width <= window.1 {
                text.push_str(&cell.shown);
            }
            column += cell.width;
        }
        if column > window.1 {
            text.push('…');
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }

    fn underline(&self, out: &mut String, mark: &Mark<'_>, window: (usize, usize)) {
        let gutter = self.palette.gutter;
        let (style, sign) =
            if mark.primary { (self.palette.primary, "^") } else { (self.palette.secondary, "-") };
        let lead = mark.from.saturating_sub(window.0) + usize::from(window.0 > 0);
        let length = mark.to.min(window.1).saturating_sub(mark.from.max(window.0)).max(1);
        let signs = sign.repeat(length);
        let text = if mark.text.is_empty() { String::new() } else { format!(" {}", one_line(mark.text)) };
        let margin = self.margin;
        let _ = writeln!(out, "{:margin$} {gutter}|{gutter:#} {:lead$}{style}{signs}{text}{style:#}", "", "");
    }
}

fn mark(label: &Label, primary: bool) -> Mark<'_> {
    let span = &label.span;
    let line = span.position().line;
    let text = span.source.line(line);
    let start = span.source.line_start(line) as usize;
    let cells = cells(text);
    let from = column(&cells, (span.start as usize).saturating_sub(start));
    let end = (span.end as usize).saturating_sub(start).min(text.trim_end().len());
    Mark { line, from, to: column(&cells, end).max(from + 1), text: &label.text, primary }
}

fn column(line: &[Cell], offset: usize) -> usize {
    line.iter().take_while(|c| c.offset < offset).map(|c| c.width).sum()
}

/// Returns the columns to show: the whole line when it is short, else the part around the first mark.
fn window(line: &[Cell], marks: &[Mark<'_>]) -> (usize, usize) {
    let width: usize = line.iter().map(|c| c.width).sum();
    let first = marks.iter().map(|m| m.from).min().unwrap_or(0);
    let last = marks.iter().map(|m| m.to).max().unwrap_or(0);
    if width <= WIDTH || last <= WIDTH * 2 / 3 {
        return (0, WIDTH.max(last));
    }
    let from = first.saturating_sub(WIDTH / 3);
    (from, from + WIDTH)
}
