//! Variables, templates and conditions: Ansible's rules, rendered by minijinja.
//!
//! [`Scope`] is the view of one task on one host; [`VarMap`]s are pushed into it by [`Layer`]. Only text that the
//! author wrote ([`Stored::Author`]) is a template; what hosts and files answer ([`Stored::Data`]) never is.

mod authored;
mod bcrypt;
mod call;
mod condition;
mod convert;
mod crypt;
mod error;
mod filters;
mod functions;
mod ip;
mod jmespath;
mod layer;
mod lazy;
mod lookups;
mod methods;
mod names_table;
mod omit;
mod operators;
mod outside;
mod random;
mod redactor;
mod scope;
pub mod search;
mod settings;
mod stored;
mod tags;
mod template;
mod template_file;
mod tests;
mod var_map;
pub mod vault;
mod vaulted;
mod version;
mod view;
mod yaml_writer;

pub use convert::{from_json, key_text, node_to_value, to_json};
pub use error::{Fault, TemplateError};
pub use filters::{expanded_user, hash_password, known_filter};
pub use layer::Layer;
pub use lookups::{known_lookup, run_lookup, run_loop_lookup};
pub use minijinja::Value;
pub use omit::{is_omit, omit, strip_omit};
pub use outside::outside_looks;
pub use redactor::{MASK, Redactor};
pub use scope::Scope;
pub use settings::Settings;
pub use stored::Stored;
pub use template::check::{check_condition, check_template};
pub use template::python::{repr as python_repr, text as python_text, type_name};
pub use template::text_options::{TextOptions, check_file as check_template_file};
pub use template_file::TemplateFile;
pub use var_map::VarMap;
pub use yaml_writer::{block_yaml, literal_yaml};

use call::scope_of;
