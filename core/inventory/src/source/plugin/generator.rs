use std::sync::Arc;

use switchover_syntax::{Diagnostic, Mapping, Node};
use switchover_values::{Layer, Scope, Settings, Stored, VarMap};

use crate::load::Loading;

/// Makes a host for each combination of the layers' values, and the groups that its parents name.
pub(super) fn read(loading: &mut Loading<'_>, options: &Mapping) {
    super::refuse_unknown(loading, options, &["plugin", "hosts", "layers"]);
    let (Some(hosts), Some(layers)) = (section(options, "hosts"), section(options, "layers")) else {
        let span = options.entries.first().map(|entry| entry.key.span.clone());
        let text = "a generator needs `hosts` and `layers`, both mappings";
        return loading.errors.extend(span.map(|span| Diagnostic::error("inventory::plugin", text, &span)));
    };
    for values in combinations(layers) {
        let mut scope = Scope::with_settings(Arc::new(Settings::default()));
        scope.push(Layer::ExtraVars, Arc::new(values));
        let Some(name) = text(loading, &scope, hosts.get("name")) else { continue };
        let host = loading.inventory.host_or_new(&name, loading.source.clone().as_ref());
        for parent in hosts.get("parents").and_then(|node| node.as_sequence()).unwrap_or_default() {
            if let Some(group) = group(loading, &scope, parent) {
                loading.inventory.add_member(group, host);
            }
        }
    }
}

/// Makes the group that a parent names, and those above it; variables are templates of the layers' values.
fn group(loading: &mut Loading<'_>, scope: &Scope, node: &Node) -> Option<usize> {
    let parent = node.as_mapping()?;
    let name = text(loading, scope, parent.get("name"))?;
    let group = loading.inventory.add_group(&name);
    for entry in section(parent, "vars").into_iter().flat_map(|vars| &vars.entries) {
        let Some(key) = entry.key.as_str() else { continue };
        match scope.render(&entry.value) {
            Ok(value) => {
                let vars = VarMap::from_iter([(key.to_owned(), Stored::Data(value))]);
                Arc::make_mut(&mut loading.inventory.groups[group].vars).extend(&vars);
            }
            Err(error) => loading.errors.push(error.to_diagnostic(&entry.value.span)),
        }
    }
    for above in parent.get("parents").and_then(|node| node.as_sequence()).unwrap_or_default() {
        if let Some(above) = self::group(loading, scope, above) {
            loading.child(above, group, &node.span);
        }
    }
    Some(group)
}

fn section<'a>(options: &'a Mapping, name: &str) -> Option<&'a Mapping> {
    options.get(name).and_then(|node| node.as_mapping())
}

fn text(loading: &mut Loading<'_>, scope: &Scope, node: Option<&Node>) -> Option<String> {
    let node = node?;
    match scope.render(node) {
        Ok(value) => Some(value.to_string()),
        Err(error) => {
            loading.errors.push(error.to_diagnostic(&node.span));
            None
        }
    }
}

/// Returns every combination of one value of each layer; the last layer changes fastest.
fn combinations(layers: &Mapping) -> Vec<VarMap> {
    let mut all = vec![VarMap::new()];
    for layer in &layers.entries {
        let Some(name) = layer.key.as_str() else { continue };
        let values = layer.value.as_sequence().unwrap_or_default();
        let with = |known: &VarMap, value: &Node| {
            let mut more = known.clone();
            more.insert(name, value.clone());
            more
        };
        all = all.iter().flat_map(|known| values.iter().map(move |value| with(known, value))).collect();
    }
    all
}
