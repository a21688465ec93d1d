use sha1::{Digest as _, Sha1};
use switchover_sdk::prelude::*;

use super::account::Account;
use super::login::Login;
use super::options::Options;
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
    /// How the user logs in, when not by a password.
    pub plugin: Option<String>,
    /// What the plugin compares with, as the server stores it.
    pub plugin_hash_string: Option<String>,
    /// What the plugin makes its hash of.
    #[param(secret)]
    pub plugin_auth_string: Option<Secret>,
    /// The salt of that hash.
    #[param(refused = "the server makes its own salt; give `plugin_hash_string`")]
    pub salt: Option<String>,
    #[param(flatten)]
    pub options: Options,
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

impl Module for User {
    type Params = UserParams;
    const SPEC: Spec = Spec {
        name: "community.mysql.mysql_user",
        aliases: &["mysql_user", "ansible.mysql.mysql_user"],
        summary: "Keeps a user of MariaDB or MySQL, the password and what the user may.",
        mutually_exclusive: &[
            &["append_privs", "subtract_privs"],
            &["plugin_hash_string", "plugin_auth_string"],
        ],
        required_by: &[("plugin_hash_string", &["plugin"]), ("plugin_auth_string", &["plugin"])],
        required_if: &[("password_expire", "interval", &["password_expire_interval"])],
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
        params.options.changes(&Account::default())?;
        let accounts = params.look(host)?;
        let identified = params.identified(host)?;
        let (statements, msg) = params.plan(&accounts, wanted.as_ref(), identified.as_deref())?;
        let sets = statements.iter().any(|statement| statement.contains(" IDENTIFIED "));
        let attributes = if accounts.is_empty() { Value::Null } else { json!({}) };
        let result = json!({
            "user": params.name, "msg": msg, "password_changed": sets, "attributes": attributes, "queries": statements,
        });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let change = Delta::change(&params.name, "", statements.join("\n"));
        Ok(change.with_result(result).with_state(json!(statements)))
    }

