use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use crate::Scope;
use crate::call::into_engine;
use crate::template::missing;

/// All variables of a scope as one mapping: `vars`, and what `hostvars['x']` gives.
#[derive(Debug)]
pub struct View(pub Scope);

/// Returns whether a value is a view, which is never rendered as a whole.
pub fn is_view(value: &Value) -> bool {
    value.downcast_object_ref::<View>().is_some()
}

impl Object for View {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        match self.0.lazy(name) {
            Ok(value) => value,
            Err(error) if error.is_undefined() => {
                missing::note(name, error);
                None
            }
            Err(error) => Some(Value::from(into_engine(error))),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.names().map(Value::from).collect())
    }
}
