//! Libraries that are found, refused, asked, and wrong in every way.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are not marked as tests")]

mod arguments;
mod arguments_of_any_kind;
mod common;
mod example_in_c;
mod header;
mod invoking;
mod loading;
mod other_compiler;
mod rules;
