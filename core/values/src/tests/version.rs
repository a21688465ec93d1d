use std::cmp::Ordering;

use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::names_table::{Entry, test};
use crate::version;

/// The test `version` under its two names.
pub const TABLE: &[Entry] = &[test("version", compare), test("version_compare", compare)];

fn compare(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (value, other) = (call.text("value")?, call.text("version")?);
    let operator = call.text_or("operator", "eq");
    let strict = call.next("strict").filter(|strict| !strict.is_none());
    let kind = call.maybe_text("version_type");
    if value.is_empty() {
        return Err(fail("the version to compare is empty"));
    }
    if strict.is_some() && kind.is_some() {
        return Err(fail("'strict' and 'version_type' of the test 'version' exclude each other"));
    }
    let kind = match strict {
        Some(strict) if strict.is_true() => "strict".to_string(),
        _ => kind.unwrap_or_else(|| "loose".into()),
    };
    let ordering = match kind.as_str() {
        "loose" => version::loose(&value, &other),
        "strict" => version::strict(&value, &other),
        "semver" | "semantic" => version::semantic(&value, &other),
        "pep440" => version::pep440(&value, &other),
        _ => Err(format!("there is no version type '{kind}': use loose, strict, semver or pep440")),
    };
    let ordering = ordering.map_err(|reason| fail(format!("version comparison failed: {reason}")))?;
    Ok(Value::from(accepted(&operator, ordering)?))
}

fn accepted(operator: &str, ordering: Ordering) -> Result<bool, Error> {
    Ok(match operator {
        "==" | "=" | "eq" => ordering.is_eq(),
        "<" | "lt" => ordering.is_lt(),
        "<=" | "le" => ordering.is_le(),
        ">" | "gt" => ordering.is_gt(),
        ">=" | "ge" => ordering.is_ge(),
        "!=" | "<>" | "ne" => ordering.is_ne(),
        _ => return Err(fail(format!("there is no version operator '{operator}'"))),
    })
}
