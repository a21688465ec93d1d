use granit_parser::Tag as RawTag;

const STANDARD: &str = "tag:yaml.org,2002:";

/// The tags that a text may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// No tag, or `!`, which Ansible reads as none.
    Resolve,
    Unsafe,
    Vault,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Seq,
    Map,
    Timestamp,
}

/// Returns what a tag means, or the tag as it was written when it means nothing here.
pub(super) fn meaning(tag: Option<&RawTag>) -> Result<Meaning, String> {
    let Some(tag) = tag else { return Ok(Meaning::Resolve) };
    let full = format!("{}{}", tag.handle(), tag.suffix());
    if let Some(name) = full.strip_prefix(STANDARD) {
        return standard(name).ok_or_else(|| tag.original());
    }
    match full.as_str() {
        "!" => Ok(Meaning::Resolve),
        "!unsafe" => Ok(Meaning::Unsafe),
        "!vault" | "!vault-encrypted" => Ok(Meaning::Vault),
        _ => Err(tag.original()),
    }
}

fn standard(name: &str) -> Option<Meaning> {
    Some(match name {
        "str" => Meaning::Str,
        "int" => Meaning::Int,
        "float" => Meaning::Float,
        "bool" => Meaning::Bool,
        "null" => Meaning::Null,
        "seq" => Meaning::Seq,
        "map" => Meaning::Map,
        "timestamp" => Meaning::Timestamp,
        _ => return None,
    })
}

/// Returns what to do instead of a tag that is not supported.
pub(super) fn remedy(tag: &str) -> &'static str {
    match tag {
        "!!binary" => "write the text in quotes and use the filter `b64decode`",
        "!!set" => "write a list and use the filter `unique`",
        "!!omap" | "!!pairs" => "write a mapping: its order is kept",
        _ => {
            "known tags: !vault, !unsafe, !!str, !!int, !!float, !!bool, !!null, !!seq, !!map; \
              quote the value if the `!` is part of it"
        }
    }
}
