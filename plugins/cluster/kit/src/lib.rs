//! What modules for clusters share, whatever the product: quoting, which names hold secrets, notes that survive a
//! broken run, waiting for a lag to fall, refusals.
//!
//! Knows no product. A family of plugins has a library of its own for that, such as `alation-shell` or `postgres-server`.

mod note;
mod pause;
mod quote;
mod refuse;
mod samples;
pub mod secret;

pub use note::Note;
pub use pause::pause;
pub use quote::quote_if_needed;
pub use refuse::refuse;
pub use samples::Samples;
pub use switchover_sdk::quote;
