use minijinja::{Error, Value};

use crate::call::Call;
use crate::names_table::{Entry, filter};
use crate::template::python;

/// Filters of Ansible's own collection `ansible._protomatter`, which its tests and a few playbooks use. Values have no
/// tags here but one: what the author wrote is a template, what came from elsewhere is none.
pub const TABLE: &[Entry] = &[
    filter("ansible._protomatter.finalize", finalize),
    filter("ansible._protomatter.unmask", finalize),
    filter("ansible._protomatter.true_type", |call| Ok(Value::from(python::type_name(&call.need("value")?)))),
];

/// Arguments of filters are rendered through and through already.
fn finalize(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    call.next("types");
    Ok(value)
}
