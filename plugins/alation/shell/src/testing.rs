//! [`FakeAlation`]: an Alation host in memory, for tests of the modules.

mod fake_alation;
mod job;

pub use fake_alation::FakeAlation;
pub use job::{Behaviour, FakeJob};
