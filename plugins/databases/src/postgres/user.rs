use switchover_sdk::prelude::*;

use super::flags::Flags;
use super::login::Login;
use super::password;
use super::psql::{MARK, Statement, shown};
use crate::sql::Dialect::Postgres;

#[derive(Params)]
pub struct UserParams {
    /// The role.
    #[param(alias = "user")]
    pub name: String,
    /// Whether it is there.
    #[param(default = "present")]
    pub state: super::ext::State,
    /// Its password, in clear or as the server's hash; empty to remove it.
    #[param(secret)]
    pub password: Option<Secret>,
    /// Leaves the password of a role that is there alone.
    #[param(default = false)]
    pub no_password_changes: bool,
    /// Stores the password as a hash. Servers since PostgreSQL 10 always do.
    #[param(default = true, refused = "no server since PostgreSQL 10 stores a password in clear")]
    pub encrypted: bool,
    /// When the password ends: a time as the server reads it, or `infinity`.
    pub expires: Option<String>,
    /// What the role may, as `CREATEDB,NOSUPERUSER`.
    #[param(default = "")]
    pub role_attr_flags: String,
    /// How many sessions it may have at once.
    pub conn_limit: Option<i64>,
    /// Settings of its sessions.
    #[param(default = {})]
    pub configuration: Map,
    /// Takes away the settings that `configuration` does not name.
    #[param(default = false)]
    pub reset_unspecified_configuration: bool,
    /// Quotes the values of settings; `false` for lists such as `search_path`, which are SQL then.
    #[param(default = true)]
    pub quote_configuration_values: bool,
    /// A comment on it; empty to remove it.
    pub comment: Option<String>,
    /// Fails when the role cannot be removed, because something depends on it.
    #[param(default = true, alias = "fail_on_role")]
    pub fail_on_user: bool,
    /// The database to log in to; `postgres` without it.
    #[param(default = "", alias = "db")]
    pub login_db: String,
    #[param(flatten)]
    pub login: Login,
}

pub struct User;