    fn apply(params: &UserParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let statements = delta.state().as_array().into_iter().flatten().filter_map(Value::as_str);
        let text: Vec<String> = statements.map(|statement| params.with_secrets(statement)).collect();
        params.session().run(&params.login, &text.concat(), false, host)?;
        let Delta::Some { result, .. } = delta else { return Ok(Outcome::default()) };
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

/// Stands for the password until the moment it is sent, at the end of a statement.
const PASSWORD: &str = "%(password)s";
/// Stands for what the plugin makes its hash of.
const AUTH_STRING: &str = "%(plugin_auth_string)s";

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

    /// Writes a statement as it is sent.
    fn with_secrets(&self, statement: &str) -> String {
        let secrets = [(PASSWORD, &self.password), (AUTH_STRING, &self.plugin_auth_string)];
        for (mark, secret) in secrets {
            let secret = Mysql.literal(secret.as_ref().map_or("", Secret::expose));
            if let Some(before) = statement.strip_suffix(mark) {
                return format!("{before}{secret};\n");
            }
            if let Some(before) = statement.strip_suffix(&format!("PASSWORD({mark})")) {
                return format!("{before}PASSWORD({secret});\n");
            }
        }
        format!("{statement};\n")
    }

    /// Returns how the account logs in, as the end of a statement; a password outranks a plugin.
    fn identified(&self, host: &Host) -> Result<Option<String>, Failure> {
        if self.password.is_some() {
            let hashed = if self.encrypted { "PASSWORD " } else { "" };
            return Ok(Some(format!("IDENTIFIED BY {hashed}{PASSWORD}")));
        }
        let Some(plugin) = &self.plugin else { return Ok(None) };
        let plugin = Mysql.identifier(plugin);
        if let Some(hash) = &self.plugin_hash_string {
            return Ok(Some(format!("IDENTIFIED WITH {plugin} AS {}", Mysql.literal(hash))));
        }
        if self.plugin_auth_string.is_none() {
            return Ok(Some(format!("IDENTIFIED WITH {plugin}")));
        }
        let query = "SELECT JSON_OBJECT('version', VERSION())";
        let rows = self.session().read(&self.login, query, host)?;
        let version = rows.first().map(|row| row["version"].as_str().unwrap_or_default().to_owned());
        let is_mariadb = version.unwrap_or_default().contains("MariaDB");
        Ok(Some(if is_mariadb {
            format!("IDENTIFIED VIA {plugin} USING PASSWORD({AUTH_STRING})")
        } else {
            format!("IDENTIFIED WITH {plugin} BY {AUTH_STRING}")
        }))
    }

    /// Finds the accounts; what they may is asked only where it matters.
    fn look(&self, host: &Host) -> Result<Vec<Account>, Failure> {
        let name = Mysql.literal(&self.name);
        let one =
            if self.host_all { String::new() } else { format!(" AND Host = {}", Mysql.literal(&self.host)) };
        let query = format!(
            "SELECT JSON_OBJECT('host', Host, 'stored', authentication_string, 'plugin', plugin) \
             FROM mysql.user WHERE User = {name}{one}"
        );
        let rows = self.session().read(&self.login, &query, host)?;
        let mut accounts: Vec<Account> = rows.iter().map(Account::read).collect();
        if self.state == State::Absent || !self.needs_details() {
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

    fn needs_details(&self) -> bool {
        let options = &self.options;
        self.r#priv.is_some()
            || self.locked.is_some()
            || options.tls_requires.is_some()
            || options.resource_limits.is_some()
            || options.password_expire.is_some()
    }

    /// Returns the statements and what they are in a word.
    fn plan(
        &self,
        accounts: &[Account],
        wanted: Option<&Privileges>,
        identified: Option<&str>,
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
            return self.create(wanted, identified).map(|statements| (statements, "User added"));
        }
        let mut statements = Vec::new();
        let mut msg = "User unchanged";
        for account in accounts {
            for (change, text) in self.changes(account, wanted, identified)? {
                msg = change;
                statements.push(text);
            }
        }
        Ok((statements, msg))
    }

    /// Returns what one account needs: words for it, and a statement.
    fn changes(
        &self,
        account: &Account,
        wanted: Option<&Privileges>,
        identified: Option<&str>,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let user = self.account(&account.host);
        let mut changes = Vec::new();
        if let Some(identified) = identified.filter(|_| self.update_password == "always")
            && !self.logs_in_so(account)
        {
            let msg = if self.password.is_some() { "Password updated (new style)" } else { "Plugin updated" };
            changes.push((msg, format!("ALTER USER {user} {identified}")));
        }
        for clause in self.options.changes(account)? {
            changes.push((clause.msg, format!("ALTER USER {user} {}", clause.text)));
        }
        let now = account.privileges();
        let (msg, privileges) = match wanted {
            None => ("", Vec::new()),
            Some(unwanted) if self.subtract_privs => ("Privileges updated", now.without(unwanted, &user)),
            Some(wanted) if self.append_privs => ("New privileges granted", now.changes(wanted, true, &user)),
            Some(wanted) => ("Privileges updated", now.changes(wanted, false, &user)),
        };
        changes.extend(privileges.into_iter().map(|statement| (msg, statement)));
        if let Some(locked) = self.locked.filter(|locked| *locked != account.is_locked()) {
            let (msg, word) = if locked { ("User locked", "LOCK") } else { ("User unlocked", "UNLOCK") };
            changes.push((msg, format!("ALTER USER {user} ACCOUNT {word}")));
        }
        Ok(changes)
    }

    fn create(&self, wanted: Option<&Privileges>, identified: Option<&str>) -> Result<Vec<String>, Failure> {
        if self.host_all {
            return Err(Failure::arguments("host_all parameter cannot be used when adding a user"));
        }
        let user = self.account(&self.host);
        let create = format!("CREATE USER {user} {}", identified.unwrap_or_default());
        let mut statements = vec![create.trim_end().to_owned()];
        let demands = self.options.changes(&Account::default())?;
        statements.extend(demands.into_iter().map(|clause| format!("ALTER USER {user} {}", clause.text)));
        if let Some(wanted) = wanted.filter(|_| !self.subtract_privs) {
            statements.extend(Privileges::default().changes(wanted, true, &user));
        }
        statements.extend((self.locked == Some(true)).then(|| format!("ALTER USER {user} ACCOUNT LOCK")));
        Ok(statements)
    }

    fn logs_in_so(&self, account: &Account) -> bool {
        if self.password.is_some() {
            return self.has_password(&account.stored);
        }
        if self.plugin.as_ref().is_some_and(|plugin| *plugin != account.plugin) {
            return false;
        }
        if let Some(text) = &self.plugin_auth_string {
            return [text.expose().to_owned(), native_hash(text.expose())].contains(&account.stored);
        }
        self.plugin_hash_string.as_ref().is_none_or(|hash| *hash == account.stored)
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
