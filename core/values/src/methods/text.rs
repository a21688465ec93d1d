use minijinja::value::Tuple;
use minijinja::{Error, Value};

use super::format;
use crate::call::{Call, fail, items};
use crate::template::python;

/// Calls a string's method; `None` when strings have none of this name.
pub fn call(value: &Value, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Option<Value>, Error> {
    let owned = String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned();
    let text = owned.as_str();
    if let Some(found) = simple(text, method) {
        return Ok(Some(found));
    }
    if let Some(found) = predicate(text, method) {
        return Ok(Some(Value::from(found)));
    }
    let result = match method {
        "split" | "rsplit" => split(text, method == "rsplit", call)?,
        "splitlines" => lines(text, call.flag("keepends", false)),
        "join" => {
            let parts: Vec<String> = items(&call.need("iterable")?)?.iter().map(python::text).collect();
            Value::from(parts.join(text))
        }
        "replace" => {
            let (old, new, count) = (call.text("old")?, call.text("new")?, call.int_or("count", -1)?);
            Value::from(match usize::try_from(count) {
                Ok(count) => text.replacen(&old, &new, count),
                Err(_) => text.replace(&old, &new),
            })
        }
        "strip" | "lstrip" | "rstrip" => strip(text, method, call.maybe_text("chars")),
        "startswith" | "endswith" => Value::from(affix(text, method == "startswith", call)?),
        "removeprefix" => {
            let prefix = call.text("prefix")?;
            Value::from(text.strip_prefix(prefix.as_str()).unwrap_or(text))
        }
        "removesuffix" => {
            let suffix = call.text("suffix")?;
            Value::from(text.strip_suffix(suffix.as_str()).unwrap_or(text))
        }
        "find" | "rfind" | "index" | "rindex" => find(text, method, call)?,
        "count" => Value::from(text.matches(call.text("sub")?.as_str()).count()),
        "partition" | "rpartition" => partition(text, method == "rpartition", &call.text("sep")?),
        "zfill" | "rjust" | "ljust" | "center" => padded(text, method, call)?,
        "format" => {
            let (positional, named) = (call.rest(), call.all_named());
            Value::from(format::format(text, &positional, &named)?)
        }
        "expandtabs" => Value::from(expand_tabs(text, call.int_or("tabsize", 8)?.max(0) as usize)),
        "encode" | "decode" => {
            let encoding = call.text_or("encoding", "utf-8").to_ascii_lowercase();
            call.maybe_text("errors");
            if !matches!(encoding.as_str(), "utf-8" | "utf8" | "ascii") {
                return Err(fail(format!("the encoding '{encoding}' is not supported")));
            }
            Value::from(text)
        }
        "translate" | "maketrans" | "format_map" => {
            return Err(fail(format!(
                "the method '{method}' is not supported; use a filter such as 'regex_replace'"
            )));
        }
        _ => return Ok(None),
    };
    Ok(Some(result))
}

/// Methods without arguments that give text.
fn simple(text: &str, method: &str) -> Option<Value> {
    Some(Value::from(match method {
        "upper" => text.to_uppercase(),
        "lower" | "casefold" => text.to_lowercase(),
        "title" => title(text),
        "capitalize" => capitalized(text),
        "swapcase" => {
            text.chars()
                .map(|c| {
                    if c.is_uppercase() { c.to_lowercase().to_string() } else { c.to_uppercase().to_string() }
                })
                .collect()
        }
        _ => return None,
    }))
}

/// Returns the text with its first letter large and the rest small.
pub fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars.as_str().to_lowercase().chars()).collect(),
        None => String::new(),
    }
}

/// `str.title()`: a large letter after each character that is no letter.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

fn predicate(text: &str, method: &str) -> Option<bool> {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let cased =
        |test: fn(char) -> bool, other: fn(char) -> bool| text.chars().any(test) && !text.chars().any(other);
    Some(match method {
        "isdigit" | "isdecimal" | "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(char::is_whitespace),
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        "isascii" => text.is_ascii(),
        "istitle" => text.chars().any(char::is_alphabetic) && title(text) == text,
        "isidentifier" => {
            let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            starts && text.chars().all(|c| c.is_alphanumeric() || c == '_')
        }
        _ => return None,
    })
}

