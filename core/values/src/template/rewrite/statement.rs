use minijinja::machinery::ast::{self, Expr, Spanned, Stmt};

use super::Rewriter;
use super::expression::{self, plain};

impl Rewriter {
    pub(super) fn statement(&mut self, stmt: &Stmt<'static>) -> Stmt<'static> {
        match stmt {
            Stmt::Template(s) => {
                rebuilt(Stmt::Template, s, ast::Template { children: self.body(&s.children) })
            }
            Stmt::EmitExpr(s) => rebuilt(Stmt::EmitExpr, s, self.emit(s)),
            Stmt::EmitRaw(s) => rebuilt(Stmt::EmitRaw, s, ast::EmitRaw { raw: s.raw }),
            Stmt::ForLoop(s) => rebuilt(Stmt::ForLoop, s, self.for_loop(s)),
            Stmt::IfCond(s) => {
                let node = ast::IfCond {
                    expr: self.expression(&s.expr),
                    true_body: self.body(&s.true_body),
                    false_body: self.body(&s.false_body),
                };
                rebuilt(Stmt::IfCond, s, node)
            }
            Stmt::WithBlock(s) => {
                let assignments =
                    s.assignments.iter().map(|(to, from)| (plain(to), self.expression(from))).collect();
                rebuilt(Stmt::WithBlock, s, ast::WithBlock { assignments, body: self.body(&s.body) })
            }
            Stmt::Set(s) => {
                let value = self.expression(&s.expr);
                let value = self.own(value, s.span());
                rebuilt(Stmt::Set, s, ast::Set { target: plain(&s.target), expr: value })
            }
            Stmt::SetBlock(s) => {
                let node = ast::SetBlock {
                    target: plain(&s.target),
                    filter: self.optional(s.filter.as_ref()),
                    body: self.captured(&s.body),
                };
                rebuilt(Stmt::SetBlock, s, node)
            }
            Stmt::AutoEscape(s) => {
                let node = ast::AutoEscape { enabled: self.expression(&s.enabled), body: self.body(&s.body) };
                rebuilt(Stmt::AutoEscape, s, node)
            }
            Stmt::FilterBlock(s) => {
                let node = ast::FilterBlock {
                    filter: self.expression(&s.filter),
                    filter_span: s.filter_span,
                    body: self.captured(&s.body),
                };
                rebuilt(Stmt::FilterBlock, s, node)
            }
            Stmt::Continue(s) => rebuilt(Stmt::Continue, s, ast::Continue),
            Stmt::Break(s) => rebuilt(Stmt::Break, s, ast::Break),
            Stmt::Do(s) => self.do_call(s),
            _ => self.reuse(stmt),
        }
    }

    /// Statements that share code between templates: blocks, imports and macros.
    fn reuse(&mut self, stmt: &Stmt<'static>) -> Stmt<'static> {
        match stmt {
            Stmt::Block(s) => {
                let node = ast::Block { name: s.name, required: s.required, body: self.body(&s.body) };
                rebuilt(Stmt::Block, s, node)
            }
            Stmt::Import(s) => {
                let node = ast::Import { expr: self.expression(&s.expr), name: plain(&s.name) };
                rebuilt(Stmt::Import, s, node)
            }
            Stmt::FromImport(s) => {
                let names =
                    s.names.iter().map(|(name, alias)| (plain(name), alias.as_ref().map(plain))).collect();
                rebuilt(Stmt::FromImport, s, ast::FromImport { expr: self.expression(&s.expr), names })
            }
            Stmt::Extends(s) => rebuilt(Stmt::Extends, s, ast::Extends { name: self.expression(&s.name) }),
            Stmt::Include(s) => {
                let node = ast::Include { name: self.expression(&s.name), ignore_missing: s.ignore_missing };
                rebuilt(Stmt::Include, s, node)
            }
            Stmt::Macro(s) => rebuilt(Stmt::Macro, s, self.macro_decl(s)),
            Stmt::CallBlock(s) => {
                let node = ast::CallBlock {
                    call: Spanned::new(self.plain_call(&s.call, s.call.span()), s.call.span()),
                    call_expr_span: s.call_expr_span,
                    macro_decl: Spanned::new(self.macro_decl(&s.macro_decl), s.macro_decl.span()),
                };
                rebuilt(Stmt::CallBlock, s, node)
            }
            _ => unreachable!("the caller handles all other statements"),
        }
    }

    fn for_loop(&mut self, s: &ast::ForLoop<'static>) -> ast::ForLoop<'static> {
        ast::ForLoop {
            target: plain(&s.target),
            iter: self.iterated(&s.iter),
            filter_expr: self.optional(s.filter_expr.as_ref()),
            recursive: s.recursive,
            body: self.body(&s.body),
            else_body: self.body(&s.else_body),
        }
    }

    fn iterated(&mut self, iter: &Expr<'static>) -> Expr<'static> {
        let span = iter.span();
        let iter = self.expression(iter);
        expression::internal("__iter", iter, Vec::new(), span)
    }

    /// `{% do list.append(x) %}` calls a filter of ours, which only `set` can hold.
    fn do_call(&mut self, s: &Spanned<ast::Do<'static>>) -> Stmt<'static> {
        let target = Expr::Var(Spanned::new(ast::Var { id: "__done" }, s.span()));
        let value = self.call(&s.call, s.call.span());
        Stmt::Set(Spanned::new(ast::Set { target, expr: value }, s.span()))
    }

    /// Output inside of a block that takes it as text does not count as the template's.
    fn emit(&mut self, s: &Spanned<ast::EmitExpr<'static>>) -> ast::EmitExpr<'static> {
        let expr = self.expression(&s.expr);
        let expr = match self.captures {
            0 => expr,
            _ => expression::internal("__quiet", expr, Vec::new(), s.span()),
        };
        ast::EmitExpr { expr }
    }

    pub(super) fn captured(&mut self, statements: &[Stmt<'static>]) -> Vec<Stmt<'static>> {
        self.captures += 1;
        let body = self.body(statements);
        self.captures -= 1;
        body
    }

    fn body(&mut self, statements: &[Stmt<'static>]) -> Vec<Stmt<'static>> {
        statements.iter().map(|stmt| self.statement(stmt)).collect()
    }
}

fn rebuilt<T, U>(make: impl FnOnce(Spanned<U>) -> Stmt<'static>, old: &Spanned<T>, node: U) -> Stmt<'static> {
    make(Spanned::new(node, old.span()))
}

/// Returns whether a method that changes its object is called anywhere in a statement.
pub(super) fn any_mutator(stmt: &Stmt<'static>) -> bool {
    let expr = expression::any_mutator;
    let maybe = |expr: &Option<Expr<'static>>| expr.as_ref().is_some_and(expression::any_mutator);
    let body = |statements: &[Stmt<'static>]| statements.iter().any(any_mutator);
    let call = |call: &ast::Call<'static>| {
        expr(&Expr::Call(Spanned::new(
            ast::Call { expr: plain(&call.expr), args: Vec::new() },
            minijinja::machinery::Span::default(),
        )))
    };
    match stmt {
        Stmt::Template(s) => body(&s.children),
        Stmt::EmitExpr(s) => expr(&s.expr),
        Stmt::ForLoop(s) => expr(&s.iter) || maybe(&s.filter_expr) || body(&s.body) || body(&s.else_body),
        Stmt::IfCond(s) => expr(&s.expr) || body(&s.true_body) || body(&s.false_body),
        Stmt::WithBlock(s) => s.assignments.iter().any(|(_, value)| expr(value)) || body(&s.body),
        Stmt::Set(s) => expr(&s.expr),
        Stmt::SetBlock(s) => body(&s.body),
        Stmt::AutoEscape(s) => body(&s.body),
        Stmt::FilterBlock(s) => body(&s.body),
        Stmt::Block(s) => body(&s.body),
        Stmt::Macro(s) => body(&s.body),
        Stmt::CallBlock(s) => call(&s.call) || body(&s.macro_decl.body),
        Stmt::Do(s) => call(&s.call),
        _ => false,
    }
}
