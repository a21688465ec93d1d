use switchover_sdk::prelude::*;

use super::{PrivsParams, identifiers, words};
use crate::sql::Dialect::Postgres;

/// What privileges are for.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Database,
    DefaultPrivs,
    ForeignDataWrapper,
    ForeignServer,
    Function,
    Group,
    Language,
    Table,
    Tablespace,
    Schema,
    Sequence,
    Type,
    Procedure,
    Parameter,
}

/// What a statement of GRANT or REVOKE is about.
pub struct Object {
    /// Stands before the statement.
    pub before: String,
    /// `SELECT ON TABLE "a"`, or the groups.
    pub what: String,
}

impl Kind {
    /// Returns the query for all privileges of this kind, as one value that differs when one does.
    pub fn fingerprint(self) -> String {
        let (catalog, row) = match self {
            Self::Group => ("pg_auth_members", "roleid || ' ' || member || ' ' || admin_option"),
            Self::Database => ("pg_database", "datacl"),
            Self::DefaultPrivs => ("pg_default_acl", "defaclacl"),
            Self::ForeignDataWrapper => ("pg_foreign_data_wrapper", "fdwacl"),
            Self::ForeignServer => ("pg_foreign_server", "srvacl"),
            Self::Function | Self::Procedure => ("pg_proc", "proacl"),
            Self::Language => ("pg_language", "lanacl"),
            Self::Table | Self::Sequence => ("pg_class", "relacl"),
            Self::Tablespace => ("pg_tablespace", "spcacl"),
            Self::Schema => ("pg_namespace", "nspacl"),
            Self::Type => ("pg_type", "typacl"),
            Self::Parameter => ("pg_parameter_acl", "paracl"),
        };
        let line = match self {
            Self::Group => row.to_owned(),
            // The order in a list does not matter.
            _ => format!(
                "oid || ' ' || (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest({row}) a)"
            ),
        };
        format!("SELECT md5(coalesce(string_agg({line}, ';' ORDER BY {line}), '')) FROM pg_catalog.{catalog}")
    }

    /// Returns the objects of a task, each as a statement names them.
    pub fn objects(self, params: &PrivsParams) -> Result<Vec<Object>, Failure> {
        let objs = params.objs.as_deref().map(words);
        if self == Self::Group {
            if params.privs.is_some() {
                return Err(Failure::arguments("`privs` is not for `type: group`"));
            }
            let groups = objs.ok_or_else(|| missing("objs", self))?;
            return Ok(vec![Object { before: String::new(), what: identifiers(&groups) }]);
        }
        let privs = privileges(params.privs.as_deref().ok_or_else(|| missing("privs", self))?)?;
        if self == Self::DefaultPrivs {
            return self.defaults(params, &privs, objs);
        }
        let objs = match (self, objs) {
            (_, Some(objs)) => objs,
            (Self::Database, None) => vec![params.login_db.clone()],
            _ => return Err(missing("objs", self)),
        };
        let schema = params.schema.as_deref().unwrap_or("public");
        let what = if objs == ["ALL_IN_SCHEMA"] {
            let all = self.plural().ok_or_else(|| {
                Failure::arguments(format!("ALL_IN_SCHEMA is not for `type: {}`", self.word()))
            })?;
            format!("ALL {all} IN SCHEMA {}", Postgres.identifier(schema))
        } else {
            let names: Vec<String> =
                objs.iter().map(|name| self.object(name, schema)).collect::<Result<_, _>>()?;
            format!("{} {}", self.word().to_uppercase().replace('_', " "), names.join(","))
        };
        Ok(vec![Object { before: String::new(), what: format!("{privs} ON {what}") }])
    }

    fn defaults(
        self,
        params: &PrivsParams,
        privs: &str,
        objs: Option<Vec<String>>,
    ) -> Result<Vec<Object>, Failure> {
        const ALL: [&str; 4] = ["TABLES", "SEQUENCES", "FUNCTIONS", "TYPES"];
        let objs = objs.ok_or_else(|| missing("objs", self))?;
        let objs = if objs == ["ALL_DEFAULT"] { ALL.map(str::to_owned).to_vec() } else { objs };
        let mut before = "ALTER DEFAULT PRIVILEGES ".to_owned();
        if let Some(roles) = &params.target_roles {
            before.push_str(&format!("FOR ROLE {} ", identifiers(&words(roles))));
        }
        let schema = match params.schema.as_deref().unwrap_or("public") {
            "not-specified" => String::new(),
            name => format!("IN SCHEMA {} ", Postgres.identifier(name)),
        };
        let each = |obj: &String| match obj.as_str() {
            "TABLES" | "SEQUENCES" | "FUNCTIONS" | "TYPES" => {
                Ok(Object { before: format!("{before}{schema}"), what: format!("{privs} ON {obj}") })
            }
            // A schema lies in none.
            "SCHEMAS" => Ok(Object { before: before.clone(), what: format!("{privs} ON {obj}") }),
            _ => Err(Failure::arguments(format!("Invalid Object set specified: {obj}"))),
        };
        objs.iter().map(each).collect()
    }

    /// Returns what all objects of a schema are called.
    fn plural(self) -> Option<&'static str> {
        match self {
            Self::Table => Some("TABLES"),
            Self::Sequence => Some("SEQUENCES"),
            Self::Function => Some("FUNCTIONS"),
            Self::Procedure => Some("PROCEDURES"),
            _ => None,
        }
    }

    /// Returns an object by its quoted name.
    fn object(self, name: &str, schema: &str) -> Result<String, Failure> {
        let within = |name: &str| format!("{}.{}", Postgres.identifier(schema), Postgres.identifier(name));
        match self {
            Self::Table | Self::Sequence | Self::Type => Ok(within(name)),
            // Colons part the types of arguments, because commas part objects.
            Self::Function | Self::Procedure => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_ .[]:\"".contains(c);
                let parts = name.strip_suffix(')').and_then(|name| name.split_once('('));
                match parts.filter(|(_, types)| types.chars().all(plain)) {
                    Some((name, types)) => Ok(format!("{}({})", within(name), types.replace(':', ","))),
                    None => Err(Failure::arguments(format!(
                        "Illegal function / procedure signature: \"{name}\"."
                    ))),
                }
            }
            _ => Ok(Postgres.identifier(name)),
        }
    }
}

/// Returns a role as a statement names it.
pub fn role(name: &str) -> String {
    if is_word(name) { name.to_uppercase() } else { Postgres.identifier(name) }
}

/// Returns whether a name is one of those that every server has.
pub fn is_word(name: &str) -> bool {
    matches!(name.to_uppercase().as_str(), "PUBLIC" | "CURRENT_ROLE" | "CURRENT_USER" | "SESSION_USER")
}

fn privileges(text: &str) -> Result<String, Failure> {
    let all: Vec<String> = words(text).iter().map(|word| word.to_uppercase()).collect();
    let wrong = all.iter().find(|word| !word.chars().all(|c| c.is_ascii_uppercase() || c == ' '));
    match wrong {
        Some(word) => Err(Failure::arguments(format!("Invalid privs specified: {word}"))),
        None => Ok(all.join(",")),
    }
}

fn missing(argument: &str, kind: Kind) -> Failure {
    Failure::arguments(format!("Argument `{argument}` is required for type `{}`.", kind.word()))
}
