use sha1::{Digest as _, Sha1};
use switchover_sdk::prelude::*;

use super::login::Login;
use super::privileges::Privileges;
use super::session::Session;
use crate::sql::Dialect::Mysql;

#[derive(Params)]
pub struct UserParams {
    /// The user; empty for those without a name.
    #[param(alias = "user")]
    pub name: String,
    /// The host that the user comes from.
    #[param(default = "localhost")]
    pub host: String,
    /// Means the user of this name from every host.
    #[param(default = false)]
    pub host_all: bool,
    /// Whether the user is there.
    #[param(default = "present")]
    pub state: State,
    /// The password.
    #[param(secret)]
    pub password: Option<Secret>,
    /// The password is a hash of `mysql_native_password`.
    #[param(default = false)]
    pub encrypted: bool,
    /// Whether a user who is there gets the password too.
    #[param(default = "always", choices("always", "on_create", "on_new_username"))]
    pub update_password: String,
    /// What the user may: `shop.*:SELECT,INSERT/log.*:ALL`, or a mapping.
    pub r#priv: Option<Value>,
    /// Adds privileges to those that are there.
    #[param(default = false)]
    pub append_privs: bool,
    /// Takes privileges away and leaves all others.
    #[param(default = false)]
    pub subtract_privs: bool,
    /// Whether the user may not log in; stays as it is without it.
    pub locked: Option<bool>,
    /// How the user logs in.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub plugin: Option<String>,
    /// What the plugin compares with.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub plugin_hash_string: Option<String>,
    /// What the plugin hashes.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`", secret)]
    pub plugin_auth_string: Option<Secret>,
    /// The salt of that hash.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub salt: Option<String>,
    /// Limits of what the user may use.
    #[param(refused = "set them with `mysql_query` and `ALTER USER`")]
    pub resource_limits: Option<Map>,
    /// What TLS must be there.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub tls_requires: Option<Map>,
    /// When the password ends.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub password_expire: Option<String>,
    /// After how many days.
    #[param(refused = "set it with `mysql_query` and `ALTER USER`")]
    pub password_expire_interval: Option<i64>,
    /// Comments on the user.
    #[param(refused = "MariaDB has none")]
    pub attributes: Option<Map>,
    /// Keeps the case of columns.
    #[param(refused = "names of columns are compared without it")]
    pub column_case_sensitive: Option<bool>,
    /// Uses the database `mysql` meanwhile, for filters of replication.
    #[param(default = false)]
    pub force_context: bool,
    /// Variables of the session.
    pub session_vars: Option<Map>,
    /// Whether changes reach the binary log.
    #[param(default = true)]
    pub sql_log_bin: bool,
    /// Tries root without a password first.
    #[param(default = false)]
    pub check_implicit_admin: bool,
    #[param(flatten)]
    pub login: Login,
}

/// Whether a user is there.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct User;

/// One account of the name, as it is.
struct Account {
    host: String,
    stored: String,
    /// What `SHOW CREATE USER` and `SHOW GRANTS` say.
    lines: Vec<String>,
}

