//! Writes a rewritten syntax tree as template text again, for minijinja's loader, which takes only text.
//!
//! The text uses delimiters that no template has, so raw parts stay as they are. Included templates so follow the
//! same rules as those that are compiled directly.

use std::fmt::Write;

use minijinja::Value;
use minijinja::machinery::ast::{self, BinOpKind, CallArg, CompareOpKind, Expr, Stmt};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

use super::python;

const BLOCK: [&str; 2] = ["\u{1}%", "%\u{1}"];
const VARIABLE: [&str; 2] = ["\u{1}{", "}\u{1}"];
const COMMENT: [&str; 2] = ["\u{1}#", "#\u{1}"];

/// Returns the syntax of printed templates.
pub fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .block_delimiters(BLOCK[0], BLOCK[1])
        .variable_delimiters(VARIABLE[0], VARIABLE[1])
        .comment_delimiters(COMMENT[0], COMMENT[1])
        .keep_trailing_newline(true)
        .build()
        .expect("the delimiters differ")
}

/// Returns the text of a template's tree.
pub fn print(root: &Stmt<'_>) -> String {
    let mut printer = Printer { out: String::new() };
    printer.statement(root);
    printer.out
}

struct Printer {
    out: String,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes a tag: a word and what `rest` adds.
    fn tag(&mut self, word: &str, rest: impl FnOnce(&mut Self)) {
        self.put(BLOCK[0]);
        self.put(" ");
        self.put(word);
        self.put(" ");
        rest(self);
        self.put(" ");
        self.put(BLOCK[1]);
    }

    fn end(&mut self, word: &str) {
        self.tag(word, |_| {});
    }

