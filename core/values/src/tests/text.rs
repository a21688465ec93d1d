use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::filters::regex::{Flags, compiled};
use crate::names_table::{Entry, test};
use crate::vault;
use crate::vaulted::Vaulted;

/// Tests for text.
pub const TABLE: &[Entry] = &[
    test("match", |call| regex(call, "match")),
    test("search", |call| regex(call, "search")),
    test("regex", |call| regex(call, "")),
    test("lower", |call| {
        Ok(Value::from(cased(&call.text("value")?, char::is_lowercase, char::is_uppercase)))
    }),
    test("upper", |call| {
        Ok(Value::from(cased(&call.text("value")?, char::is_uppercase, char::is_lowercase)))
    }),
    test("uri", |call| uri(call, false, &[])),
    test("url", |call| uri(call, true, &[])),
    test("urn", urn),
    test("vault_encrypted", vault_encrypted).lazy(),
    test("vaulted_file", vaulted_file),
];

fn vault_encrypted(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    Ok(Value::from(Vaulted::of(&value).is_some() || value.as_str().is_some_and(vault::is_encrypted)))
}

fn cased(text: &str, wanted: fn(char) -> bool, other: fn(char) -> bool) -> bool {
    text.chars().any(wanted) && !text.chars().any(other)
}

fn regex(call: &mut Call<'_, '_, '_>, kind: &str) -> Result<Value, Error> {
    let text = call.text("value")?;
    let pattern = call.text("pattern")?;
    let flags =
        Flags { ignore_case: call.flag("ignorecase", false), multiline: call.flag("multiline", false) };
    let kind = if kind.is_empty() { call.text_or("match_type", "search") } else { kind.to_string() };
    let anchored = match kind.as_str() {
        "search" => pattern,
        "match" => format!(r"\A(?:{pattern})"),
        "fullmatch" => format!(r"\A(?:{pattern})\z"),
        other => {
            return Err(fail(format!("there is no match type '{other}': use search, match or fullmatch")));
        }
    };
    let found = compiled(&anchored, flags)?.is_match(&text);
    found.map(Value::from).map_err(|error| fail(format!("the regular expression cannot be matched: {error}")))
}

/// A URI has a scheme, a URL also a host; schemes may be limited to some.
fn uri(call: &mut Call<'_, '_, '_>, needs_host: bool, urn: &[&str]) -> Result<Value, Error> {
    let value = call.need("value")?;
    let schemes = match call.next("schemes").filter(|schemes| !schemes.is_none()) {
        Some(schemes) => crate::filters::text::texts(&schemes)?,
        None => urn.iter().map(ToString::to_string).collect(),
    };
    let Some(text) = value.as_str() else { return Ok(Value::from(false)) };
    let url = crate::filters::split_url(text);
    let has_host = !needs_host || !url.netloc.is_empty();
    let allowed = schemes.is_empty() || schemes.contains(&url.scheme);
    Ok(Value::from(!url.scheme.is_empty() && has_host && allowed))
}

fn urn(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    uri(call, false, &["urn"])
}

fn vaulted_file(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let path = call.text("path")?;
    let bytes = std::fs::read(&path).map_err(|error| fail(format!("'{path}' cannot be read: {error}")))?;
    Ok(Value::from(bytes.starts_with(b"$ANSIBLE_VAULT;")))
}
