use std::sync::Arc;

use switchover_model::{ModuleDefaults, short};
use switchover_protocol::{Map, ModuleSpec, Value};
use switchover_syntax::{Entry, Mapping, Node, NodeKind};
use switchover_values::{Scope, TemplateError, strip_omit, to_json};

use super::Step;

impl Step {
    /// Returns what `module_defaults` give a module: those of its groups, and over them its own.
    pub(super) fn module_defaults(&self, scope: &Scope, spec: &ModuleSpec) -> Result<Map, TemplateError> {
        let aliases = spec.aliases.iter().map(String::as_str);
        let mut names: Vec<_> = aliases.filter(|alias| short(alias) != "gather_facts").collect();
        names.push(&spec.name);
        let takes = |name: &str| {
            spec.params.iter().any(|param| param.name == name || param.aliases.iter().any(|a| a == name))
        };
        let mut defaults = self.defaults_of(scope, &names, takes)?;
        // What the task that gathers facts is given outranks what its module is given.
        let own = short(&self.task.action.name);
        if own != short(&spec.name) && !names.iter().any(|name| short(name) == own) {
            defaults.extend(self.defaults_of(scope, &[own], takes)?);
        }
        Ok(defaults)
    }

    /// Returns what `module_defaults` give an action of the engine.
    pub(super) fn action_defaults(&self, scope: &Scope) -> Result<Map, TemplateError> {
        self.defaults_of(scope, &[&self.task.action.name], |_| true)
    }

    fn defaults_of(
        &self,
        scope: &Scope,
        names: &[&str],
        takes: impl Fn(&str) -> bool,
    ) -> Result<Map, TemplateError> {
        let mut defaults = Map::new();
        let meant = self.effective_defaults().into_iter().filter(|entry| entry.receivers.include(names));
        let (groups, own): (Vec<_>, Vec<_>) = meant.partition(|entry| entry.receivers.are_many());
        for entry in groups.into_iter().chain(own) {
            let mut values = rendered(scope, &self.not_given(&entry.values))?;
            if entry.receivers.are_a_family() {
                // The settings of a product are for all of its modules; each takes what it knows.
                values.retain(|name, _| takes(name));
            }
            defaults.extend(values);
        }
        Ok(defaults)
    }

    /// Leaves out what the task gives itself: such a default is never looked at.
    fn not_given(&self, values: &Node) -> Node {
        let (Some(defaults), Some(given)) = (values.as_mapping(), self.task.action.args.as_mapping()) else {
            return values.clone();
        };
        let is_given = |entry: &&Entry| entry.key.as_str().is_some_and(|name| given.get(name).is_some());
        let entries = defaults.entries.iter().filter(|entry| !is_given(entry)).cloned().collect();
        Node { kind: NodeKind::Mapping(Arc::new(Mapping { entries })), ..values.clone() }
    }

    /// Returns the entries of all levels around the task, where an inner one replaces an outer one of the same key.
    fn effective_defaults(&self) -> Vec<&ModuleDefaults> {
        let mut levels: Vec<_> = self.task.context.levels().collect();
        levels.reverse();
        let mut entries: Vec<&ModuleDefaults> = Vec::new();
        for entry in levels.into_iter().flat_map(|level| &level.keywords.module_defaults) {
            match entries.iter_mut().find(|known| entry.replaces(known)) {
                Some(known) => *known = entry,
                None => entries.push(entry),
            }
        }
        entries
    }
}

fn rendered(scope: &Scope, values: &Node) -> Result<Map, TemplateError> {
    match to_json(&strip_omit(&scope.render(values)?)) {
        Value::Object(values) => Ok(values),
        Value::Null => Ok(Map::new()),
        other => {
            let message = format!("the values of `module_defaults` must be a mapping, found {other}");
            Err(TemplateError::failed(message).at(&values.span))
        }
    }
}
