use switchover_sdk::prelude::*;

use super::dump;
use super::login::Login;
use super::psql::{Statement, shown};
use crate::sql::Dialect::Postgres;

#[derive(Params)]
pub struct DbParams {
    /// The database.
    #[param(alias = "db")]
    pub name: String,
    /// Whether it is there; or writes it to `target`, reads it from there, or gives it the name `target`.
    #[param(default = "present")]
    pub state: State,
    /// The role that owns it.
    #[param(default = "")]
    pub owner: String,
    /// The database that it is made after.
    #[param(default = "")]
    pub template: String,
    /// Its encoding; cannot be changed later.
    #[param(default = "")]
    pub encoding: String,
    /// Its order of text; cannot be changed later.
    #[param(default = "")]
    pub lc_collate: String,
    /// Its classes of characters; cannot be changed later.
    #[param(default = "")]
    pub lc_ctype: String,
    /// Its locale of ICU; cannot be changed later.
    #[param(default = "")]
    pub icu_locale: String,
    /// Whose locales it has: `icu` or `libc`; cannot be changed later.
    #[param(default = "")]
    pub locale_provider: String,
    /// How many may be connected at once.
    #[param(default = "")]
    pub conn_limit: String,
    /// The tablespace that holds it.
    #[param(default = "")]
    pub tablespace: String,
    /// A comment on it; empty to remove it.
    pub comment: Option<String>,
    /// Ends the sessions of others before it is removed.
    #[param(default = false)]
    pub force: bool,
    /// The database to log in to.
    #[param(default = "postgres")]
    pub maintenance_db: String,
    /// The file to write or read, whose ending tells the format; or the new name.
    #[param(default = "")]
    pub target: HostPath,
    /// More arguments for pg_dump, pg_restore or psql, split at blanks.
    #[param(default = "")]
    pub target_opts: String,
    /// More arguments for pg_dump, split at blanks.
    pub dump_extra_args: Option<String>,
    #[param(flatten)]
    pub login: Login,
}

/// What becomes of a database.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    Dump,
    Present,
    Rename,
    Restore,
}

pub struct Db;

