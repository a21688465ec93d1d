use switchover_syntax::{Diagnostic, nearest};

use super::Reader;
use crate::keywords::is_template;
use crate::modules::short;
use crate::{Action, Context};

/// What `meta` can do.
pub const META_ACTIONS: [&str; 10] = [
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_host",
    "end_play",
    "end_role",
    "flush_handlers",
    "noop",
    "refresh_inventory",
    "reset_connection",
];

impl Reader<'_> {
    /// A handler cannot ask for the handlers: that would have no end.
    pub(super) fn check_handler(&self, action: &Action) {
        let text = action.free_form.as_ref().filter(|_| short(&action.name) == "meta");
        if let Some(text) = text.filter(|text| text.as_str().is_some_and(|t| t.trim() == "flush_handlers")) {
            let message = "flush_handlers cannot be used as a handler";
            self.report(
                Diagnostic::error("playbook::misplaced", message, &text.span)
                    .help("write `meta: flush_handlers` among the tasks, where the handlers are to run"),
            );
        }
    }

    /// Checks that `meta` names something that exists.
    pub(super) fn check_meta(&self, action: &Action, level: &Context) {
        let text =
            action.free_form.as_ref().and_then(|node| node.as_str()).map(str::trim).unwrap_or_default();
        if text == "end_role" && level.role().is_none() {
            let span = action.free_form.as_ref().map_or(&action.name_span, |node| &node.span);
            let message = "Cannot execute 'end_role' from outside of a role";
            self.report(
                Diagnostic::error("playbook::misplaced", message, span)
                    .help("write `end_host` or `end_play`, or put the task into a role"),
            );
            return;
        }
        if META_ACTIONS.contains(&text) || action.free_form.as_ref().is_some_and(is_template) {
            return;
        }
        let span = action.free_form.as_ref().map_or(&action.name_span, |node| &node.span);
        let message = match text {
            "" => "`meta` needs to be told what to do".to_owned(),
            text => format!("`meta` cannot `{text}`"),
        };
        let error = Diagnostic::error("playbook::unknown-value", message, span);
        self.report(match nearest(text, META_ACTIONS) {
            Some(near) => error.label(format!("did you mean `{near}`?")),
            None => error.help(format!("it knows {}", META_ACTIONS.join(", "))),
        });
    }
}
