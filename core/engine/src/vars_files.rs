use std::sync::Arc;

use switchover_protocol::Value;
use switchover_syntax::Node;
use switchover_values::{Scope, VarMap, to_json};

use crate::play_context::PlayContext;
use crate::search::find_file;

/// Reads the `vars_files` of a play as one host sees them.
///
/// A name that needs facts which are not there yet is passed over and read when they are (Ansible does the
/// same); a file that is not there is a warning for a template's name and an error of the load for a plain one.
pub fn read(play: &Arc<PlayContext>, host: &str) -> VarMap {
    let mut scope = play.scope(host);
    scope.overlay(Arc::new(crate::magic::of_level(play, &play.play.context, None)));
    let mut vars = VarMap::new();
    for entry in &play.play.vars_files {
        read_first(play, &scope, entry, &mut vars);
    }
    vars
}

/// An entry is a name, or a list of names of which the first that exists is taken.
fn read_first(play: &PlayContext, scope: &Scope, entry: &Node, vars: &mut VarMap) {
    let Ok(rendered) = scope.render(entry) else { return };
    let names: Vec<String> = match to_json(&rendered) {
        Value::String(name) => vec![name],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => return,
    };
    for name in &names {
        let Ok(path) = find_file(scope, name, Some("vars")) else { continue };
        match play.world.loader.vars_file(&path) {
            Ok(mapping) => vars.extend(&VarMap::from_mapping(&mapping)),
            // A play without the variables of a file that it names is another play.
            Err(problems) => play.world.break_off_misread(problems),
        }
        return;
    }
    play.world.events.warn(format!("{}: none of the vars_files was found: {}", entry.span, names.join(", ")));
}
