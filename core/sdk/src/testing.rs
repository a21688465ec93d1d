//! [`FakeHost`]: a host in memory, for tests of modules; and [`cases`], which runs a folder of them.

mod answers;
mod case;
mod examples;
mod fake_host;
mod files;

pub use case::cases;
pub use examples::examples;
pub use fake_host::FakeHost;
pub use files::FakeFile;
