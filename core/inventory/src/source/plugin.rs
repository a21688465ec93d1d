//! Files that begin with `plugin:`: hosts and groups that are computed.

mod constructed;
mod generator;
mod keyed;

use switchover_syntax::{Diagnostic, Mapping, Node};

use crate::load::Loading;

/// Reads a file for the plugin that it names.
pub(super) fn read(loading: &mut Loading<'_>, options: &Mapping, plugin: &Node) {
    let name = plugin.as_str().unwrap_or("?");
    let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
    // A file says itself which plugin it is for, and `auto` believes it.
    let enabled = loading.rules.enables("auto") || loading.rules.enables(short);
    match short {
        "constructed" if enabled => constructed::read(loading, options),
        "generator" if enabled => generator::read(loading, options),
        "constructed" | "generator" => {
            let text = format!("the inventory plugin `{name}` is not enabled");
            let found = Diagnostic::error("inventory::plugin", text, &plugin.span);
            loading.errors.push(found.help("add it to `enable_plugins` of [inventory] in ansible.cfg"));
        }
        _ => {
            let text = format!("the inventory plugin `{name}` is not supported");
            let help = "print the inventory as JSON from an executable, or write it down with \
                        `ansible-inventory --list --export`; constructed and generator are supported";
            loading.errors.push(Diagnostic::error("inventory::plugin", text, &plugin.span).help(help));
        }
    }
}

/// Returns whether an option is on; `default` when it is not there.
fn flag(options: &Mapping, name: &str, default: bool) -> bool {
    match options.get(name).map(|node| &node.kind) {
        Some(switchover_syntax::NodeKind::Bool(value)) => *value,
        _ => default,
    }
}

/// Names the options that a plugin does not have.
fn refuse_unknown(loading: &mut Loading<'_>, options: &Mapping, known: &[&str]) {
    for entry in &options.entries {
        let name = entry.key.as_str().unwrap_or("?");
        if !known.contains(&name) {
            let text = format!("the plugin has no option `{name}`");
            let found = Diagnostic::error("inventory::plugin", text, &entry.key.span);
            loading.errors.push(found.help(format!("it has: {}", known.join(", "))));
        }
    }
}
