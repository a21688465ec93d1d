use serde_json::{Number, Value};

/// Beyond this no exponent can give a number that fits.
const LARGEST_EXPONENT: i64 = 40;

/// Converts to a whole number: `" 12 "`, `"1_000"`, `"1e3"` and `12.0` are whole, `12.5` and `0x10` are none.
/// `None` also for what does not fit into 64 bits.
pub(super) fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(value) => Some(i64::from(*value).into()),
        Value::Number(number) if !number.is_f64() => Some(value.clone()),
        Value::Number(number) => whole(&format!("{:e}", number.as_f64()?)),
        Value::String(text) => whole(&text.trim().replace('_', "")),
        _ => None,
    }
}

/// Converts to a number with a fraction. Infinity and NaN are refused: they do not survive JSON.
pub(super) fn float(value: &Value) -> Option<Value> {
    let float = match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => without_separators(text.trim())?.parse().ok()?,
        _ => return None,
    };
    Number::from_f64(float).map(Value::Number)
}

/// Removes underscores that stand between digits; `None` when one stands elsewhere.
fn without_separators(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let is_proper = |(at, _): (usize, &str)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    text.match_indices('_').all(is_proper).then(|| text.replace('_', ""))
}

/// Reads a decimal number whose fraction is zero.
fn whole(text: &str) -> Option<Value> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|digit| digit == b'0') {
        return Some(0.into());
    }
    let point = i64::try_from(before.len()).ok()?.checked_add(exponent)?;
    let point = usize::try_from(point).ok().filter(|point| *point > 0)?;
    let (whole, fraction) = digits.split_at(point.min(digits.len()));
    if fraction.bytes().any(|digit| digit != b'0') || exponent > LARGEST_EXPONENT {
        return None;
    }
    let zeros = "0".repeat(point.saturating_sub(digits.len()));
    let text = format!("{sign}{whole}{zeros}");
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_whole_numbers_in_every_spelling() {
        for (given, expected) in [
            (json!("12"), json!(12)),
            (json!(" 12 "), json!(12)),
            (json!("1_000"), json!(1000)),
            (json!("1e3"), json!(1000)),
            (json!("12.0"), json!(12)),
            (json!("120e-1"), json!(12)),
            (json!(".5e1"), json!(5)),
            (json!("0e-5"), json!(0)),
            (json!(12.0), json!(12)),
            (json!(true), json!(1)),
            (json!("0644"), json!(644)),
            (json!("-3"), json!(-3)),
            (json!("+3"), json!(3)),
            (json!("-9223372036854775808"), json!(i64::MIN)),
            (json!("18446744073709551615"), json!(u64::MAX)),
        ] {
            assert_eq!(integer(&given), Some(expected), "{given}");
        }
    }

    #[test]
    fn refuses_what_is_no_whole_number() {
        for given in [
            json!("12.5"),
            json!(12.5),
            json!("0x10"),
            json!(""),
            json!("abc"),
            json!("-"),
            json!("."),
            json!("1e"),
            json!("1-2"),
            json!("inf"),
            json!("1e400"),
            json!("1e-400"),
            json!("99999999999999999999"),
            json!([1]),
            json!(null),
        ] {
            assert_eq!(integer(&given), None, "{given}");
        }
    }

    #[test]
    fn reads_fractions_and_refuses_infinity() {
        for (given, expected) in
            [(json!("1.5"), 1.5), (json!(1), 1.0), (json!(" 2 "), 2.0), (json!("1_0.5"), 10.5)]
        {
            assert_eq!(float(&given), Some(json!(expected)), "{given}");
        }
        for given in [json!("abc"), json!("inf"), json!("nan"), json!("_1"), json!("1__0"), json!([1])] {
            assert_eq!(float(&given), None, "{given}");
        }
    }
}
