use std::cmp::Ordering;

use minijinja::{Error, Value};

use crate::call::{Call, items};
use crate::names_table::{Entry, Run, test};
use crate::operators::{equal, is_in, order};

const EQUAL: Run = |call| {
    let (a, b) = two(call)?;
    equal(&a, &b).map(Value::from)
};
const DIFFERENT: Run = |call| {
    let (a, b) = two(call)?;
    equal(&a, &b).map(|equal| Value::from(!equal))
};
const LESS: Run = |call| ordered(call, "<", Ordering::is_lt);
const LESS_OR_EQUAL: Run = |call| ordered(call, "<=", Ordering::is_le);
const GREATER: Run = |call| ordered(call, ">", Ordering::is_gt);
const GREATER_OR_EQUAL: Run = |call| ordered(call, ">=", Ordering::is_ge);

/// Tests that compare values, alone or as members of lists.
pub const TABLE: &[Entry] = &[
    test("eq", EQUAL),
    test("equalto", EQUAL),
    test("==", EQUAL),
    test("ne", DIFFERENT),
    test("!=", DIFFERENT),
    test("lt", LESS),
    test("lessthan", LESS),
    test("<", LESS),
    test("le", LESS_OR_EQUAL),
    test("<=", LESS_OR_EQUAL),
    test("gt", GREATER),
    test("greaterthan", GREATER),
    test(">", GREATER),
    test("ge", GREATER_OR_EQUAL),
    test(">=", GREATER_OR_EQUAL),
    test("sameas", same),
    test("in", |call| {
        let (item, container) = two(call)?;
        is_in(&item, &container).map(Value::from)
    }),
    test("contains", |call| {
        let (container, item) = two(call)?;
        is_in(&item, &container).map(Value::from)
    }),
    test("all", |call| Ok(Value::from(items(&call.need("value")?)?.iter().all(Value::is_true)))),
    test("any", |call| Ok(Value::from(items(&call.need("value")?)?.iter().any(Value::is_true)))),
    test("subset", |call| {
        let (a, b) = two(call)?;
        within(&a, &b)
    }),
    test("issubset", |call| {
        let (a, b) = two(call)?;
        within(&a, &b)
    }),
    test("superset", |call| {
        let (a, b) = two(call)?;
        within(&b, &a)
    }),
    test("issuperset", |call| {
        let (a, b) = two(call)?;
        within(&b, &a)
    }),
];

fn two(call: &mut Call<'_, '_, '_>) -> Result<(Value, Value), Error> {
    Ok((call.need("value")?, call.need("other")?))
}

fn ordered(call: &mut Call<'_, '_, '_>, sign: &str, accepts: fn(Ordering) -> bool) -> Result<Value, Error> {
    let (a, b) = two(call)?;
    order(&a, &b, sign).map(|ordering| Value::from(accepts(ordering)))
}

/// Python's identity, as far as values here have one: equal and of one type.
fn same(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (a, b) = two(call)?;
    Ok(Value::from(a.kind() == b.kind() && a.is_integer() == b.is_integer() && a == b))
}

fn within(part: &Value, whole: &Value) -> Result<Value, Error> {
    let whole = Value::from(items(whole)?);
    for item in items(part)? {
        if !is_in(&item, &whole)? {
            return Ok(Value::from(false));
        }
    }
    Ok(Value::from(true))
}
