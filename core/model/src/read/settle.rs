use std::sync::Arc;

use switchover_syntax::{Diagnostic, Node};
use switchover_values::{Layer, Scope, Stored, TemplateError, Value, VarMap};

use super::Reader;
use crate::Context;
use crate::keywords::is_template;

impl Reader<'_> {
    /// Returns a name that must be known before the run. `dynamic` is what reads it while running instead.
    ///
    /// Only variables that stand in the playbook, its roles and the command line are there to compute it from.
    pub(super) fn settle(&self, node: &Node, context: &Context, dynamic: &str) -> Option<String> {
        if !is_template(node) {
            return node.as_str().map(|text| text.trim().to_owned());
        }
        let value = match self.static_scope(context).render(node) {
            Ok(value) => value,
            Err(error) => {
                self.report(not_static(node, &error, dynamic));
                return None;
            }
        };
        match value.as_str().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Some(text.to_owned()),
            None => {
                let message = format!("this must give a name, it gives {}", value.kind());
                self.report(Diagnostic::error("playbook::wrong-type", message, &node.span));
                None
            }
        }
    }

    fn static_scope(&self, context: &Context) -> Scope {
        let mut scope = Scope::new();
        for (layer, vars) in &self.loader.settings.known {
            scope.push(*layer, Arc::clone(vars));
        }
        let levels: Vec<_> = context.levels().collect();
        for level in levels.into_iter().rev() {
            if let Some(role) = &level.role {
                scope.push(Layer::RoleDefaults, Arc::new(VarMap::from_mapping(&role.defaults)));
                scope.push(Layer::RoleVars, Arc::new(VarMap::from_mapping(&role.vars)));
            }
            if let Some(vars) = &level.vars {
                scope.push(Layer::TaskVars, Arc::new(VarMap::from_mapping(vars)));
            }
            if let Some(params) = &level.role_params {
                scope.push(Layer::RoleParams, Arc::new(VarMap::from_mapping(params)));
            }
        }
        scope.overlay(Arc::new(magic(context)));
        scope
    }
}

/// Returns the magic variables that have a value before the run.
fn magic(context: &Context) -> VarMap {
    let text = |text: &str| Stored::Data(Value::from(text));
    let mut vars = VarMap::new();
    if let Some(folder) = context.folder() {
        vars.insert("playbook_dir", text(&folder.display().to_string()));
    }
    if let Some(role) = context.role() {
        vars.insert("role_name", text(&role.name));
        vars.insert("role_path", text(&role.path.display().to_string()));
    }
    vars
}

fn not_static(node: &Node, error: &TemplateError, dynamic: &str) -> Diagnostic {
    let message = format!("this name is not known before the run: {}", error.message);
    let finding =
        Diagnostic::error("playbook::not-static", message, error.span.as_ref().unwrap_or(&node.span));
    finding.help(match dynamic {
        "import_playbook" => "use a variable of the playbook or of `-e`".to_owned(),
        dynamic => {
            format!("use `{dynamic}`, which is read while running, or a variable of the play or of `-e`")
        }
    })
}
