use std::path::{Path, PathBuf};

use switchover_journal::Status;
use switchover_protocol::{Map, Value};
use switchover_syntax::Diagnostic;
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

fn read(call: &Call<'_>) -> Result<Performed, Box<Performed>> {
    let files = match (call.text("file").or_else(|| call.text("_raw_params")), call.text("dir")) {
        (Some(file), None) => vec![found(call, &file)?],
        (None, Some(dir)) => folder(call, &dir)?,
        _ => return Err(Box::new(Performed::failed("include_vars needs either a file or a dir"))),
    };
    let mut vars = VarMap::new();
    for file in &files {
        let mapping =
            call.step.play.world.loader.vars_file(file).map_err(|problems| Box::new(broken(&problems)))?;
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
    if let Some(name) = call.text("name") {
        vars = under(call, &name, vars)?;
        shown = Map::from_iter([(name, Value::Object(shown))]);
    }
    let names: Vec<Value> = files.iter().map(|file| file.to_string_lossy().as_ref().into()).collect();
    let result = Map::from_iter([
        ("ansible_facts".to_owned(), Value::Object(shown)),
        ("ansible_included_var_files".to_owned(), Value::Array(names)),
    ]);
    let authored = vars.iter().any(|(_, stored)| matches!(stored, Stored::Author(_)));
    let files = if authored { files } else { Vec::new() };
    Ok(Performed::new(Status::Ok, result).with_effect(StateChange::IncludeVars { vars, files }))
}

fn found(call: &Call<'_>, file: &str) -> Result<PathBuf, Box<Performed>> {
    find_file(call.scope, file, Some("vars")).map_err(|searched| {
        let places: Vec<String> = searched.iter().map(|path| format!("\n\t{}", path.display())).collect();
        let msg = format!(
            "Could not find or access '{file}'\nSearched in:{} on the Ansible Controller.",
            places.concat()
        );
        // Ansible has these words under `message`.
        Box::new(Performed::failed(msg.as_str()).with("message", msg))
    })
}

fn folder(call: &Call<'_>, dir: &str) -> Result<Vec<PathBuf>, Box<Performed>> {
    let root = found(call, dir)?;
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
        let ending = file.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
        let matches = pattern.as_ref().is_none_or(|pattern| pattern.is_match(&name).unwrap_or(false));
        matches && !ignored.contains(&name) && endings.contains(&ending)
    });
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            files.push(path);
        } else if depth > 1 {
            walk(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

/// Puts the variables into one dictionary; they are rendered now, since a dictionary is one value.
fn under(call: &Call<'_>, name: &str, vars: VarMap) -> Result<VarMap, Box<Performed>> {
    let mut inner = Map::new();
    for (key, stored) in vars.iter() {
        let value = match stored {
            Stored::Author(node) => {
                call.scope.render(node).map_err(|error| Box::new(Performed::from(error)))?
            }
            Stored::Data(value) => value.clone(),
        };
        inner.insert(key.to_owned(), to_json(&value));
    }
    Ok(crate::step::one_var(name, Value::Object(inner)))
}

fn broken(problems: &[Diagnostic]) -> Performed {
    let texts: Vec<String> = problems
        .iter()
        .map(|problem| match problem.labels.first() {
            Some(label) => format!("{}: {}", label.span, problem.message),
            None => problem.message.clone(),
        })
        .collect();
    Performed::failed(texts.join("; "))
}
