/// How strictly sources are read, and which.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A source that cannot be read is a warning, as in Ansible; otherwise an error.
    pub tolerant: bool,
    /// With `tolerant`: one such source is an error all the same.
    pub any_unparsed_fails: bool,
    /// With `tolerant`: it is an error when no source could be read.
    pub unparsed_fails: bool,
    /// With `tolerant`: it is worth a warning when no source could be read.
    pub warns: bool,
    /// The kinds of sources that are read, by the names of Ansible's plugins.
    pub enabled: Vec<String>,
    /// What becomes of groups whose names no template can use.
    pub group_names: GroupNames,
    /// Ends of names that are passed over in folders.
    pub ignored_ends: Vec<String>,
    /// Regular expressions of names that are passed over in folders.
    pub ignored_names: Vec<fancy_regex::Regex>,
}

/// What becomes of names of groups that no template can use (`force_valid_group_names`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupNames {
    /// They stay, with a warning.
    #[default]
    Warn,
    /// They stay.
    Keep,
    /// Odd characters become underscores, with a warning.
    Change,
    /// Odd characters become underscores.
    ChangeSilently,
}

/// What Ansible passes over by default.
const IGNORED: [&str; 12] =
    ["~", ".bak", ".cfg", ".md", ".orig", ".pyc", ".pyo", ".retry", ".rpm", ".rst", ".swp", ".txt"];

const ENABLED: [&str; 6] = ["host_list", "script", "auto", "yaml", "ini", "toml"];

impl Default for Rules {
    fn default() -> Self {
        Self {
            tolerant: false,
            any_unparsed_fails: false,
            unparsed_fails: false,
            warns: true,
            enabled: ENABLED.map(str::to_owned).to_vec(),
            group_names: GroupNames::default(),
            ignored_ends: IGNORED.map(str::to_owned).to_vec(),
            ignored_names: Vec::new(),
        }
    }
}

impl Rules {
    /// Returns whether sources of a kind are read.
    pub(crate) fn enables(&self, kind: &str) -> bool {
        let short = |name: &str| name.strip_prefix("ansible.builtin.").unwrap_or(name).to_owned();
        self.enabled.iter().any(|name| short(name) == short(kind))
    }

    /// Returns whether a name in a folder is passed over.
    pub(crate) fn ignores(&self, name: &str) -> bool {
        let matches = |pattern: &fancy_regex::Regex| pattern.is_match(name).unwrap_or(false);
        name.starts_with('.')
            || self.ignored_ends.iter().any(|end| name.ends_with(end))
            || self.ignored_names.iter().any(matches)
    }
}