impl Module for User {
    type Params = UserParams;
    const SPEC: Spec = Spec {
        name: "community.postgresql.postgresql_user",
        aliases: &["postgresql_user", "community.general.postgresql_user"],
        summary: "Keeps a role of PostgreSQL, its password and what it may.",
        examples: &[
            (
                "A user",
                "postgresql_user: { name: shop, password: '{{ shop_password }}', role_attr_flags: NOSUPERUSER }",
            ),
            (
                "Settings of its own",
                "community.postgresql.postgresql_user: { name: shop, configuration: { work_mem: 16MB } }",
            ),
        ],
        returns: &[
            ("user", "the role"),
            ("queries", "the statements that were run; a password stands as `%(password)s`"),
            ("user_removed", "whether the role is gone, for `state: absent`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UserParams, host: &Host) -> Result<Delta, Failure> {
        let flags = Flags::read(&params.role_attr_flags)?;
        let found = params.look(host)?;
        let statements = params.plan(&flags, &found);
        let result = json!({ "user": params.name, "queries": shown(&statements) });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let before = found["role"].clone();
        Ok(Delta::change(&params.name, before, shown(&statements)).with_result(result).with_state(found))
    }

    fn apply(params: &UserParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let statements = params.plan(&Flags::read(&params.role_attr_flags)?, delta.state());
        let done = params.login.run(params.database(), &statements, host);
        let mut result = json!({ "user": params.name, "queries": shown(&statements) });
        if params.state == super::ext::State::Absent {
            if params.fail_on_user {
                done.as_ref().map_err(Clone::clone)?;
            }
            result["user_removed"] = json!(done.is_ok());
            if done.is_err() {
                return Ok(Outcome::unchanged(result));
            }
        } else {
            done?;
        }
        Ok(Outcome::changed(result))
    }
}

impl UserParams {
    fn database(&self) -> &str {
        if self.login_db.is_empty() { "postgres" } else { &self.login_db }
    }

    /// Looks at the role: its row, its settings, whether its password and its end are as they should be.
    fn look(&self, host: &Host) -> Result<Value, Failure> {
        let name = Postgres.literal(&self.name);
        let expires = match &self.expires {
            Some(expires) => {
                format!("r.rolvaliduntil IS NOT DISTINCT FROM {}::timestamptz", Postgres.literal(expires))
            }
            None => "true".to_owned(),
        };
        // Managed servers hide pg_authid.
        let text = format!(
            "SELECT json_build_object('role', to_jsonb(r) - 'rolpassword' - 'oid' || \
             jsonb_build_object('comment', shobj_description(r.oid, 'pg_authid')), 'expires', {expires}, \
             'settings', (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0)) \
             FROM pg_roles r WHERE rolname = {name};\n\\echo '\\036'\n\
             SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS readable \\gset\n\\if :readable\n\
             SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = {name};\n\\echo '\\036'\n\\endif\n"
        );
        let said = self.login.psql(self.database(), &text, true, host)?;
        let mut sections = said.split(MARK).map(str::trim);
        let mut found = match sections.next() {
            None | Some("") => return Ok(json!({ "role": null })),
            Some(text) => super::psql::json(text)?,
        };
        let stored = sections.next().filter(|_| said.matches(MARK).count() > 1);
        found["same_password"] = json!(self.has_password(stored));
        Ok(found)
    }

    fn has_password(&self, stored: Option<&str>) -> bool {
        match (&self.password, stored) {
            (None, _) => true,
            (Some(_), _) if self.no_password_changes => true,
            (Some(_), None) => false,
            (Some(wanted), Some(stored)) => password::is_same(stored, wanted.expose(), &self.name),
        }
    }

    fn plan(&self, flags: &Flags, found: &Value) -> Vec<Statement> {
        let name = Postgres.identifier(&self.name);
        let role = &found["role"];
        if self.state == super::ext::State::Absent {
            let drop = Statement::new(format!("DROP USER {name}"));
            return if role.is_null() { Vec::new() } else { vec![drop] };
        }
        let new = role.is_null();
        let options = self.options(flags, found, new);
        let mut statements = Vec::new();
        if new || !options.is_empty() {
            let (verb, with) =
                (if new { "CREATE" } else { "ALTER" }, if options.is_empty() { "" } else { " WITH " });
            let sql: Vec<&str> = options.iter().map(|option| option.sql.as_str()).collect();
            let shown: Vec<&str> = options.iter().map(|option| option.shown.as_str()).collect();
            statements.push(Statement {
                sql: format!("{verb} USER {name}{with}{}", sql.join(" ")),
                shown: format!("{verb} USER {name}{with}{}", shown.join(" ")),
            });
        }
        let is = role["comment"].as_str().unwrap_or_default();
        if let Some(comment) = self.comment.as_deref().filter(|comment| *comment != is) {
            statements
                .push(Statement::new(format!("COMMENT ON ROLE {name} IS {}", Postgres.literal(comment))));
        }
        statements.extend(self.settings(&name, found));
        statements
    }

    /// Returns the words after `WITH` that would change something.
    fn options(&self, flags: &Flags, found: &Value, new: bool) -> Vec<Statement> {
        let mut options = Vec::new();
        if let Some(password) = self.password.as_ref().filter(|_| new || found["same_password"] == false) {
            options.push(match password.expose() {
                "" => Statement::new("PASSWORD NULL"),
                text => Statement {
                    sql: format!("ENCRYPTED PASSWORD {}", Postgres.literal(text)),
                    shown: "ENCRYPTED PASSWORD %(password)s".to_owned(),
                },
            });
        }
        if let Some(expires) = self.expires.as_ref().filter(|_| new || found["expires"] == false) {
            options.push(Statement::new(format!("VALID UNTIL {}", Postgres.literal(expires))));
        }
        let role = if new { None } else { Some(&found["role"]) };
        options.extend(flags.differing(role).into_iter().map(Statement::new));
        if let Some(limit) = self.conn_limit.filter(|limit| found["role"]["rolconnlimit"] != json!(limit)) {
            options.push(Statement::new(format!("CONNECTION LIMIT {limit}")));
        }
        options
    }

    /// Returns the statements that make the settings of the role what they should be.
    fn settings(&self, name: &str, found: &Value) -> Vec<Statement> {
        let lines = found["settings"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let now: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('=')).collect();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut statements = Vec::new();
        for (key, value) in &self.configuration {
            let value = text(value);
            let plain = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap_or(&value);
            if now.iter().any(|(known, is)| known == key && (*is == value || *is == plain)) {
                continue;
            }
            let value = if self.quote_configuration_values { Postgres.literal(&value) } else { value };
            statements.push(Statement::new(format!(
                "ALTER ROLE {name} SET {} TO {value}",
                Postgres.identifier(key)
            )));
        }
        let others = now.iter().filter(|(key, _)| !self.configuration.contains_key(*key));
        if self.reset_unspecified_configuration {
            let reset =
                |key: &str| Statement::new(format!("ALTER ROLE {name} RESET {}", Postgres.identifier(key)));
            statements.extend(others.map(|(key, _)| reset(key)));
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<User>(env!("CARGO_MANIFEST_DIR"));
        examples::<User>();
    }
}
