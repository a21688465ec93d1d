use switchover_sdk::prelude::*;

use crate::sql::Dialect::Postgres;
use crate::statements::verb;

/// What psql prints where there is no value.
const NULL: &str = "\u{1d}";

/// What psql says when a statement has no rows.
const NO_COLUMNS: &str = "The command has no result, or the result has no columns.\n";

/// What the server answered to one statement.
#[derive(Debug)]
pub struct Answer {
    /// A list of mappings; an empty mapping when there are none, as Ansible has it.
    pub rows: Value,
    pub count: i64,
    /// Such as `INSERT 0 1`.
    pub status: String,
    pub milliseconds: f64,
}

impl Answer {
    /// How many sections psql prints for a statement: its columns, nothing, its rows and time, its number of rows.
    pub const SECTIONS: usize = 4;

    /// Reads the sections.
    pub fn read(sections: &[&str], statement: &str) -> Result<Self, Failure> {
        let [columns, _, rows, count] = sections else {
            return Err(Failure::new("psql did not answer each statement"));
        };
        let columns = if *columns == NO_COLUMNS { "" } else { columns };
        let columns: Vec<(String, String)> = records(columns)?
            .into_iter()
            .filter_map(|record| Some((record.first()?.clone(), record.get(1)?.clone())))
            .collect();
        let writes =
            matches!(verb(statement, Postgres).as_str(), "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH");
        let (rows, milliseconds) = without_time(rows);
        let count: i64 = count.trim().lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
        if columns.is_empty() {
            let status = rows.trim().to_owned();
            return Ok(Self { rows: json!({}), count, status, milliseconds });
        }
        let mut records = records(rows)?;
        let said = records.pop_if(|record| writes && matches!(record.as_slice(), [tag] if is_tag(tag)));
        let count = if said.is_some() { count } else { records.len() as i64 };
        let status = match said {
            Some(record) => record.concat(),
            None => status(statement, count),
        };
        let row = |record: &Vec<String>| {
            let fields =
                columns.iter().zip(record).map(|((name, kind), text)| (name.clone(), value(text, kind)));
            Value::Object(fields.collect())
        };
        let rows =
            if records.is_empty() { json!({}) } else { Value::Array(records.iter().map(row).collect()) };
        Ok(Self { rows, count, status, milliseconds })
    }

    /// Returns whether the server says that something changed.
    pub fn changed(&self) -> bool {
        match self.status.split(' ').next().unwrap_or_default() {
            "SELECT" | "SHOW" | "EXPLAIN" | "SET" | "VALUES" | "TABLE" | "" => false,
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" => self.count > 0,
            _ => true,
        }
    }
}

/// Returns whether the server says this of rows that were written: `INSERT 0 2`.
fn is_tag(text: &str) -> bool {
    let mut words = text.split(' ');
    let verb = words.next().is_some_and(|word| matches!(word, "INSERT" | "UPDATE" | "DELETE" | "MERGE"));
    verb && words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// psql does not print what the server says of statements that only read.
fn status(statement: &str, count: i64) -> String {
    match verb(statement, Postgres).as_str() {
        word @ ("SHOW" | "EXPLAIN" | "FETCH" | "EXECUTE") => word.to_owned(),
        _ => format!("SELECT {count}"),
    }
}

/// Takes the line `Time: 0.123 ms (...)` off the end.
fn without_time(text: &str) -> (&str, f64) {
    let Some((rows, time)) =
        text.trim_end().rsplit_once("Time: ").filter(|(rows, _)| rows.is_empty() || rows.ends_with('\n'))
    else {
        return (text, 0.0);
    };
    (rows, time.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0.0))
}

fn records(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let record = |record: csv::Result<csv::StringRecord>| {
        record.map(|record| record.iter().map(str::to_owned).collect())
    };
    let read: csv::Result<Vec<Vec<String>>> = reader.records().map(record).collect();
    read.map_err(|error| Failure::new(format!("psql's answer cannot be read: {error}")))
}

