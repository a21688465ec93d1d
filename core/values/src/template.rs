//! From text to value: [`program`](self) compiles, [`run`] evaluates, the rest serves these two.
//!
//! Templates are parsed by minijinja; its syntax tree is rewritten before code is generated, so that what Ansible
//! allows and minijinja does not (`a.b.c | default(x)`, `'%s' % x`, `list.append(x)`) means the same here.

pub mod backslash;
pub mod check;
pub mod environment;
pub mod formatter;
pub mod hint;
mod loader;
pub mod locate;
pub mod missing;
pub mod mutable;
pub mod names;
pub mod printer;
pub mod program;
pub mod python;
pub mod rewrite;
pub mod root;
pub mod run;
pub mod text_options;
