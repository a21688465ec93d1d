use switchover_sdk::prelude::*;

/// What a role may, and the column of `pg_roles` that says so.
const FLAGS: [(&str, &str); 7] = [
    ("SUPERUSER", "rolsuper"),
    ("CREATEROLE", "rolcreaterole"),
    ("CREATEDB", "rolcreatedb"),
    ("INHERIT", "rolinherit"),
    ("LOGIN", "rolcanlogin"),
    ("REPLICATION", "rolreplication"),
    ("BYPASSRLS", "rolbypassrls"),
];

/// The flags of a role that a task wants, on or off.
#[derive(Debug, PartialEq, Eq)]
pub struct Flags(Vec<(&'static str, &'static str, bool)>);

impl Flags {
    /// Reads `CREATEDB,NOSUPERUSER`.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let words = text.split(',').map(|word| word.trim().to_uppercase()).filter(|word| !word.is_empty());
        let find = |word: String| {
            let of = |name: &str| FLAGS.iter().find(|(flag, _)| *flag == name);
            let found = of(&word).map(|flag| (flag, true));
            let found = found.or_else(|| of(word.strip_prefix("NO")?).map(|flag| (flag, false)));
            found.map(|(flag, on)| (flag.0, flag.1, on)).ok_or(word)
        };
        let read: Result<Vec<_>, String> = words.map(find).collect();
        read.map(Self)
            .map_err(|word| Failure::arguments(format!("Invalid role_attr_flags specified: {word}")))
    }

    /// Returns the words that would change a role (a row of `pg_roles`); all of them for a new one.
    pub fn differing(&self, role: Option<&Value>) -> Vec<String> {
        let differs = |column: &str, on: bool| role.is_none_or(|role| role[column] != json!(on));
        let word = |name: &str, on: bool| if on { name.to_owned() } else { format!("NO{name}") };
        self.0
            .iter()
            .filter(|(_, column, on)| differs(column, *on))
            .map(|(name, _, on)| word(name, *on))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written() {
        let flags = Flags::read("createdb, NOSUPERUSER,NOLOGIN").unwrap();
        let role = json!({ "rolcreatedb": true, "rolsuper": false, "rolcanlogin": true });
        assert_eq!(flags.differing(Some(&role)), ["NOLOGIN"]);
        assert_eq!(flags.differing(None), ["CREATEDB", "NOSUPERUSER", "NOLOGIN"]);
        assert!(Flags::read("CREATEDBS; DROP").is_err());
    }
}
