use switchover_protocol::Attributes;
use switchover_sdk_derive::Params;

use crate::Mode;

/// Arguments that every module has which makes a file; `#[param(flatten)]` puts them among the module's own.
#[derive(Clone, Debug, Default, Params)]
pub struct FileAttributes {
    /// Permission bits: octal digits in quotes, or chmod's symbolic form.
    pub mode: Option<Mode>,
    /// Who owns it: name or number.
    pub owner: Option<String>,
    /// Its group: name or number.
    pub group: Option<String>,
    /// Flags of chattr: `+i` adds, `-i` takes away, `i` or `=i` sets.
    #[param(name = "attributes", alias = "attr")]
    pub flags: Option<String>,
    /// User of the SELinux context; `_default` is what the policy says. Without SELinux it has no effect.
    pub seuser: Option<String>,
    /// Role of the SELinux context.
    pub serole: Option<String>,
    /// Type of the SELinux context.
    pub setype: Option<String>,
    /// Level of the SELinux context.
    pub selevel: Option<String>,
    /// Writes into the file itself where it cannot be replaced, such as one that is mounted into a container.
    #[param(default = false)]
    pub unsafe_writes: bool,
}

impl FileAttributes {
    /// Returns mode, owner and group as they were written; an empty mode is none. Contexts and flags need no work of a
    /// module: they are set after it.
    pub fn wanted(&self) -> Attributes {
        let mode = self.mode.as_ref().map(|mode| mode.0.clone()).filter(|mode| !mode.is_empty());
        Attributes {
            mode,
            owner: self.owner.clone(),
            group: self.group.clone(),
            in_place: self.unsafe_writes,
        }
    }
}
