//! [`FakeHost`]: a host in memory, for tests of modules; [`cases`], which runs a folder of them; [`LocalHost`]: a real
//! folder.

mod answers;
mod asking;
mod case;
mod examples;
mod fake_host;
mod files;
mod local_host;

pub use case::cases;
pub use examples::examples;
pub use fake_host::FakeHost;
pub use files::FakeFile;
pub use local_host::LocalHost;
