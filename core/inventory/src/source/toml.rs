use std::sync::Arc;

use serde_json::{Map, Value};
use switchover_syntax::{Diagnostic, Source, Span, parse_json};

use crate::load::Loading;

/// Reads groups as tables: `[web.hosts]`, `[web.vars]`, and `children = ["web"]` in `[all]`.
pub(super) fn read(loading: &mut Loading<'_>, source: &Arc<Source>) {
    let tables = match ::toml::from_str::<Map<String, Value>>(&source.text) {
        Ok(tables) => tables,
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            let span = Span::new(source, at.start as u32, at.end as u32);
            let text = error.message().to_owned();
            return loading.errors.push(Diagnostic::error("inventory::toml", text, &span));
        }
    };
    let groups: Map<String, Value> =
        tables.into_iter().map(|(name, group)| (name, with_children(group))).collect();
    // Places in the text are gone by now; what is still wrong is told by the names of groups and hosts.
    let text = Value::Object(groups).to_string();
    match parse_json(&Source::new(source.name(), text)) {
        Ok((root, _)) => super::yaml::read(loading, &root),
        Err(errors) => loading.errors.extend(errors),
    }
}

/// Children are a list of names here, and a mapping in YAML.
fn with_children(mut group: Value) -> Value {
    if let Some(Value::Array(names)) = group.get_mut("children").map(Value::take) {
        let names = names.iter().filter_map(Value::as_str);
        group["children"] = names.map(|name| (name.to_owned(), Value::Null)).collect::<Map<_, _>>().into();
    }
    group
}
