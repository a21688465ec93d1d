//! [`FakeHost`]: a host in memory, for tests of modules.

mod fake_host;
mod files;

pub use fake_host::FakeHost;
