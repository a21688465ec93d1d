//! Lists and dictionaries that a template may change while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::lazy::{LazyList, LazyMap};

/// A list with `append` and the like.
#[derive(Debug)]
pub struct List(Mutex<Vec<Value>>);

/// A dictionary with `update` and the like.
#[derive(Debug)]
pub struct Dictionary(Mutex<IndexMap<Value, Value>>);

impl List {
    /// Gives access to the items; nothing else may be called meanwhile.
    pub fn items(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dictionary {
    /// Gives access to the entries; nothing else may be called meanwhile.
    pub fn entries(&self) -> MutexGuard<'_, IndexMap<Value, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a plain container as one that can be changed; other values and objects stay as they are.
pub fn own(value: &Value) -> Value {
    let is_list = is_a::<Vec<Value>>(value) || is_a::<LazyList>(value);
    let is_map = is_a::<IndexMap<Value, Value>>(value) || is_a::<LazyMap>(value);
    let items = || value.try_iter().into_iter().flatten();
    if is_list {
        return Value::from_object(List(Mutex::new(items().collect())));
    }
    if is_map {
        let entries = items().map(|key| {
            let item = value.get_item(&key).unwrap_or_default();
            (key, item)
        });
        return Value::from_object(Dictionary(Mutex::new(entries.collect())));
    }
    value.clone()
}

fn is_a<T: 'static>(value: &Value) -> bool {
    value.downcast_object_ref::<T>().is_some()
}

/// Returns whether this is a dictionary of ours.
pub fn is_dictionary(value: &Value) -> bool {
    value.downcast_object_ref::<Dictionary>().is_some()
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let mut items = self.items();
        let slot = items.get_mut(key.as_usize()?)?;
        // A container inside becomes changeable when it is first reached.
        *slot = own(slot);
        Some(slot.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items().len())
    }
}

impl Object for Dictionary {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let mut entries = self.entries();
        let slot = entries.get_mut(key)?;
        *slot = own(slot);
        Some(slot.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.entries().keys().cloned().collect())
    }
}
