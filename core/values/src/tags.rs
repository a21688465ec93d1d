use minijinja::Value;

use crate::vaulted::Vaulted;

/// What Ansible would know of a value beside the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The author wrote it, so it may be a template.
    TrustedAsTemplate,
    /// It was encrypted in the author's file.
    VaultedValue,
}

/// Tags of Ansible that no value has here.
pub const NEVER_HERE: [&str; 4] = ["Origin", "Deprecated", "NotATemplate", "SourceWasEncrypted"];

impl Tag {
    /// All tags.
    pub const ALL: [Self; 2] = [Self::TrustedAsTemplate, Self::VaultedValue];

    /// Returns Ansible's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrustedAsTemplate => "TrustedAsTemplate",
            Self::VaultedValue => "VaultedValue",
        }
    }
}

/// Returns the tags of a value.
pub fn of(value: &Value) -> Vec<Tag> {
    match value {
        value if value.is_safe() => vec![Tag::TrustedAsTemplate],
        value if Vaulted::of(value).is_some() => vec![Tag::VaultedValue],
        _ => Vec::new(),
    }
}
