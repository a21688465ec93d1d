use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use minijinja::Error;
use minijinja::machinery::{self, CodeGenerator, Instructions, ast};
use minijinja::syntax::SyntaxConfig;

use super::rewrite::{Problem, Rewriter};
use super::{backslash, printer};
use crate::{Fault, TemplateError};

/// How a text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// A template in YAML: backslashes in `{{ }}` mean themselves.
    Yaml,
    /// A condition: a bare expression, whose strings may be templates (Ansible's old way).
    Condition,
    /// A bare expression.
    Expression,
}

/// How a program's result is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One expression: its value is the result.
    Expression,
    /// Text and statements: the result is text, or the only value that is put out.
    Template,
}

/// Code for a template or expression.
pub struct Program {
    /// The text as it was parsed; error ranges refer to it.
    pub source: &'static str,
    pub code: Instructions<'static>,
    pub blocks: BTreeMap<&'static str, Instructions<'static>>,
    pub shape: Shape,
    pub mutates: bool,
    pub volatile: bool,
    pub asks_of_vaults: bool,
    /// The name of the variable when the expression is nothing else.
    pub variable: Option<&'static str>,
}

/// What minijinja calls templates that are no files; errors with this name are about the program itself.
const NAME: &str = "<template>";

type Compiled = Result<Arc<Program>, Vec<Problem>>;

/// Programs by text. Texts live as long as the process: they are those of the playbook, its variables and templates.
static CACHE: LazyLock<RwLock<HashMap<(Dialect, &'static str), Compiled>>> = LazyLock::new(RwLock::default);

/// Returns whether a text could be anything but itself.
pub fn has_markers(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).any(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
}

/// Returns the code of a text, compiled once.
pub fn compiled(dialect: Dialect, text: &str) -> Compiled {
    let known = CACHE.read().unwrap_or_else(PoisonError::into_inner).get(&(dialect, text)).cloned();
    if let Some(known) = known {
        return known;
    }
    let key: &'static str = Box::leak(text.to_string().into_boxed_str());
    let program = compile(dialect, key);
    CACHE.write().unwrap_or_else(PoisonError::into_inner).insert((dialect, key), program.clone());
    program
}

fn compile(dialect: Dialect, text: &'static str) -> Compiled {
    match dialect {
        Dialect::Yaml if text.contains('\\') => {
            compile_template(Box::leak(backslash::literal(text).into_boxed_str()), yaml_syntax())
        }
        Dialect::Yaml => compile_template(text, yaml_syntax()),
        Dialect::Condition | Dialect::Expression => compile_expression(text, dialect == Dialect::Condition),
    }
}

fn compile_expression(text: &'static str, embedded: bool) -> Compiled {
    let (text, parsed) =
        without_plus(text, machinery::parse_expr).map_err(|error| vec![syntax_problem(&error, text)])?;
    let mut rewriter = Rewriter { embedded, ..Rewriter::default() };
    let root = rewriter.bare_expression(&parsed);
    finish_expression(rewriter, &root, text, variable_of(&parsed))
}

/// The syntax of templates in YAML: Ansible's.
fn yaml_syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the standard delimiters do not clash")
}

/// Compiles a template with this syntax.
pub fn compile_template(text: &'static str, syntax: SyntaxConfig) -> Compiled {
    let (text, parsed) = without_plus(text, |text| machinery::parse(text, NAME, syntax.clone()))
        .map_err(|error| vec![syntax_problem(&error, text)])?;
    let mut rewriter = Rewriter::default();
    if let Some(expression) = sole_expression(&parsed) {
        let root = rewriter.bare_expression(expression);
        return finish_expression(rewriter, &root, text, variable_of(expression));
    }
    let root = rewriter.template(&parsed);
    if !rewriter.problems.is_empty() {
        return Err(rewriter.problems);
    }
    let mut generator = CodeGenerator::new(NAME, text);
    generator.compile_stmt(&root);
    let (code, blocks) = generator.finish();
    let Rewriter { mutates, volatile, asks_of_vaults, .. } = rewriter;
    Ok(Arc::new(Program {
        source: text,
        code,
        blocks,
        shape: Shape::Template,
        mutates,
        volatile,
        asks_of_vaults,
        variable: None,
    }))
}

/// Returns the text of an included template as minijinja is to compile it.
pub fn rewritten(text: &str) -> Result<String, Vec<Problem>> {
    let text: &'static str = Box::leak(text.to_string().into_boxed_str());
    let parsed =
        machinery::parse(text, NAME, yaml_syntax()).map_err(|error| vec![syntax_problem(&error, text)])?;
    let mut rewriter = Rewriter::default();
    let root = rewriter.template(&parsed);
    if rewriter.problems.is_empty() { Ok(printer::print(&root)) } else { Err(rewriter.problems) }
}

fn finish_expression(
    rewriter: Rewriter,
    root: &ast::Expr<'static>,
    source: &'static str,
    variable: Option<&'static str>,
) -> Compiled {
    if !rewriter.problems.is_empty() {
        return Err(rewriter.problems);
    }
    let mut generator = CodeGenerator::new(NAME, source);
    generator.compile_expr(root);
    let (code, blocks) = generator.finish();
    let Rewriter { mutates, volatile, asks_of_vaults, .. } = rewriter;
    Ok(Arc::new(Program {
        source,
        code,
        blocks,
        shape: Shape::Expression,
        mutates,
        volatile,
        asks_of_vaults,
        variable,
    }))
}

/// Returns the expression when the template is `{{ expression }}` and nothing else.
fn sole_expression<'a>(root: &'a ast::Stmt<'static>) -> Option<&'a ast::Expr<'static>> {
    let ast::Stmt::Template(template) = root else { return None };
    match template.children.as_slice() {
        [ast::Stmt::EmitExpr(emit)] => Some(&emit.expr),
        _ => None,
    }
}

fn variable_of(expr: &ast::Expr<'static>) -> Option<&'static str> {
    match expr {
        ast::Expr::Var(var) => Some(var.id),
        _ => None,
    }
}

/// Parses a text; a plus before a value, which the parser does not know, is taken for a blank.
fn without_plus<T>(
    text: &'static str,
    parse: impl Fn(&'static str) -> Result<T, Error>,
) -> Result<(&'static str, T), Error> {
    let mut known = text;
    loop {
        let error = match parse(known) {
            Ok(parsed) => return Ok((known, parsed)),
            Err(error) => error,
        };
        let at = error.range().map(|range| range.start).filter(|at| known[*at..].starts_with('+'));
        let Some(at) =
            at.filter(|_| error.detail().is_some_and(|detail| detail.starts_with("unexpected `+`")))
        else {
            return Err(error);
        };
        known = Box::leak(format!("{} {}", &known[..at], &known[at + 1..]).into_boxed_str());
    }
}

/// Returns the problem that a parser's error describes.
fn syntax_problem(error: &Error, text: &str) -> Problem {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_string);
    let range = error.range().unwrap_or_else(|| line_range(text, error.line().unwrap_or(1)));
    Problem { range, error: TemplateError::new(Fault::Syntax, format!("syntax error in template: {detail}")) }
}

/// Returns the bytes of a line, counted from 1.
pub fn line_range(text: &str, line: usize) -> std::ops::Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    start..end
}
