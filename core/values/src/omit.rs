use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};

/// The value of the variable `omit`: an argument that has it was not given.
#[derive(Debug)]
struct Omit;

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<omit>")
    }
}

static OMIT: LazyLock<Value> = LazyLock::new(|| Value::from_object(Omit));

/// Returns the sentinel.
pub fn omit() -> Value {
    OMIT.clone()
}

/// Returns whether this is the sentinel.
pub fn is_omit(value: &Value) -> bool {
    value.downcast_object_ref::<Omit>().is_some()
}

/// Returns the value without the entries and items, at any depth, whose value is `omit`.
///
/// The sentinel itself stays when it is the whole value: its caller leaves the argument away.
pub fn strip_omit(value: &Value) -> Value {
    match value.kind() {
        ValueKind::Seq => Value::from_iter(
            value
                .try_iter()
                .into_iter()
                .flatten()
                .filter(|item| !is_omit(item))
                .map(|item| strip_omit(&item)),
        ),
        ValueKind::Map => Value::from_pairs(value.try_iter().into_iter().flatten().filter_map(|key| {
            let item = value.get_item(&key).unwrap_or_default();
            (!is_omit(&item)).then(|| (key, strip_omit(&item)))
        })),
        _ => value.clone(),
    }
}
