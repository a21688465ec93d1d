use switchover_sdk::prelude::*;

use super::login::Login;
use super::psql::{MARK, said};
use super::rows::Answer;
use crate::placeholders::Given;
use crate::sql::Dialect::Postgres;
use crate::statements::{for_psql, split, verb};

#[derive(Params)]
pub struct QueryParams {
    /// A query, or a list of queries.
    pub query: Option<Value>,
    /// Values for `%s`, in their order.
    pub positional_args: Option<Vec<Value>>,
    /// Values for `%(name)s`.
    pub named_args: Option<Map>,
    /// The database.
    #[param(alias = "db")]
    pub login_db: Option<String>,
    /// Runs each statement outside of a transaction, as `VACUUM` needs it. Not in check mode.
    #[param(default = false)]
    pub autocommit: bool,
    /// The encoding of the session. Text is always read as UTF-8.
    #[param(refused = "queries and answers are always UTF-8, whatever the database has")]
    pub encoding: Option<String>,
    /// Schemas to look in.
    pub search_path: Option<Vec<String>>,
    #[param(flatten)]
    pub login: Login,
}

pub struct Query;

/// One query of the task: its text, with values filled in, as statements.
struct Asked {
    text: String,
    statements: Vec<String>,
}

impl Module for Query {
    type Params = QueryParams;
    const SPEC: Spec = Spec {
        name: "community.postgresql.postgresql_query",
        aliases: &["postgresql_query", "community.general.postgresql_query"],
        summary: "Runs queries in a database of PostgreSQL, in one transaction.",
        description: "In check mode the transaction is rolled back.",
        mutually_exclusive: &[&["positional_args", "named_args"]],
        examples: &[
            ("Read", "postgresql_query: { login_db: shop, query: SELECT version() }"),
            (
                "Values are data",
                "community.postgresql.postgresql_query: { login_db: shop, query: 'DELETE FROM t WHERE id = %s', positional_args: [1] }",
            ),
        ],
        returns: &[
            ("query", "the last query, with its values"),
            ("query_list", "all queries, as they were given"),
            ("query_result", "the rows of the last one: a list of mappings"),
            ("query_all_results", "the rows of each"),
            ("rowcount", "how many rows were read or changed, in all"),
            ("statusmessage", "what the server said of the last one"),
            ("execution_time_ms", "how long each took"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &QueryParams, host: &Host) -> Result<Delta, Failure> {
        let asked = params.asked()?;
        if !host.about.check_mode {
            return Ok(Delta::unknown());
        }
        if params.autocommit {
            return Err(Failure::arguments(
                "autocommit and check mode exclude each other: nothing could be rolled back",
            ));
        }
        let outcome = params.run(&asked, true, host)?;
        let result = Value::Object(outcome.result);
        Ok(match outcome.changed {
            true => Delta::change("database", Value::Null, params.given().join("\n")).with_result(result),
            false => Delta::none_with(result),
        })
    }

    fn apply(params: &QueryParams, _: &Delta, host: &Host) -> Result<Outcome, Failure> {
        params.run(&params.asked()?, false, host)
    }
}

impl QueryParams {
    /// Returns the queries as the task gives them.
    fn given(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match &self.query {
            Some(Value::Array(queries)) => queries.iter().map(text).collect(),
            Some(query) => vec![text(query)],
            None => Vec::new(),
        }
    }

    fn asked(&self) -> Result<Vec<Asked>, Failure> {
        let values = Given::new(self.positional_args.as_deref(), self.named_args.as_ref());
        let ask = |query: &String| {
            let text = values.fill(query, Postgres)?;
            let statements = split(&text, Postgres);
            if statements.is_empty() {
                return Err(Failure::arguments("can't execute an empty query"));
            }
            let copies = |statement: &&String| {
                let words = statement.to_uppercase();
                verb(statement, Postgres) == "COPY" && (words.contains("STDIN") || words.contains("STDOUT"))
            };
            match statements.iter().find(copies) {
                Some(_) => {
                    Err(Failure::arguments("COPY cannot read or write the standard streams of a query"))
                }
                None => Ok(Asked { text, statements }),
            }
        };
        match self.given().as_slice() {
            [] => Err(Failure::arguments("missing required arguments: query")),
            queries => queries.iter().map(ask).collect(),
        }
    }

    /// Returns what psql gets: each last statement of a query is described, then run and timed.
    fn text(&self, asked: &[Asked], rolls_back: bool) -> Result<String, Failure> {
        let mut text = "\\pset format csv\n\\pset null '\\035'\n".to_owned();
        if let Some(schemas) = &self.search_path {
            let names: Vec<String> = schemas.iter().map(|schema| Postgres.identifier(schema)).collect();
            text.push_str(&format!("SET search_path = {};\n", names.join(", ")));
        }
        if !self.autocommit {
            text.push_str("BEGIN;\n");
        }
        for query in asked {
            let (last, others) = query.statements.split_last().expect("a query has a statement");
            for statement in others {
                text.push_str(&format!("{}\n;\n\\o\n", for_psql(statement)?));
            }
            let last = for_psql(last)?;
            text.push_str(&format!(
                "\\echo -n '\\036'\n{last}\n\\gdesc\n\\echo -n '\\036'\n\\set QUIET off\n\\timing on\n\\echo -n '\\036'\n{last}\n;\n\
                 \\set QUIET on\n\\timing off\n\\echo -n '\\036' :ROW_COUNT\n"
            ));
        }
        if !self.autocommit {
            text.push_str(if rolls_back { "ROLLBACK;\n" } else { "COMMIT;\n" });
        }
        Ok(text)
    }

    fn run(&self, asked: &[Asked], rolls_back: bool, host: &Host) -> Result<Outcome, Failure> {
        let database = self.login_db.as_deref().unwrap_or("postgres");
        let output = self.login.try_psql(database, &self.text(asked, rolls_back)?, rolls_back, host)?;
        let stdout = output.stdout.to_text();
        let sections: Vec<&str> = stdout.split(MARK).skip(1).collect();
        let queries = self.given();
        if output.rc != 0 {
            let failed = sections.len().saturating_sub(1) / Answer::SECTIONS;
            let query = queries.get(failed).map_or("", String::as_str);
            return Err(Failure::new(format!("Cannot execute SQL '{query}': {}", said(&output)))
                .with("query_list", queries)
                .with("stderr", output.stderr.to_text()));
        }
        let answers: Result<Vec<Answer>, Failure> = sections
            .chunks(Answer::SECTIONS)
            .zip(asked)
            .map(|(sections, query)| {
                Answer::read(sections, query.statements.last().map_or("", String::as_str))
            })
            .collect();
        Ok(self.outcome(&answers?, asked, queries))
    }

    fn outcome(&self, answers: &[Answer], asked: &[Asked], queries: Vec<String>) -> Outcome {
        let last = answers.last();
        let result = json!({
            "query": asked.last().map(|query| &query.text),
            "query_list": queries,
            "query_result": last.map(|answer| &answer.rows),
            "query_all_results": answers.iter().map(|answer| &answer.rows).collect::<Vec<_>>(),
            "rowcount": answers.iter().map(|answer| answer.count).sum::<i64>(),
            "statusmessage": last.map(|answer| &answer.status),
            "execution_time_ms": answers.iter().map(|answer| answer.milliseconds).collect::<Vec<_>>(),
        });
        let changed = answers.iter().any(Answer::changed);
        let changed =
            changed || asked.iter().any(|query| query.statements.iter().rev().skip(1).any(|s| writes(s)));
        if changed { Outcome::changed(result) } else { Outcome::unchanged(result) }
    }
}

/// Returns whether a statement that is not the last of its query may change something.
fn writes(statement: &str) -> bool {
    !matches!(
        verb(statement, Postgres).as_str(),
        "SELECT" | "SHOW" | "SET" | "EXPLAIN" | "VALUES" | "TABLE" | "BEGIN"
    )
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
