//! Labs that run: real logins, real processes, the whole procedure by hand, and each fault.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod cli;
mod client;
mod faults;
mod mistakes;
mod openssh;
mod pair;
mod procedure;
mod ssh;
