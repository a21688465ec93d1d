use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_syntax::{Diagnostic, Entry, Mapping, Node, NodeKind, Span, Style, Tag};
use switchover_values::{Stored, VarMap, to_json};

use super::{Action, Call, Running};
use crate::performed::Performed;
use crate::search::find_file;
use crate::state_change::StateChange;

/// `include_vars`: reads variables from a file or a folder of the controller.
pub struct IncludeVars;

const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

impl Action for IncludeVars {
    fn name(&self) -> &'static str {
        "include_vars"
    }

    fn arguments(&self) -> Option<&'static [&'static str]> {
        Some(&[
            "_raw_params",
            "file",
            "dir",
            "name",
            "depth",
            "files_matching",
            "ignore_files",
            "extensions",
            "ignore_unknown_extensions",
            "hash_behaviour",
        ])
    }

    fn run<'a>(&'a self, call: &'a Call<'a>) -> Running<'a> {
        Box::pin(async move { read(call).unwrap_or_else(|performed| *performed) })
    }
}

/// Arguments that are about a folder.
const OF_FOLDERS: [&str; 5] =
    ["depth", "files_matching", "ignore_files", "extensions", "ignore_unknown_extensions"];

fn read(call: &Call<'_>) -> Result<Performed, Box<Performed>> {
    let of_folder = OF_FOLDERS.iter().any(|name| call.arguments.contains_key(*name));
    let files = match (call.text("file").or_else(|| call.text("_raw_params")), call.text("dir")) {
        (Some(file), None) if !of_folder => vec![found(call, &file)?],
        (None, Some(dir)) => folder(call, &dir)?,
        (None, None) => return Err(Box::new(Performed::failed("include_vars needs either a file or a dir"))),
        _ => {
            let text = "Task failed: You are mixing file only and dir only arguments, these are incompatible";
            return Err(Box::new(Performed::refused(text)));
        }
    };
    let mut vars = VarMap::new();
    for (index, file) in files.iter().enumerate() {
        let read = call.step.play.world.loader.vars_file(file);
        let mapping = read.map_err(|problems| Box::new(broken(&problems, file, &files[..index])))?;
        vars.extend(&VarMap::from_mapping(&mapping));
    }
    let mut shown = Map::new();
    for (name, stored) in vars.iter() {
        let value = match stored {
            Stored::Author(node) => switchover_values::node_to_value(node),
            Stored::Data(value) => value.clone(),
        };
        shown.insert(name.to_owned(), to_json(&value));
    }
    let name = call.text("name");
    if let Some(name) = &name {
        vars = under(name, &vars, &call.step.task.span);
        shown = Map::from_iter([(name.clone(), Value::Object(shown))]);
    }
    let names: Vec<Value> = files.iter().map(|file| file.to_string_lossy().as_ref().into()).collect();
    let result = Map::from_iter([
        ("ansible_facts".to_owned(), Value::Object(shown)),
        ("ansible_included_var_files".to_owned(), Value::Array(names)),
    ]);
    let authored = vars.iter().any(|(_, stored)| matches!(stored, Stored::Author(_)));
    let files = if authored { files } else { Vec::new() };
    Ok(Performed::new(Status::Ok, result).with_effect(StateChange::IncludeVars { vars, files, name }))
}

fn found(call: &Call<'_>, file: &str) -> Result<PathBuf, Box<Performed>> {
    find_file(call.scope, file, Some("vars")).map_err(|searched| {
        let places: Vec<String> = searched.iter().map(|path| format!("\n\t{}", path.display())).collect();
        let msg = format!(
            "Could not find or access '{file}'\nSearched in:{} on the Ansible Controller.",
            places.concat()
        );
        unread(&msg, &msg, &[])
    })
}

