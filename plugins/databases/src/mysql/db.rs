use switchover_sdk::prelude::*;

use super::dump;
use super::login::Login;
use super::session::Session;
use crate::sql::Dialect::Mysql;

#[derive(Params)]
pub struct DbParams {
    /// The databases; `all` to write or read all of them.
    #[param(alias = "db")]
    pub name: Vec<String>,
    /// Whether they are there; or writes them to `target`, or reads that.
    #[param(default = "present")]
    pub state: State,
    /// The character set of a new database, or of a file.
    #[param(default = "")]
    pub encoding: String,
    /// The order of text of a new database.
    #[param(default = "")]
    pub collation: String,
    /// The file to write or read; its ending tells how it is packed.
    pub target: Option<HostPath>,
    /// Writes all databases in one transaction.
    #[param(default = false)]
    pub single_transaction: bool,
    /// Writes row by row, for large tables.
    #[param(default = true)]
    pub quick: bool,
    /// Tables that are not written, as `DATABASE.TABLE`.
    #[param(default = [])]
    pub ignore_tables: Vec<String>,
    /// Writes binary columns in hexadecimal.
    #[param(default = false)]
    pub hex_blob: bool,
    /// Goes on after errors of SQL.
    #[param(default = false)]
    pub force: bool,
    /// Writes where replication stands: `1` as a statement, `2` as a comment.
    #[param(default = 0, choices("0", "1", "2"))]
    pub master_data: i64,
    /// Writes without locking tables.
    #[param(default = false)]
    pub skip_lock_tables: bool,
    /// More arguments for mysqldump, split at blanks.
    pub dump_extra_args: Option<String>,
    /// The folder to work in.
    pub chdir: Option<HostPath>,
    /// Whether changes reach the binary log.
    #[param(default = true)]
    pub sql_log_bin: bool,
    /// Tries root without a password first.
    #[param(default = false)]
    pub check_implicit_admin: bool,
    /// A failure of the dump always counts, packed or not; both values mean the same.
    #[param(default = false)]
    #[expect(dead_code, reason = "a pipe never hides a failure here")]
    pub pipefail: bool,
    /// Files are always read by a pipe; both values mean the same.
    #[param(default = false)]
    #[expect(dead_code, reason = "playbooks give it")]
    pub use_shell: bool,
    /// Only `config_file` is ever read; both values mean the same.
    #[param(default = false)]
    #[expect(dead_code, reason = "playbooks give it")]
    pub restrict_config_file: bool,
    /// Passwords never pass a shell, so nothing in them needs care; both values mean the same.
    #[param(default = false)]
    #[expect(dead_code, reason = "playbooks give it")]
    pub unsafe_login_password: bool,
    /// Lets `config_file` say host and port.
    #[param(default = false, refused = "give `login_host` and `login_port` to the task")]
    pub config_overrides_defaults: bool,
    #[param(flatten)]
    pub login: Login,
}

/// What becomes of databases.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Dump,
    Import,
    Present,
}

pub struct Db;

impl Module for Db {
    type Params = DbParams;
    const SPEC: Spec = Spec {
        name: "community.mysql.mysql_db",
        aliases: &["mysql_db", "ansible.mysql.mysql_db"],
        summary: "Keeps databases of MariaDB or MySQL; writes them to a file, or reads them from one.",
        long: true,
        examples: &[
            ("A database", "mysql_db: { name: shop, encoding: utf8mb4 }"),
            (
                "Keep a copy",
                "community.mysql.mysql_db: { name: shop, state: dump, target: /var/backups/shop.sql.gz, single_transaction: true }",
            ),
        ],
        returns: &[
            ("db", "the databases, parted by blanks"),
            ("db_list", "the databases"),
            ("executed_commands", "what was run"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DbParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let found = params.session().read(&params.login, &params.query(), host)?;
        let there: Vec<&str> = found.iter().filter_map(|row| row.as_str()).collect();
        let statements = match params.state {
            State::Dump | State::Import => return dump::check(params, &there),
            _ => params.plan(&there),
        };
        let result = params.result(&[]);
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let change = Delta::change("databases", json!(there), json!(statements));
        Ok(change.with_result(result).with_state(json!(statements)))
    }

    fn apply(params: &DbParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if matches!(params.state, State::Dump | State::Import) {
            return dump::apply(params, host);
        }
        let statements: Vec<&str> =
            delta.state().as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let text: Vec<String> = statements.iter().map(|statement| format!("{statement};\n")).collect();
        params.session().run(&params.login, &text.concat(), false, host)?;
        Ok(Outcome::changed(params.result(&statements)))
    }
}

impl DbParams {
    pub fn session(&self) -> Session<'static> {
        Session { implicit: self.check_implicit_admin, unlogged: !self.sql_log_bin, ..Session::default() }
    }

    /// Returns whether all databases are meant.
    pub fn all(&self) -> bool {
        self.name == ["all"]
    }

    /// Returns the keys of the result.
    pub fn result(&self, commands: &[&str]) -> Value {
        json!({ "db": self.name.join(" "), "db_list": self.name, "executed_commands": commands })
    }

    fn refuse_nonsense(&self) -> Result<(), Failure> {
        let moves = matches!(self.state, State::Dump | State::Import);
        let msg = if self.name.iter().all(String::is_empty) {
            "`name` is empty".to_owned()
        } else if moves && self.target.as_ref().is_none_or(|target| target.is_empty()) {
            format!("with state={} target is required", self.state.word())
        } else if !moves && self.all() {
            format!(
                "name is not allowed to equal 'all' unless state equals import, or dump; not {}",
                self.state.word()
            )
        } else if self.state == State::Import && self.name.len() > 1 {
            "with state=import only one database is allowed".to_owned()
        } else {
            return Ok(());
        };
        Err(Failure::arguments(msg))
    }

    fn query(&self) -> String {
        let names: Vec<String> = self.name.iter().map(|name| Mysql.literal(name)).collect();
        let names = names.join(", ");
        format!(
            "SELECT JSON_QUOTE(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ({names})"
        )
    }

    fn plan(&self, there: &[&str]) -> Vec<String> {
        let present = self.state == State::Present;
        let differing = self.name.iter().filter(|name| there.contains(&name.as_str()) != present);
        let write = |name: &String| match present {
            false => format!("DROP DATABASE {}", Mysql.identifier(name)),
            true => self.create(name),
        };
        differing.map(write).collect()
    }

    /// Returns the statement that makes a database.
    pub fn create(&self, name: &str) -> String {
        let mut sql = format!("CREATE DATABASE {}", Mysql.identifier(name));
        if !self.encoding.is_empty() {
            sql.push_str(&format!(" CHARACTER SET {}", Mysql.literal(&self.encoding)));
        }
        if !self.collation.is_empty() {
            sql.push_str(&format!(" COLLATE {}", Mysql.literal(&self.collation)));
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Db>(env!("CARGO_MANIFEST_DIR"));
        examples::<Db>();
    }
}
