use switchover_syntax::{Diagnostic, Entry, Mapping, Node, Span};

use super::Reader;
use crate::Keywords;
use crate::keywords::{Keyword, Place, Refused, Shape};

impl Reader<'_> {
    /// Returns the mapping, or says that one was expected.
    pub(super) fn mapping<'n>(&self, node: &'n Node, what: &str) -> Option<&'n Mapping> {
        let mapping = node.as_mapping();
        if mapping.is_none() {
            let message = format!("{what} must be a mapping, found {}", node.describe());
            self.report(Diagnostic::error("playbook::wrong-type", message, &node.span));
        }
        mapping
    }

    /// Returns the entries whose key is text; says so where one is not.
    pub(super) fn entries<'n>(&self, mapping: &'n Mapping) -> impl Iterator<Item = (&'n str, &'n Entry)> {
        mapping.entries.iter().filter_map(|entry| match entry.key.as_str() {
            Some(key) => Some((key, entry)),
            None => {
                let message = format!("a keyword must be text, found {}", entry.key.describe());
                self.report(
                    Diagnostic::error("playbook::wrong-type", message, &entry.key.span)
                        .help("put it in quotes if it is meant as a name"),
                );
                None
            }
        })
    }

    /// Checks the value of a keyword and returns whether it can be used.
    pub(super) fn fits(&self, keyword: &Keyword, entry: &Entry) -> bool {
        let Some(misfit) = keyword.shape.misfit(&entry.value) else { return true };
        let (name, found) = (keyword.name, misfit.describe());
        let expected = keyword.shape.describe();
        let span = if misfit.is_null() { &entry.key.span } else { &misfit.span };
        let message = match keyword.shape {
            Shape::Variable => format!("Invalid variable name: `{name}` must be {expected}, found {found}"),
            _ => format!("`{name}` must be {expected}, found {found}"),
        };
        let mut finding = Diagnostic::error("playbook::wrong-type", message, span);
        if let Some(help) = shape_help(keyword.shape, misfit) {
            finding = finding.help(help);
        }
        self.report(finding);
        false
    }

    /// Says that a key is no keyword here, and what was probably meant.
    pub(super) fn unknown_keyword(&self, key: &str, span: &Span, place: Place) {
        let here = place.describe();
        if let Some(refused) = Refused::find(key) {
            let message = format!("`{key}` is not supported: {}", refused.reason);
            self.report(
                Diagnostic::error("playbook::unsupported-keyword", message, span).help(refused.instead),
            );
            return;
        }
        // Ansible's own words, which people search for and scripts look at.
        let message = format!("'{key}' is not a valid attribute for a {}", place.class());
        let error = Diagnostic::error("playbook::unknown-keyword", message, span);
        let finding = match Keyword::find(key) {
            Some(keyword) => error
                .label(format!("{here} has no such keyword; it belongs to {}", keyword.places.list()))
                .help(misplaced(key, place)),
            None => match Keyword::nearest(key, place) {
                Some(near) => error.label(format!("did you mean `{near}`?")),
                None => error.label(format!("{here} has no such keyword")),
            },
        };
        self.report(finding);
    }
}

fn shape_help(shape: Shape, misfit: &Node) -> Option<String> {
    match (shape, misfit.as_str()) {
        (Shape::Tasks, Some(_)) => {
            Some("to use a file of tasks, write `- import_tasks: FILE` in a list".into())
        }
        (Shape::Tasks, None) if misfit.as_mapping().is_some() => Some("begin each task with `- `".to_owned()),
        (Shape::List, _) => Some("write a list: `[a, b]`, or one `- item` in each line".to_owned()),
        (Shape::Mapping, _) if misfit.as_sequence().is_some() => {
            Some("write `name: value` without `- `".to_owned())
        }
        (Shape::Conditions, None) if misfit.as_mapping().is_some() => {
            Some("put a condition that holds `: ` or begins with `{` in quotes".to_owned())
        }
        (Shape::Bool, Some(_)) => Some("write `true` or `false`".to_owned()),
        (Shape::Tags, _) => Some("write `tags: [a, b]`, or leave the keyword out".to_owned()),
        _ => None,
    }
}

fn misplaced(key: &str, place: Place) -> String {
    let advice = match (key, place) {
        ("when", Place::PLAY) => "put it on the tasks, or around them with `block`",
        ("hosts", _) => "plays begin at the left margin; a task runs on the hosts of its play",
        ("tasks" | "handlers" | "pre_tasks" | "post_tasks" | "roles", _) => {
            "it belongs to a play: check the indentation"
        }
        ("gather_facts", _) => "write it on the play, or use the `setup` module",
        ("vars_files", _) => "write it on the play, or use `include_vars`",
        ("notify", Place::PLAY | Place::ROLE) => "write it on the tasks",
        ("listen", _) => "only handlers listen; tasks `notify`",
        ("loop" | "register" | "until" | "retries" | "changed_when" | "failed_when", Place::BLOCK) => {
            "blocks run once: write it on the tasks, or loop over `include_tasks`"
        }
        (_, Place::INCLUDE) => "to give it to the included tasks, put it under `apply:`",
        _ => "move it there, or remove it",
    };
    advice.to_owned()
}

/// Returns the place of a shared keyword's value.
pub(super) fn slot<'k>(keywords: &'k mut Keywords, name: &str) -> Option<&'k mut Option<Node>> {
    let slot = match name {
        "any_errors_fatal" => &mut keywords.any_errors_fatal,
        "become" => &mut keywords.r#become,
        "become_exe" => &mut keywords.become_exe,
        "become_flags" => &mut keywords.become_flags,
        "become_method" => &mut keywords.become_method,
        "become_user" => &mut keywords.become_user,
        "check_mode" => &mut keywords.check_mode,
        "collections" => &mut keywords.collections,
        "connection" => &mut keywords.connection,
        "delegate_facts" => &mut keywords.delegate_facts,
        "delegate_to" => &mut keywords.delegate_to,
        "diff" => &mut keywords.diff,
        "environment" => &mut keywords.environment,
        "ignore_errors" => &mut keywords.ignore_errors,
        "ignore_unreachable" => &mut keywords.ignore_unreachable,
        "no_log" => &mut keywords.no_log,
        "notify" => &mut keywords.notify,
        "port" => &mut keywords.port,
        "remote_user" | "user" => &mut keywords.remote_user,
        "run_once" => &mut keywords.run_once,
        "throttle" => &mut keywords.throttle,
        "timeout" => &mut keywords.timeout,
        _ => return None,
    };
    Some(slot)
}