/// The failure of reading: Ansible has its words under `message`, beside what was read before.
fn unread(msg: &str, message: &str, read: &[PathBuf]) -> Box<Performed> {
    let files: Vec<Value> = read.iter().map(|file| file.to_string_lossy().as_ref().into()).collect();
    let failed = Performed::failed(msg).with("message", message).with("ansible_facts", Map::new());
    Box::new(failed.with("ansible_included_var_files", files))
}

fn folder(call: &Call<'_>, dir: &str) -> Result<Vec<PathBuf>, Box<Performed>> {
    let root = find_file(call.scope, dir, Some("vars")).map_err(|searched| {
        let nearest = searched.last().map(|path| path.display().to_string()).unwrap_or_default();
        let msg = format!("{nearest} directory does not exist");
        unread(&msg, &msg, &[])
    })?;
    let depth = call
        .text("depth")
        .and_then(|text| text.parse().ok())
        .filter(|depth| *depth > 0)
        .unwrap_or(usize::MAX);
    let pattern = call.text("files_matching").map(|text| fancy_regex::Regex::new(&text));
    let pattern = pattern.transpose().map_err(|error| Box::new(Performed::failed(error.to_string())))?;
    let ignored = call.words("ignore_files");
    let endings = match call.words("extensions") {
        words if words.is_empty() => ENDINGS.map(str::to_owned).to_vec(),
        words => words,
    };
    let mut files = Vec::new();
    walk(&root, depth, &mut files)
        .map_err(|error| Box::new(Performed::failed(format!("cannot read {}: {error}", root.display()))))?;
    files.retain(|file| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let matches = pattern.as_ref().is_none_or(|pattern| pattern.is_match(&name).unwrap_or(false));
        matches && !ignored.contains(&name)
    });
    let known = |file: &PathBuf| {
        file.extension().is_some_and(|ending| endings.iter().any(|known| ending == known.as_str()))
    };
    if call.flag("ignore_unknown_extensions").unwrap_or(false) {
        files.retain(known);
    }
    match files.iter().position(|file| !known(file)) {
        None => Ok(files),
        Some(at) => {
            let text =
                format!("{} does not have a valid extension: {}", files[at].display(), endings.join(", "));
            Err(unread(&text, &text, &files[..at]))
        }
    }
}

/// Collects the files of a folder, and then those of the folders in it, each in the order of their names.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries: Result<Vec<PathBuf>, _> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let (mut folders, mut here): (Vec<_>, Vec<_>) = entries?.into_iter().partition(|path| path.is_dir());
    here.sort();
    files.extend(here);
    folders.sort();
    folders.iter().filter(|_| depth > 1).try_for_each(|folder| walk(folder, depth - 1, files))
}

/// Puts the variables into one dictionary, whose entries are rendered when they are asked for.
pub fn under(name: &str, vars: &VarMap, place: &Span) -> VarMap {
    let node = |kind| Node { span: place.clone(), tag: Tag::None, kind };
    let entry = |(key, stored): (&str, &Stored)| match stored {
        Stored::Author(value) => {
            let text = NodeKind::String { text: key.into(), style: Style::Plain };
            Some(Entry { key: node(text), value: value.clone() })
        }
        // A file has nothing but what its author wrote.
        Stored::Data(_) => None,
    };
    let entries = vars.iter().filter_map(entry).collect();
    let mut named = VarMap::new();
    named.insert(name, Stored::Author(node(NodeKind::Mapping(Arc::new(Mapping { entries })))));
    named
}

fn broken(problems: &[Diagnostic], file: &Path, read: &[PathBuf]) -> Performed {
    let texts: Vec<String> = problems
        .iter()
        .map(|problem| match problem.labels.first() {
            Some(label) => format!("{}: {}", label.span, problem.message),
            None => problem.message.clone(),
        })
        .collect();
    let no_mapping = problems.iter().any(|problem| problem.message.contains("must be a mapping"));
    let message = match no_mapping {
        true => format!("{} must be stored as a dictionary/hash", file.display()),
        false => texts.join("; "),
    };
    *unread(&texts.join("; "), &message, read)
}
