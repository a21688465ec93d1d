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
        return Err(fail("Input version value cannot be empty"));
    }
    if other.is_empty() {
        return Err(fail("Version parameter to compare against cannot be empty"));
    }
    if strict.is_some() && kind.is_some() {
        return Err(fail("Cannot specify both 'strict' and 'version_type'"));
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
        _ => {
            let known = "'loose', 'strict', 'semver', 'semantic', 'pep440'";
            return Err(fail(format!("Invalid version type ({kind}). Must be one of {known}")));
        }
    };
    let ordering = ordering.map_err(|reason| fail(format!("Version comparison failed: {reason}")))?;
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
        _ => {
            return Err(fail(format!(
                "Invalid operator type ({operator}). Must be one of '==', '=', 'eq', '<', 'lt', '<=', 'le', '>', 'gt', \
                 '>=', 'ge', '!=', '<>', 'ne'"
            )));
        }
    })
}
