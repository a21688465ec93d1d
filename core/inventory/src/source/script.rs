mod listing;
mod marks;

use std::path::Path;
use std::process::Command;

use switchover_syntax::{Diagnostic, Node, NodeKind, Severity, Source, parse_json};
use switchover_values::VarMap;

use crate::load::{Loading, general};

/// Runs an executable with `--list` and reads the JSON that it prints; without `_meta` it is asked for each host.
///
/// Strings in its answer are templates, as in Ansible: who may run on the controller may also write them.
pub(super) fn read(loading: &mut Loading<'_>, path: &Path) {
    let Some(root) = run(loading, path, &["--list"]) else { return };
    let before = loading.inventory.hosts.len();
    match listing::read(loading, &root) {
        Some(vars) => meta(loading, vars),
        None if has_meta(&root) => {}
        None => each_host(loading, path, before),
    }
}

fn has_meta(root: &Node) -> bool {
    root.as_mapping().is_none_or(|m| m.get("_meta").is_some())
}

fn meta(loading: &mut Loading<'_>, vars: &Node) {
    for entry in vars.as_mapping().into_iter().flat_map(|m| &m.entries) {
        let host = entry.key.as_str().and_then(|name| loading.inventory.hosts.get_index_of(name));
        // Variables of hosts in no group are of no use to anybody; Ansible drops them too.
        if let Some(host) = host {
            host_vars(loading, host, &entry.value);
        }
    }
}

fn each_host(loading: &mut Loading<'_>, path: &Path, before: usize) {
    for host in before..loading.inventory.hosts.len() {
        let name = std::sync::Arc::clone(&loading.inventory.hosts[host].name);
        if let Some(root) = run(loading, path, &["--host", &name]) {
            host_vars(loading, host, &root);
        }
    }
}

fn host_vars(loading: &mut Loading<'_>, host: usize, value: &Node) {
    match &value.kind {
        NodeKind::Null => {}
        NodeKind::Mapping(mapping) => {
            let mut vars = VarMap::new();
            for entry in &mapping.entries {
                if let Some(name) = loading.variable_name(&entry.key) {
                    vars.insert(name, entry.value.clone());
                }
            }
            loading.inventory.set_host_vars(host, vars);
        }
        _ => {
            let text = format!("a host's variables are a mapping, not {}", value.describe());
            loading.error("inventory::shape", text, &value.span);
        }
    }
}

fn run(loading: &mut Loading<'_>, path: &Path, arguments: &[&str]) -> Option<Node> {
    let name = format!("{} {}", path.display(), arguments.join(" "));
    let failed = |text: String| general("inventory::script", format!("{name}: {text}"));
    // A name without a slash would be looked for in PATH.
    let program = match std::path::absolute(path) {
        Ok(program) => program,
        Err(error) => {
            loading.errors.push(failed(error.to_string()));
            return None;
        }
    };
    let output = match Command::new(program).args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            loading
                .errors
                .push(failed(error.to_string()).help("is the interpreter of its first line installed?"));
            return None;
        }
    };
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        let mut error = failed(format!("ended with {}", output.status));
        if !complaint.is_empty() {
            error = error.help(format!("it says: {complaint}"));
        }
        loading.errors.push(error);
        return None;
    }
    if !complaint.is_empty() {
        let text = failed(format!("says: {complaint}"));
        loading.warnings.push(Diagnostic { severity: Severity::Warning, ..text });
    }
    let Ok(text) = String::from_utf8(output.stdout) else {
        loading.errors.push(failed("prints text that is not UTF-8".to_owned()));
        return None;
    };
    if text.trim().is_empty() && arguments.first() == Some(&"--host") {
        return None;
    }
    match parse_json(&Source::new(name, text)) {
        Ok((root, warnings)) => {
            loading.warnings.extend(warnings);
            Some(marks::read(&root))
        }
        Err(errors) => {
            loading.errors.extend(errors);
            None
        }
    }
}
