use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::{fail, into_engine, items};
use crate::filters::regex;
use crate::operators::item;
use crate::template::missing;
use crate::template::python;

/// Lookups in the variables and the inventory.
pub const TABLE: &[Lookup] =
    &[lookup("vars", vars), lookup("varnames", varnames), lookup("inventory_hostnames", inventory_hostnames)];

fn vars(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let default = request.named("default");
    let mut out = Vec::new();
    for term in &request.terms {
        let name = term
            .as_str()
            .ok_or_else(|| fail(format!("Variable name must be 'str' not '{}'.", python::type_name(term))))?;
        let found = match request.scope.get(name) {
            Ok(found) => found,
            Err(error) if error.is_undefined() && default.is_some() => None,
            Err(error) => return Err(into_engine(error)),
        };
        out.push(match (found, &default) {
            (Some(value), _) => value,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                let error =
                    crate::TemplateError::undefined(name, format!("No variable named '{name}' was found."));
                missing::note(name, error.clone());
                return Err(into_engine(error));
            }
        });
    }
    Ok(out)
}

fn varnames(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for term in &request.terms {
        let pattern = term.as_str().ok_or_else(|| not_a_name(term))?;
        let regex = regex::compiled(pattern, regex::Flags::default()).map_err(|error| {
            let why = error.to_string().replace("Target of repeat operator is invalid", "nothing to repeat");
            fail(format!("Unable to use \"{pattern}\" as a search parameter: {why}"))
        })?;
        let names = request.scope.names().filter(|name| regex.is_match(name).unwrap_or(false));
        out.extend(names.map(Value::from));
    }
    Ok(out)
}

fn not_a_name(term: &Value) -> Error {
    let (shown, kind) = (python::text(term), python::type_name(term));
    fail(format!("Invalid setting identifier, \"{shown}\" is not a string, it is a <class '{kind}'>"))
}

/// Hosts by name, group, `all`, shell pattern, `a:b`, `a:&b` and `a:!b`, from the variable `groups`.
fn inventory_hostnames(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let groups = request.scope.get("groups").map_err(into_engine)?;
    let groups = groups.filter(|groups| groups.kind() == ValueKind::Map);
    let groups = groups.ok_or_else(|| fail("the lookup 'inventory_hostnames' needs an inventory"))?;
    let everybody = hosts_of(&groups, "all")?;
    let mut chosen: Vec<Value> = Vec::new();
    let patterns = request.texts();
    let mut parts: Vec<&str> =
        patterns.iter().flat_map(|text| text.split([',', ':'])).map(str::trim).collect();
    // As in host patterns: first who is added, then who is kept, then who is left out.
    parts.sort_by_key(|part| if part.starts_with('!') { 2 } else { u8::from(part.starts_with('&')) });
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let matching = matching(&groups, &everybody, part.trim_start_matches(['!', '&']))?;
        match part.as_bytes()[0] {
            b'!' => chosen.retain(|host| !matching.contains(host)),
            b'&' => chosen.retain(|host| matching.contains(host)),
            _ => {
                for host in matching {
                    if !chosen.contains(&host) {
                        chosen.push(host);
                    }
                }
            }
        }
    }
    Ok(chosen)
}

fn hosts_of(groups: &Value, group: &str) -> Result<Vec<Value>, Error> {
    let found = item(groups, &Value::from(group), None)?;
    if found.is_undefined() { Ok(Vec::new()) } else { items(&found) }
}

fn matching(groups: &Value, everybody: &[Value], pattern: &str) -> Result<Vec<Value>, Error> {
    let matcher = globset::Glob::new(if pattern == "all" { "*" } else { pattern })
        .map_err(|error| fail(format!("the host pattern '{pattern}' does not work: {error}")))?
        .compile_matcher();
    let mut out = Vec::new();
    for group in items(groups)?.iter().filter_map(|group| group.as_str().map(str::to_string)) {
        if matcher.is_match(&group) {
            out.extend(hosts_of(groups, &group)?);
        }
    }
    out.extend(
        everybody.iter().filter(|host| host.as_str().is_some_and(|host| matcher.is_match(host))).cloned(),
    );
    let mut seen = Vec::new();
    out.retain(|host| {
        let is_new = !seen.contains(host);
        seen.push(host.clone());
        is_new
    });
    Ok(out)
}
