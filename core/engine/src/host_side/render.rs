use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_protocol::{HostError, HostReply, Value};
use switchover_values::{TemplateFile, TextOptions};

use super::HostSide;
use crate::search::folders;

impl HostSide {
    /// Renders a template of the author's with the task's variables.
    pub(super) fn render(&self, text: &str, name: &str, options: &BTreeMap<String, Value>) -> HostReply {
        let options = match self.text_options(name, options) {
            Ok(options) => options,
            Err(reason) => return HostReply::Error(HostError::Invalid { reason }),
        };
        let mut scope = self.scope.clone();
        let written = self.template.written.as_deref().filter(|written| name.ends_with(written));
        let file = TemplateFile {
            written: written.unwrap_or(name),
            path: Path::new(name),
            destination: self.template.destination.as_deref(),
        };
        let own = file.vars(&scope);
        scope.overlay(Arc::new(own));
        match scope.render_text(text, &options) {
            Ok(text) => HostReply::Value(Value::String(text)),
            Err(error) => {
                let place = error.span.as_ref().map(|span| format!(" ({span})")).unwrap_or_default();
                HostReply::Error(HostError::Invalid { reason: format!("{error}{place}") })
            }
        }
    }

    fn text_options(&self, name: &str, options: &BTreeMap<String, Value>) -> Result<TextOptions, String> {
        let mut text = TextOptions {
            name: PathBuf::from(name),
            search_paths: self.template_folders(name),
            ..TextOptions::default()
        };
        for (option, value) in options {
            let word = || value.as_str().map(str::to_owned).ok_or_else(|| format!("{option} must be text"));
            let flag = || value.as_bool().ok_or_else(|| format!("{option} must be a boolean"));
            match option.as_str() {
                "trim_blocks" => text.trim_blocks = flag()?,
                "lstrip_blocks" => text.lstrip_blocks = flag()?,
                "newline_sequence" => text.newline_sequence = word()?,
                "block_start_string" => text.block_start = word()?,
                "block_end_string" => text.block_end = word()?,
                "variable_start_string" => text.variable_start = word()?,
                "variable_end_string" => text.variable_end = word()?,
                "comment_start_string" => text.comment_start = word()?,
                "comment_end_string" => text.comment_end = word()?,
                other => return Err(format!("there is no template option {other}")),
            }
        }
        Ok(text)
    }

    /// `include` in a template looks beside it, then where templates are searched.
    fn template_folders(&self, name: &str) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = Path::new(name).parent().map(Path::to_owned).into_iter().collect();
        for folder in folders(&self.scope) {
            all.push(folder.join("templates"));
            all.push(folder);
        }
        all
    }
}
