use std::path::{Component, Path, PathBuf};

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::text::texts;
use crate::call::{Call, fail, items};
use crate::names_table::{Entry, filter};
use crate::scope_of;
use crate::template::python;

/// Filters for paths of files; they look at the controller's file system only where their name says so.
pub const TABLE: &[Entry] = &[
    filter("basename", |call| Ok(Value::from(after_last(&call.text("path")?, '/')))),
    filter("dirname", |call| Ok(Value::from(dirname(&call.text("path")?)))),
    filter("splitext", splitext),
    filter("path_join", path_join),
    filter("normpath", |call| Ok(Value::from(normalised(&call.text("path")?)))),
    filter("realpath", realpath),
    filter("relpath", relpath),
    filter("commonpath", commonpath),
    filter("expanduser", |call| Ok(Value::from(expanded_user(&call.text("path")?)))),
    filter("expandvars", |call| Ok(Value::from(expanded_variables(&call.text("path")?)))),
    filter("fileglob", fileglob),
    filter("win_basename", |call| Ok(Value::from(windows(&call.text("path")?).1))),
    filter("win_dirname", |call| Ok(Value::from(windows(&call.text("path")?).0))),
    filter("win_splitdrive", win_splitdrive),
];

fn after_last(text: &str, separator: char) -> String {
    text.rsplit(separator).next().unwrap_or_default().to_string()
}

fn dirname(path: &str) -> String {
    let head = &path[..path.rfind('/').map_or(0, |at| at + 1)];
    match head.trim_end_matches('/') {
        "" => head.to_string(),
        trimmed => trimmed.to_string(),
    }
}

fn pair(a: &str, b: &str) -> Value {
    Value::from(Tuple::new(vec![Value::from(a), Value::from(b)]))
}

fn splitext(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let path = call.text("path")?;
    let start = path.rfind('/').map_or(0, |at| at + 1);
    let name = &path[start..];
    let leading = name.len() - name.trim_start_matches('.').len();
    Ok(match name[leading..].rfind('.') {
        Some(dot) => pair(&path[..start + leading + dot], &path[start + leading + dot..]),
        None => pair(&path, ""),
    })
}

/// Joins parts; one that is absolute begins anew.
pub fn joined(parts: &[String]) -> String {
    let mut out = String::new();
    for part in parts {
        if part.starts_with('/') || out.is_empty() {
            out.clone_from(part);
        } else {
            if !out.ends_with('/') {
                out.push('/');
            }
            out.push_str(part);
        }
    }
    out
}

fn path_join(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("paths")?;
    let kind = python::type_name(&value);
    let parts = match value.kind() {
        ValueKind::String => return Ok(value),
        ValueKind::Seq | ValueKind::Iterable => items(&value)?,
        _ => return Err(fail(format!("|path_join expects string or sequence, got <class '{kind}'>"))),
    };
    if parts.is_empty() {
        return Err(fail("join() missing 1 required positional argument: 'a'"));
    }
    // Text only, as there: a number is a mistake.
    if let Some(other) = parts.iter().find(|part| part.as_str().is_none()) {
        let kind = python::type_name(other);
        return Err(fail(format!("expected str, bytes or os.PathLike object, not {kind}")));
    }
    Ok(Value::from(joined(&texts(&value)?)))
}

/// Returns the path without `.`, `..` and double slashes, without looking at the disk.
pub fn normalised(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let body = parts.join("/");
    match (absolute, body.is_empty()) {
        (true, _) => format!("/{body}"),
        (false, true) => ".".into(),
        (false, false) => body,
    }
}

/// Returns the absolute path with symbolic links resolved as far as the path exists.
pub fn resolved(path: &str) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let mut rest = Vec::new();
    let mut head: &Path = &path;
    loop {
        if let Ok(real) = head.canonicalize() {
            let full = rest.iter().rev().fold(real, |path: PathBuf, part| path.join(part));
            return normalised(&full.to_string_lossy());
        }
        match (head.parent(), head.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => {
                rest.push(name.to_owned());
                head = parent;
            }
            _ => return normalised(&path.to_string_lossy()),
        }
    }
}

fn realpath(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    Ok(Value::from(resolved(&call.text("path")?)))
}

fn relpath(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let path = call.text("path")?;
    let start = call.text_or("start", ".");
    let absolute = |path: &str| {
        let full = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        normalised(&full.to_string_lossy())
    };
    let (path, start) = (absolute(&path), absolute(&start));
    let (path, start): (Vec<&str>, Vec<&str>) = (parts(&path), parts(&start));
    let common = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", start.len() - common);
    let all: Vec<&str> = up.chain(path[common..].iter().copied()).collect();
    Ok(Value::from(if all.is_empty() { ".".to_string() } else { all.join("/") }))
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

fn commonpath(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let paths = call.need("paths")?;
    if !matches!(paths.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let kind = python::type_name(&paths);
        return Err(fail(format!("|commonpath expects sequence, got <class '{kind}'> instead.")));
    }
    let paths = texts(&paths)?;
    let Some(first) = paths.first() else { return Err(fail("'commonpath' needs at least one path")) };
    if paths.iter().any(|path| path.starts_with('/') != first.starts_with('/')) {
        return Err(fail("'commonpath' cannot mix absolute and relative paths"));
    }
    let mut common = parts(first);
    for path in &paths[1..] {
        let same = common.iter().zip(parts(path)).take_while(|(a, b)| *a == b).count();
        common.truncate(same);
    }
    let root = if first.starts_with('/') { "/" } else { "" };
    Ok(Value::from(format!("{root}{}", common.join("/"))))
}

/// Replaces a leading `~` by the home folder of the user who runs this.
pub fn expanded_user(path: &str) -> String {
    let Some(after) = path.strip_prefix('~') else { return path.to_string() };
    let (user, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
    let home = match user {
        "" => std::env::var("HOME").ok(),
        user => home_of(user),
    };
    match home {
        Some(home) => format!("{}{rest}", home.trim_end_matches('/')),
        None => path.to_string(),
    }
}

/// Returns the home of a user of this machine.
fn home_of(user: &str) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    fields.into_iter().find(|fields| fields[0] == user)?.get(5).map(|home| (*home).to_owned())
}

/// Replaces `$NAME` and `${NAME}`; unknown names stay.
pub fn expanded_variables(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, used) = match after.strip_prefix('{').and_then(|inner| inner.find('}')) {
            Some(end) => (&after[1..=end], end + 2),
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => out.push_str(&value),
            _ => out.push_str(&rest[at..at + 1 + used]),
        }
        rest = &after[used..];
    }
    out + rest
}

fn fileglob(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let pattern = call.text("pattern")?;
    let scope = scope_of(call.state)?;
    Ok(crate::lookups::files::glob(&scope, &pattern)?.into_iter().map(Value::from).collect())
}

/// Folder and name of a Windows path.
fn windows(path: &str) -> (String, String) {
    match path.rfind(['\\', '/']) {
        Some(at) => (path[..at].trim_end_matches(['\\', '/']).to_string(), path[at + 1..].to_string()),
        None => (String::new(), path.to_string()),
    }
}

fn win_splitdrive(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let path = call.text("path")?;
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    Ok(if has_drive { pair(&path[..2], &path[2..]) } else { pair("", &path) })
}
