use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::Call;
use crate::names_table::{Entry, test};
use crate::operators::number;
use crate::template::names;

/// Tests for what a value is.
pub const TABLE: &[Entry] = &[
    test("defined", |call| Ok(Value::from(!call.need("value")?.is_undefined()))).anything(),
    test("undefined", |call| Ok(Value::from(call.need("value")?.is_undefined()))).anything(),
    test("none", |call| kind(call, &[ValueKind::None])),
    test("boolean", |call| kind(call, &[ValueKind::Bool])),
    test("true", |call| truth(call, true)),
    test("false", |call| truth(call, false)),
    test("string", |call| kind(call, &[ValueKind::String])),
    test("mapping", |call| kind(call, &[ValueKind::Map])).lazy(),
    test("sequence", |call| {
        kind(call, &[ValueKind::Seq, ValueKind::Iterable, ValueKind::Map, ValueKind::String])
    })
    .lazy(),
    test("iterable", |call| {
        kind(call, &[ValueKind::Seq, ValueKind::Iterable, ValueKind::Map, ValueKind::String])
    })
    .lazy(),
    test("number", |call| kind(call, &[ValueKind::Number, ValueKind::Bool])),
    test("integer", integer),
    test("float", float),
    test("callable", callable).lazy(),
    test("odd", |call| divides(call, 2, 1)),
    test("even", |call| divides(call, 2, 0)),
    test("divisibleby", divisible),
    test("nan", nan),
    test("isnan", nan),
    test("truthy", |call| truthy(call, true)).lazy(),
    test("falsy", |call| truthy(call, false)).lazy(),
    test("filter", |call| Ok(Value::from(names::filter(&call.text("value")?).is_some()))),
    test("test", |call| Ok(Value::from(names::test(&call.text("value")?).is_some()))),
    test("escaped", |call| call.need("value").map(|_| Value::from(false))),
];

fn kind(call: &mut Call<'_, '_, '_>, kinds: &[ValueKind]) -> Result<Value, Error> {
    let value = call.need("value")?;
    Ok(Value::from(kinds.contains(&value.kind())))
}

fn truth(call: &mut Call<'_, '_, '_>, wanted: bool) -> Result<Value, Error> {
    let value = call.need("value")?;
    Ok(Value::from(value.kind() == ValueKind::Bool && value.is_true() == wanted))
}

fn integer(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    Ok(Value::from(call.need("value")?.is_integer()))
}

fn float(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    Ok(Value::from(value.is_number() && !value.is_integer()))
}

fn callable(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    Ok(Value::from(call.need("value")?.kind() == ValueKind::Plain))
}

fn whole(value: &Value) -> Result<i128, Error> {
    i128::try_from(value.clone())
}

fn divides(call: &mut Call<'_, '_, '_>, by: i128, rest: i128) -> Result<Value, Error> {
    let value = call.need("value")?;
    if value.as_str().is_some() {
        return Err(crate::call::fail("not all arguments converted during string formatting"));
    }
    Ok(Value::from(whole(&value)?.rem_euclid(by) == rest))
}

fn divisible(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = whole(&call.need("value")?)?;
    let by = whole(&call.need("num")?)?;
    if by == 0 {
        return Err(crate::call::fail("integer modulo by zero"));
    }
    Ok(Value::from(value % by == 0))
}

fn nan(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    Ok(Value::from(number(&call.need("value")?).is_some_and(f64::is_nan)))
}

fn truthy(call: &mut Call<'_, '_, '_>, wanted: bool) -> Result<Value, Error> {
    let value = call.need("value")?;
    let convert = call.flag("convert_bool", false);
    let text = value.as_str().map(str::to_lowercase);
    let truth = match (convert, text.as_deref()) {
        (true, Some("yes" | "on" | "1" | "true" | "t" | "y")) => true,
        (true, Some("no" | "off" | "0" | "false" | "f" | "n")) => false,
        _ => value.is_true(),
    };
    Ok(Value::from(truth == wanted))
}
