//! `#[derive(Params)]` and `#[derive(Choice)]`: a module's parameters, declared once.
//!
//! The derived code answers two questions for [`switchover_sdk`]: which parameters there are (for
//! documentation, schema and the engine's checks), and what a task's arguments mean as Rust values.

mod attributes;
mod choice;
mod params;

use proc_macro::TokenStream;

/// Implements `switchover_sdk::Params` for a struct with named fields.
///
/// A field's documentation is the parameter's. `Option<T>` is optional, `#[param(default = LITERAL)]` gives a
/// default, everything else is required. Further words: `alias = "x"` (repeatable), `name = "x"` (the YAML
/// name, when it differs), `secret`, `choices("a", "b")`, `min = 1`, `max = 9`, `flatten` (the field is another
/// `Params` struct whose parameters stand beside these), `deprecated = "what to use instead"` and `old_name = "x"` (both
/// still work, with a warning), and `refused = "why"` (no other value than the default is taken).
#[proc_macro_derive(Params, attributes(param))]
pub fn derive_params(input: TokenStream) -> TokenStream {
    params::expand(&syn::parse_macro_input!(input)).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `switchover_sdk::ParamType` for an enum without fields: one word a variant, in lower case
/// with `_` between words, or what `#[param(name = "x")]` says.
#[proc_macro_derive(Choice, attributes(param))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    choice::expand(&syn::parse_macro_input!(input)).unwrap_or_else(syn::Error::into_compile_error).into()
}
