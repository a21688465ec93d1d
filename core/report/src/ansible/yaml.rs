use serde_json::{Map, Value};

/// Returns a result as YAML on lines of its own; `pretty` makes its texts fit for reading, at the cost of being exact.
pub fn dump(result: &Map<String, Value>, pretty: bool) -> String {
    written(result, pretty, 4, if pretty { 4 } else { 2 })
}

/// Returns a result whose lines are put one behind the other.
pub fn joined(result: &Map<String, Value>, pretty: bool) -> String {
    written(result, pretty, if pretty { 1 } else { 4 }, 2)
}

fn written(result: &Map<String, Value>, pretty: bool, margin: usize, indent: usize) -> String {
    let mut result = result.clone();
    if pretty {
        omit_lines(&mut result);
    }
    let readable: fn(&str) -> String = if pretty { readable } else { str::to_owned };
    let text = switchover_values::literal_yaml(&Value::Object(result), indent, readable);
    let lines = text.trim_end_matches('\n').split_inclusive(['\n', '\u{2028}', '\u{2029}']);
    let indented = lines.map(|line| match line.trim().is_empty() {
        true => line.to_owned(),
        false => format!("{}{line}", " ".repeat(margin)),
    });
    format!("\n{}", indented.collect::<String>())
}

/// What `stdout` says need not be said again in lines.
fn omit_lines(result: &mut Map<String, Value>) {
    for (text, lines) in [("stdout", "stdout_lines"), ("stderr", "stderr_lines")] {
        if result.contains_key(text) && result.contains_key(lines) {
            result.insert(lines.to_owned(), "<omitted>".into());
        }
    }
}

/// Returns a text that a block of lines can hold: no blanks at the end of lines, no tabs, nothing invisible.
fn readable(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for letter in text.trim_end().chars() {
        match letter {
            '\t' => {
                let width = TAB - column % TAB;
                out.push_str(&" ".repeat(width));
                column += width;
            }
            '\n' => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                column = 0;
            }
            ' '..='~' | '\u{a0}'.. => {
                out.push(letter);
                column += 1;
            }
            _ => {}
        }
    }
    out
}

const TAB: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn dumped(value: Value, pretty: bool) -> String {
        dump(value.as_object().unwrap(), pretty)
    }

    #[test]
    fn texts_of_several_lines_are_blocks() {
        let value = serde_json::json!({ "stdout": "a \n\tb\n\n", "stdout_lines": ["a", "b"], "rc": 0 });
        let expected =
            "\n    rc: 0\n    stdout: |-\n        a\n                b\n    stdout_lines: <omitted>";
        assert_eq!(dumped(value, true), expected);
    }

    #[test]
    fn what_is_not_pretty_is_exact() {
        let value = serde_json::json!({ "a": "x \ny", "b": "x\ny\n", "c": { "d": [] } });
        assert_eq!(
            dumped(value, false),
            "\n    a: \"x \\ny\"\n    b: |\n      x\n      y\n    c:\n      d: []"
        );
    }
}
