//! What the client writes with `--xml`, query by query.

use switchover_sdk::prelude::*;

/// The query that ends the answer to another and tells how that ended.
pub const END: &str = "SELECT ROW_COUNT() AS switchover_affected, @@warning_count AS switchover_warnings";

/// The answer to one query.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    /// Each a mapping of column to value.
    pub rows: Vec<Value>,
    /// Rows that were changed; -1 for a query that only reads.
    pub affected: i64,
    pub warnings: u64,
}

impl Answer {
    /// Returns how many rows the query changed, or gave.
    pub fn count(&self) -> i64 {
        if self.affected < 0 { self.rows.len() as i64 } else { self.affected }
    }
}

/// Reads the answers to queries, each ended by [`END`].
pub fn answers(said: &str) -> Result<Vec<Answer>, Failure> {
    let mut all = Vec::new();
    let mut answer = Answer::default();
    for set in said.split("<resultset").skip(1) {
        let mut rows = rows(set)?;
        match rows.as_slice() {
            [row] if row.first().is_some_and(|(name, _)| name == "switchover_affected") => {
                let number = |index: usize| {
                    row.get(index).and_then(|(_, text)| text.as_deref()).and_then(|text| text.parse().ok())
                };
                answer.affected = number(0).unwrap_or(-1);
                answer.warnings = number(1).unwrap_or(0).unsigned_abs();
                all.push(std::mem::take(&mut answer));
            }
            _ => answer.rows.extend(typed(&mut rows)),
        }
    }
    Ok(all)
}

/// A column's name and its text; `None` for NULL.
type Field = (String, Option<String>);

fn rows(set: &str) -> Result<Vec<Vec<Field>>, Failure> {
    let broken = || Failure::new("the client's answer ended in the middle of a row");
    let mut all = Vec::new();
    for row in set.split("<row>").skip(1) {
        let mut fields = Vec::new();
        let mut rest = row;
        while let Some((_, field)) = rest.split_once("<field name=\"") {
            let (name, tail) = field.split_once('"').ok_or_else(broken)?;
            if let Some(tail) = tail.strip_prefix(" xsi:nil=\"true\" />") {
                fields.push((plain(name), None));
                rest = tail;
            } else {
                let (text, tail) =
                    tail.strip_prefix('>').and_then(|tail| tail.split_once("</field>")).ok_or_else(broken)?;
                fields.push((plain(name), Some(plain(text))));
                rest = tail;
            }
        }
        all.push(fields);
    }
    Ok(all)
}

fn plain(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Returns rows as mappings; a column whose values all read as numbers holds numbers.
fn typed(rows: &mut [Vec<Field>]) -> Vec<Value> {
    let width = rows.first().map_or(0, Vec::len);
    let column = |index: usize| rows.iter().filter_map(move |row| row.get(index)?.1.as_deref());
    let whole: Vec<bool> = (0..width).map(|index| column(index).all(is_whole)).collect();
    let value = |index: usize, text: &Option<String>| match text {
        None => Value::Null,
        Some(text) if whole[index] => {
            text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
        }
        Some(text) => json!(text),
    };
    let row = |row: &Vec<Field>| {
        let fields = row.iter().enumerate().map(|(index, (name, text))| (name.clone(), value(index, text)));
        Value::Object(fields.collect())
    };
    rows.iter().map(row).collect()
}

/// Returns whether text is what a server writes for a whole number: `007` is text.
fn is_whole(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_text_or_nothing() {
        let said = "<resultset statement=\"x\">\n  <row>\n\t<field name=\"i\">1</field>\n\t<field name=\"s\">a &lt;b&gt;\n&amp;lt;</field>\n\
                    \t<field name=\"z\">007</field>\n  </row>\n  <row>\n\t<field name=\"i\" xsi:nil=\"true\" />\n\t<field name=\"s\">2</field>\n\
                    \t<field name=\"z\">1</field>\n  </row>\n</resultset><resultset><row>\n\t<field name=\"switchover_affected\">-1</field>\n\
                    \t<field name=\"switchover_warnings\">0</field>\n  </row></resultset>";
        let [answer] = answers(said).unwrap().try_into().unwrap();
        assert_eq!(
            answer.rows,
            [json!({ "i": 1, "s": "a <b>\n&lt;", "z": "007" }), json!({ "i": null, "s": "2", "z": "1" })]
        );
        assert_eq!(answer.count(), 2);
    }

    #[test]
    fn an_answer_that_broke_off_is_a_failure() {
        assert!(answers("<resultset><row><field name=\"a\">1").is_err());
    }
}
