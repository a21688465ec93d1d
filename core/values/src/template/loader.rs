//! Finds the templates that `include`, `import` and `extends` name.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use minijinja::{Error, TemplateSource};

use super::program;
use crate::call::fail;

thread_local! {
    /// Where the templates that run now look for others; the innermost is last.
    static SEARCH: RefCell<Vec<Vec<PathBuf>>> = const { RefCell::new(Vec::new()) };
}

/// Runs something with a search path for included templates.
pub fn with_search<T>(paths: Vec<PathBuf>, work: impl FnOnce() -> T) -> T {
    SEARCH.with_borrow_mut(|search| search.push(paths));
    let result = work();
    SEARCH.with_borrow_mut(|search| search.pop());
    result
}

/// Turns the name of an included template into the path of its file.
pub fn join<'a>(name: &'a str, parent: &'a str) -> Cow<'a, str> {
    let beside = Path::new(parent).parent().filter(|_| parent.starts_with('/')).map(Path::to_path_buf);
    let found = SEARCH.with_borrow(|search| {
        let paths = search.last().into_iter().flatten().chain(&beside);
        paths.map(|path| path.join(name)).find(|path| path.is_file())
    });
    match found {
        Some(path) => Cow::Owned(path.display().to_string()),
        None => Cow::Borrowed(name),
    }
}

/// Reads a template's file; it is read again when the file has changed.
pub fn load(name: &str) -> Result<Option<TemplateSource>, Error> {
    let path = PathBuf::from(name);
    if !path.is_absolute() {
        return Ok(None);
    }
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    let text = program::rewritten(&text).map_err(|problems| {
        let first = problems.into_iter().next().map_or_else(String::new, |problem| problem.error.to_string());
        fail(format!("the template '{name}' cannot be used: {first}"))
    })?;
    let stamp = stamp(&path);
    Ok(Some(TemplateSource::new(text).with_uptodate_check(move || self::stamp(&path) == stamp)))
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
