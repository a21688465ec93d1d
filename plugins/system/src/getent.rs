use switchover_sdk::prelude::*;

#[derive(Params)]
pub struct GetentParams {
    /// The database: `passwd`, `group`, `hosts`, `services`...
    pub database: String,
    /// The entry; all entries without it.
    pub key: Option<String>,
    /// The service that is asked, such as `files` or `ldap`.
    pub service: Option<String>,
    /// What parts the fields of an entry.
    pub split: Option<String>,
    /// Fails when the entry is not there.
    #[param(default = true)]
    pub fail_key: bool,
}

pub struct Getent;

impl Module for Getent {
    type Params = GetentParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.getent",
        aliases: &["getent"],
        summary: "Reads users, groups, hosts and the like into facts.",
        effect: Spec::READS,
        examples: &[("A user", "getent: { database: passwd, key: root }")],
        returns: &[("ansible_facts", "`getent_DATABASE`: the fields by entry")],
        ..Spec::DEFAULT
    };

    fn check(_: &GetentParams, _: &Host) -> Result<Delta, Failure> {
        Ok(Delta::unknown())
    }

    fn apply(params: &GetentParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let mut command = Command::new(["getent", &params.database]).reads();
        if let Some(key) = &params.key {
            command = command.arg(key);
        }
        if let Some(service) = &params.service {
            command = command.arg("-s").arg(service);
        }
        let output = host.exec(&command)?;
        let found = match (output.rc, params.fail_key) {
            (0, _) => params.entries(&output.stdout.to_text()),
            (1, _) => return Err(Failure::new("Missing arguments, or database unknown.")),
            (2, true) => {
                return Err(Failure::new("One or more supplied key could not be found in the database."));
            }
            (2, false) => Map::from_iter([(params.key.clone().unwrap_or_default(), Value::Null)]),
            (3, _) => return Err(Failure::new("Enumeration not supported on this database.")),
            _ => return Err(command.failure(&output)),
        };
        let facts = Map::from_iter([(format!("getent_{}", params.database), Value::Object(found))]);
        let msg = json!({ "msg": "One or more supplied key could not be found in the database." });
        let outcome = Outcome::unchanged(if output.rc == 2 { msg } else { json!({}) });
        Ok(Outcome { facts, ..outcome })
    }
}

impl GetentParams {
    fn entries(&self, said: &str) -> Map {
        let colon = matches!(self.database.as_str(), "passwd" | "shadow" | "group" | "gshadow");
        let split = self.split.as_deref().or(colon.then_some(":"));
        let mut found = Map::new();
        for line in said.lines() {
            let fields: Vec<&str> = match split {
                Some(split) => line.split(split).collect(),
                None => line.split_whitespace().collect(),
            };
            let Some((key, rest)) = fields.split_first() else { continue };
            add(&mut found, key, json!(rest));
        }
        found
    }
}

/// An entry that comes twice becomes a list of both.
fn add(found: &mut Map, key: &str, fields: Value) {
    match found.get_mut(key) {
        None => drop(found.insert(key.to_owned(), fields)),
        Some(Value::Array(known)) if known.first().is_some_and(Value::is_array) => known.push(fields),
        Some(known) => *known = json!([known.clone(), fields]),
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{FakeHost, examples};

    use super::*;

    #[test]
    fn makes_facts_of_entries() {
        let host = FakeHost::new().command("getent passwd root", 0, "root:x:0:0:root:/root:/bin/bash\n");
        let outcome = host.run::<Getent>(json!({ "database": "passwd", "key": "root" })).unwrap();
        assert_eq!(
            outcome.facts["getent_passwd"]["root"],
            json!(["x", "0", "0", "root", "/root", "/bin/bash"])
        );
        examples::<Getent>();
    }

    #[test]
    fn a_missing_entry_fails_unless_told_otherwise() {
        let host = FakeHost::new().command("getent passwd x", 2, "");
        let failure = host.run::<Getent>(json!({ "database": "passwd", "key": "x" })).unwrap_err();
        assert_eq!(failure.msg, "One or more supplied key could not be found in the database.");
        let outcome =
            host.run::<Getent>(json!({ "database": "passwd", "key": "x", "fail_key": false })).unwrap();
        assert_eq!(outcome.facts["getent_passwd"], json!({ "x": null }));
    }
}
