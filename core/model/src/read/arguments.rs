use std::ops::Range;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, Span};

use super::Reader;
use super::action::Found;
use super::variables::merged;
use crate::Action;
use crate::keywords::is_template;
use crate::modules::short;
use crate::words::{Pair, SplitError, split_key_values};

/// Modules whose text is a command of its own.
const FREE_FORM: [&str; 6] = ["command", "raw", "script", "shell", "win_command", "win_shell"];

/// Modules and actions that take a text beside `k=v` words.
const WITH_TEXT: [&str; 9] = [
    "add_host",
    "group_by",
    "import_role",
    "import_tasks",
    "include_role",
    "include_tasks",
    "include_vars",
    "meta",
    "set_fact",
];

/// Those of them whose text is a name, which may be a template; for the others a template gives all arguments.
const NAMES_ITS_TEXT: [&str; 6] =
    ["import_role", "import_tasks", "include_role", "include_tasks", "include_vars", "meta"];

impl Reader<'_> {
    /// Joins the arguments beside the module's name with those of `args:`; the former win.
    pub(super) fn arguments(&self, found: &Found, extra: Option<&Node>) -> Option<Action> {
        let (args, mut free_form) = self.written_arguments(&found.name, &found.value)?;
        let args = match extra {
            None => args,
            Some(extra) if extra.is_null() => args,
            Some(extra) => self.joined(&found.name, args, extra)?,
        };
        let args = take_raw_params(args, &mut free_form);
        self.reserved_names(&found.name, &args);
        self.check_templates(&args);
        free_form.iter().for_each(|text| self.check_templates(text));
        let computed = found.name.contains("{{").then(|| found.name_node());
        let (name, name_span) = (found.name.clone(), found.name_span.clone());
        Some(Action { name, name_span, computed, args, free_form })
    }

    /// Names with Ansible's own prefix are refused, and so are names of facts that nothing could ever read.
    fn reserved_names(&self, module: &str, args: &Node) {
        let Some(mapping) = args.as_mapping() else { return };
        for (name, entry) in self.entries(mapping) {
            if name.starts_with("_ansible_") {
                let message =
                    format!("The prefix '_ansible_' of `{name}` is reserved for internal use only.");
                let error = Diagnostic::error("playbook::bad-name", message, &entry.key.span);
                self.report(error.help("choose a name that begins otherwise"));
            } else if short(module) == "set_fact" && !is_template(&entry.key) {
                self.variable_name(&entry.key);
            }
        }
    }

    /// Returns arguments and free text of what stands beside the module's name.
    pub(super) fn written_arguments(&self, name: &str, value: &Node) -> Option<(Node, Option<Node>)> {
        match &value.kind {
            NodeKind::Null | NodeKind::Mapping(_) => Some((value.clone(), None)),
            NodeKind::String { text, .. } => self.one_line(name, value, text),
            _ => {
                let message = format!(
                    "the arguments of `{name}` must be a mapping or text, found {}",
                    value.describe()
                );
                let error = Diagnostic::error("playbook::bad-arguments", message, &value.span);
                self.report(match (FREE_FORM.contains(&short(name)), value.as_sequence()) {
                    (true, Some(_)) => {
                        error.help(format!("write `{name}: {{argv: [...]}}` for a list of words"))
                    }
                    _ => error.help("write `name: value` lines below the module"),
                });
                None
            }
        }
    }

    fn one_line(&self, name: &str, value: &Node, text: &str) -> Option<(Node, Option<Node>)> {
        let word = short(name);
        let free_form = FREE_FORM.contains(&word);
        if !free_form && !NAMES_ITS_TEXT.contains(&word) && is_one_template(text) {
            return Some((value.clone(), None));
        }
        let taken = match split_key_values(text, free_form) {
            Ok(taken) => taken,
            Err(error) => {
                self.report(unbalanced(name, value, error));
                return None;
            }
        };
        let entries: Vec<_> = taken.pairs.iter().map(|pair| entry(value, pair)).collect();
        let args =
            if entries.is_empty() { NodeKind::Null } else { NodeKind::Mapping(Mapping { entries }.into()) };
        let args = Node { kind: args, ..value.clone() };
        let rest = (!taken.rest.is_empty()).then(|| value.with_text(&taken.rest));
        if rest.is_some() && !free_form && !WITH_TEXT.contains(&word) && !name.contains("{{") {
            self.report(stray_words(name, value, &taken.rest));
            return None;
        }
        Some((args, rest))
    }

    fn joined(&self, name: &str, args: Node, extra: &Node) -> Option<Node> {
        match (&extra.kind, &args.kind) {
            (NodeKind::Mapping(extra), NodeKind::Mapping(args_map)) => {
                Some(Node { kind: NodeKind::Mapping(Arc::new(merged(extra, args_map))), ..args })
            }
            (NodeKind::Mapping(_), NodeKind::Null) => Some(extra.clone()),
            (NodeKind::String { text, .. }, NodeKind::Null) if is_one_template(text) => Some(extra.clone()),
            (NodeKind::String { .. }, NodeKind::Mapping(_))
            | (NodeKind::Mapping(_), NodeKind::String { .. })
                if is_template(extra) || is_template(&args) =>
            {
                self.report(
                    Diagnostic::error(
                        "playbook::bad-arguments",
                        format!("`{name}` has its own arguments beside a template that gives all of them"),
                        &extra.span,
                    )
                    .help("use one of both, or write `args: \"{{ {...} | combine(x) }}\"` without arguments beside the module"),
                );
                None
            }
            _ => {
                let message = format!("`args` must be a mapping or one template, found {}", extra.describe());
                self.report(Diagnostic::error("playbook::wrong-type", message, &extra.span));
                None
            }
        }
    }
}

