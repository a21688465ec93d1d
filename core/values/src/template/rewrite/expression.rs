use minijinja::Value;
use minijinja::machinery::Span;
use minijinja::machinery::ast::{self, BinOpKind, CallArg, CompareOpKind, Expr, Spanned};

use super::super::names::{self, Kind};
use super::{MUTATORS, Rewriter, VOLATILE};
use crate::tests;

impl Rewriter {
    pub(super) fn expression(&mut self, expr: &Expr<'static>) -> Expr<'static> {
        let span = expr.span();
        match expr {
            Expr::Var(var) => {
                self.note_variable(var.id);
                Expr::Var(Spanned::new(ast::Var { id: var.id }, span))
            }
            Expr::Const(constant) => self.constant(&constant.value, span),
            Expr::Slice(slice) => {
                let base = self.expression(&slice.expr);
                let bounds = [&slice.start, &slice.stop, &slice.step];
                let bounds = bounds.map(|bound| {
                    self.optional(bound.as_ref()).unwrap_or_else(|| literal(Value::from(()), span))
                });
                internal("__slice", base, bounds.into(), span)
            }
            Expr::UnaryOp(unary) => Expr::UnaryOp(Spanned::new(
                ast::UnaryOp {
                    op: match unary.op {
                        ast::UnaryOpKind::Not => ast::UnaryOpKind::Not,
                        ast::UnaryOpKind::Neg => ast::UnaryOpKind::Neg,
                    },
                    expr: self.expression(&unary.expr),
                },
                span,
            )),
            Expr::BinOp(binary) => self.binary(binary, span),
            Expr::Compare(compare) => self.comparison(compare, span),
            Expr::IfExpr(choice) => Expr::IfExpr(Spanned::new(
                ast::IfExpr {
                    test_expr: self.expression(&choice.test_expr),
                    true_expr: self.expression(&choice.true_expr),
                    false_expr: self.optional(choice.false_expr.as_ref()),
                },
                span,
            )),
            Expr::Filter(filter) => self.filter(filter, span),
            Expr::Test(test) => self.test(test, span),
            Expr::GetAttr(attr) => self.attribute(attr, span),
            Expr::GetItem(item) => {
                let path = path_of(expr);
                let base = self.expression(&item.expr);
                let key = self.expression(&item.subscript_expr);
                internal("__item", base, with_path(vec![key], path, span), span)
            }
            Expr::Call(call) => self.call(call, span),
            Expr::List(list) => {
                let items = list.items.iter().map(|item| self.expression(item)).collect();
                self.own(Expr::List(Spanned::new(ast::List { items }, span)), span)
            }
            Expr::Tuple(tuple) => {
                let items = tuple.items.iter().map(|item| self.expression(item)).collect();
                Expr::Tuple(Spanned::new(ast::Tuple { items }, span))
            }
            Expr::Map(map) => {
                let keys = map.keys.iter().map(|key| self.expression(key)).collect();
                let values = map.values.iter().map(|value| self.expression(value)).collect();
                self.own(Expr::Map(Spanned::new(ast::Map { keys, values }, span)), span)
            }
        }
    }

    pub(super) fn optional(&mut self, expr: Option<&Expr<'static>>) -> Option<Expr<'static>> {
        expr.map(|expr| self.expression(expr))
    }

    /// A container that may be changed later has to be an object of ours.
    pub(super) fn own(&self, container: Expr<'static>, span: Span) -> Expr<'static> {
        if self.mutates { internal("__own", container, Vec::new(), span) } else { container }
    }

    fn constant(&self, value: &Value, span: Span) -> Expr<'static> {
        let constant = literal(value.clone(), span);
        if self.embedded && value.as_str().is_some_and(|text| text.contains("{{")) {
            return internal("__render", constant, Vec::new(), span);
        }
        constant
    }

    fn attribute(&mut self, attr: &ast::GetAttr<'static>, span: Span) -> Expr<'static> {
        let base = self.expression(&attr.expr);
        let path = path_of(&attr.expr).map(|base| format!("{base}.{}", attr.name));
        internal("__attr", base, with_path(vec![literal(Value::from(attr.name), span)], path, span), span)
    }

    fn binary(&mut self, binary: &ast::BinOp<'static>, span: Span) -> Expr<'static> {
        let left = self.expression(&binary.left);
        let right = self.expression(&binary.right);
        match operator(binary.op) {
            Some(name) => internal(name, left, vec![right], span),
            None => Expr::BinOp(Spanned::new(ast::BinOp { op: binary.op, left, right }, span)),
        }
    }

    /// `a < b < c` becomes `a < b and b < c`: operands have no side effects that would show.
    fn comparison(&mut self, compare: &ast::Compare<'static>, span: Span) -> Expr<'static> {
        let mut left = &compare.expr;
        let mut result: Option<Expr<'static>> = None;
        for op in &compare.ops {
            let pair = self.compare_pair(left, op, span);
            result = Some(match result {
                None => pair,
                Some(before) => Expr::BinOp(Spanned::new(
                    ast::BinOp { op: BinOpKind::ScAnd, left: before, right: pair },
                    span,
                )),
            });
            left = &op.expr;
        }
        result.unwrap_or_else(|| self.expression(&compare.expr))
    }

    fn compare_pair(
        &mut self,
        left: &Expr<'static>,
        op: &ast::CompareOp<'static>,
        span: Span,
    ) -> Expr<'static> {
        let (kind, negated) = match op.op {
            CompareOpKind::Eq => (BinOpKind::Eq, false),
            CompareOpKind::Ne => (BinOpKind::Ne, false),
            CompareOpKind::Lt => (BinOpKind::Lt, false),
            CompareOpKind::Lte => (BinOpKind::Lte, false),
            CompareOpKind::Gt => (BinOpKind::Gt, false),
            CompareOpKind::Gte => (BinOpKind::Gte, false),
            CompareOpKind::In => (BinOpKind::In, false),
            CompareOpKind::NotIn => (BinOpKind::In, true),
        };
        let name = operator(kind).expect("every comparison has an operator filter");
        let left = self.expression(left);
        let right = self.expression(&op.expr);
        let pair = internal(name, left, vec![right], span);
        if !negated {
            return pair;
        }
        Expr::UnaryOp(Spanned::new(ast::UnaryOp { op: ast::UnaryOpKind::Not, expr: pair }, span))
    }

    pub(super) fn filter(&mut self, filter: &ast::Filter<'static>, span: Span) -> Expr<'static> {
        let name = self.canonical(Kind::Filter, filter.name, span);
        self.volatile |= matches!(name, "random" | "shuffle" | "password_hash" | "random_mac");
        self.asks_of_vaults |= name == "unvault";
        if name == "map" {
            self.check_nested(Kind::Filter, &filter.args, 0, span);
        }
        if matches!(name, "select" | "reject") {
            self.check_nested(Kind::Test, &filter.args, 0, span);
        }
        if matches!(name, "selectattr" | "rejectattr") {
            self.check_nested(Kind::Test, &filter.args, 1, span);
        }
        let expr = self.optional(filter.expr.as_ref());
        let args = self.arguments(&filter.args);
        Expr::Filter(Spanned::new(ast::Filter { name, expr, args }, span))
    }

    /// Checks the name of a filter or test that is given as text, as in `map('upper')`.
    fn check_nested(&mut self, kind: Kind, args: &[CallArg<'static>], index: usize, span: Span) {
        let Some(CallArg::Pos(Expr::Const(constant))) = args.get(index) else { return };
        let Some(name) = constant.value.as_str() else { return };
        if names::canonical(kind, name).is_some() {
            return;
        }
        self.problem(span, names::not_found(kind, name));
    }

    fn test(&mut self, test: &ast::Test<'static>, span: Span) -> Expr<'static> {
        let name = self.canonical(Kind::Test, test.name, span);
        self.asks_of_vaults |= tests::ASK_OF_VAULTS.contains(&name);
        let expr = self.expression(&test.expr);
        let args = self.arguments(&test.args);
        Expr::Test(Spanned::new(ast::Test { name, expr, args }, span))
    }

    fn arguments(&mut self, args: &[CallArg<'static>]) -> Vec<CallArg<'static>> {
        args.iter()
            .map(|arg| match arg {
                CallArg::Pos(expr) => CallArg::Pos(self.expression(expr)),
                CallArg::Kwarg(name, expr) => CallArg::Kwarg(name, self.expression(expr)),
                CallArg::PosSplat(expr) => CallArg::PosSplat(self.expression(expr)),
                CallArg::KwargSplat(expr) => CallArg::KwargSplat(self.expression(expr)),
            })
            .collect()
    }

    pub(super) fn call(&mut self, call: &ast::Call<'static>, span: Span) -> Expr<'static> {
        match &call.expr {
            Expr::GetAttr(attr) if !is_var(&attr.expr, &["self", "loop"]) => {
                let receiver = self.expression(&attr.expr);
                let mut args = vec![CallArg::Pos(literal(Value::from(attr.name), span))];
                args.extend(self.arguments(&call.args));
                Expr::Filter(Spanned::new(ast::Filter { name: "__call", expr: Some(receiver), args }, span))
            }
            _ => Expr::Call(Spanned::new(self.plain_call(call, span), span)),
        }
    }

    /// Rebuilds a call whose callee stays as it is: a function, a macro, `self.block()`, `loop.cycle()`.
    pub(super) fn plain_call(&mut self, call: &ast::Call<'static>, span: Span) -> ast::Call<'static> {
        if let Expr::Var(var) = &call.expr {
            self.volatile |= VOLATILE.contains(&var.id);
            self.check_lookup(var.id, &call.args, span);
        }
        let args = self.arguments(&call.args);
        ast::Call { expr: plain(&call.expr), args: self.gathered(&call.expr, args, span) }
    }

    fn check_lookup(&mut self, function: &str, args: &[CallArg<'static>], span: Span) {
        if matches!(function, "lookup" | "query" | "q") {
            self.check_nested(Kind::Lookup, args, 0, span);
        }
    }
}

/// Copies a callee or an assignment's target, which must keep its form.
pub(super) fn plain(expr: &Expr<'static>) -> Expr<'static> {
    let span = expr.span();
    match expr {
        Expr::Var(var) => Expr::Var(Spanned::new(ast::Var { id: var.id }, span)),
        Expr::GetAttr(attr) => {
            Expr::GetAttr(Spanned::new(ast::GetAttr { expr: plain(&attr.expr), name: attr.name }, span))
        }
        Expr::List(list) => {
            Expr::List(Spanned::new(ast::List { items: list.items.iter().map(plain).collect() }, span))
        }
        Expr::Tuple(tuple) => {
            Expr::Tuple(Spanned::new(ast::Tuple { items: tuple.items.iter().map(plain).collect() }, span))
        }
        other => Rewriter::default().expression(other),
    }
}

/// Returns the call of a filter of ours.
pub(super) fn internal(
    name: &'static str,
    subject: Expr<'static>,
    args: Vec<Expr<'static>>,
    span: Span,
) -> Expr<'static> {
    let args = args.into_iter().map(CallArg::Pos).collect();
    Expr::Filter(Spanned::new(ast::Filter { name, expr: Some(subject), args }, span))
}

pub(super) fn literal(value: Value, span: Span) -> Expr<'static> {
    Expr::Const(Spanned::new(ast::Const { value }, span))
}

fn with_path(mut args: Vec<Expr<'static>>, path: Option<String>, span: Span) -> Vec<Expr<'static>> {
    args.extend(path.map(|path| literal(Value::from(path), span)));
    args
}

/// Returns the text of a path such as `a.b[0]['c']`, for messages.
fn path_of(expr: &Expr<'static>) -> Option<String> {
    match expr {
        Expr::Var(var) => Some(var.id.to_string()),
        Expr::GetAttr(attr) => Some(format!("{}.{}", path_of(&attr.expr)?, attr.name)),
        Expr::GetItem(item) => match &item.subscript_expr {
            Expr::Const(key) => Some(format!("{}[{:?}]", path_of(&item.expr)?, key.value)),
            _ => None,
        },
        _ => None,
    }
}

fn is_var(expr: &Expr<'static>, names: &[&str]) -> bool {
    matches!(expr, Expr::Var(var) if names.contains(&var.id))
}

/// Returns the filter that does an operator's work, where minijinja's own is not Python's.
fn operator(op: BinOpKind) -> Option<&'static str> {
    match op {
        BinOpKind::Eq => Some("__eq"),
        BinOpKind::Ne => Some("__ne"),
        BinOpKind::Lt => Some("__lt"),
        BinOpKind::Lte => Some("__lte"),
        BinOpKind::Gt => Some("__gt"),
        BinOpKind::Gte => Some("__gte"),
        BinOpKind::In => Some("__in"),
        BinOpKind::Rem => Some("__mod"),
        BinOpKind::Concat => Some("__concat"),
        BinOpKind::Add => Some("__add"),
        BinOpKind::Sub => Some("__sub"),
        BinOpKind::Mul => Some("__mul"),
        BinOpKind::Div => Some("__div"),
        BinOpKind::FloorDiv => Some("__floordiv"),
        BinOpKind::Pow => Some("__pow"),
        _ => None,
    }
}

/// Returns whether a method that changes its object is called anywhere in an expression.
pub(super) fn any_mutator(expr: &Expr<'static>) -> bool {
    let any = |args: &[CallArg<'static>]| {
        args.iter().any(|arg| match arg {
            CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => {
                any_mutator(e)
            }
        })
    };
    let maybe = |expr: &Option<Expr<'static>>| expr.as_ref().is_some_and(any_mutator);
    match expr {
        Expr::Var(_) | Expr::Const(_) => false,
        Expr::Slice(s) => any_mutator(&s.expr) || maybe(&s.start) || maybe(&s.stop) || maybe(&s.step),
        Expr::UnaryOp(u) => any_mutator(&u.expr),
        Expr::BinOp(b) => any_mutator(&b.left) || any_mutator(&b.right),
        Expr::Compare(c) => any_mutator(&c.expr) || c.ops.iter().any(|op| any_mutator(&op.expr)),
        Expr::IfExpr(i) => any_mutator(&i.test_expr) || any_mutator(&i.true_expr) || maybe(&i.false_expr),
        Expr::Filter(f) => maybe(&f.expr) || any(&f.args),
        Expr::Test(t) => any_mutator(&t.expr) || any(&t.args),
        Expr::GetAttr(a) => any_mutator(&a.expr),
        Expr::GetItem(i) => any_mutator(&i.expr) || any_mutator(&i.subscript_expr),
        Expr::Call(c) => {
            matches!(&c.expr, Expr::GetAttr(a) if MUTATORS.contains(&a.name))
                || any_mutator(&c.expr)
                || any(&c.args)
        }
        Expr::List(l) => l.items.iter().any(any_mutator),
        Expr::Tuple(t) => t.items.iter().any(any_mutator),
        Expr::Map(m) => m.keys.iter().chain(&m.values).any(any_mutator),
    }
}
