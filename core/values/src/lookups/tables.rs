use std::collections::HashSet;

use minijinja::{Error, Value};

use super::files::read_encoded;
use super::interpolation::Values;
use super::{Lookup, Request, lookup};
use crate::call::fail;
use crate::filters::regex;
use crate::template::python;

/// Lookups in files with rows or sections.
pub const TABLE: &[Lookup] = &[lookup("csvfile", csvfile), lookup("ini", ini)];

/// A term such as `name file=x.ini section=y` with its options.
fn split_term(term: &Value, known: &[&str]) -> Result<(String, Vec<(String, String)>), Error> {
    let text = python::text(term);
    let mut key = Vec::new();
    let mut options = Vec::new();
    for word in text.split_whitespace() {
        match word.split_once('=') {
            Some((name, _)) if !known.contains(&name) => {
                return Err(fail(format!("'{name}' is not a valid option.")));
            }
            Some((name, value)) => {
                options.push((name.to_string(), value.trim_matches(['"', '\'']).to_string()))
            }
            None => key.push(word.to_string()),
        }
    }
    if key.is_empty() {
        let shown = text.trim();
        return Err(fail(format!(
            "No key to look up was provided as first term within string inline options: {shown}"
        )));
    }
    Ok((key.join(" "), options))
}

const CSV_OPTIONS: [&str; 6] = ["file", "col", "delimiter", "default", "encoding", "keycol"];
const INI_OPTIONS: [&str; 8] =
    ["file", "section", "default", "re", "type", "encoding", "case_sensitive", "allow_no_value"];

/// Options of a term go before those of the lookup.
fn option(
    options: &[(String, String)],
    named: &[(&str, Option<String>)],
    name: &str,
    default: &str,
) -> String {
    let own = options.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let given = named.iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.clone());
    own.or(given).unwrap_or_else(|| default.to_string())
}

fn named_options<'a>(request: &mut Request<'_>, names: &[&'a str]) -> Vec<(&'a str, Option<String>)> {
    names.iter().map(|name| (*name, request.named_text(name))).collect()
}

fn csvfile(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let named = named_options(request, &CSV_OPTIONS);
    let mut out = Vec::new();
    for term in request.terms.clone() {
        let (key, options) = split_term(&term, &CSV_OPTIONS)?;
        let get = |name: &str, default: &str| option(&options, &named, name, default);
        let delimiter = match get("delimiter", "TAB").as_str() {
            "TAB" | "\\t" => '\t',
            other => other.chars().next().ok_or_else(|| fail("'delimiter' of csvfile is empty"))?,
        };
        let number = |name: &str, default: &str| {
            get(name, default).parse::<usize>().map_err(|_| fail(format!("'{name}' of csvfile is a number")))
        };
        let (column, key_column) = (number("col", "1")?, number("keycol", "0")?);
        let text =
            read_encoded(request.scope, "files", &get("file", "ansible.csv"), &get("encoding", "utf-8"))?;
        let row = rows(&text, delimiter).into_iter().find(|row| row.get(key_column) == Some(&key));
        let default = get("default", "");
        match row {
            Some(row) => {
                let cell = row.get(column).ok_or_else(|| {
                    fail(format!("list index out of range: the row '{key}' has no column {column}"))
                })?;
                out.push(Value::from(cell.as_str()));
            }
            None if !default.is_empty() => out.push(Value::from(default)),
            None => {}
        }
    }
    Ok(out)
}

/// Rows of a CSV text (RFC 4180).
fn rows(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

fn ini(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let named = named_options(request, &["file", "section", "default", "re", "type", "encoding"]);
    let by_pattern = request.named_flag("re", false)
        || named.iter().any(|(k, v)| *k == "re" && v.as_deref() == Some("True"));
    let case_sensitive = request.named_flag("case_sensitive", false);
    let interpolation = request.named_flag("interpolation", true);
    let allow_no_value =
        request.named_flag("allow_no_value", false) || request.named_flag("allow_none", false);
    let mut out = Vec::new();
    for term in request.terms.clone() {
        let (key, options) = split_term(&term, &INI_OPTIONS)?;
        let get = |name: &str, default: &str| option(&options, &named, name, default);
        let properties = get("type", "ini") == "properties";
        let section = if properties { String::new() } else { get("section", "global") };
        let text =
            read_encoded(request.scope, "files", &get("file", "ansible.ini"), &get("encoding", "utf-8"))?;
        let by_pattern = by_pattern || matches!(get("re", "").to_ascii_lowercase().as_str(), "true" | "yes");
        let fold = |name: &str| if case_sensitive { name.to_string() } else { name.to_lowercase() };
        let file = get("file", "ansible.ini");
        let entries = entries(&text, &section, allow_no_value, fold)
            .map_err(|why| fail(why.replace("{file}", &file)))?;
        let meant = |name: &str, raw: Option<&String>| -> Result<Option<Value>, Error> {
            let Some(raw) = raw else { return Ok(None) };
            let values = Values { section: &section, entries: &entries, fold: &fold };
            let text =
                if interpolation { values.interpolated(name, raw).map_err(fail)? } else { raw.clone() };
            Ok(Some(Value::from(text)))
        };
        if by_pattern {
            let pattern =
                regex::compiled(&key, regex::Flags { ignore_case: !case_sensitive, multiline: false })?;
            for (name, raw) in &entries {
                let value = meant(name, raw.as_ref())?;
                out.extend(value.filter(|_| pattern.is_match(name).unwrap_or(false)));
            }
            continue;
        }
        let found = entries.iter().rfind(|(name, _)| fold(name) == fold(&key));
        let default = get("default", "");
        match found {
            // A name without a value has none to give.
            Some((name, raw)) => out.extend(meant(name, raw.as_ref())?),
            None => out.push(Value::from(default)),
        }
    }
    Ok(out)
}

/// Entries of one section, with continued lines joined. No name may stand twice; `{file}` in an error is the file.
fn entries(
    text: &str,
    wanted: &str,
    allow_no_value: bool,
    fold: impl Fn(&str) -> String,
) -> Result<Vec<(String, Option<String>)>, String> {
    let mut unparsed = String::new();
    let mut current = String::new();
    // A file of properties has no sections.
    let mut known = wanted.is_empty();
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    let mut own = HashSet::new();
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name.to_string();
            known |= current == wanted;
            continue;
        }
        let continues = line.starts_with([' ', '\t']);
        if !allow_no_value && !continues && !wanted.is_empty() && !trimmed.contains(['=', ':']) {
            let shown = crate::template::python::repr(&Value::from(format!("{line}\n")));
            unparsed.push_str(&format!("\n\t[line {:>2}]: {shown}", number + 1));
            continue;
        }
        if current != wanted && current != "DEFAULT" {
            continue;
        }
        if continues && let Some((_, value)) = out.last_mut() {
            let value = value.get_or_insert_default();
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        let name = trimmed.split(['=', ':']).next().unwrap_or_default().trim();
        if current == wanted && !own.insert(fold(name)) {
            return Err(format!(
                "Duplicate option in '{{file}}': line {}: option '{name}' in section '{wanted}' already exists",
                number + 1
            ));
        }
        match trimmed.split_once(['=', ':']) {
            Some((name, value)) => out.push((name.trim().to_string(), Some(value.trim().to_string()))),
            None if allow_no_value => out.push((trimmed.to_string(), None)),
            None => {}
        }
    }
    if !unparsed.is_empty() {
        return Err(format!("Source contains parsing errors: '<???>'{unparsed}"));
    }
    if known { Ok(out) } else { Err(format!("No section '{wanted}' in '{{file}}'.")) }
}