/// `_raw_params` is how Ansible calls free text inside; people write it out now and then.
fn take_raw_params(args: Node, free_form: &mut Option<Node>) -> Node {
    let Some(mapping) = args.as_mapping() else { return args };
    let Some(text) = mapping.get("_raw_params") else { return args };
    free_form.get_or_insert_with(|| text.clone());
    let entries = mapping.entries.iter().filter(|e| e.key.as_str() != Some("_raw_params")).cloned().collect();
    Node { kind: NodeKind::Mapping(Mapping { entries }.into()), ..args }
}

/// Returns whether a text is one `{{ }}` and nothing else.
pub(super) fn is_one_template(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{") && text.ends_with("}}") && text.matches("{{").count() == 1
}

fn entry(value: &Node, pair: &Pair) -> Entry {
    let span = part(value, &pair.range);
    let node = |text: &str| Node { span: span.clone(), ..value.with_text(text) };
    Entry { key: node(&pair.key), value: node(&pair.value) }
}

/// Returns where a piece of a text stands, when the text stands in the file as it is; else the whole.
pub(super) fn part(value: &Node, range: &Range<usize>) -> Span {
    let Some(text) = value.as_str() else { return value.span.clone() };
    let written = &value.span.source.text[value.span.start as usize..];
    let quote = usize::from(written.starts_with(['"', '\'']));
    if !written[quote..].starts_with(text) {
        return value.span.clone();
    }
    let offset = value.span.start + quote as u32;
    Span::new(&value.span.source, offset + range.start as u32, offset + range.end as u32)
}

fn unbalanced(name: &str, value: &Node, error: SplitError) -> Diagnostic {
    let at = error.offset();
    let place = part(value, &(at..at + 1));
    Diagnostic::error(
        "playbook::bad-arguments",
        format!("the arguments of `{name}` cannot be split: {error}"),
        &place,
    )
    .label("opened here")
    .help(match error {
        SplitError::OpenQuote { .. } if FREE_FORM.contains(&short(name)) => {
            format!("close the quote, or write the text as `{name}: {{cmd: ...}}`, which is not split")
        }
        SplitError::OpenQuote { .. } => {
            "close the quote, or write `name: value` lines below the module".to_owned()
        }
        SplitError::OpenTemplate { .. } => "close it with `}}`, `%}` or `#}`".to_owned(),
    })
}

fn stray_words(name: &str, value: &Node, rest: &str) -> Diagnostic {
    let text = value.as_str().unwrap_or_default();
    let first = rest.split_whitespace().next().unwrap_or_default();
    let place =
        text.find(first).map_or_else(|| value.span.clone(), |at| part(value, &(at..at + first.len())));
    Diagnostic::error(
        "playbook::bad-arguments",
        format!("`{name}` takes `name=value` words, found `{first}`"),
        &place,
    )
    .help("put a value with blanks in quotes, or write `name: value` lines below the module")
}
