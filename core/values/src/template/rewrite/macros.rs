//! `varargs` and `kwargs` of macros, which minijinja does not have: a macro that asks for them gets two parameters more, and
//! its calls in the same template gather there what no parameter takes.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{self, CallArg, Expr, Spanned};

use super::Rewriter;
use super::expression::{literal, plain};

/// What a macro was given beyond its parameters, by place and by name.
const REST: [&str; 2] = ["varargs", "kwargs"];

impl Rewriter {
    /// Notes a variable that is asked for.
    pub(super) fn note_variable(&mut self, name: &str) {
        self.asks_for_rest |= REST.contains(&name);
    }

    pub(super) fn macro_decl(&mut self, s: &ast::Macro<'static>) -> ast::Macro<'static> {
        let outer = std::mem::take(&mut self.asks_for_rest);
        let mut args: Vec<_> = s.args.iter().map(plain).collect();
        let mut defaults: Vec<_> = s.defaults.iter().map(|value| self.expression(value)).collect();
        let body = self.captured(&s.body);
        if std::mem::replace(&mut self.asks_for_rest, outer) {
            let span = s.args.first().or(s.defaults.first()).map(Expr::span).unwrap_or_default();
            let names = s.args.iter().filter_map(name_of).collect();
            self.open_macros.insert(s.name, names);
            args.extend(REST.map(|id| Expr::Var(Spanned::new(ast::Var { id }, span))));
            defaults.extend([tuple(Vec::new(), span), map(Vec::new(), span)]);
        }
        ast::Macro { name: s.name, args, defaults, body }
    }

    /// Gathers the arguments that no parameter of an open macro takes; other calls stay as they are.
    pub(super) fn gathered(
        &self,
        callee: &Expr<'static>,
        args: Vec<CallArg<'static>>,
        span: Span,
    ) -> Vec<CallArg<'static>> {
        let Some(names) = name_of(callee).and_then(|name| self.open_macros.get(name)) else { return args };
        let (mut taken, mut by_place, mut by_name) = (Vec::new(), Vec::new(), Vec::new());
        for arg in args {
            match arg {
                CallArg::Pos(expr) if taken.len() >= names.len() => by_place.push(expr),
                CallArg::Kwarg(name, expr) if !names.contains(&name) && name != "caller" => {
                    by_name.push((name, expr));
                }
                other => taken.push(other),
            }
        }
        if !by_place.is_empty() {
            taken.push(CallArg::Kwarg(REST[0], tuple(by_place, span)));
        }
        if !by_name.is_empty() {
            taken.push(CallArg::Kwarg(REST[1], map(by_name, span)));
        }
        taken
    }
}

fn name_of(expr: &Expr<'static>) -> Option<&'static str> {
    match expr {
        Expr::Var(var) => Some(var.id),
        _ => None,
    }
}

fn tuple(items: Vec<Expr<'static>>, span: Span) -> Expr<'static> {
    Expr::Tuple(Spanned::new(ast::Tuple { items }, span))
}

fn map(entries: Vec<(&'static str, Expr<'static>)>, span: Span) -> Expr<'static> {
    let (keys, values) = entries.into_iter().map(|(name, value)| (literal(name.into(), span), value)).unzip();
    Expr::Map(Spanned::new(ast::Map { keys, values }, span))
}
