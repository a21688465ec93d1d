use std::sync::Arc;

use switchover_syntax::{Diagnostic, Entry, Mapping, Node};

use super::Reader;
use super::role::Wanted;
use crate::keywords::{Keyword, Place, Refused};
use crate::{Context, RoleFrom};

/// Words of `requirements.yml` that old dependencies carry along; the role must be installed already.
const GALAXY: [&str; 3] = ["scm", "src", "version"];

impl Reader<'_> {
    /// Reads an entry of `roles:` or of a role's dependencies.
    pub(super) fn role_entry(&self, node: &Node, parent: &Arc<Context>, dependency: bool) -> Option<Wanted> {
        let mut level = Context::inside(Some(parent));
        let name = match (node.as_str(), node.as_mapping()) {
            (Some(_), _) => node.clone(),
            (_, Some(mapping)) => self.role_mapping(mapping, node, dependency, &mut level)?,
            _ => {
                let message = format!("a role must be a name or a mapping, found {}", node.describe());
                self.report(
                    Diagnostic::error("playbook::wrong-type", message, &node.span)
                        .help("write `- NAME`, or `- role: NAME` with its parameters"),
                );
                return None;
            }
        };
        Some(Wanted {
            name: self.settle(&name, parent, "include_role")?,
            span: name.span.clone(),
            from: RoleFrom::default(),
            allow_duplicates: None,
            level,
            parents: Vec::new(),
            search: Vec::new(),
        })
    }

    /// Reads keywords and parameters, and returns the name of the role.
    fn role_mapping(
        &self,
        mapping: &Mapping,
        node: &Node,
        dependency: bool,
        level: &mut Context,
    ) -> Option<Node> {
        let mut params = Vec::new();
        for (key, entry) in self.entries(mapping) {
            if matches!(key, "role" | "name") || (dependency && GALAXY.contains(&key)) {
                continue;
            }
            match Keyword::find_in(key, Place::ROLE) {
                Some(keyword) => {
                    self.shared(level, keyword, entry);
                }
                None => self.parameter(entry, &mut params),
            }
        }
        if !params.is_empty() {
            level.role_params = Some(Arc::new(Mapping { entries: params }));
        }
        self.role_name(mapping, node, dependency)
    }

    fn parameter(&self, entry: &Entry, params: &mut Vec<Entry>) {
        if entry.key.as_str().and_then(Refused::find).is_some() {
            return self.unknown_keyword(
                entry.key.as_str().unwrap_or_default(),
                &entry.key.span,
                Place::ROLE,
            );
        }
        if self.new_variable(&entry.key) {
            self.check_templates(&entry.value);
            params.push(entry.clone());
        }
    }

    fn role_name(&self, mapping: &Mapping, node: &Node, dependency: bool) -> Option<Node> {
        let named = mapping.get("role").or_else(|| mapping.get("name"));
        if let Some(name) = named.filter(|name| name.as_str().is_some_and(|text| !text.trim().is_empty())) {
            return Some(name.clone());
        }
        if let Some(source) = mapping.get("src").filter(|_| dependency && named.is_none()) {
            let text = source.as_str().unwrap_or_default();
            let last = text.split(',').next().and_then(|t| t.rsplit('/').next()).unwrap_or_default();
            return Some(source.with_text(last.trim_end_matches(".git").trim_end_matches(".tar.gz")));
        }
        let place = named.map_or(&node.span, |name| &name.span);
        self.report(
            Diagnostic::error("playbook::missing-argument", "this entry names no role", place)
                .help("write `role: NAME`"),
        );
        None
    }
}