fn split(text: &str, from_right: bool, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let separator = call.maybe_text("sep");
    let limit = usize::try_from(call.int_or("maxsplit", -1)?).ok();
    let parts: Vec<&str> = match &separator {
        Some(separator) if separator.is_empty() => return Err(fail("empty separator")),
        Some(separator) => match (limit, from_right) {
            (None, _) => text.split(separator.as_str()).collect(),
            (Some(limit), false) => text.splitn(limit + 1, separator.as_str()).collect(),
            (Some(limit), true) => reversed(text.rsplitn(limit + 1, separator.as_str()).collect()),
        },
        None => match (limit, from_right) {
            (None, _) => text.split_whitespace().collect(),
            (Some(limit), false) => words(text, limit),
            (Some(limit), true) => words_from_right(text, limit),
        },
    };
    Ok(parts.into_iter().map(Value::from).collect())
}

fn reversed(mut parts: Vec<&str>) -> Vec<&str> {
    parts.reverse();
    parts
}

fn words(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    parts
}

fn words_from_right(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let start = rest
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end();
    }
    reversed(parts)
}

fn lines(text: &str, keep: bool) -> Value {
    if keep {
        return text.split_inclusive('\n').map(Value::from).collect();
    }
    text.lines().map(Value::from).collect()
}

fn strip(text: &str, method: &str, chars: Option<String>) -> Value {
    let matches = |c: char| chars.as_ref().map_or(c.is_whitespace(), |chars| chars.contains(c));
    Value::from(match method {
        "strip" => text.trim_matches(matches),
        "lstrip" => text.trim_start_matches(matches),
        _ => text.trim_end_matches(matches),
    })
}

fn affix(text: &str, start: bool, call: &mut Call<'_, '_, '_>) -> Result<bool, Error> {
    let wanted = call.need("affix")?;
    let wanted = match wanted.as_str() {
        Some(_) => vec![wanted],
        None => items(&wanted)?,
    };
    Ok(wanted
        .iter()
        .filter_map(Value::as_str)
        .any(|w| if start { text.starts_with(w) } else { text.ends_with(w) }))
}

fn find(text: &str, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let wanted = call.text("sub")?;
    let start = call.int_or("start", 0)?.max(0) as usize;
    let offset = text.char_indices().nth(start).map_or(text.len(), |(at, _)| at);
    let found = match method.starts_with('r') {
        true => text[offset..].rfind(&wanted),
        false => text[offset..].find(&wanted),
    };
    match found {
        Some(at) => Ok(Value::from(text[..offset + at].chars().count())),
        None if method.ends_with("index") => Err(fail("substring not found")),
        None => Ok(Value::from(-1)),
    }
}

fn partition(text: &str, from_right: bool, separator: &str) -> Value {
    let found = if from_right { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match (found, from_right) {
        (Some((before, after)), _) => [before, separator, after],
        (None, false) => [text, "", ""],
        (None, true) => ["", "", text],
    };
    Value::from(Tuple::new(parts.into_iter().map(Value::from).collect()))
}

fn padded(text: &str, method: &str, call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let width = call.int_or("width", 0)?.max(0) as usize;
    let missing = width.saturating_sub(text.chars().count());
    if method == "zfill" {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        return Ok(Value::from(format!("{sign}{}{digits}", "0".repeat(missing))));
    }
    let fill = call.text_or("fillchar", " ");
    Ok(Value::from(match method {
        "rjust" => fill.repeat(missing) + text,
        "ljust" => text.to_string() + &fill.repeat(missing),
        _ => {
            // Python puts the odd space on the left when the width is odd.
            let left = missing / 2 + (missing & width & 1);
            format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left))
        }
    }))
}

fn expand_tabs(text: &str, size: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size > 0 => {
                let spaces = size - column % size;
                out.push_str(&" ".repeat(spaces));
                column += spaces;
            }
            '\t' => {}
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}
