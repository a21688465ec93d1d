//! Host calls over real shells, real programs and a real SSH server.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

mod chain;
mod elevation;
mod exec;
mod files;
mod jobs;
mod locks;
mod ssh;
mod support;
