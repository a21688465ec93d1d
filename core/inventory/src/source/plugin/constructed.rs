use std::sync::Arc;

use switchover_syntax::{Mapping, Node, NodeKind, Style, Tag};
use switchover_values::{Layer, Scope, Settings, Stored, TemplateError, Value, VarMap};

use super::keyed;
use crate::edit::safe;
use crate::load::Loading;

const OPTIONS: [&str; 8] = [
    "plugin",
    "strict",
    "compose",
    "groups",
    "keyed_groups",
    "use_extra_vars",
    "use_vars_plugins",
    "leading_separator",
];

/// Gives the hosts that are known by now more variables and groups, by what their variables say.
pub(super) fn read(loading: &mut Loading<'_>, options: &Mapping) {
    super::refuse_unknown(loading, options, &OPTIONS);
    loading.inventory.settle();
    let strict = super::flag(options, "strict", false);
    for host in 0..loading.inventory.hosts.len() {
        let mut maker = Maker { loading, host, strict };
        maker.compose(options);
        maker.groups(options);
        let scope = maker.scope();
        keyed::read(&mut maker, options, &scope);
    }
    loading.inventory.settle();
}

/// Works on one host.
pub(super) struct Maker<'a, 'b> {
    pub loading: &'a mut Loading<'b>,
    pub host: usize,
    pub strict: bool,
}

impl Maker<'_, '_> {
    /// Returns what templates see of the host: its variables from the sources before.
    fn scope(&self) -> Scope {
        let inventory = &self.loading.inventory;
        let name = &inventory.hosts[self.host].name;
        let mut scope = Scope::with_settings(Arc::new(Settings::default()));
        inventory.layers(name, None).into_iter().for_each(|(layer, vars)| scope.push(layer, vars));
        let mut magic = VarMap::new();
        magic.insert("inventory_hostname", Stored::Data(name.as_ref().into()));
        magic.insert("group_names", Stored::Data(inventory.group_names(name).into_iter().collect()));
        scope.push(Layer::ExtraVars, Arc::new(magic));
        scope
    }

    fn compose(&mut self, options: &Mapping) {
        for (name, node) in entries(options, "compose") {
            let scope = self.scope();
            if let Some(value) = self.evaluate(&scope, node) {
                let vars = VarMap::from_iter([(name, computed(value, node))]);
                self.loading.inventory.set_host_vars(self.host, vars);
            }
        }
    }

    fn groups(&mut self, options: &Mapping) {
        let scope = self.scope();
        for (name, node) in entries(options, "groups") {
            match scope.condition(node) {
                Ok(true) => drop(self.join(&name)),
                Ok(false) => {}
                Err(error) => self.complain(error, node),
            }
        }
    }

    /// Returns the value of an expression; without `strict` one that cannot be had is passed over.
    pub fn evaluate(&mut self, scope: &Scope, node: &Node) -> Option<Value> {
        let text = match node.as_str() {
            Some(text) => text.to_owned(),
            None => return scope.render(node).ok(),
        };
        match scope.expression(&text, &node.span) {
            Ok(value) if !value.is_undefined() => Some(value),
            Ok(_) => {
                let error = TemplateError::failed(format!("`{text}` is undefined"));
                self.complain(error, node);
                None
            }
            Err(error) => {
                self.complain(error, node);
                None
            }
        }
    }

    /// Puts the host into a group, which is made when it is missing; returns its number.
    pub fn join(&mut self, name: &str) -> usize {
        let inventory = &mut self.loading.inventory;
        let group = inventory.add_group(&safe(name));
        inventory.add_member(group, self.host);
        group
    }

    pub fn complain(&mut self, error: TemplateError, node: &Node) {
        if self.strict {
            self.loading.errors.push(error.to_diagnostic(&node.span));
        }
    }
}

/// Text that a template gave is never one itself; it is shown as such, as in Ansible.
fn computed(value: Value, node: &Node) -> Stored {
    match value.as_str() {
        Some(text) => {
            let kind = NodeKind::String { text: text.into(), style: Style::Quoted };
            Stored::Author(Node { span: node.span.clone(), tag: Tag::Unsafe, kind })
        }
        None => Stored::Data(value),
    }
}

fn entries<'a>(options: &'a Mapping, name: &str) -> Vec<(String, &'a Node)> {
    let entries =
        options.get(name).and_then(|node| node.as_mapping()).into_iter().flat_map(|map| &map.entries);
    entries.filter_map(|entry| Some((entry.key.as_str()?.to_owned(), &entry.value))).collect()
}
