//! The inventory as `ansible-inventory` prints it, byte for byte.

mod graph;
mod json;
mod list;
mod python;
mod shown;
mod tree;
mod view;

pub use graph::NoSuchGroup;
pub use view::View;
