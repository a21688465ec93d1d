use switchover_sdk::prelude::*;

/// Whose SQL is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Mysql,
}

impl Dialect {
    /// Returns a name of a table, role or database, exactly as it is, whatever it holds.
    pub fn identifier(self, name: &str) -> String {
        match self {
            Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// Returns text as a value, exactly as it is, whatever it holds.
    pub fn literal(self, text: &str) -> String {
        let quoted = text.replace('\'', "''");
        match self {
            Self::Postgres if text.contains('\\') => format!("E'{}'", quoted.replace('\\', "\\\\")),
            Self::Postgres => format!("'{quoted}'"),
            // `NO_BACKSLASH_ESCAPES` would change what a backslash means; sessions turn it off.
            Self::Mysql => format!("'{}'", quoted.replace('\\', "\\\\")),
        }
    }

    /// Returns a value of a playbook as a value of SQL. Lists are arrays of PostgreSQL; elsewhere, as mappings are
    /// everywhere, text of JSON.
    pub fn value(self, value: &Value) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(flag) if self == Self::Mysql => u8::from(*flag).to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.literal(text),
            Value::Array(items) if self == Self::Postgres => self.literal(&array(items)),
            other => self.literal(&other.to_string()),
        }
    }
}

/// Returns the text form of an array of PostgreSQL.
fn array(items: &[Value]) -> String {
    let word = |item: &Value| match item {
        Value::Null => "NULL".to_owned(),
        Value::Array(items) => array(items),
        Value::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        other => other.to_string(),
    };
    format!("{{{}}}", items.iter().map(word).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{Mysql, Postgres};

    #[test]
    fn nothing_gets_out_of_a_literal() {
        assert_eq!(Postgres.literal("it's"), "'it''s'");
        assert_eq!(Postgres.literal(r"a\'; drop"), r"E'a\\''; drop'");
        assert_eq!(Mysql.literal(r"a\' -- "), r"'a\\'' -- '");
        assert_eq!(Postgres.literal(""), "''");
    }

    #[test]
    fn nothing_gets_out_of_an_identifier() {
        assert_eq!(Postgres.identifier(r#"a"; drop"#), r#""a""; drop""#);
        assert_eq!(Mysql.identifier("a`b"), "`a``b`");
    }

    #[test]
    fn values_keep_their_types() {
        assert_eq!(Postgres.value(&json!(null)), "NULL");
        assert_eq!(Postgres.value(&json!(true)), "true");
        assert_eq!(Mysql.value(&json!(true)), "1");
        assert_eq!(Postgres.value(&json!([1, "a\"b", null])), "E'{1,\"a\\\\\"b\",NULL}'");
        assert_eq!(Mysql.value(&json!({ "a": [1] })), "'{\"a\":[1]}'");
    }
}
