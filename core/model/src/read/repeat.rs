use switchover_syntax::{Diagnostic, Entry, Mapping, Node};

use super::Reader;
use super::task::Words;
use crate::keywords::is_template;
use crate::{Loop, LoopControl};

/// What `loop_control` may hold.
pub const LOOP_CONTROLS: [&str; 7] =
    ["break_when", "extended", "extended_allitems", "index_var", "label", "loop_var", "pause"];

/// The lookups that people loop over with `with_*`, for "did you mean".
const LOOKUPS: [&str; 27] = [
    "cartesian",
    "config",
    "csvfile",
    "dict",
    "env",
    "file",
    "fileglob",
    "first_found",
    "flattened",
    "indexed_items",
    "ini",
    "inventory_hostnames",
    "items",
    "lines",
    "list",
    "nested",
    "password",
    "pipe",
    "random_choice",
    "sequence",
    "subelements",
    "template",
    "together",
    "unvault",
    "url",
    "varnames",
    "vars",
];

impl Reader<'_> {
    /// Reads `loop` or `with_*`; more than one of them is an error.
    pub(super) fn repeat(&self, task: &Mapping) -> Option<Loop> {
        let mut loops = self.entries(task).filter(|(key, _)| *key == "loop" || key.starts_with("with_"));
        let (key, entry) = loops.next()?;
        if let Some((other, second)) = loops.next() {
            let message = format!("a task has one loop, this one has `{key}` and `{other}`");
            self.report(
                Diagnostic::error("playbook::two-loops", message, &second.key.span)
                    .and(&entry.key.span, "the first")
                    .help("keep one; `loop` with `product` or `zip` can join two lists"),
            );
            return None;
        }
        let lookup = key.strip_prefix("with_");
        let sound = match lookup {
            None => self.loop_list(entry),
            Some(lookup) => self.lookup_terms(lookup, key, entry),
        };
        self.check_templates(&entry.value);
        sound.then(|| Loop {
            span: entry.key.span.clone(),
            lookup: lookup.map(str::to_owned),
            items: entry.value.clone(),
        })
    }

    fn loop_list(&self, entry: &Entry) -> bool {
        let value = &entry.value;
        if value.as_sequence().is_some() || is_template(value) {
            return true;
        }
        let message = format!("`loop` must be a list, found {}", value.describe());
        let span = if value.is_null() { &entry.key.span } else { &value.span };
        let error = Diagnostic::error("playbook::wrong-type", message, span);
        self.report(match value.as_str() {
            Some(text) if super::variables::is_variable_name(text) => {
                error.help(format!("for the variable write `\"{{{{ {text} }}}}\"`"))
            }
            _ if value.as_mapping().is_some() => error.help("for a mapping write `\"{{ x | dict2items }}\"`"),
            _ => error.help("write a list, or a template that gives one"),
        });
        false
    }

    fn lookup_terms(&self, lookup: &str, key: &str, entry: &Entry) -> bool {
        if !switchover_values::known_lookup(lookup) {
            let error = Diagnostic::error(
                "playbook::unknown-lookup",
                format!("`{key}`: there is no lookup `{lookup}`"),
                &entry.key.span,
            );
            self.report(match switchover_syntax::nearest(lookup, LOOKUPS) {
                Some(near) => error.label(format!("did you mean `with_{near}`?")),
                None => error.help("use `loop` with a template that gives the list"),
            });
            return false;
        }
        if entry.value.is_null() {
            let message = format!("`{key}` needs something to repeat over");
            self.report(
                Diagnostic::error("playbook::wrong-type", message, &entry.key.span)
                    .help("write a list, or remove the loop"),
            );
        }
        !entry.value.is_null()
    }

    /// Reads `loop_control`, whose shape was checked.
    pub(super) fn loop_control(&self, node: &Node) -> LoopControl {
        let mut control = LoopControl::default();
        let Some(mapping) = node.as_mapping() else {
            self.report(
                Diagnostic::error(
                    "playbook::wrong-type",
                    "`loop_control` must be a mapping, found a template",
                    &node.span,
                )
                .help("write its entries here; each may be a template"),
            );
            return control;
        };
        for (key, entry) in self.entries(mapping) {
            if !LOOP_CONTROLS.contains(&key) {
                self.unknown_control(key, entry);
                continue;
            }
            self.control_word(&mut control, key, entry);
        }
        control
    }

    fn control_word(&self, control: &mut LoopControl, key: &str, entry: &Entry) {
        let value = &entry.value;
        if key == "break_when" {
            control.break_when = self.conditions(value);
            return;
        }
        if value.as_sequence().is_some() || (value.as_mapping().is_some() && key != "label") {
            let message = format!("`{key}` must be one value, found {}", value.describe());
            self.report(Diagnostic::error("playbook::wrong-type", message, &value.span));
            return;
        }
        if matches!(key, "loop_var" | "index_var") && !is_template(value) && !self.variable_name(value) {
            return;
        }
        self.check_templates(value);
        let slot = match key {
            "loop_var" => &mut control.loop_var,
            "index_var" => &mut control.index_var,
            "label" => &mut control.label,
            "pause" => &mut control.pause,
            "extended" => &mut control.extended,
            _ => &mut control.extended_allitems,
        };
        *slot = Some(value.clone());
    }

    fn unknown_control(&self, key: &str, entry: &Entry) {
        let error = Diagnostic::error(
            "playbook::unknown-keyword",
            format!("`loop_control` has no keyword `{key}`"),
            &entry.key.span,
        );
        self.report(match switchover_syntax::nearest(key, LOOP_CONTROLS) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help(format!("it knows {}", LOOP_CONTROLS.join(", "))),
        });
    }

    /// Warns about keywords of loops on a task that has none.
    pub(super) fn check_loop(&self, task: &Mapping, words: &Words) {
        let looping =
            words.repeat.is_some() || task.entries.iter().any(|e| is_loop(e.key.as_str().unwrap_or("")));
        if let (false, Some(entry)) = (looping, task.entry("loop_control")) {
            self.report(
                Diagnostic::warning(
                    "playbook::no-loop",
                    "`loop_control` has no loop to control",
                    &entry.key.span,
                )
                .help("add `loop`, or remove this"),
            );
        }
    }
}

fn is_loop(key: &str) -> bool {
    key == "loop" || key.starts_with("with_")
}