/// Returns a value of the server in the type that Python's driver would give it.
fn value(text: &str, kind: &str) -> Value {
    if text == NULL {
        return Value::Null;
    }
    let plain = || json!(text);
    let base = kind.split('(').next().unwrap_or_default();
    match base {
        _ if kind.ends_with("[]") => array(text, kind.trim_end_matches("[]")).unwrap_or_else(plain),
        "smallint" | "integer" | "bigint" | "oid" | "real" | "double precision" | "numeric" => {
            text.parse::<Value>().ok().filter(Value::is_number).unwrap_or_else(plain)
        }
        "boolean" => json!(text == "t"),
        "json" | "jsonb" => text.parse().unwrap_or_else(|_| plain()),
        _ if kind.starts_with("timestamp") => json!(time(text)),
        _ => plain(),
    }
}

/// `2020-01-01 00:00:00+00` becomes `2020-01-01T00:00:00+00:00`.
fn time(text: &str) -> String {
    let text = text.replacen(' ', "T", 1);
    let zone =
        text.len() > 19 && text.as_bytes().get(text.len() - 3).is_some_and(|c| matches!(c, b'+' | b'-'));
    if zone { format!("{text}:00") } else { text }
}

/// Reads an array of one dimension; others stay text.
fn array(text: &str, kind: &str) -> Option<Value> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut items = Vec::new();
    let mut chars = inner.chars().peekable();
    while chars.peek().is_some() {
        let quoted = chars.next_if_eq(&'"').is_some();
        let mut item = String::new();
        loop {
            match chars.next() {
                Some('\\') if quoted => item.extend(chars.next()),
                Some('"') if quoted => {
                    chars.next();
                    break;
                }
                None | Some(',') if !quoted => break,
                Some('{') if !quoted => return None,
                Some(c) => item.push(c),
                None => return None,
            }
        }
        items.push(if !quoted && item == "NULL" { Value::Null } else { value(&item, kind) });
    }
    Some(Value::Array(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_get_their_types() {
        assert_eq!(value("7", "integer"), json!(7));
        assert_eq!(value("1.50", "numeric(4,2)"), json!(1.5));
        assert_eq!(value("NaN", "double precision"), json!("NaN"));
        assert_eq!(value("t", "boolean"), json!(true));
        assert_eq!(value(NULL, "text"), Value::Null);
        assert_eq!(value("{\"a\": [1]}", "jsonb"), json!({ "a": [1] }));
        assert_eq!(
            value("2020-01-01 00:00:00+00", "timestamp with time zone"),
            json!("2020-01-01T00:00:00+00:00")
        );
        assert_eq!(value("2020-01-01 00:00:00", "timestamp without time zone"), json!("2020-01-01T00:00:00"));
        assert_eq!(value("{1,NULL,3}", "integer[]"), json!([1, null, 3]));
        assert_eq!(value(r#"{a,"b,\"c",""}"#, "text[]"), json!(["a", "b,\"c", ""]));
        assert_eq!(value("{{1,2},{3,4}}", "integer[]"), json!("{{1,2},{3,4}}"));
    }

    #[test]
    fn tells_rows_from_what_the_server_says() {
        let answer =
            Answer::read(&["id,integer\n", "", "1\n2\nINSERT 0 2\nTime: 0.5 ms\n", " 2\n"], "insert")
                .unwrap();
        assert_eq!(answer.rows, json!([{ "id": 1 }, { "id": 2 }]));
        assert_eq!((answer.status.as_str(), answer.count, answer.milliseconds), ("INSERT 0 2", 2, 0.5));
        let answer =
            Answer::read(&["work_mem,text\n", "", "4MB\nTime: 1 ms\n", " 0\n"], "show work_mem").unwrap();
        assert_eq!((answer.rows, answer.status), (json!([{ "work_mem": "4MB" }]), "SHOW".to_owned()));
        let answer = Answer::read(&[NO_COLUMNS, "", "UPDATE 0\nTime: 1.25 ms\n", " 0\n"], "update").unwrap();
        assert!(!answer.changed());
        let answer = Answer::read(&["a,text\n", "", "\"x\ny\"\nTime: 1 ms\n", " 1\n"], "select").unwrap();
        assert_eq!((answer.rows, answer.status), (json!([{ "a": "x\ny" }]), "SELECT 1".to_owned()));
    }
}
