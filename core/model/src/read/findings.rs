use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use indexmap::IndexSet;
use switchover_syntax::{Diagnostic, Severity};

/// What is missing altogether is told once, however often it is used.
const ABSENCES: [&str; 3] = ["playbook::unknown-module", "role::not-found", "template::unknown-name"];

/// Puts findings in the order of files as they were read and of their lines, each told once.
pub(super) fn in_order(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut files = IndexSet::new();
    let mut placed: Vec<_> = findings.into_iter().map(|f| (place(&f, &mut files), f)).collect();
    placed.sort_by_key(|(place, _)| *place);
    let mut told = HashSet::new();
    placed.retain(|(place, finding)| told.insert((*place, finding.message.clone())));
    folded(placed.into_iter().map(|(_, finding)| finding).collect())
}

/// Returns which file and where in it, as numbers that sort.
fn place(finding: &Diagnostic, files: &mut IndexSet<PathBuf>) -> (usize, u32) {
    finding.labels.first().map_or((0, 0), |label| {
        let (file, _) = files.insert_full(label.span.source.name.clone());
        (file, label.span.start)
    })
}

/// Keeps the first finding of each absence and counts the others in its remedy.
fn folded(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<(Severity, String), usize> = BTreeMap::new();
    let mut kept: Vec<(Diagnostic, usize)> = Vec::new();
    for finding in findings {
        if ABSENCES.contains(&finding.code) {
            let known = first.entry((finding.severity, finding.message.clone())).or_insert(kept.len());
            if *known < kept.len() {
                kept[*known].1 += 1;
                continue;
            }
        }
        kept.push((finding, 0));
    }
    kept.into_iter().map(|(finding, more)| counted(finding, more)).collect()
}

fn counted(finding: Diagnostic, more: usize) -> Diagnostic {
    let note = match more {
        0 => return finding,
        1 => "one more place needs it".to_owned(),
        more => format!("{more} more places need it"),
    };
    let help = finding.help.as_ref().map_or_else(|| note.clone(), |help| format!("{help}; {note}"));
    finding.help(help)
}

#[cfg(test)]
mod tests {
    use switchover_syntax::{Source, Span};

    use super::*;

    fn finding(code: &'static str, message: &str, at: u32) -> Diagnostic {
        let source = Source::new("a.yml", "0123456789");
        Diagnostic::error(code, message, &Span::new(&source, at, at + 1))
    }

    fn told(findings: Vec<Diagnostic>) -> Vec<(String, Option<String>)> {
        in_order(findings).into_iter().map(|f| (f.message, f.help)).collect()
    }

    #[test]
    fn findings_come_in_the_order_of_the_file_and_once() {
        let found = [("b", 5), ("a", 1), ("b", 5), ("b", 7)];
        let findings = found.map(|(message, at)| finding("x::y", message, at)).to_vec();
        let messages: Vec<_> = told(findings).into_iter().map(|(message, _)| message).collect();
        assert_eq!(messages, ["a", "b", "b"]);
    }

    #[test]
    fn what_is_missing_is_told_once_and_counted() {
        let findings = [1, 3, 5].map(|at| finding("role::not-found", "no role", at)).to_vec();
        assert_eq!(told(findings), [("no role".to_owned(), Some("2 more places need it".to_owned()))]);
    }
}
