use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind};

use super::Reader;
use super::action::Found;
use super::arguments::part;
use crate::keywords::Place;
use crate::words::first_word;

impl Reader<'_> {
    /// Reads `action: copy src=a`, `action: {module: copy, src: a}` and `local_action`.
    pub(super) fn old_action(&self, task: &Mapping, old: &Entry, place: Place) -> Option<Found> {
        let word = old.key.as_str().unwrap_or_default();
        let rivals = [
            task.entry("local_action").filter(|_| word == "action"),
            self.candidates(task, place).into_iter().next(),
        ];
        if let Some(rival) = rivals.into_iter().flatten().next() {
            self.two_actions(old, rival);
            return None;
        }
        let (module, rest) = self.named_module(word, old)?;
        let text = module.as_str().unwrap_or_default().trim();
        let (name, words) = text.split_at(first_word(text));
        let name_span = match name.contains("{{") {
            true => module.span.clone(),
            false => part(&module, &(0..name.len())),
        };
        let known = name.contains("{{") || self.known(name);
        if !known {
            self.unknown_module(name, &name_span, place);
        }
        let value = match rest {
            None => argument_text(&module, words),
            Some(mapping) => self.nested_arguments(mapping, &module, words)?,
        };
        known.then(|| Found { name: name.to_owned(), name_span, value, local: word == "local_action" })
    }

    /// Returns the text that begins with the module's name, and the mapping that it stands in.
    fn named_module<'n>(&self, word: &str, old: &'n Entry) -> Option<(Node, Option<&'n Mapping>)> {
        let named = match &old.value.kind {
            NodeKind::String { .. } => Some((old.value.clone(), None)),
            NodeKind::Mapping(mapping) => mapping.get("module").map(|m| (m.clone(), Some(&**mapping))),
            _ => None,
        };
        let named = named.filter(|(module, _)| module.as_str().is_some_and(|text| !text.trim().is_empty()));
        if named.is_none() {
            let message = format!("`{word}` must name a module, found {}", old.value.describe());
            let help = format!("write `MODULE: ARGUMENTS` in place of `{word}: MODULE ARGUMENTS`");
            self.report(Diagnostic::error("playbook::no-action", message, &old.key.span).help(help));
        }
        named
    }

    fn nested_arguments(&self, action: &Mapping, module: &Node, words: &str) -> Option<Node> {
        let rest: Vec<_> =
            action.entries.iter().filter(|e| e.key.as_str() != Some("module")).cloned().collect();
        match (rest.as_slice(), words.trim()) {
            ([], words) => Some(argument_text(module, words)),
            ([only], "") if only.key.as_str() == Some("args") => Some(only.value.clone()),
            (_, "") => {
                Some(Node { kind: NodeKind::Mapping(Mapping { entries: rest }.into()), ..module.clone() })
            }
            (_, words) => {
                let words = argument_text(module, words);
                let text = module.as_str().unwrap_or_default().trim();
                let (args, text) = self.written_arguments(&text[..first_word(text)], &words)?;
                let mut entries = args.as_mapping().cloned().unwrap_or_default().entries;
                entries.extend(rest);
                entries.extend(text.map(|text| Entry { key: module.with_text("_raw_params"), value: text }));
                Some(Node { kind: NodeKind::Mapping(Mapping { entries }.into()), ..module.clone() })
            }
        }
    }
}

fn argument_text(module: &Node, words: &str) -> Node {
    if words.trim().is_empty() {
        Node { kind: NodeKind::Null, ..module.clone() }
    } else {
        module.with_text(words.trim_start())
    }
}
