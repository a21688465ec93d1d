use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Lookup, Request, files, lookup};
use crate::call::{fail, into_engine, pairs};
use crate::template::python;
use crate::{Stored, TemplateFile, TextOptions, VarMap};

/// The lookup `template`.
pub const TABLE: &[Lookup] = &[lookup("template", template)];

fn template(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut options = TextOptions::default();
    let starts = [
        ("variable_start_string", "variable_end_string"),
        ("block_start_string", "block_end_string"),
        ("comment_start_string", "comment_end_string"),
    ];
    let mut set = |start: &mut String, end: &mut String, (first, last): (&str, &str)| {
        *start = request.named_text(first).unwrap_or_else(|| start.clone());
        *end = request.named_text(last).unwrap_or_else(|| end.clone());
    };
    set(&mut options.variable_start, &mut options.variable_end, starts[0]);
    set(&mut options.block_start, &mut options.block_end, starts[1]);
    set(&mut options.comment_start, &mut options.comment_end, starts[2]);
    options.trim_blocks = request.named_flag("trim_blocks", true);
    options.lstrip_blocks = request.named_flag("lstrip_blocks", false);
    if request.named_flag("jinja2_native", false)
        || request.named("convert_data").is_some_and(|flag| flag.is_true())
    {
        return Err(fail(
            "the lookup 'template' gives text; use 'from_json' or 'from_yaml' to turn it into data",
        ));
    }
    let mut given = None;
    if let Some(vars) = request.named("template_vars") {
        if vars.kind() != ValueKind::Map {
            return Err(fail("'template_vars' is a dictionary"));
        }
        let vars: VarMap =
            pairs(&vars)?.into_iter().map(|(key, value)| (python::text(&key), Stored::Data(value))).collect();
        given = Some(Arc::new(vars));
    }
    let mut out = Vec::new();
    for name in request.texts() {
        let path = files::find(request.scope, Some("templates"), &name)?;
        let path =
            path.ok_or_else(|| fail(format!("the template file {name} could not be found for the lookup")))?;
        let text = std::fs::read_to_string(&path)
            .map_err(|error| fail(format!("the template '{}' cannot be read: {error}", path.display())))?;
        let mut scope = request.scope.clone();
        let file = TemplateFile { written: &name, path: &path, destination: None };
        let own = file.vars(&scope);
        [Some(Arc::new(own)), given.clone()].into_iter().flatten().for_each(|vars| scope.overlay(vars));
        let mut options = TextOptions { name: path.clone(), ..options.clone() };
        options.search_paths.extend(path.parent().map(std::path::Path::to_path_buf));
        for base in files::search_path(request.scope)? {
            options.search_paths.extend([base.join("templates"), base]);
        }
        out.push(Value::from(scope.render_text(&text, &options).map_err(into_engine)?));
    }
    Ok(out)
}