impl Module for Db {
    type Params = DbParams;
    const SPEC: Spec = Spec {
        name: "community.postgresql.postgresql_db",
        aliases: &["postgresql_db", "community.general.postgresql_db"],
        summary: "Keeps a database of PostgreSQL; writes it to a file, or reads it from one.",
        long: true,
        examples: &[
            ("A database", "postgresql_db: { name: shop, owner: shop, encoding: UTF8, template: template0 }"),
            (
                "Keep a copy",
                "community.postgresql.postgresql_db: { name: shop, state: dump, target: /var/backups/shop.sql.gz }",
            ),
            ("Remove it", "postgresql_db: { name: shop, state: absent, force: true }"),
        ],
        returns: &[
            ("db", "the database"),
            ("executed_commands", "what was run"),
            ("cmd", "the program that wrote or read a file, with `rc` and `stderr`"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &DbParams, host: &Host) -> Result<Delta, Failure> {
        if matches!(params.state, State::Dump | State::Restore) {
            return dump::check(params);
        }
        let found = params.login.read(&params.maintenance_db, &params.query(), host)?;
        let statements = params.plan(&found)?;
        let result = json!({ "db": params.name, "executed_commands": [] });
        if statements.is_empty() {
            return Ok(Delta::none_with(result));
        }
        let before = if found["there"] == true { found["db"].clone() } else { Value::Null };
        let change = Delta::change(&params.name, before, shown(&statements));
        Ok(change.with_result(result).with_state(found))
    }

    fn apply(params: &DbParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        if matches!(params.state, State::Dump | State::Restore) {
            return dump::apply(params, host);
        }
        let statements = params.plan(delta.state())?;
        params.login.run(&params.maintenance_db, &statements, host)?;
        Ok(Outcome::changed(json!({ "db": params.name, "executed_commands": shown(&statements) })))
    }
}

impl DbParams {
    /// Returns the query for all that is to know. The row is read whole, because servers have different columns.
    fn query(&self) -> String {
        let name = Postgres.literal(&self.name);
        let encoding = Postgres.literal(&self.encoding);
        let target = Postgres.literal(&self.target);
        format!(
            "SELECT json_build_object('there', d.oid IS NOT NULL, \
             'target', EXISTS (SELECT FROM pg_database WHERE datname = {target}), 'db', \
             to_jsonb(d) - 'datacl' - 'oid' || jsonb_build_object('owner', pg_get_userbyid(d.datdba), \
             'encoding', pg_encoding_to_char(d.encoding), 'tablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace), \
             'comment', shobj_description(d.oid, 'pg_database')), \
             'same_encoding', d.encoding = pg_char_to_encoding({encoding})) \
             FROM (SELECT 1) one LEFT JOIN pg_database d ON d.datname = {name}"
        )
    }

    fn plan(&self, found: &Value) -> Result<Vec<Statement>, Failure> {
        let name = Postgres.identifier(&self.name);
        let there = found["there"] == true;
        let sql = match (self.state, there) {
            (State::Present, true) => return self.alter(found),
            (State::Present, false) => self.create()?,
            (State::Absent, false) => return Ok(Vec::new()),
            (State::Absent, true) => {
                format!("DROP DATABASE {name}{}", if self.force { " WITH (FORCE)" } else { "" })
            }
            (_, _) if self.target.is_empty() => {
                return Err(Failure::arguments("state `rename` needs `target`, the new name"));
            }
            (_, false) if found["target"] == true => return Ok(Vec::new()),
            (_, false) => {
                let msg = format!(
                    "The source and the target databases do not exist: {}, {}",
                    self.name, self.target
                );
                return Err(Failure::new(msg));
            }
            (_, true) if found["target"] == true => {
                return Err(Failure::new(format!(
                    "databases \"{}\" and \"{}\" both exist",
                    self.name, self.target
                )));
            }
            (_, true) => format!("ALTER DATABASE {name} RENAME TO {}", Postgres.identifier(&self.target)),
        };
        let mut statements = vec![Statement::new(sql)];
        if self.state == State::Present {
            let comment = self.comment.as_deref().filter(|comment| !comment.is_empty());
            statements.extend(comment.map(|comment| self.comment_on(comment)));
        }
        Ok(statements)
    }

    fn create(&self) -> Result<String, Failure> {
        let mut sql = format!("CREATE DATABASE {}", Postgres.identifier(&self.name));
        let mut add = |word: &str, value: &str, write: fn(&str) -> String| {
            if !value.is_empty() {
                sql.push_str(&format!(" {word} {}", write(value)));
            }
        };
        let name = |text: &str| Postgres.identifier(text);
        let text = |text: &str| Postgres.literal(text);
        add("OWNER", &self.owner, name);
        add("TEMPLATE", &self.template, name);
        add("ENCODING", &self.encoding, text);
        add("LC_COLLATE", &self.lc_collate, text);
        add("LC_CTYPE", &self.lc_ctype, text);
        add("ICU_LOCALE", &self.icu_locale, text);
        add("LOCALE_PROVIDER", &self.locale_provider, name);
        add("TABLESPACE", &self.tablespace, name);
        if let Some(limit) = self.limit()? {
            sql.push_str(&format!(" CONNECTION LIMIT {limit}"));
        }
        Ok(sql)
    }

    /// Changes what can be changed, and says what cannot.
    fn alter(&self, found: &Value) -> Result<Vec<Statement>, Failure> {
        let db = &found["db"];
        let is = |key: &str| db[key].as_str().unwrap_or_default().to_owned();
        let fixed = [
            (
                "database encoding",
                "encoding",
                &self.encoding,
                self.encoding.is_empty() || found["same_encoding"] == true,
            ),
            ("LC_COLLATE", "datcollate", &self.lc_collate, is("datcollate") == self.lc_collate),
            ("LC_CTYPE", "datctype", &self.lc_ctype, is("datctype") == self.lc_ctype),
        ];
        for (what, key, wanted, same) in fixed {
            if !wanted.is_empty() && !same {
                let short = what.rsplit(' ').next().unwrap_or(what);
                let msg = format!("Changing {what} is not supported. Current {short}: {}", is(key));
                return Err(Failure::new(msg));
            }
        }
        let name = Postgres.identifier(&self.name);
        let mut statements = Vec::new();
        if !self.owner.is_empty() && is("owner") != self.owner {
            let owner = Postgres.identifier(&self.owner);
            statements.push(Statement::new(format!("ALTER DATABASE {name} OWNER TO {owner}")));
        }
        if let Some(limit) = self.limit()?.filter(|limit| db["datconnlimit"] != json!(limit)) {
            statements.push(Statement::new(format!("ALTER DATABASE {name} CONNECTION LIMIT {limit}")));
        }
        if !self.tablespace.is_empty() && is("tablespace") != self.tablespace {
            let space = Postgres.identifier(&self.tablespace);
            statements.push(Statement::new(format!("ALTER DATABASE {name} SET TABLESPACE {space}")));
        }
        let comment = self.comment.as_deref().filter(|comment| *comment != is("comment"));
        statements.extend(comment.map(|comment| self.comment_on(comment)));
        Ok(statements)
    }

    fn comment_on(&self, comment: &str) -> Statement {
        let (name, comment) = (Postgres.identifier(&self.name), Postgres.literal(comment));
        Statement::new(format!("COMMENT ON DATABASE {name} IS {comment}"))
    }

    fn limit(&self) -> Result<Option<i64>, Failure> {
        if self.conn_limit.is_empty() {
            return Ok(None);
        }
        let wrong = |_| {
            Failure::arguments(format!("argument `conn_limit` must be a number, not {}", self.conn_limit))
        };
        self.conn_limit.trim().parse().map(Some).map_err(wrong)
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
