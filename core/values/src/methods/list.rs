use minijinja::{Error, Value};

use super::changeable_list;
use crate::call::{Call, fail, items};
use crate::filters::order::sorted;
use crate::operators::equal;

/// Calls a list's method; `None` when lists have none of this name.
pub fn call(list: &Value, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Option<Value>, Error> {
    let done = Ok(Some(Value::from(())));
    match method {
        "append" => {
            let item = call.need("object")?;
            changeable_list(list, method)?.items().push(item);
            done
        }
        "extend" => {
            let more = items(&call.need("iterable")?)?;
            changeable_list(list, method)?.items().extend(more);
            done
        }
        "insert" => {
            let (index, item) = (call.int_or("index", 0)?, call.need("object")?);
            let mut items = changeable_list(list, method)?.items();
            let at = position(index, items.len());
            items.insert(at, item);
            done
        }
        "pop" => pop(list, call).map(Some),
        "remove" => {
            let at = find(list, &call.need("value")?)?;
            changeable_list(list, method)?.items().remove(at);
            done
        }
        "clear" => {
            changeable_list(list, method)?.items().clear();
            done
        }
        "reverse" => {
            changeable_list(list, method)?.items().reverse();
            done
        }
        "sort" => {
            let reverse = call.named_flag("reverse", false);
            let ordered = sorted(items(list)?, reverse)?;
            *changeable_list(list, method)?.items() = ordered;
            done
        }
        "index" => find(list, &call.need("value")?).map(|at| Some(Value::from(at))),
        "count" => {
            let wanted = call.need("value")?;
            let mut count = 0usize;
            for item in items(list)? {
                count += usize::from(equal(&item, &wanted)?);
            }
            Ok(Some(Value::from(count)))
        }
        "copy" => Ok(Some(Value::from(items(list)?))),
        _ => Ok(None),
    }
}

fn pop(list: &Value, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let index = call.int_or("index", -1)?;
    let mut items = changeable_list(list, "pop")?.items();
    let at = if index < 0 { items.len() as i64 + index } else { index };
    match usize::try_from(at).ok().filter(|at| *at < items.len()) {
        Some(at) => Ok(items.remove(at)),
        None => Err(fail("pop index out of range")),
    }
}

fn find(list: &Value, wanted: &Value) -> Result<usize, Error> {
    for (at, item) in items(list)?.iter().enumerate() {
        if equal(item, wanted)? {
            return Ok(at);
        }
    }
    Err(fail(format!("{} is not in list", crate::template::python::repr(wanted))))
}

fn position(index: i64, length: usize) -> usize {
    let at = if index < 0 { (length as i64 + index).max(0) } else { index };
    usize::try_from(at).unwrap_or(0).min(length)
}
