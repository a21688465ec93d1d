use switchover_sdk::prelude::*;

use super::login::Login;
use super::psql::{Statement, shown};
use crate::sql::Dialect::Postgres;

#[derive(Params)]
pub struct ExtParams {
    /// The extension.
    #[param(alias = "ext")]
    pub name: String,
    /// The database that has it.
    #[param(alias = "db")]
    pub login_db: String,
    /// Whether the database has it.
    #[param(default = "present")]
    pub state: State,
    /// The schema that it goes to when it is made.
    pub schema: Option<String>,
    /// Its version; `latest` for the newest that the server has.
    pub version: Option<String>,
    /// Adds what it needs, or removes what needs it, too.
    #[param(default = false)]
    pub cascade: bool,
    /// A comment on it; empty to remove it.
    pub comment: Option<String>,
    #[param(flatten)]
    pub login: Login,
}

/// Whether something is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct Ext;

impl Module for Ext {
    type Params = ExtParams;
    const SPEC: Spec = Spec {
        name: "community.postgresql.postgresql_ext",
        aliases: &["postgresql_ext", "community.general.postgresql_ext"],
        summary: "Keeps an extension in a database of PostgreSQL.",
        examples: &[
            ("One", "postgresql_ext: { name: hstore, login_db: shop }"),
            (
                "The newest",
                "community.postgresql.postgresql_ext: { name: postgis, login_db: geo, version: latest }",
            ),
        ],
        returns: &[
            ("ext", "the extension"),
            ("db", "the database"),
            ("queries", "the statements that were run"),
            ("prev_version", "the version before; empty when it was not there"),
            ("version", "the version now"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &ExtParams, host: &Host) -> Result<Delta, Failure> {
        let found = params.login.read(&params.login_db, &params.query(), host)?;
        let statements = params.plan(&found)?;
        let before = found["installed"].as_str().unwrap_or_default();
        let after = params.after(&found);
        let result = json!({
            "ext": params.name, "db": params.login_db, "queries": shown(&statements),
            "prev_version": before, "version": after,
        });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let line = |version: &str, comment: &Value| json!({ "version": version, "comment": comment });
        let comment = params.comment.as_ref().map_or(found["comment"].clone(), |comment| json!(comment));
        let change = Delta::change(&params.name, line(before, &found["comment"]), line(after, &comment));
        Ok(change.with_result(result).with_state(found))
    }

    fn apply(params: &ExtParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        params.login.run(&params.login_db, &params.plan(delta.state())?, host)?;
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl ExtParams {
    /// Returns the query for all that is to know of the extension.
    fn query(&self) -> String {
        let name = Postgres.literal(&self.name);
        let wanted = match self.version.as_deref() {
            None | Some("latest") => "a.default_version".to_owned(),
            Some(version) => Postgres.literal(version),
        };
        format!(
            "SELECT json_build_object('default', a.default_version, 'installed', a.installed_version, \
             'comment', (SELECT obj_description(e.oid, 'pg_extension') FROM pg_extension e WHERE extname = {name}), \
             'known', EXISTS (SELECT FROM pg_available_extension_versions v WHERE v.name = {name} AND v.version = {wanted}), \
             'reachable', EXISTS (SELECT FROM pg_extension_update_paths({name}) p \
             WHERE p.source = a.installed_version AND p.target = {wanted} AND p.path IS NOT NULL)) \
             FROM pg_available_extensions a WHERE a.name = {name}"
        )
    }

    fn plan(&self, found: &Value) -> Result<Vec<Statement>, Failure> {
        let name = Postgres.identifier(&self.name);
        let cascade = if self.cascade { " CASCADE" } else { "" };
        let installed = found["installed"].as_str();
        if self.state == State::Absent {
            let drop = Statement::new(format!("DROP EXTENSION {name}{cascade}"));
            return Ok(installed.map(|_| drop).into_iter().collect());
        }
        let mut statements = Vec::new();
        match (installed, self.version.as_deref()) {
            _ if found.is_null() => {
                return Err(Failure::new(format!("Extension {} is not available", self.name))
                    .remedy("install the package of the server that has it"));
            }
            (None, version) => {
                let version = version.filter(|version| *version != "latest");
                if version.is_some() && found["known"] == false {
                    return Err(self.no_version(version.unwrap_or_default()));
                }
                let schema = self
                    .schema
                    .as_ref()
                    .map(|schema| format!(" WITH SCHEMA {}", Postgres.identifier(schema)));
                let version = version.map(|version| format!(" VERSION {}", Postgres.literal(version)));
                let (schema, version) = (schema.unwrap_or_default(), version.unwrap_or_default());
                statements.push(Statement::new(format!("CREATE EXTENSION {name}{schema}{version}{cascade}")));
            }
            (Some(_), None) => {}
            (Some(now), Some(wanted)) => {
                let newest = found["default"].as_str().unwrap_or_default();
                let wanted = if wanted == "latest" { newest } else { wanted };
                if now != wanted && found["reachable"] == false {
                    return Err(self.no_version(wanted));
                }
                if now != wanted {
                    let version = Postgres.literal(wanted);
                    statements.push(Statement::new(format!("ALTER EXTENSION {name} UPDATE TO {version}")));
                }
            }
        }
        if let Some(comment) =
            self.comment.as_deref().filter(|c| *c != found["comment"].as_str().unwrap_or_default())
        {
            let comment = Postgres.literal(comment);
            statements.push(Statement::new(format!("COMMENT ON EXTENSION {name} IS {comment}")));
        }
        Ok(statements)
    }

    /// Returns the version that there is when all is done.
    fn after<'a>(&'a self, found: &'a Value) -> &'a str {
        let newest = found["default"].as_str().unwrap_or_default();
        match (self.state, self.version.as_deref()) {
            (State::Absent, _) => "",
            (_, Some("latest")) => newest,
            (_, Some(version)) => version,
            (_, None) => found["installed"].as_str().unwrap_or(newest),
        }
    }

    fn no_version(&self, version: &str) -> Failure {
        Failure::new(format!("Extension {} has no version {version}, or no way to update to it", self.name))
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Ext>(env!("CARGO_MANIFEST_DIR"));
        examples::<Ext>();
    }
}
