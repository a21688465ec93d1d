use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::names_table::{Entry, test};
use crate::tags::{self, Tag};

/// Tests of Ansible's own collection for what it knows of a value beside the value.
pub const TABLE: &[Entry] = &[
    test("ansible._protomatter.tagged", |call| Ok(Value::from(!tags::of(&call.need("value")?).is_empty())))
        .lazy(),
    test("ansible._protomatter.tagged_with", tagged_with).lazy(),
];

fn tagged_with(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let name = call.text("tag_name")?;
    let known = Tag::ALL.iter().any(|tag| tag.name() == name);
    if !known && !tags::NEVER_HERE.contains(&name.as_str()) {
        return Err(fail(format!("Unknown tag name '{name}'.")));
    }
    Ok(Value::from(tags::of(&value).iter().any(|tag| tag.name() == name)))
}
