//! The databases of users and groups, as `getent` prints them.

use switchover_sdk::prelude::*;

/// A line of `passwd`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passwd {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    pub comment: String,
    pub home: String,
    pub shell: String,
}

/// A line of `group`, without its members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupEntry {
    pub name: String,
    pub gid: u32,
}

impl Passwd {
    /// Reads a line; `None` when it is none.
    pub fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, comment, home, shell] = fields.as_slice() else { return None };
        Some(Self {
            name: (*name).to_owned(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            comment: (*comment).to_owned(),
            home: (*home).to_owned(),
            shell: shell.trim_end().to_owned(),
        })
    }
}

impl GroupEntry {
    /// Reads a line; `None` when it is none.
    pub fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, ..] = fields.as_slice() else { return None };
        Some(Self { name: (*name).to_owned(), gid: gid.parse().ok()? })
    }

    /// Returns whether a playbook means this group: by its name or its number.
    pub fn is(&self, word: &str) -> bool {
        self.name == word || self.gid.to_string() == word
    }
}

/// Refuses a name that no database of users can hold, or that a tool would read as an option.
pub fn refuse_bad_name(name: &str) -> Result<(), Failure> {
    let bad = name.is_empty() || name.starts_with('-') || name.contains([':', '\n', '\0', ',']);
    if bad {
        Err(Failure::arguments(format!("name {name:?} cannot be the name of an account")))
    } else {
        Ok(())
    }
}

/// Returns the failure of a tool that is not on the host.
pub fn missing_tool(tool: &str) -> Failure {
    Failure::new(format!("Failed to find required executable \"{tool}\""))
        .remedy(format!("install the package that brings `{tool}` on the host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_both_databases() {
        let user = Passwd::read("u:x:7:8:A b,,:/home/u:/bin/sh\n").unwrap();
        assert_eq!((user.uid, user.gid, &*user.comment, &*user.shell), (7, 8, "A b,,", "/bin/sh"));
        assert_eq!(Passwd::read("nonsense"), None);
        assert!(GroupEntry::read("g:x:7:a,b").unwrap().is("7"));
    }

    #[test]
    fn refuses_names_that_tools_would_misread() {
        for name in ["", "-x", "a:b", "a\nb"] {
            assert!(refuse_bad_name(name).is_err());
        }
        assert!(refuse_bad_name("swtest bad").is_ok());
    }
}
