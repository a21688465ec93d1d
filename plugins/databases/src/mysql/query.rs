use std::time::Instant;

use switchover_sdk::prelude::*;

use super::answers::{Answer, answers};
use super::login::Login;
use super::session::Session;
use crate::placeholders::Given;
use crate::sql::Dialect::Mysql;

#[derive(Params)]
pub struct QueryParams {
    /// A query, or a list of them.
    pub query: Value,
    /// Values for each `%s` of the queries.
    pub positional_args: Option<Vec<Value>>,
    /// Values for each `%(name)s` of the queries.
    pub named_args: Option<Map>,
    /// The database to use.
    pub login_db: Option<String>,
    /// All queries are one transaction.
    #[param(default = false)]
    pub single_transaction: bool,
    /// Variables of the session, set first.
    pub session_vars: Option<Map>,
    #[param(flatten)]
    pub login: Login,
}

pub struct Query;

impl Module for Query {
    type Params = QueryParams;
    const SPEC: Spec = Spec {
        name: "community.mysql.mysql_query",
        aliases: &["mysql_query", "ansible.mysql.mysql_query"],
        summary: "Runs queries on a server of MariaDB or MySQL.",
        description: "The client does not tell the types of columns: one whose values all read as numbers holds numbers, \
                      all others hold text.",
        mutually_exclusive: &[&["positional_args", "named_args"]],
        examples: &[
            ("How many", "mysql_query: { login_db: shop, query: SELECT count(*) AS orders FROM orders }"),
            (
                "Change rows",
                "community.mysql.mysql_query: { login_db: shop, query: 'UPDATE t SET a = %s WHERE id = %s', positional_args: [x, 1] }",
            ),
        ],
        returns: &[
            ("query_result", "for each query the list of its rows"),
            ("rowcount", "for each query how many rows it changed or gave"),
            ("executed_queries", "the queries, with the values in them"),
            ("execution_time_ms", "for each query how long it took: all queries together, in equal parts"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &QueryParams, _: &Host) -> Result<Delta, Failure> {
        params.queries()?;
        Ok(Delta::unknown())
    }

    fn apply(params: &QueryParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let queries = params.queries()?;
        let session = Session {
            database: params.login_db.as_deref(),
            variables: params.session_vars.as_ref(),
            arguments: vec!["--xml".to_owned()],
            ..Session::default()
        };
        let began = Instant::now();
        let said = session.run(&params.login, &params.text(&queries), false, host)?;
        let each = began.elapsed().as_millis() as u64 / queries.len().max(1) as u64;
        let answers = answers(&said)?;
        let changed = queries.iter().zip(&answers).any(|(query, answer)| changes(query, answer));
        let result = json!({
            "executed_queries": queries,
            "query_result": answers.iter().map(|answer| &answer.rows).collect::<Vec<_>>(),
            "rowcount": answers.iter().map(Answer::count).collect::<Vec<_>>(),
            "execution_time_ms": vec![each; queries.len()],
        });
        Ok(if changed { Outcome::changed(result) } else { Outcome::unchanged(result) })
    }
}

impl QueryParams {
    /// Returns the queries with their values.
    fn queries(&self) -> Result<Vec<String>, Failure> {
        let wrong = || Failure::arguments("argument `query` must be a string or a list of strings");
        let texts: Vec<&str> = match &self.query {
            Value::String(text) => vec![text],
            Value::Array(items) => {
                items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect::<Result<_, _>>()?
            }
            _ => return Err(wrong()),
        };
        let given = Given::new(self.positional_args.as_deref(), self.named_args.as_ref());
        let fill = |text: &&str| given.fill(text.trim().trim_end_matches(';'), Mysql);
        texts.iter().map(fill).collect()
    }

    /// Returns the whole text: after each query, how it ended.
    fn text(&self, queries: &[String]) -> String {
        let (before, after) =
            if self.single_transaction { ("START TRANSACTION;\n", "COMMIT;\n") } else { ("", "") };
        let each: Vec<String> =
            queries.iter().map(|query| format!("{query};\n{};\n", super::answers::END)).collect();
        format!("{before}{}{after}", each.concat())
    }
}

/// Returns whether a query changed something, by its first word and what it did.
fn changes(query: &str, answer: &Answer) -> bool {
    let word = query.split_whitespace().next().unwrap_or_default().to_uppercase();
    match word.as_str() {
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "LOAD" => answer.affected > 0,
        // What was there already, or was not, is a warning.
        "CREATE" | "DROP" | "ALTER" | "RENAME" | "TRUNCATE" | "GRANT" | "REVOKE" | "CALL" | "IMPORT" => {
            answer.warnings == 0 || !query.to_uppercase().contains("EXISTS")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn holds_its_cases_and_examples() {
        cases::<Query>(env!("CARGO_MANIFEST_DIR"));
        examples::<Query>();
    }
}
