use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::jmespath;
use crate::names_table::{Entry, filter};

/// The filter `json_query`.
pub const TABLE: &[Entry] = &[filter("json_query", json_query)];

fn json_query(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (data, expression) = (call.need("data")?, call.text("expr")?);
    jmespath::search(&expression, &data)
        .map_err(|reason| fail(format!("the query '{expression}' fails: {reason}")))
}
