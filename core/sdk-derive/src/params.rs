use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Expr, Field, Fields};

use crate::attributes::Attributes;

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = named_fields(input)?;
    let name = &input.ident;
    let mut specs = Vec::new();
    let mut values = Vec::new();
    let mut refused = Vec::new();
    for field in fields {
        let attributes = Attributes::read(&field.attrs)?;
        specs.push(spec(field, &attributes));
        values.push(value(field, &attributes));
        refused.extend(attributes.refused.is_some().then_some(&field.ident));
    }
    Ok(quote! {
        impl ::switchover_sdk::Params for #name {
            fn specs() -> ::std::vec::Vec<::switchover_sdk::ParamSpec> {
                let mut specs = ::std::vec::Vec::new();
                #(specs.extend(#specs);)*
                specs
            }
            fn parse(
                arguments: &::switchover_sdk::Map,
            ) -> ::std::result::Result<Self, ::switchover_sdk::ArgumentError> {
                Ok(Self { #(#values),* })
            }
        }
        // Nothing reads an argument that is refused; to the compiler this does.
        const _: fn(&#name) = |_params| {
            #(let _ = &_params.#refused;)*
        };
    })
}

fn named_fields(input: &DeriveInput) -> syn::Result<Vec<&Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            Fields::Unit => Ok(Vec::new()),
            Fields::Unnamed(_) => Err(Error::new_spanned(input, "parameters need names")),
        },
        _ => Err(Error::new_spanned(input, "Params is for structs")),
    }
}

fn yaml_name(field: &Field, attributes: &Attributes) -> String {
    let ident = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    attributes.name.clone().unwrap_or_else(|| ident.trim_start_matches("r#").to_owned())
}

fn default_value(default: Option<&Expr>) -> TokenStream {
    match default {
        Some(expr) => quote!(Some(::switchover_sdk::json!(#expr))),
        None => quote!(None),
    }
}

fn spec(field: &Field, attributes: &Attributes) -> TokenStream {
    let name = yaml_name(field, attributes);
    let ty = &field.ty;
    if attributes.flatten {
        return quote!(<#ty as ::switchover_sdk::Params>::specs());
    }
    let Attributes { doc, aliases, old_names, choices, secret, default, refused, deprecated, .. } =
        attributes;
    let has_default = default.is_some();
    let default = default_value(default.as_ref());
    let text = |text: &Option<String>| match text {
        Some(text) => quote!(Some(#text.into())),
        None => quote!(None),
    };
    let (refused, deprecated) = (text(refused), text(deprecated));
    let number = |number: &Option<Expr>| match number {
        Some(number) => quote!(Some((#number) as f64)),
        None => quote!(None),
    };
    let (min, max) = (number(&attributes.min), number(&attributes.max));
    quote! {
        [::switchover_sdk::ParamSpec {
            name: #name.into(),
            aliases: vec![#(#aliases.into()),*],
            doc: #doc.into(),
            kind: <#ty as ::switchover_sdk::ParamType>::kind(),
            required: !#has_default && <#ty as ::switchover_sdk::ParamType>::REQUIRED,
            default: #default,
            choices: {
                let given: &[&str] = &[#(#choices),*];
                let given = if given.is_empty() { <#ty as ::switchover_sdk::ParamType>::choices() } else { given };
                given.iter().map(|word| (*word).to_owned()).collect()
            },
            min: #min,
            max: #max,
            secret: #secret,
            deprecated: #deprecated,
            old_names: vec![#(#old_names.into()),*],
            refused: #refused,
        }]
    }
}

fn value(field: &Field, attributes: &Attributes) -> TokenStream {
    let name = yaml_name(field, attributes);
    let ident = &field.ident;
    if attributes.flatten {
        let ty = &field.ty;
        return quote!(#ident: <#ty as ::switchover_sdk::Params>::parse(arguments)?);
    }
    let aliases = &attributes.aliases;
    let default = default_value(attributes.default.as_ref());
    quote!(#ident: ::switchover_sdk::argument(arguments, #name, &[#(#aliases),*], #default)?)
}
