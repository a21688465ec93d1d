use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields};

use crate::attributes::Attributes;

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "Choice is for enums"));
    };
    let name = &input.ident;
    let mut words = Vec::new();
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "a choice has no fields"));
        }
        let attributes = Attributes::read(&variant.attrs)?;
        words.push(attributes.name.unwrap_or_else(|| snake_case(&variant.ident.to_string())));
        variants.push(&variant.ident);
    }
    Ok(quote! {
        impl ::switchover_sdk::ParamType for #name {
            fn kind() -> ::switchover_sdk::ParamKind { ::switchover_sdk::ParamKind::Str }
            fn choices() -> &'static [&'static str] { &[#(#words),*] }
            fn from_value(value: &::switchover_sdk::Value) -> ::std::result::Result<Self, String> {
                let word = <String as ::switchover_sdk::ParamType>::from_value(value)?;
                match word.as_str() {
                    #(#words => Ok(Self::#variants),)*
                    _ => Err(format!("must be one of: {}", Self::choices().join(", "))),
                }
            }
        }

        impl #name {
            /// Returns the word that stands for this choice in a playbook.
            pub fn word(&self) -> &'static str {
                match self { #(Self::#variants => #words,)* }
            }
        }
    })
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