impl Module for User {
    type Params = UserParams;
    const SPEC: Spec = Spec {
        name: "community.mysql.mysql_user",
        aliases: &["mysql_user", "ansible.mysql.mysql_user"],
        summary: "Keeps a user of MariaDB or MySQL, the password and what the user may.",
        mutually_exclusive: &[&["append_privs", "subtract_privs"]],
        examples: &[
            ("A user", "mysql_user: { name: shop, password: '{{ shop_password }}', priv: 'shop.*:ALL' }"),
            (
                "Nobody without a name",
                "community.mysql.mysql_user: { name: '', host_all: true, state: absent }",
            ),
        ],
        returns: &[
            ("user", "the user"),
            ("msg", "what was done"),
            ("password_changed", "whether the password is another one"),
            ("queries", "the statements that were run; a password stands as `%(password)s`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UserParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let wanted = params.r#priv.as_ref().map(Privileges::read).transpose()?;
        let accounts = params.look(host)?;
        let (statements, msg) = params.plan(&accounts, wanted.as_ref())?;
        let sets = statements.iter().any(|statement| statement.ends_with(PASSWORD));
        let result = json!({
            "user": params.name, "msg": msg, "password_changed": sets, "attributes": null, "queries": statements,
        });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let change = Delta::change(&params.name, "", statements.join("\n"));
        Ok(change.with_result(result).with_state(json!(statements)))
    }

    fn apply(params: &UserParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let password = Mysql.literal(params.password.as_ref().map_or("", Secret::expose));
        let statements = delta.state().as_array().into_iter().flatten().filter_map(Value::as_str);
        let write = |statement: &str| match statement.strip_suffix(PASSWORD) {
            Some(before) => format!("{before}{password};\n"),
            None => format!("{statement};\n"),
        };
        let text: Vec<String> = statements.map(write).collect();
        params.session().run(&params.login, &text.concat(), false, host)?;
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// Stands for the password until the moment it is sent, at the end of a statement.
const PASSWORD: &str = "%(password)s";

impl UserParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let msg = if self.update_password == "on_new_username" {
            "update_password `on_new_username` is not supported: give the password, or `on_create`"
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }

    fn session(&self) -> Session<'_> {
        Session {
            database: self.force_context.then_some("mysql"),
            implicit: self.check_implicit_admin,
            unlogged: !self.sql_log_bin,
            variables: self.session_vars.as_ref(),
            arguments: Vec::new(),
        }
    }

    fn account(&self, host: &str) -> String {
        format!("{}@{}", Mysql.literal(&self.name), Mysql.literal(host))
    }

    /// Finds the accounts; what they may is asked only where it matters.
    fn look(&self, host: &Host) -> Result<Vec<Account>, Failure> {
        let name = Mysql.literal(&self.name);
        let one =
            if self.host_all { String::new() } else { format!(" AND Host = {}", Mysql.literal(&self.host)) };
        let query = format!(
            "SELECT JSON_OBJECT('host', Host, 'stored', authentication_string) FROM mysql.user WHERE User = {name}{one}"
        );
        let rows = self.session().read(&self.login, &query, host)?;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let account =
            |row: &Value| Account { host: text(row, "host"), stored: text(row, "stored"), lines: Vec::new() };
        let mut accounts: Vec<Account> = rows.iter().map(account).collect();
        if self.state == State::Absent || (self.r#priv.is_none() && self.locked.is_none()) {
            return Ok(accounts);
        }
        for account in &mut accounts {
            let user = self.account(&account.host);
            let arguments = vec!["--raw".to_owned(), "--skip-column-names".to_owned()];
            let session = Session { arguments, ..self.session() };
            let said = session.run(
                &self.login,
                &format!("SHOW CREATE USER {user};\nSHOW GRANTS FOR {user};"),
                true,
                host,
            )?;
            account.lines = said.lines().map(str::to_owned).collect();
        }
        Ok(accounts)
    }

    /// Returns the statements and what they are in a word.
    fn plan(
        &self,
        accounts: &[Account],
        wanted: Option<&Privileges>,
    ) -> Result<(Vec<String>, &'static str), Failure> {
        if self.state == State::Absent {
            let drop = |account: &Account| format!("DROP USER {}", self.account(&account.host));
            let statements: Vec<String> = accounts.iter().map(drop).collect();
            return Ok(if statements.is_empty() {
                (statements, "User doesn't exist")
            } else {
                (statements, "User deleted")
            });
        }
        if accounts.is_empty() {
            return self.create(wanted).map(|statements| (statements, "User added"));
        }
        let mut statements = Vec::new();
        let mut msg = "User unchanged";
        for account in accounts {
            let user = self.account(&account.host);
            if self.update_password == "always" && !self.has_password(&account.stored) {
                statements.push(format!("ALTER USER {user} IDENTIFIED BY {}{PASSWORD}", self.hashed()));
                msg = "Password updated";
            }
            let granted: Vec<&str> = account.lines.iter().map(String::as_str).collect();
            let now = Privileges::granted(&granted);
            let changes = match wanted {
                None => Vec::new(),
                Some(unwanted) if self.subtract_privs => now.without(unwanted, &user),
                Some(wanted) => now.changes(wanted, self.append_privs, &user),
            };
            if !changes.is_empty() {
                msg = "Privileges updated";
                statements.extend(changes);
            }
            let is_locked = account.lines.first().is_some_and(|line| line.contains(" ACCOUNT LOCK"));
            if let Some(locked) = self.locked.filter(|locked| *locked != is_locked) {
                msg = if locked { "User locked" } else { "User unlocked" };
                statements
                    .push(format!("ALTER USER {user} ACCOUNT {}", if locked { "LOCK" } else { "UNLOCK" }));
            }
        }
        Ok((statements, msg))
    }

    fn create(&self, wanted: Option<&Privileges>) -> Result<Vec<String>, Failure> {
        if self.host_all {
            return Err(Failure::arguments("host_all parameter cannot be used when adding a user"));
        }
        let user = self.account(&self.host);
        let mut statements = vec![match &self.password {
            Some(_) => format!("CREATE USER {user} IDENTIFIED BY {}{PASSWORD}", self.hashed()),
            None => format!("CREATE USER {user}"),
        }];
        if let Some(wanted) = wanted.filter(|_| !self.subtract_privs) {
            statements.extend(Privileges::default().changes(wanted, true, &user));
        }
        statements.extend((self.locked == Some(true)).then(|| format!("ALTER USER {user} ACCOUNT LOCK")));
        Ok(statements)
    }

    fn hashed(&self) -> &'static str {
        if self.encrypted { "PASSWORD " } else { "" }
    }

    fn has_password(&self, stored: &str) -> bool {
        let Some(password) = &self.password else { return true };
        match (password.expose(), self.encrypted) {
            ("", _) => stored.is_empty(),
            (hash, true) => stored.eq_ignore_ascii_case(hash),
            (text, false) => stored == native_hash(text),
        }
    }
}

/// Returns the hash of `mysql_native_password`.
fn native_hash(password: &str) -> String {
    let twice = Sha1::digest(Sha1::digest(password));
    let hex: String = twice.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("*{hex}")
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

    #[test]
    fn knows_a_password_by_its_hash() {
        assert_eq!(native_hash("x"), "*B69027D44F6E5EDC07F1AEAD1477967B16F28227");
    }
}
