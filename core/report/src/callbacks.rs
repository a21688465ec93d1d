//! Ansible's reports beside the screen: JSON of the whole run, JUnit's XML, how long things took.

mod clock;
mod json;
mod junit;
mod profile;
mod timer;

pub(crate) use clock::local;
pub use json::Json;
pub use junit::{JUnit, JUnitSettings};
pub use profile::{Profile, ProfileBy};
pub use timer::Timer;
