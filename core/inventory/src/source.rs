//! The kinds of sources, and how one is told from the other.

mod directory;
mod host_list;
mod ini;
mod literal;
mod plugin;
mod script;
mod toml;
mod words;
mod yaml;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use switchover_syntax::{Diagnostic, Source, parse_data};

use crate::HostSource;
use crate::load::{Loading, general};

/// Reads one source: a path, or a list of hosts when it has a comma and is no path.
pub(crate) fn read(loading: &mut Loading<'_>, text: &str) {
    let path = Path::new(text);
    if path.is_dir() {
        loading.folders.push(path.to_owned());
        directory::read(loading, path);
    } else if path.exists() && !text.ends_with(',') {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        loading.folders.push(folder.to_owned());
        file(loading, path);
    } else if text.contains(',') {
        loading.source = Some(HostSource::List(text.into()));
        host_list::read(loading, text);
    } else {
        loading.errors.push(
            general("inventory::missing", format!("there is no inventory `{text}`"))
                .help("name a file, a folder, or hosts with a comma: `-i host1,host2,`"),
        );
    }
}

fn file(loading: &mut Loading<'_>, path: &Path) {
    loading.source = Some(HostSource::File(path.into()));
    if is_script(path) {
        return script::read(loading, path);
    }
    let text = match loading.files.text(path) {
        Ok(text) => text,
        Err(error) => return loading.errors.push(unreadable(path, error.as_ref())),
    };
    let source = Source::new(path, text);
    match path.extension().and_then(|e| e.to_str()) {
        Some("toml") if loading.rules.enables("toml") => toml::read(loading, &source),
        Some("yml" | "yaml" | "json") => yaml_file(loading, &source),
        None if loading.rules.enables("yaml") => yaml_or_ini(loading, &source),
        _ if loading.rules.enables("ini") => ini::read(loading, &source),
        _ => {
            let text = format!("no enabled kind of inventory reads {}", path.display());
            let help = "`enable_plugins` of ansible.cfg tells which are enabled";
            loading.errors.push(general("inventory::plugin", text).help(help));
        }
    }
}

/// Returns the error for a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &(dyn std::error::Error + Send + Sync)) -> Diagnostic {
    general("inventory::unreadable", format!("cannot read {}: {error}", path.display()))
}

fn yaml_file(loading: &mut Loading<'_>, source: &Arc<Source>) {
    match parse_data(source) {
        Ok((root, warnings)) => {
            loading.warnings.extend(warnings);
            yaml::read(loading, &root);
        }
        Err(errors) => loading.errors.extend(errors),
    }
}

/// A file without an extension is YAML when it reads as a mapping, as in Ansible, and INI otherwise.
fn yaml_or_ini(loading: &mut Loading<'_>, source: &Arc<Source>) {
    match parse_data(source) {
        Ok((root, warnings)) if root.as_mapping().is_some() => {
            loading.warnings.extend(warnings);
            yaml::read(loading, &root);
        }
        Err(errors) if begins_like_yaml(&source.text) => loading.errors.extend(errors),
        _ => ini::read(loading, source),
    }
}

fn begins_like_yaml(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    lines.next().is_some_and(|first| first == "---" || first.starts_with('{') || first.ends_with(':'))
}

/// An executable with `#!`, or a program. Executable texts without `#!` are read: some file systems mark all files so.
fn is_script(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let executable = path.metadata().is_ok_and(|m| m.permissions().mode() & 0o111 != 0);
    let mut begin = [0; 4];
    executable
        && std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok())
        && (begin.starts_with(b"#!") || begin == *b"\x7fELF")
}