    fn body(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(s) => self.body(&s.children),
            Stmt::EmitRaw(s) => self.put(s.raw),
            Stmt::EmitExpr(s) => {
                self.put(VARIABLE[0]);
                self.put(" ");
                self.expression(&s.expr);
                self.put(" ");
                self.put(VARIABLE[1]);
            }
            Stmt::ForLoop(s) => self.for_loop(s),
            Stmt::IfCond(s) => {
                self.tag("if", |p| p.expression(&s.expr));
                self.body(&s.true_body);
                if !s.false_body.is_empty() {
                    self.end("else");
                    self.body(&s.false_body);
                }
                self.end("endif");
            }
            Stmt::WithBlock(s) => {
                self.tag("with", |p| p.list(&s.assignments, |p, (to, from)| p.assignment(to, from)));
                self.body(&s.body);
                self.end("endwith");
            }
            Stmt::Set(s) => self.tag("set", |p| p.assignment(&s.target, &s.expr)),
            Stmt::SetBlock(s) => {
                self.tag("set", |p| {
                    p.target(&s.target);
                    if let Some(filter) = &s.filter {
                        p.put(" | ");
                        p.bare_filter(filter);
                    }
                });
                self.body(&s.body);
                self.end("endset");
            }
            Stmt::AutoEscape(s) => {
                self.tag("autoescape", |p| p.expression(&s.enabled));
                self.body(&s.body);
                self.end("endautoescape");
            }
            Stmt::FilterBlock(s) => {
                self.tag("filter", |p| p.bare_filter(&s.filter));
                self.body(&s.body);
                self.end("endfilter");
            }
            Stmt::Continue(_) => self.end("continue"),
            Stmt::Break(_) => self.end("break"),
            Stmt::Do(s) => self.tag("do", |p| p.call(&s.call)),
            other => self.shared(other),
        }
    }

    /// Statements that share code between templates.
    fn shared(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Block(s) => {
                self.tag("block", |p| {
                    p.put(s.name);
                    p.put(if s.required { " required" } else { "" });
                });
                self.body(&s.body);
                self.end("endblock");
            }
            Stmt::Extends(s) => self.tag("extends", |p| p.expression(&s.name)),
            Stmt::Include(s) => self.tag("include", |p| {
                p.expression(&s.name);
                p.put(if s.ignore_missing { " ignore missing" } else { "" });
            }),
            Stmt::Import(s) => self.tag("import", |p| {
                p.expression(&s.expr);
                p.put(" as ");
                p.target(&s.name);
            }),
            Stmt::FromImport(s) => self.tag("from", |p| {
                p.expression(&s.expr);
                p.put(" import ");
                p.list(&s.names, |p, (name, alias)| {
                    p.target(name);
                    if let Some(alias) = alias {
                        p.put(" as ");
                        p.target(alias);
                    }
                });
            }),
            Stmt::Macro(s) => {
                self.tag("macro", |p| {
                    p.put(s.name);
                    p.parameters(s);
                });
                self.body(&s.body);
                self.end("endmacro");
            }
            Stmt::CallBlock(s) => {
                self.tag("call", |p| {
                    if !s.macro_decl.args.is_empty() {
                        p.parameters(&s.macro_decl);
                        p.put(" ");
                    }
                    p.call(&s.call);
                });
                self.body(&s.macro_decl.body);
                self.end("endcall");
            }
            _ => unreachable!("the caller handles all other statements"),
        }
    }

    fn for_loop(&mut self, s: &ast::ForLoop<'_>) {
        self.tag("for", |p| {
            p.target(&s.target);
            p.put(" in ");
            p.expression(&s.iter);
            if let Some(filter) = &s.filter_expr {
                p.put(" if ");
                p.expression(filter);
            }
            p.put(if s.recursive { " recursive" } else { "" });
        });
        self.body(&s.body);
        if !s.else_body.is_empty() {
            self.end("else");
            self.body(&s.else_body);
        }
        self.end("endfor");
    }

    fn assignment(&mut self, to: &Expr<'_>, from: &Expr<'_>) {
        self.target(to);
        self.put(" = ");
        self.expression(from);
    }

    /// Writes `(a, b=1)`; defaults belong to the last parameters.
    fn parameters(&mut self, s: &ast::Macro<'_>) {
        self.put("(");
        let first_default = s.args.len() - s.defaults.len();
        for (index, arg) in s.args.iter().enumerate() {
            self.put(if index > 0 { ", " } else { "" });
            self.target(arg);
            if let Some(default) = index.checked_sub(first_default).and_then(|at| s.defaults.get(at)) {
                self.put("=");
                self.expression(default);
            }
        }
        self.put(")");
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            self.put(if index > 0 { ", " } else { "" });
            each(self, item);
        }
    }

    fn target(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => self.put(var.id),
            Expr::GetAttr(attr) => {
                self.target(&attr.expr);
                self.put(".");
                self.put(attr.name);
            }
            Expr::List(list) => {
                self.put("(");
                self.list(&list.items, |p, item| p.target(item));
                self.put(")");
            }
            other => self.expression(other),
        }
    }

    fn parenthesised(&mut self, expr: &Expr<'_>) {
        self.put("(");
        self.expression(expr);
        self.put(")");
    }

    fn expression(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => self.put(var.id),
            Expr::Const(constant) => self.constant(&constant.value),
            Expr::Slice(slice) => {
                self.parenthesised(&slice.expr);
                self.put("[");
                for (index, bound) in [&slice.start, &slice.stop, &slice.step].into_iter().enumerate() {
                    self.put(if index > 0 { ":" } else { "" });
                    if let Some(bound) = bound {
                        self.parenthesised(bound);
                    }
                }
                self.put("]");
            }
            Expr::UnaryOp(unary) => {
                self.put(match unary.op {
                    ast::UnaryOpKind::Not => "(not ",
                    ast::UnaryOpKind::Neg => "(-",
                });
                self.parenthesised(&unary.expr);
                self.put(")");
            }
            Expr::BinOp(binary) => self.infix(&binary.left, binary_sign(binary.op), &binary.right),
            Expr::Compare(compare) => {
                self.put("(");
                self.parenthesised(&compare.expr);
                for op in &compare.ops {
                    self.put(comparison_sign(op.op));
                    self.parenthesised(&op.expr);
                }
                self.put(")");
            }
            Expr::IfExpr(choice) => {
                self.put("(");
                self.parenthesised(&choice.true_expr);
                self.put(" if ");
                self.parenthesised(&choice.test_expr);
                if let Some(other) = &choice.false_expr {
                    self.put(" else ");
                    self.parenthesised(other);
                }
                self.put(")");
            }
            Expr::Filter(filter) => {
                self.put("(");
                if let Some(subject) = &filter.expr {
                    self.parenthesised(subject);
                    self.put(" | ");
                }
                self.named(filter.name, &filter.args);
                self.put(")");
            }
            Expr::Test(test) => {
                self.put("(");
                self.parenthesised(&test.expr);
                self.put(" is ");
                self.named(test.name, &test.args);
                self.put(")");
            }
            Expr::GetAttr(attr) => {
                self.callee(&attr.expr);
                self.put(".");
                self.put(attr.name);
            }
            Expr::GetItem(item) => {
                self.parenthesised(&item.expr);
                self.put("[");
                self.expression(&item.subscript_expr);
                self.put("]");
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                self.put("[");
                self.list(&list.items, |p, item| p.expression(item));
                self.put("]");
            }
            Expr::Tuple(tuple) => {
                self.put("(");
                self.list(&tuple.items, |p, item| p.expression(item));
                self.put(if tuple.items.len() == 1 { ",)" } else { ")" });
            }
            Expr::Map(map) => {
                self.put("{");
                let entries: Vec<_> = map.keys.iter().zip(&map.values).collect();
                self.list(&entries, |p, (key, value)| {
                    p.expression(key);
                    p.put(": ");
                    p.expression(value);
                });
                self.put("}");
            }
        }
    }

    fn infix(&mut self, left: &Expr<'_>, sign: &str, right: &Expr<'_>) {
        self.put("(");
        self.parenthesised(left);
        self.put(sign);
        self.parenthesised(right);
        self.put(")");
    }

    /// Names stay bare, because `self.block` and `loop.cycle` mean something only so.
    fn callee(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => self.put(var.id),
            Expr::GetAttr(attr) => {
                self.callee(&attr.expr);
                self.put(".");
                self.put(attr.name);
            }
            other => self.parenthesised(other),
        }
    }

    fn call(&mut self, call: &ast::Call<'_>) {
        self.callee(&call.expr);
        self.arguments(&call.args);
    }

    fn named(&mut self, name: &str, args: &[CallArg<'_>]) {
        self.put(name);
        self.arguments(args);
    }

    fn bare_filter(&mut self, filter: &Expr<'_>) {
        if let Expr::Filter(filter) = filter {
            if let Some(inner) = &filter.expr {
                self.bare_filter(inner);
                self.put(" | ");
            }
            self.named(filter.name, &filter.args);
        }
    }

    fn arguments(&mut self, args: &[CallArg<'_>]) {
        self.put("(");
        self.list(args, |p, arg| match arg {
            CallArg::Pos(expr) => p.expression(expr),
            CallArg::Kwarg(name, expr) => {
                p.put(name);
                p.put("=");
                p.expression(expr);
            }
            CallArg::PosSplat(expr) => {
                p.put("*");
                p.parenthesised(expr);
            }
            CallArg::KwargSplat(expr) => {
                p.put("**");
                p.parenthesised(expr);
            }
        });
        self.put(")");
    }

    fn constant(&mut self, value: &Value) {
        match value.kind() {
            ValueKind::String => self.string(value.as_str().unwrap_or_default()),
            ValueKind::None => self.put("none"),
            ValueKind::Number if !value.is_integer() => self.float(value),
            ValueKind::Seq => {
                let items: Vec<Value> = value.try_iter().into_iter().flatten().collect();
                self.put(if value.is_tuple() { "(" } else { "[" });
                self.list(&items, |p, item| p.constant(item));
                self.put(match (value.is_tuple(), items.len()) {
                    (true, 1) => ",)",
                    (true, _) => ")",
                    (false, _) => "]",
                });
            }
            _ => {
                let text = python::repr(value);
                self.put(&text);
            }
        }
    }

    fn float(&mut self, value: &Value) {
        let number = f64::try_from(value.clone()).unwrap_or(0.0);
        // Without an exponent, which the lexer would not always take back.
        write!(self.out, "{number:?}").expect("writing to a string cannot fail");
    }

    fn string(&mut self, text: &str) {
        let quoted = serde_json::Value::from(text).to_string();
        self.put(&quoted);
    }
}

fn binary_sign(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => " == ",
        BinOpKind::Ne => " != ",
        BinOpKind::Lt => " < ",
        BinOpKind::Lte => " <= ",
        BinOpKind::Gt => " > ",
        BinOpKind::Gte => " >= ",
        BinOpKind::ScAnd => " and ",
        BinOpKind::ScOr => " or ",
        BinOpKind::Add => " + ",
        BinOpKind::Sub => " - ",
        BinOpKind::Mul => " * ",
        BinOpKind::Div => " / ",
        BinOpKind::FloorDiv => " // ",
        BinOpKind::Rem => " % ",
        BinOpKind::Pow => " ** ",
        BinOpKind::Concat => " ~ ",
        BinOpKind::In => " in ",
    }
}

fn comparison_sign(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => " == ",
        CompareOpKind::Ne => " != ",
        CompareOpKind::Lt => " < ",
        CompareOpKind::Lte => " <= ",
        CompareOpKind::Gt => " > ",
        CompareOpKind::Gte => " >= ",
        CompareOpKind::In => " in ",
        CompareOpKind::NotIn => " not in ",
    }
}
