use std::sync::Arc;

use switchover_syntax::{Diagnostic, Mapping, Span};

use super::action::Found;
use super::include::FROM;
use super::role::{Wanted, is_true};
use super::task::Words;
use super::trail::Stop;
use super::{Reader, Site};
use crate::files::{folder, shown};
use crate::{Block, Context, RoleFrom};

impl Reader<'_> {
    /// Reads the tasks of an imported file as a block.
    pub(super) fn import_tasks(
        &self,
        found: &Found,
        words: Words,
        level: Context,
        span: &Span,
        site: &Site,
    ) -> Option<Block> {
        self.check_import(found, &words);
        let args = self.import_arguments(found, &words)?;
        let file = args.get("file")?;
        let context = Arc::new(level);
        let target = self.settle(file, &context, "include_tasks")?;
        let path = self.locate(&target, &file.span, site)?;
        self.loader.note_import(&path);
        let inner = Site::new(&context, folder(&path)).of_handlers(site.handlers);
        let body =
            self.within(Stop::file(&path), &file.span, || self.task_list(&path, Some(&file.span), &inner))?;
        if body.is_empty() && self.loader.parse(&path, None).is_ok_and(|parsed| parsed.node.is_null()) {
            let message = format!("{} holds no tasks", shown(&path).display());
            self.report(Diagnostic::warning("playbook::empty-file", message, &file.span));
        }
        Some(Block::of(span, words.name, context, body))
    }

    /// Reads the tasks of an imported role as a block.
    pub(super) fn import_role(
        &self,
        found: &Found,
        words: Words,
        level: Context,
        span: &Span,
        site: &Site,
    ) -> Option<Block> {
        if site.handlers {
            self.role_as_handler(found);
            return None;
        }
        self.check_import(found, &words);
        let args = self.import_arguments(found, &words)?;
        let name = args.get("name")?;
        let context = Arc::new(level);
        let from = self.role_from(&args, &context)?;
        let wanted = Wanted {
            name: self.settle(name, &context, "include_role")?,
            span: name.span.clone(),
            from,
            allow_duplicates: Some(args.get("allow_duplicates").is_none_or(is_true)),
            level: Context::inside(Some(&context)),
            parents: Vec::new(),
            search: Vec::new(),
        };
        let body = self.role(wanted)?.1;
        Some(Block::of(span, words.name, context, body))
    }

    fn role_from(&self, args: &Mapping, context: &Arc<Context>) -> Option<RoleFrom> {
        let text = |key: &str| match args.get(key).filter(|node| !node.is_null()) {
            Some(node) => self.settle(node, context, "include_role").map(Some),
            None => Some(None),
        };
        Some(RoleFrom {
            tasks_from: text(FROM[0])?,
            vars_from: text(FROM[1])?,
            defaults_from: text(FROM[2])?,
            handlers_from: text(FROM[3])?,
            unchecked: args.get("rolespec_validate").is_some_and(|node| !is_true(node)),
        })
    }

    /// An import is gone before the run: a loop cannot repeat it, and it has no result.
    fn check_import(&self, found: &Found, words: &Words) {
        let include = found.name.replace("import_", "include_");
        if let Some(repeat) = &words.repeat {
            let message = format!("`{}` cannot be repeated: it is resolved before the run", found.name);
            self.report(
                Diagnostic::error("playbook::static-loop", message, &repeat.span)
                    .help(format!("use `{include}`")),
            );
        }
        let idle = [
            words.register.as_ref(),
            words.until.first(),
            words.retries.as_ref(),
            words.changed_when.as_ref().and_then(|c| c.first()),
            words.failed_when.as_ref().and_then(|c| c.first()),
            words.detach.as_ref(),
            words.effect.as_ref(),
            words.approve.as_ref(),
        ];
        for node in idle.into_iter().flatten() {
            let message = format!("this has no effect: `{}` is resolved before the run", found.name);
            self.report(
                Diagnostic::warning("playbook::no-effect", message, &node.span).help("write it on the tasks"),
            );
        }
    }
}
