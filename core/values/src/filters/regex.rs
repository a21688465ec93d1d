use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use fancy_regex::{Captures, Regex, RegexBuilder};
use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::names_table::{Entry, filter};
use crate::template::python;

/// Filters with Python's regular expressions.
pub const TABLE: &[Entry] = &[
    filter("regex_replace", replace),
    filter("regex_search", search),
    filter("regex_findall", find_all),
    filter("regex_escape", escape),
];

/// Flags of an expression.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    pub ignore_case: bool,
    pub multiline: bool,
}

type Known = HashMap<(String, Flags), Arc<Regex>>;

static CACHE: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Returns a compiled expression; the pattern is Python's.
pub fn compiled(pattern: &str, flags: Flags) -> Result<Arc<Regex>, Error> {
    let cache = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (pattern.to_string(), flags);
    if let Some(known) = cache().get(&key) {
        return Ok(Arc::clone(known));
    }
    let regex = RegexBuilder::new(&translated(pattern))
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multiline)
        .build()
        .map_err(|error| fail(format!("the regular expression '{pattern}' does not work: {error}")))?;
    let regex = Arc::new(regex);
    cache().insert(key, Arc::clone(&regex));
    Ok(regex)
}

/// Python's `\Z` is the very end, which is `\z` here.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            match chars.next() {
                Some('Z') => out.push('z'),
                Some(next) => out.push(next),
                None => {}
            }
        }
    }
    out
}

fn flags(call: &mut Call<'_, '_, '_>) -> Flags {
    Flags { ignore_case: call.flag("ignorecase", false), multiline: call.flag("multiline", false) }
}

/// Turns a failure while matching (too much backtracking) into an error.
fn matched<T>(result: Result<T, fancy_regex::Error>) -> Result<T, Error> {
    result.map_err(|error| fail(format!("the regular expression cannot be matched: {error}")))
}

fn replace(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let pattern = call.text_or("pattern", "");
    let replacement = call.text_or("replacement", "");
    let flags = flags(call);
    let count = call.int_or("count", 0)?.max(0) as usize;
    let mandatory = call.int_or("mandatory_count", 0)?.max(0) as usize;
    let regex = compiled(&pattern, flags)?;
    let mut out = String::new();
    let (mut last, mut done) = (0, 0);
    for captures in regex.captures_iter(text.as_str()) {
        let captures = matched(captures)?;
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[last..whole.start()]);
        expand(&mut out, &replacement, &captures)?;
        last = whole.end();
        done += 1;
        if done == count {
            break;
        }
    }
    if mandatory > 0 && done != mandatory {
        return Err(fail(format!(
            "'{pattern}' should match {mandatory} times, but matches {done} times in '{text}'"
        )));
    }
    out.push_str(&text[last..]);
    Ok(Value::from(out))
}

/// Writes a replacement with its `\1`, `\g<1>` and `\g<name>`.
fn expand(out: &mut String, replacement: &str, captures: &Captures<'_, str>) -> Result<(), Error> {
    let mut rest = replacement;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let next = after.chars().next();
        rest = match next {
            Some('g') if after.starts_with("g<") => {
                let end = after.find('>').ok_or_else(|| fail("missing '>' in the replacement"))?;
                group(out, &after[2..end], captures)?;
                &after[end + 1..]
            }
            Some(c) if c.is_ascii_digit() => {
                let digits = if after.as_bytes().get(1).is_some_and(u8::is_ascii_digit) { 2 } else { 1 };
                group(out, &after[..digits], captures)?;
                &after[digits..]
            }
            Some(c) => {
                match c {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    '\\' => out.push('\\'),
                    c => {
                        out.push('\\');
                        out.push(c);
                    }
                }
                &after[c.len_utf8()..]
            }
            None => {
                out.push('\\');
                after
            }
        };
    }
    out.push_str(rest);
    Ok(())
}

fn group(out: &mut String, name: &str, captures: &Captures<'_, str>) -> Result<(), Error> {
    let found = match name.parse::<usize>() {
        Ok(index) if index < captures.len() => captures.get(index),
        Ok(index) => return Err(fail(format!("invalid group reference {index}"))),
        Err(_) => captures.name(name),
    };
    out.push_str(found.map_or("", |found| found.as_str()));
    Ok(())
}

fn search(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let pattern = call.text("regex")?;
    let groups: Vec<String> = call.rest().iter().map(python::text).collect();
    let flags = Flags {
        ignore_case: call.named_flag("ignorecase", false),
        multiline: call.named_flag("multiline", false),
    };
    let regex = compiled(&pattern, flags)?;
    let Some(captures) = matched(regex.captures(text.as_str()))? else { return Ok(Value::from(())) };
    if groups.is_empty() {
        return Ok(Value::from(captures.get(0).map_or("", |found| found.as_str())));
    }
    groups.iter().map(|name| searched_group(&regex, name, &captures)).collect()
}

fn searched_group(regex: &Regex, name: &str, captures: &Captures<'_, str>) -> Result<Value, Error> {
    let reference =
        name.strip_prefix("\\g<").and_then(|name| name.strip_suffix('>')).or_else(|| name.strip_prefix('\\'));
    let reference =
        reference.ok_or_else(|| fail("Unknown argument: a group is written '\\1' or '\\g<name>'"))?;
    let found = match reference.parse::<usize>() {
        Ok(index) if index >= captures.len() => return Err(fail(format!("there is no group {index}"))),
        Ok(index) => captures.get(index),
        Err(_) if regex.capture_names().flatten().all(|known| known != reference) => {
            return Err(fail(format!("there is no group '{reference}'")));
        }
        Err(_) => captures.name(reference),
    };
    Ok(found.map_or_else(|| Value::from(()), |found| Value::from(found.as_str())))
}

fn find_all(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let pattern = call.text("regex")?;
    // The order of the two flags is that of Ansible's filter.
    let multiline = call.flag("multiline", false);
    let ignore_case = call.flag("ignorecase", false);
    let regex = compiled(&pattern, Flags { ignore_case, multiline })?;
    let mut out = Vec::new();
    for captures in regex.captures_iter(text.as_str()) {
        let captures = matched(captures)?;
        let part = |index: usize| Value::from(captures.get(index).map_or("", |found| found.as_str()));
        out.push(match captures.len() {
            1 => part(0),
            2 => part(1),
            count => (1..count).map(part).collect(),
        });
    }
    Ok(Value::from(out))
}

fn escape(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let kind = call.text_or("re_type", "python");
    let special = match kind.as_str() {
        "python" => "\\.^$*+?{}[]|()-&~# \t\n\r\u{b}\u{c}",
        "posix_basic" => "\\.^$*[]",
        "posix_extended" => return Err(fail(format!("Regex type ({kind}) not yet implemented"))),
        _ => return Err(fail(format!("Invalid regex type ({kind})"))),
    };
    let mut out = String::new();
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    Ok(Value::from(out))
}
