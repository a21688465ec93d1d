//! Variables, templates and conditions: Ansible's rules, rendered by minijinja.

mod convert;
mod layer;
mod omit;
mod stored;
mod var_map;

pub use convert::{from_json, key_text, node_to_value, to_json};
pub use layer::Layer;
pub use minijinja::Value;
pub use omit::{is_omit, omit, strip_omit};
pub use stored::Stored;
pub use var_map::VarMap;
