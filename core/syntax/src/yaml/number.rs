//! The numbers of YAML 1.1, by the expressions that PyYAML's resolver uses.

/// What a plain scalar that looks like a number is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
    /// A whole number that does not fit into 64 bits.
    TooLarge,
    /// A prefix without digits, such as `0x_`.
    Malformed,
}

/// Returns the number that this text is, or `None` when it is text.
pub(super) fn number(text: &str) -> Option<Number> {
    if !text.bytes().next().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.')) {
        return None;
    }
    float(text).map(Number::Float).or_else(|| int(text))
}

fn int(text: &str) -> Option<Number> {
    let (negative, body) = sign(text);
    if let Some(digits) = body.strip_prefix("0b") {
        return radix(digits, 2, negative, |b| matches!(b, b'0' | b'1'));
    }
    if let Some(digits) = body.strip_prefix("0x") {
        return radix(digits, 16, negative, |b| b.is_ascii_hexdigit());
    }
    if body == "0" {
        return Some(Number::Int(0));
    }
    if body.starts_with('0') {
        return radix(body, 8, negative, |b| matches!(b, b'0'..=b'7'));
    }
    let mut parts = body.split(':');
    let first = parts.next()?;
    if !first.starts_with(|c: char| ('1'..='9').contains(&c)) || !digits_or_underscores(first) {
        return None;
    }
    if !parts.clone().all(is_sixty) {
        return None;
    }
    let mut total = first.replace('_', "").parse::<i128>().ok();
    for part in parts {
        let part = part.parse::<i128>().ok()?;
        total = total.and_then(|t| t.checked_mul(60)).and_then(|t| t.checked_add(part));
    }
    Some(fit(total, negative))
}

fn radix(digits: &str, base: u32, negative: bool, allowed: impl Fn(u8) -> bool) -> Option<Number> {
    if digits.is_empty() || !digits.bytes().all(|b| b == b'_' || allowed(b)) {
        return None;
    }
    let digits = digits.replace('_', "");
    if digits.is_empty() {
        return Some(Number::Malformed);
    }
    Some(fit(i128::from_str_radix(&digits, base).ok(), negative))
}

fn fit(value: Option<i128>, negative: bool) -> Number {
    value
        .map(|v| if negative { -v } else { v })
        .and_then(|v| i64::try_from(v).ok())
        .map_or(Number::TooLarge, Number::Int)
}

fn float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let (whole, rest) = text.split_once('.')?;
    let (negative, digits) = sign(whole);
    if digits.contains(':') {
        return sexagesimal_float(digits, rest).map(|v| if negative { -v } else { v });
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let leading = digits.starts_with(|c: char| c.is_ascii_digit()) && digits_or_underscores(digits);
    let bare = whole.is_empty() && fraction.starts_with(|c: char| c.is_ascii_digit());
    if !(leading || bare) || !digits_or_underscores(fraction) || !exponent.is_none_or(is_exponent) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

fn sexagesimal_float(whole: &str, fraction: &str) -> Option<f64> {
    let mut parts = whole.split(':');
    let first = parts.next()?;
    let valid = first.starts_with(|c: char| c.is_ascii_digit())
        && digits_or_underscores(first)
        && parts.all(is_sixty)
        && digits_or_underscores(fraction);
    if !valid {
        return None;
    }
    let text = format!("{whole}.{fraction}").replace('_', "");
    let mut total = 0.0;
    let mut base = 1.0;
    for part in text.rsplit(':') {
        total += part.parse::<f64>().ok()? * base;
        base *= 60.0;
    }
    Some(total)
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn digits_or_underscores(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn is_sixty(part: &str) -> bool {
    matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}

/// The exponent needs a sign, which is why `1e3` is text.
fn is_exponent(text: &str) -> bool {
    text.strip_prefix(['-', '+']).is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_octal_hexadecimal_binary_and_sexagesimal() {
        for (text, value) in
            [("0644", 420), ("-0644", -420), ("0x1F", 31), ("0b11", 3), ("12:30:45", 45045), ("1_000", 1000)]
        {
            assert_eq!(number(text), Some(Number::Int(value)), "{text}");
        }
    }

    #[test]
    fn leaves_what_is_not_a_number_of_yaml_1_1() {
        for text in
            ["1e3", "089", "0o17", "1:60", "-.5", "1.5e3", "1.2.3", "2024-01-01", "-", "+", ".", "0x", "_1"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn tells_a_number_that_does_not_fit() {
        assert_eq!(number("9223372036854775807"), Some(Number::Int(i64::MAX)));
        assert_eq!(number("-9223372036854775808"), Some(Number::Int(i64::MIN)));
        assert_eq!(number("9223372036854775808"), Some(Number::TooLarge));
        assert_eq!(number(&"9".repeat(60)), Some(Number::TooLarge));
    }
}
