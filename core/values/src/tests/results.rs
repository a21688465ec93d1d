use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items};
use crate::names_table::{Entry, test};
use crate::operators::item;

/// Tests for what a task answered.
pub const TABLE: &[Entry] = &[
    test("failed", |call| result(call, "failed").map(|r| Value::from(flag(&r, "failed")))),
    test("failure", |call| result(call, "failure").map(|r| Value::from(flag(&r, "failed")))),
    test("succeeded", |call| result(call, "succeeded").map(|r| Value::from(!flag(&r, "failed")))),
    test("success", |call| result(call, "success").map(|r| Value::from(!flag(&r, "failed")))),
    test("successful", |call| result(call, "successful").map(|r| Value::from(!flag(&r, "failed")))),
    test("changed", changed),
    test("change", changed),
    test("skipped", |call| result(call, "skipped").map(|r| Value::from(flag(&r, "skipped")))),
    test("skip", |call| result(call, "skip").map(|r| Value::from(flag(&r, "skipped")))),
    test("unreachable", |call| result(call, "unreachable").map(|r| Value::from(flag(&r, "unreachable")))),
    test("reachable", |call| result(call, "reachable").map(|r| Value::from(!flag(&r, "unreachable")))),
    test("timedout", |call| result(call, "timedout").map(|r| Value::from(timed_out(&r)))),
    test("started", |call| job(call, "started")),
    test("finished", |call| job(call, "finished")),
];

fn result(call: &mut Call<'_, '_, '_>, name: &str) -> Result<Value, Error> {
    let value = call.need("result")?;
    match value.kind() {
        ValueKind::Map => Ok(value),
        _ => Err(fail(format!("The '{name}' test expects a dictionary"))),
    }
}

fn flag(result: &Value, name: &str) -> bool {
    entry(result, name).is_some_and(|value| value.is_true())
}

fn entry(result: &Value, name: &str) -> Option<Value> {
    item(result, &Value::from(name), None).ok().filter(|value| !value.is_undefined())
}

/// The result of a loop has changed when one of its items has.
fn changed(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let result = result(call, "changed")?;
    if let Some(changed) = entry(&result, "changed") {
        return Ok(Value::from(changed.is_true()));
    }
    let Some(results) = entry(&result, "results") else { return Ok(Value::from(false)) };
    Ok(Value::from(items(&results)?.iter().any(|item| flag(item, "changed"))))
}

fn timed_out(result: &Value) -> bool {
    entry(result, "timedout").is_some_and(|details| flag(&details, "period"))
}

/// A result that is no job's has started and finished.
fn job(call: &mut Call<'_, '_, '_>, name: &str) -> Result<Value, Error> {
    let result = result(call, name)?;
    Ok(Value::from(entry(&result, name).is_none_or(|value| value.is_true())))
}
