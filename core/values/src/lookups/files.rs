use std::path::{Path, PathBuf};

use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::{fail, items};
use crate::filters::{expanded_user, normalised};
use crate::template::python;
use crate::{Scope, vault};

/// Lookups that read files of the controller.
pub const TABLE: &[Lookup] = &[
    lookup("file", file),
    lookup("unvault", unvault),
    lookup("fileglob", fileglob),
    lookup("filetree", filetree),
];

/// Returns the folders in which relative paths are looked up, nearest first: the role's, then the playbook's.
pub fn search_path(scope: &Scope) -> Result<Vec<PathBuf>, Error> {
    let mut out = Vec::new();
    let variable = |name: &str| scope.get(name).map_err(crate::call::into_engine);
    if let Some(paths) = variable("ansible_search_path")? {
        out.extend(items(&paths)?.iter().map(|path| PathBuf::from(python::text(path))));
    }
    for name in ["role_path", "playbook_dir"] {
        out.extend(variable(name)?.map(|path| PathBuf::from(python::text(&path))));
    }
    let base = &scope.settings().base;
    out.push(if base.as_os_str().is_empty() { PathBuf::from(".") } else { base.clone() });
    Ok(out)
}

/// Finds a file by the rules for relative paths; `folder` is `files`, `templates` or `vars`.
pub fn find(scope: &Scope, folder: Option<&str>, name: &str) -> Result<Option<PathBuf>, Error> {
    let name = expanded_user(name);
    let path = Path::new(&name);
    if path.is_absolute() {
        return Ok(path.exists().then(|| path.to_path_buf()));
    }
    let candidates = crate::search::candidates(&search_path(scope)?, folder, path);
    Ok(candidates.into_iter().find(|candidate| candidate.exists()))
}

/// Finds and reads a text file; vault files are decrypted.
pub fn read(scope: &Scope, folder: &str, name: &str) -> Result<String, Error> {
    read_encoded(scope, folder, name, "utf-8")
}

/// Reads a file of the controller whose bytes mean text in this encoding.
pub fn read_encoded(scope: &Scope, folder: &str, name: &str, encoding: &str) -> Result<String, Error> {
    let path = find(scope, Some(folder), name)?.ok_or_else(|| {
        fail(format!("Unable to access the file '{name}': File not found. Use -vvvvv to see paths searched."))
    })?;
    let unreadable = |why: &str| fail(format!("the file '{}' cannot be read: {why}", path.display()));
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&error.to_string()))?;
    let text = decoded(bytes, encoding).map_err(|why| unreadable(&why))?;
    match vault::is_encrypted(&text) {
        true => scope.settings().decrypt(&text).map_err(crate::call::into_engine),
        false => Ok(text),
    }
}

fn decoded(bytes: Vec<u8>, encoding: &str) -> Result<String, String> {
    match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "ascii" | "us-ascii" => String::from_utf8(bytes)
            .map_err(|error| format!("{}; name its `encoding`, such as iso-8859-1", error.utf8_error())),
        "utf-8-sig" => String::from_utf8(bytes)
            .map(|text| text.trim_start_matches('\u{feff}').to_owned())
            .map_err(|error| error.utf8_error().to_string()),
        "iso-8859-1" | "iso8859-1" | "latin-1" | "latin1" => Ok(bytes.into_iter().map(char::from).collect()),
        other => Err(format!("the encoding '{other}' is not known; there are utf-8 and iso-8859-1")),
    }
}

fn file(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let (lstrip, rstrip) = (request.named_flag("lstrip", false), request.named_flag("rstrip", true));
    let mut out = Vec::new();
    for name in request.texts() {
        let text = read(request.scope, "files", &name)?;
        let text = if lstrip { text.trim_start() } else { &text };
        out.push(Value::from(if rstrip { text.trim_end() } else { text }));
    }
    Ok(out)
}

fn unvault(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let found = |name: &String| match find(request.scope, Some("files"), name)? {
        Some(_) => read(request.scope, "files", name).map(Value::from),
        None => Err(fail(format!("Unable to find file matching \"{name}\""))),
    };
    request.texts().iter().map(found).collect()
}

fn fileglob(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    for pattern in request.texts() {
        out.extend(glob(request.scope, &pattern)?.into_iter().map(Value::from));
    }
    Ok(out)
}

/// Returns the files that match a shell pattern in its last part, sorted; folders are left out.
pub fn glob(scope: &Scope, pattern: &str) -> Result<Vec<String>, Error> {
    let pattern = expanded_user(pattern);
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
    let matcher = globset::GlobBuilder::new(name)
        .literal_separator(true)
        .build()
        .map_err(|error| fail(format!("the pattern '{name}' does not work: {error}")))?
        .compile_matcher();
    let folders = match folder {
        "" if pattern.starts_with('/') => vec![PathBuf::from("/")],
        folder if folder.starts_with('/') => vec![PathBuf::from(folder)],
        folder => crate::search::candidates(&search_path(scope)?, Some("files"), Path::new(folder)),
    };
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut found: Vec<String> = entries
            .flatten()
            .filter(|entry| matcher.is_match(Path::new(&entry.file_name())) && entry.path().is_file())
            .filter(|entry| name.starts_with('.') || !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| entry.path().display().to_string())
            .collect();
        if !found.is_empty() {
            found.sort();
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Every file and folder below some folders, with its mode and owner.
fn filetree(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let exclude = request.named_text("exclude");
    let exclude =
        exclude.map(|pattern| crate::filters::regex::compiled(&pattern, Default::default())).transpose()?;
    let mut out = Vec::new();
    for name in request.texts() {
        let Some(root) = find(request.scope, Some("files"), name.trim_end_matches('/'))? else { continue };
        walk(&root, &root, &mut out, &|path: &str| {
            exclude.as_ref().is_some_and(|regex| regex.is_match(path).unwrap_or(false))
        })?;
    }
    Ok(out)
}

fn walk(root: &Path, folder: &Path, out: &mut Vec<Value>, skip: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let refused = |error: std::io::Error| fail(format!("'{}' cannot be read: {error}", folder.display()));
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(refused)?.flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let relative = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        if skip(&relative) {
            continue;
        }
        let metadata = path.symlink_metadata().map_err(refused)?;
        let state = match () {
            () if metadata.is_symlink() => "link",
            () if metadata.is_dir() => "directory",
            () => "file",
        };
        out.push(Value::from_pairs([
            ("root", Value::from(format!("{}/", normalised(&root.display().to_string())))),
            ("path", Value::from(relative)),
            ("state", Value::from(state)),
            ("src", Value::from(path.display().to_string())),
            ("mode", Value::from(format!("0{:o}", metadata.mode() & 0o7777))),
            ("uid", Value::from(metadata.uid())),
            ("gid", Value::from(metadata.gid())),
            ("size", Value::from(metadata.len())),
            ("mtime", Value::from(metadata.mtime())),
        ]));
        if metadata.is_dir() {
            walk(root, &path, out, skip)?;
        }
    }
    Ok(())
}
