use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use minijinja::value::{Enumerator, Object, ValueKind};
use minijinja::{State, Value};

use super::{missing, mutable, names};
use crate::Scope;
use crate::call::into_engine;

/// The name under which filters find the running template's root.
const HANDLE: &str = "__scope";

/// The variables that a running template sees.
pub struct Root {
    scope: Scope,
    /// Containers that the running template may change: the change ends with it, as in Ansible.
    owned: Option<Mutex<HashMap<String, Value>>>,
    /// Encrypted variables are handed out as they are.
    asks_of_vaults: bool,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("variables")
    }
}

impl Root {
    /// Returns the root for one evaluation.
    pub fn value(scope: Scope, mutates: bool, asks_of_vaults: bool) -> Value {
        Value::from_object(Self { scope, owned: mutates.then(Mutex::default), asks_of_vaults })
    }

    /// Returns the scope of the template that runs.
    pub fn scope(state: &State<'_, '_>) -> Option<Scope> {
        let handle = state.lookup(HANDLE)?;
        handle.downcast_object_ref::<Self>().map(|root| root.scope.clone())
    }

    fn load(&self, name: &str) -> Option<Value> {
        let found = if self.asks_of_vaults { self.scope.undecrypted(name) } else { self.scope.lazy(name) };
        match found {
            Ok(Some(value)) => Some(value),
            Ok(None) => match name {
                "omit" => Some(crate::omit()),
                "vars" => Some(self.scope.as_value()),
                _ => {
                    if !names::is_function(name) {
                        missing::undefined(name, format!("'{name}' is undefined"));
                    }
                    None
                }
            },
            Err(error) if error.is_undefined() => {
                missing::note(name, error);
                None
            }
            Err(error) => Some(Value::from(into_engine(error))),
        }
    }

    fn load_owned(&self, name: &str, owned: &Mutex<HashMap<String, Value>>) -> Option<Value> {
        let known = owned.lock().map(|owned| owned.get(name).cloned()).unwrap_or_default();
        if known.is_some() {
            return known;
        }
        let value = self.load(name)?;
        if !matches!(value.kind(), ValueKind::Map | ValueKind::Seq) {
            return Some(value);
        }
        let value = mutable::own(&value);
        if let Ok(mut owned) = owned.lock() {
            owned.insert(name.to_string(), value.clone());
        }
        Some(value)
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == HANDLE {
            return Some(Value::from_dyn_object(Arc::clone(self)));
        }
        match &self.owned {
            Some(owned) => self.load_owned(key, owned),
            None => self.load(key),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }
}
