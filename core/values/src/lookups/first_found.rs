use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Lookup, Request, files, lookup};
use crate::call::{fail, items};
use crate::filters::joined;
use crate::operators::item;
use crate::template::python;

/// The lookup `first_found`.
pub const TABLE: &[Lookup] = &[lookup("first_found", first_found)];

fn first_found(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut skip = request.named_flag("skip", false);
    let mut candidates = Vec::new();
    let (named_files, named_paths) = (request.named("files"), request.named("paths"));
    if let Some(files) = named_files {
        add(&mut candidates, &files, named_paths.as_ref())?;
    } else if let Some(paths) = named_paths {
        let terms = Value::from(request.terms.clone());
        add(&mut candidates, &terms, Some(&paths))?;
        request.terms.clear();
    }
    for term in flattened(&request.terms)? {
        if term.kind() == ValueKind::Map {
            let part = |name: &str| {
                item(&term, &Value::from(name), None)
                    .map(|value| (!value.is_undefined() && !value.is_none()).then_some(value))
            };
            skip = part("skip")?.map_or(skip, |flag| flag.is_true());
            match part("files")? {
                Some(files) => add(&mut candidates, &files, part("paths")?.as_ref())?,
                None => {
                    if let Some(paths) = part("paths")? {
                        add(&mut candidates, &paths, None)?;
                    }
                }
            }
        } else if let Some(name) = term.as_str() {
            candidates.push(name.to_owned());
        } else {
            let kind = python::type_name(&term);
            let message =
                format!("Invalid term supplied. A string, dict or list is required, not '{kind}').");
            return Err(fail(message));
        }
    }
    for candidate in &candidates {
        if let Some(found) = files::find(request.scope, request.subfolder, candidate)? {
            return Ok(vec![Value::from(found.display().to_string())]);
        }
    }
    match skip {
        true => Ok(Vec::new()),
        false => Err(fail(format!(
            "No file was found when using first_found. It looked for: {}",
            candidates.join(", ")
        ))),
    }
}

fn flattened(terms: &[Value]) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for term in terms {
        match term.kind() {
            ValueKind::Seq | ValueKind::Iterable => out.extend(flattened(&items(term)?)?),
            // The next name may be there.
            ValueKind::Undefined => {}
            _ => out.push(term.clone()),
        }
    }
    Ok(out)
}

/// Names in one text are separated by `,`, `;` or, for paths, `:`.
fn split(value: &Value, separators: &[char]) -> Result<Vec<String>, Error> {
    match value.as_str() {
        Some(text) => Ok(text.split(separators).map(|part| part.trim().to_string()).collect()),
        None => Ok(flattened(std::slice::from_ref(value))?.iter().map(python::text).collect()),
    }
}

fn add(candidates: &mut Vec<String>, files: &Value, paths: Option<&Value>) -> Result<(), Error> {
    let files = split(files, &[',', ';'])?;
    match paths {
        Some(paths) => {
            for path in split(paths, &[',', ';', ':'])? {
                candidates.extend(files.iter().map(|file| joined(&[path.clone(), file.clone()])));
            }
        }
        None => candidates.extend(files),
    }
    Ok(())
}
