mod grant;

use switchover_sdk::prelude::*;

use super::ext::State;
use super::login::Login;
use super::psql::{Statement, shown};
use crate::sql::Dialect::Postgres;
use grant::Kind;

#[derive(Params)]
pub struct PrivsParams {
    /// The database to log in to.
    #[param(alias = "db", alias = "database")]
    pub login_db: String,
    /// Whether the roles have the privileges.
    #[param(default = "present")]
    pub state: State,
    /// The privileges, parted by commas; not for `type: group`.
    #[param(alias = "priv")]
    pub privs: Option<String>,
    /// What they are for.
    #[param(default = "table", name = "type")]
    pub kind: Kind,
    /// The objects, parted by commas; `ALL_IN_SCHEMA`, or `ALL_DEFAULT` of `default_privs`. For `group`, the groups.
    #[param(alias = "obj")]
    pub objs: Option<String>,
    /// The schema of the objects; `public` where objects have one. `not-specified` with `default_privs` means all schemas.
    pub schema: Option<String>,
    /// Who has them, parted by commas.
    #[param(alias = "role")]
    pub roles: String,
    /// Whose future objects `default_privs` is about, parted by commas.
    pub target_roles: Option<String>,
    /// Whether the roles may pass them on.
    #[param(alias = "admin_option")]
    pub grant_option: Option<bool>,
    /// Whether a role that is not there is a failure; else it is left out with a warning.
    #[param(default = true)]
    pub fail_on_role: bool,
    #[param(flatten)]
    pub login: Login,
}

pub struct Privs;

impl Module for Privs {
    type Params = PrivsParams;
    const SPEC: Spec = Spec {
        name: "community.postgresql.postgresql_privs",
        aliases: &["postgresql_privs", "community.general.postgresql_privs"],
        summary: "Keeps what roles of PostgreSQL may do with its objects, and their groups.",
        description: "What would change is found by doing it in a transaction that is rolled back.",
        examples: &[
            (
                "Read and write",
                "postgresql_privs: { login_db: shop, privs: 'SELECT,INSERT', objs: 'orders,items', roles: shop }",
            ),
            (
                "All tables",
                "community.postgresql.postgresql_privs: { login_db: shop, privs: SELECT, objs: ALL_IN_SCHEMA, roles: report }",
            ),
            (
                "A member of a group",
                "postgresql_privs: { login_db: postgres, type: group, objs: staff, roles: 'joe,ann' }",
            ),
            (
                "Tables of the future",
                "postgresql_privs: { login_db: shop, type: default_privs, objs: TABLES, privs: SELECT, roles: report, target_roles: shop }",
            ),
        ],
        returns: &[("queries", "the statements")],
        ..Spec::DEFAULT
    };

    fn check(params: &PrivsParams, host: &Host) -> Result<Delta, Failure> {
        let roles = params.present_roles(host)?;
        let statements = if roles.is_empty() { Vec::new() } else { params.statements(&roles)? };
        let result = json!({ "queries": shown(&statements) });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let look = format!("{};\n", params.kind.fingerprint());
        let text: Vec<String> = statements.iter().map(|statement| format!("{};\n", statement.sql)).collect();
        let trial = format!("BEGIN;\n{look}{}{look}ROLLBACK;\n", text.concat());
        let said = params.login.psql(&params.login_db, &trial, true, host)?;
        let prints: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
        match prints[..] {
            [before, after] if before == after => Ok(Delta::none_with(result)),
            [_, _] => {
                let texts: Vec<&String> = statements.iter().map(|statement| &statement.sql).collect();
                Ok(Delta::change(&params.roles, Value::Null, shown(&statements))
                    .with_result(result)
                    .with_state(json!(texts)))
            }
            _ => Err(Failure::new(format!("the server did not tell what would change: {}", said.trim()))),
        }
    }

    fn apply(params: &PrivsParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let texts: Vec<String> = switchover_sdk::from_value(state.clone()).unwrap_or_default();
        let all =
            format!("BEGIN;\n{}COMMIT", texts.iter().map(|sql| format!("{sql};\n")).collect::<String>());
        params.login.run(&params.login_db, &[Statement::new(all)], host)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

impl PrivsParams {
    /// Returns the roles that get or lose privileges; those that are not there only when that is a failure.
    fn present_roles(&self, host: &Host) -> Result<Vec<String>, Failure> {
        let roles = words(&self.roles);
        if self.fail_on_role {
            return Ok(roles);
        }
        let said = self.login.psql(&self.login_db, "SELECT rolname FROM pg_roles;", true, host)?;
        let there: Vec<&str> = said.lines().collect();
        let (kept, gone): (Vec<String>, Vec<String>) =
            roles.into_iter().partition(|role| grant::is_word(role) || there.contains(&role.as_str()));
        for role in gone {
            host.log(switchover_sdk::Level::Warning, format!("Role '{role}' does not exist, pass"))?;
        }
        Ok(kept)
    }

    fn statements(&self, roles: &[String]) -> Result<Vec<Statement>, Failure> {
        let roles: Vec<String> = roles.iter().map(|role| grant::role(role)).collect();
        let roles = roles.join(",");
        let group = self.kind == Kind::Group;
        let whats = self.kind.objects(self)?;
        let option = if group { "ADMIN OPTION" } else { "GRANT OPTION" };
        let mut statements = Vec::new();
        for grant::Object { before, what } in &whats {
            let mut add = |sql: String| statements.push(Statement::new(format!("{before}{sql}")));
            match self.state {
                State::Present => {
                    let with = if self.grant_option == Some(true) {
                        format!(" WITH {option}")
                    } else {
                        String::new()
                    };
                    add(format!("GRANT {what} TO {roles}{with}"));
                    if self.grant_option == Some(false) {
                        add(format!("REVOKE {option} FOR {what} FROM {roles}"));
                    }
                }
                State::Absent => add(format!("REVOKE {what} FROM {roles}")),
            }
        }
        Ok(statements)
    }
}

/// Splits at commas.
fn words(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn identifiers(names: &[String]) -> String {
    names.iter().map(|name| Postgres.identifier(name)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Privs>(env!("CARGO_MANIFEST_DIR"));
        examples::<Privs>();
    }
}
