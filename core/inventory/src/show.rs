//! The inventory as `ansible-inventory` prints it, byte for byte.

mod graph;
mod json;
mod list;
mod python;
mod shown;

pub use graph::NoSuchGroup;
