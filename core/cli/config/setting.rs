/// One setting of Ansible's configuration, and what it does here.
pub struct Setting {
    /// Ansible's own name for it, as in `ansible-config list`.
    pub name: &'static str,
    /// The sections and keys of `ansible.cfg`; the first that is set counts.
    pub keys: &'static [(&'static str, &'static str)],
    /// The environment variables, which win over the file; the first that is set counts.
    pub env: &'static [&'static str],
    pub kind: Kind,
    /// What holds when nobody says anything; empty where that is nothing.
    pub default: &'static str,
    pub here: Here,
}

/// The forms of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    Number,
    /// A path; a relative one of a file is beside that file.
    Path,
    /// Paths with colons between them.
    Paths,
    /// Paths or names with commas between them.
    Sources,
    /// Words with commas between them.
    Words,
    Choice(&'static [&'static str]),
}

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// It does what it does in Ansible.
    Used,
    /// It is not followed: where it asks for anything but its default it is named once, with this reason.
    Ignored(&'static str),
    /// There is nothing here that it could change; the reason says why. Nobody needs to hear of it.
    Moot(&'static str),
}
