//! Mappings and lists that the author wrote: each entry is rendered when it is asked for.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, ValueKind};
use switchover_syntax::{Mapping, Node, NodeKind};

use crate::call::into_engine;
use crate::convert::node_to_value;
use crate::template::missing;
use crate::vaulted::Vaulted;
use crate::{Scope, TemplateError};

/// A mapping of templates.
#[derive(Debug)]
pub struct LazyMap {
    pub mapping: Arc<Mapping>,
    pub scope: Scope,
}

/// A list of templates.
#[derive(Debug)]
pub struct LazyList {
    pub items: Arc<[Node]>,
    pub scope: Scope,
}

impl LazyMap {
    /// Renders the value of a key.
    pub fn entry(&self, key: &Value) -> Result<Option<Value>, TemplateError> {
        let found = match key.as_str() {
            Some(text) => self.mapping.get(text),
            None => self.mapping.entries.iter().find(|e| node_to_value(&e.key) == *key).map(|e| &e.value),
        };
        found.map(|node| self.scope.lazy_node(node)).transpose()
    }

    /// Returns whether there is such a key, without rendering its value.
    pub fn has(&self, key: &Value) -> bool {
        self.mapping.entries.iter().any(|entry| match (entry.key.as_str(), key.as_str()) {
            (Some(a), Some(b)) => a == b,
            _ => node_to_value(&entry.key) == *key,
        })
    }
}

/// An entry whose value is not defined is not there; other mistakes travel as invalid values.
fn entry_value(entry: Result<Option<Value>, TemplateError>) -> Option<Value> {
    match entry {
        Ok(value) => value,
        Err(error) if error.is_undefined() => {
            missing::note("", error);
            None
        }
        Err(error) => Some(Value::from(into_engine(error))),
    }
}

impl Object for LazyMap {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        entry_value(self.entry(key))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.mapping.entries.iter().map(|entry| node_to_value(&entry.key)).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.mapping.entries.len())
    }
}

impl Object for LazyList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let node = self.items.get(key.as_usize()?)?;
        entry_value(self.scope.lazy_node(node).map(Some))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}

/// Returns whether rendering a node could give anything but what is written.
pub fn is_static(node: &Node) -> bool {
    match &node.kind {
        NodeKind::String { text, .. } => match node.tag {
            switchover_syntax::Tag::Unsafe => true,
            switchover_syntax::Tag::Vault => false,
            switchover_syntax::Tag::None => !crate::template::program::has_markers(text),
        },
        NodeKind::Sequence(items) => items.iter().all(is_static),
        NodeKind::Mapping(mapping) => mapping.entries.iter().all(|entry| is_static(&entry.value)),
        _ => true,
    }
}

/// Returns the value with everything lazy in it rendered.
pub fn force(value: &Value) -> Result<Value, TemplateError> {
    if !needs_force(value) {
        return Ok(value.clone());
    }
    if let Some(map) = value.downcast_object_ref::<LazyMap>() {
        return map.scope.render(&Node {
            span: no_span(),
            tag: switchover_syntax::Tag::None,
            kind: NodeKind::Mapping(Arc::clone(&map.mapping)),
        });
    }
    if let Some(list) = value.downcast_object_ref::<LazyList>() {
        return list.items.iter().map(|node| list.scope.render(node)).collect();
    }
    if let Some(vaulted) = Vaulted::of(value) {
        return vaulted.plain();
    }
    match value.kind() {
        ValueKind::Map => force_map(value),
        _ => force_list(value),
    }
}

/// Returns the value rendered, with its tuples, which Python writes in their own way: for `string`.
pub fn force_with_tuples(value: &Value) -> Result<Value, TemplateError> {
    force_but(value, is_pair)
}

/// Returns the value as a template puts it out: tuples are lists there, but for the groups of `groupby`.
pub fn force_for_output(value: &Value) -> Result<Value, TemplateError> {
    force_but(value, crate::filters::is_group)
}

fn force_but(value: &Value, kept: fn(&Value) -> bool) -> Result<Value, TemplateError> {
    if !needs_force(value) {
        return Ok(value.clone());
    }
    let items = |value: &Value| -> Result<Vec<Value>, TemplateError> {
        let items = value.try_iter().map_err(TemplateError::from)?.checked();
        let item = |item: Value| if item.is_undefined() { force_item(&item) } else { force_but(&item, kept) };
        items.map(|one| item(one.map_err(TemplateError::from)?)).collect()
    };
    match value.kind() {
        ValueKind::Seq if kept(value) => Ok(Value::from(Tuple::new(items(value)?))),
        ValueKind::Seq | ValueKind::Iterable => Ok(Value::from(items(value)?)),
        _ => force(value),
    }
}

/// Returns whether this is a tuple in Python: one of the template, or a group of `groupby`.
pub fn is_pair(value: &Value) -> bool {
    value.is_tuple() || crate::filters::is_group(value)
}

fn no_span() -> switchover_syntax::Span {
    switchover_syntax::Span::new(&switchover_syntax::Source::new("", ""), 0, 0)
}

fn force_map(map: &Value) -> Result<Value, TemplateError> {
    let mut pairs = Vec::new();
    for key in map.try_iter().map_err(TemplateError::from)?.checked() {
        let key = key.map_err(TemplateError::from)?;
        let item = map.get_item(&key).map_err(TemplateError::from)?;
        pairs.push((key, force_item(&item)?));
    }
    Ok(Value::from_pairs(pairs))
}

fn force_list(list: &Value) -> Result<Value, TemplateError> {
    let items = list.try_iter().map_err(TemplateError::from)?.checked();
    let forced: Result<Vec<Value>, _> =
        items.map(|item| force_item(&item.map_err(TemplateError::from)?)).collect();
    forced.map(Value::from)
}

fn force_item(item: &Value) -> Result<Value, TemplateError> {
    match item.kind() {
        ValueKind::Undefined => Err(missing::reason("")
            .unwrap_or_else(|| TemplateError::undefined("", "an item of the result is undefined"))),
        _ => force(item),
    }
}

/// Returns whether anything in a value is not plain yet: lazy, undefined, a tuple, a one-time iterator.
pub fn needs_force(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Undefined | ValueKind::Invalid | ValueKind::Iterable => true,
        ValueKind::Seq => {
            !is_plain_list(value) || value.try_iter().into_iter().flatten().any(|item| needs_force(&item))
        }
        ValueKind::Map => needs_force_map(value),
        ValueKind::Plain => Vaulted::of(value).is_some(),
        _ => false,
    }
}

fn is_plain_list(value: &Value) -> bool {
    value.downcast_object_ref::<Vec<Value>>().is_some()
}

fn needs_force_map(value: &Value) -> bool {
    if crate::view::is_view(value) {
        return false;
    }
    if value.downcast_object_ref::<LazyMap>().is_some() || crate::template::mutable::is_dictionary(value) {
        return true;
    }
    let Some(object) = value.as_object() else { return false };
    object.try_iter_pairs().into_iter().flatten().any(|(_, item)| needs_force(&item))
}
