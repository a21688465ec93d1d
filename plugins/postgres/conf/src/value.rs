use postgres_server::sql;
use switchover_sdk::prelude::*;

/// Units of size in bytes and of time in microseconds.
const UNITS: &[(&str, f64)] = &[
    ("B", 1.0),
    ("kB", 1024.0),
    ("MB", 1_048_576.0),
    ("GB", 1_073_741_824.0),
    ("TB", 1_099_511_627_776.0),
    ("us", 1.0),
    ("ms", 1e3),
    ("s", 1e6),
    ("min", 6e7),
    ("h", 3.6e9),
    ("d", 8.64e10),
];

/// Returns whether two values of a setting mean the same; `unit` is the unit of bare numbers, such as `8kB`.
pub fn same_value(left: &str, right: &str, unit: &str) -> bool {
    if left.eq_ignore_ascii_case(right) {
        return true;
    }
    if let (Some(left), Some(right)) = (boolean(left), boolean(right)) {
        return left == right;
    }
    match (quantity(left, unit), quantity(right, unit)) {
        (Some(left), Some(right)) => (left - right).abs() < 1e-6,
        _ => false,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" => Some(true),
        "off" | "false" | "no" => Some(false),
        _ => None,
    }
}

fn quantity(text: &str, unit: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    let (number, own) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    match own.trim() {
        "" if unit.is_empty() => Some(number),
        // A bare number counts in the setting's own unit, which may itself be a multiple (`8kB`).
        "" if unit.starts_with(|c: char| c.is_ascii_digit()) => Some(number * quantity(unit, "")?),
        "" => Some(number * quantity(&format!("1{unit}"), "")?),
        own => UNITS.iter().find(|(name, _)| *name == own).map(|(_, size)| number * size),
    }
}

/// Returns whether this can be the name of a setting, so that it may become part of a statement.
pub fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    name.split('.').count() <= 2 && name.split('.').all(word)
}

/// Returns the statement that sets a value, or takes it back when it is null.
pub fn assignment(name: &str, value: &Value) -> Result<String, Failure> {
    let literal = |value: &Value| match value {
        Value::String(text) => Ok(sql::literal(text)),
        Value::Number(number) => Ok(sql::literal(&number.to_string())),
        Value::Bool(on) => Ok((if *on { "'on'" } else { "'off'" }).to_owned()),
        other => Err(Failure::arguments(format!("{name} cannot be set to {other}"))),
    };
    let quoted = name.split('.').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(".");
    Ok(match value {
        Value::Null => format!("ALTER SYSTEM RESET {quoted};\n"),
        Value::Array(items) if items.is_empty() => format!("ALTER SYSTEM SET {quoted} = '';\n"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect::<Result<_, _>>()?;
            format!("ALTER SYSTEM SET {quoted} = {};\n", items.join(", "))
        }
        one => format!("ALTER SYSTEM SET {quoted} = {};\n", literal(one)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_meaning() {
        assert!(same_value("1GB", "1024MB", "8kB"));
        assert!(same_value("128MB", "16384", "8kB"));
        assert!(same_value("5min", "300s", "s"));
        assert!(same_value("300", "5min", "s"));
        assert!(same_value("on", "true", ""));
        assert!(!same_value("replica", "logical", ""));
        assert!(!same_value("10", "11", ""));
    }

    #[test]
    fn a_name_cannot_carry_a_statement() {
        assert!(is_name("work_mem") && is_name("auto_explain.log_min_duration"));
        for name in ["a; DROP", "a\"b", "", "a.b.c", "1a"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn values_become_literals_and_lists_lists() {
        let set = |value: Value| assignment("a.b", &value).unwrap();
        assert_eq!(set(json!("it's")), "ALTER SYSTEM SET \"a\".\"b\" = 'it''s';\n");
        assert_eq!(set(json!(["x", "y"])), "ALTER SYSTEM SET \"a\".\"b\" = 'x', 'y';\n");
        assert_eq!(set(Value::Null), "ALTER SYSTEM RESET \"a\".\"b\";\n");
        assert!(assignment("a", &json!({})).is_err());
    }
}
