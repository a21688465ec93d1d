use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token};

/// What `#[param(...)]` and the documentation say of a field or variant.
#[derive(Default)]
pub struct Attributes {
    pub doc: String,
    pub name: Option<String>,
    pub aliases: Vec<String>,
    pub default: Option<Expr>,
    pub choices: Vec<String>,
    pub secret: bool,
    pub refused: Option<String>,
    pub deprecated: Option<String>,
    pub old_names: Vec<String>,
    pub min: Option<Expr>,
    pub max: Option<Expr>,
    pub flatten: bool,
}

impl Attributes {
    /// Reads the attributes, or says which word is unknown.
    pub fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut read = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("doc") {
                read.add_doc(&attribute.meta);
            } else if attribute.path().is_ident("param") {
                attribute.parse_nested_meta(|meta| read.add_word(&meta))?;
            }
        }
        Ok(read)
    }

    fn add_doc(&mut self, meta: &Meta) {
        let Meta::NameValue(pair) = meta else { return };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return };
        if !self.doc.is_empty() {
            self.doc.push('\n');
        }
        self.doc.push_str(text.value().trim());
    }

    fn add_word(&mut self, meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("secret") {
            self.secret = true;
        } else if meta.path.is_ident("refused") {
            self.refused = Some(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.path.is_ident("deprecated") {
            self.deprecated = Some(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.path.is_ident("old_name") {
            let name = meta.value()?.parse::<LitStr>()?.value();
            self.aliases.push(name.clone());
            self.old_names.push(name);
        } else if meta.path.is_ident("min") {
            self.min = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("max") {
            self.max = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("flatten") {
            self.flatten = true;
        } else if meta.path.is_ident("name") {
            self.name = Some(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.path.is_ident("alias") {
            self.aliases.push(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.path.is_ident("default") {
            self.default = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("choices") {
            let content;
            syn::parenthesized!(content in meta.input);
            let words = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
            self.choices.extend(words.iter().map(LitStr::value));
        } else {
            return Err(meta.error(
                "unknown word; there are: name, alias, old_name, default, choices, min, max, secret, deprecated, \
                 refused, flatten",
            ));
        }
        Ok(())
    }
}
