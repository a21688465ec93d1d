use switchover_syntax::{Diagnostic, Node, nearest};

use super::Reader;
use crate::keywords::is_template;

const WORDS: [&str; 3] = ["reads", "changes", "destroys"];

impl Reader<'_> {
    /// Reports an `effect` that is none. A wrong word here would weaken the gate in front of a step, so it is told before a run.
    pub(super) fn check_effect(&self, value: &Node) {
        if is_template(value) {
            return;
        }
        let lost = match (value.as_str(), value.as_mapping()) {
            (Some("reads" | "changes"), _) => return,
            (Some(text), _) => text.strip_prefix("destroys:"),
            (None, Some(mapping)) if mapping.entries.len() == 1 => {
                mapping.get("destroys").and_then(Node::as_str)
            }
            _ => None,
        };
        match lost {
            Some(lost) if !lost.trim().is_empty() => {}
            Some(_) => self.report(
                Diagnostic::error(
                    "playbook::unknown-value",
                    "`destroys` does not say what is lost",
                    &value.span,
                )
                .help("whoever approves the step reads it: `destroys: all data of the standby`"),
            ),
            None => self.report(unknown(value)),
        }
    }
}

fn unknown(value: &Node) -> Diagnostic {
    let first =
        value.as_mapping().and_then(|mapping| mapping.entries.first()).and_then(|entry| entry.key.as_str());
    let written = value.as_str().or(first);
    let what = written.map_or_else(|| value.describe().to_string(), |word| format!("`{word}`"));
    let error =
        Diagnostic::error("playbook::unknown-value", format!("there is no effect {what}"), &value.span);
    let word = written.unwrap_or_default().split(':').next().unwrap_or_default();
    match nearest(word, WORDS) {
        Some(near) => error.label(format!("did you mean `{near}`?")),
        None => error.help("it is `reads`, `changes`, or `destroys: what is lost`"),
    }
}
