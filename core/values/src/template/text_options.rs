use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use minijinja::syntax::SyntaxConfig;
use switchover_syntax::{Diagnostic, Source, Span};

use super::check::report;
use super::program::{self, Program};
use super::rewrite::Problem;
use super::run::{self, Wish};
use super::{loader, locate};
use crate::{Fault, Scope, TemplateError};

/// How a template file is read: the options of Ansible's `template`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextOptions {
    /// The template's path or name, for messages.
    pub name: PathBuf,
    pub trim_blocks: bool,
    pub lstrip_blocks: bool,
    /// The line break of the result: `\n`, `\r` or `\r\n`.
    pub newline_sequence: String,
    /// The result ends with the line breaks that the template ends with; without it one is lost.
    pub keep_trailing_newline: bool,
    pub variable_start: String,
    pub variable_end: String,
    pub block_start: String,
    pub block_end: String,
    pub comment_start: String,
    pub comment_end: String,
    /// Folders in which `include`, `import` and `extends` look.
    pub search_paths: Vec<PathBuf>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            name: PathBuf::from("<template>"),
            trim_blocks: true,
            lstrip_blocks: false,
            newline_sequence: "\n".into(),
            keep_trailing_newline: true,
            variable_start: "{{".into(),
            variable_end: "}}".into(),
            block_start: "{%".into(),
            block_end: "%}".into(),
            comment_start: "{#".into(),
            comment_end: "#}".into(),
            search_paths: Vec::new(),
        }
    }
}

impl TextOptions {
    /// Returns whether a text holds anything but text.
    fn begins_something(&self, text: &str) -> bool {
        [&self.variable_start, &self.block_start, &self.comment_start]
            .iter()
            .any(|start| text.contains(*start))
    }
}

type Known = HashMap<TextOptions, HashMap<&'static str, Result<Arc<Program>, Vec<Problem>>>>;

/// Programs of template files by options and text.
static CACHE: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);

/// Renders a template file's text.
pub fn render(scope: &Scope, template: &str, options: &TextOptions) -> Result<String, TemplateError> {
    let (options, body) = header(template, options)?;
    let source = Source::new(&*options.name, template);
    let place = |range: &std::ops::Range<usize>| {
        let whole = Span::new(&source, (template.len() - body.len()) as u32, template.len() as u32);
        locate::place(&whole, body, range)
    };
    let program = compiled(body, &options).map_err(|problems| match problems.into_iter().next() {
        Some(problem) => {
            let span = place(&problem.range);
            problem.error.at(&span)
        }
        None => TemplateError::new(Fault::Syntax, "the template cannot be compiled"),
    })?;
    let search = options.search_paths.clone();
    let value =
        loader::with_search(search, || run::run(&program, scope, Wish::Text)).map_err(
            |failure| match failure.range {
                Some(range) => failure.error.at(&place(&range)),
                None => failure.error.at(&Span::new(&source, 0, 0)),
            },
        )?;
    // A template of which nothing was put out makes an empty file, whatever it ends with.
    if value.is_none() && options.begins_something(body) {
        return Ok(String::new());
    }
    let mut text = value.as_str().unwrap_or_default().to_owned();
    if options.keep_trailing_newline {
        end_like(body, &mut text);
    }
    Ok(if options.newline_sequence == "\n" { text } else { text.replace('\n', &options.newline_sequence) })
}

/// Reports what is wrong with a template file without rendering it, as [`check_template`](super::check::check_template)
/// does of a text.
pub fn check_file(template: &str, options: &TextOptions) -> Vec<Diagnostic> {
    let source = Source::new(&*options.name, template);
    let whole = Span::new(&source, 0, template.len() as u32);
    let (options, body) = match header(template, options) {
        Ok(split) => split,
        Err(error) => return vec![error.to_diagnostic(&whole)],
    };
    let body_span = Span::new(&source, (template.len() - body.len()) as u32, template.len() as u32);
    report(compiled(body, &options).err(), body, &body_span)
}

/// Ends a result with at least as many line breaks as its template. A value at the end that brings its own gets none besides.
fn end_like(template: &str, text: &mut String) {
    let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let missing = breaks(template).saturating_sub(breaks(text));
    text.extend(std::iter::repeat_n('\n', missing));
}

fn compiled(text: &str, options: &TextOptions) -> Result<Arc<Program>, Vec<Problem>> {
    let known = |cache: &Known| cache.get(options).and_then(|texts| texts.get(text)).cloned();
    if let Some(program) = known(&CACHE.read().unwrap_or_else(PoisonError::into_inner)) {
        return program;
    }
    let kept: &'static str = Box::leak(text.to_string().into_boxed_str());
    let program = syntax(options).and_then(|syntax| program::compile_template(kept, syntax));
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    cache.entry(options.clone()).or_default().insert(kept, program.clone());
    program
}

fn syntax(options: &TextOptions) -> Result<SyntaxConfig, Vec<Problem>> {
    SyntaxConfig::builder()
        .variable_delimiters(options.variable_start.clone(), options.variable_end.clone())
        .block_delimiters(options.block_start.clone(), options.block_end.clone())
        .comment_delimiters(options.comment_start.clone(), options.comment_end.clone())
        .trim_blocks(options.trim_blocks)
        .lstrip_blocks(options.lstrip_blocks)
        .keep_trailing_newline(false)
        .build()
        .map_err(|error| {
            let message = format!("the template's delimiters do not work: {error}");
            vec![Problem { range: 0..0, error: TemplateError::new(Fault::Syntax, message) }]
        })
}

/// Splits off a first line such as `#jinja2: trim_blocks: false, lstrip_blocks: true`.
fn header<'a>(template: &'a str, options: &TextOptions) -> Result<(TextOptions, &'a str), TemplateError> {
    let mut options = options.clone();
    let Some(after) = template.strip_prefix("#jinja2:") else { return Ok((options, template)) };
    let (line, body) = after.split_once('\n').unwrap_or((after, ""));
    for pair in line.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (key, value) = pair.split_once(':').ok_or_else(|| header_error(pair))?;
        set(&mut options, key.trim(), value.trim().trim_matches(['\'', '"']))
            .ok_or_else(|| header_error(pair))?;
    }
    Ok((options, body))
}

fn header_error(pair: &str) -> TemplateError {
    TemplateError::new(Fault::Syntax, format!("the line `#jinja2:` has no option like `{}`", pair.trim()))
}

fn set(options: &mut TextOptions, key: &str, value: &str) -> Option<()> {
    let flag = || match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    };
    match key {
        "trim_blocks" => options.trim_blocks = flag()?,
        "lstrip_blocks" => options.lstrip_blocks = flag()?,
        "keep_trailing_newline" => options.keep_trailing_newline = flag()?,
        "newline_sequence" => options.newline_sequence = value.replace("\\n", "\n").replace("\\r", "\r"),
        "variable_start_string" => options.variable_start = value.to_string(),
        "variable_end_string" => options.variable_end = value.to_string(),
        "block_start_string" => options.block_start = value.to_string(),
        "block_end_string" => options.block_end = value.to_string(),
        "comment_start_string" => options.comment_start = value.to_string(),
        "comment_end_string" => options.comment_end = value.to_string(),
        _ => return None,
    }
    Some(())
}
