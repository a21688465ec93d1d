use switchover_syntax::NodeKind;

/// Returns a number of Python's grammar without its sign, and how many bytes it takes.
pub(super) fn number(text: &str, negative: bool) -> Option<(NodeKind, usize)> {
    let length = length(text);
    let token = &text[..length];
    let kind = match token.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => int(&token[2..], 16, negative, true)?,
        Some("0o") => int(&token[2..], 8, negative, true)?,
        Some("0b") => int(&token[2..], 2, negative, true)?,
        _ if token.contains(['.', 'e', 'E']) => float(token, negative)?,
        _ if token.starts_with('0') && token.bytes().any(|b| !matches!(b, b'0' | b'_')) => return None,
        _ => int(token, 10, negative, false)?,
    };
    Some((kind, length))
}

/// The number with all letters behind it, so that `1if` is none.
fn length(text: &str) -> usize {
    let hexadecimal = text.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("0x"));
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let exponent = !hexadecimal && matches!(before, 'e' | 'E') && matches!(c, '+' | '-');
        if !(c.is_alphanumeric() || c == '_' || c == '.' || exponent) {
            return at;
        }
        before = c;
    }
    text.len()
}

fn int(digits: &str, base: u32, negative: bool, prefixed: bool) -> Option<NodeKind> {
    let digits = digits.strip_prefix('_').filter(|_| prefixed).unwrap_or(digits);
    if !digits.split('_').all(|part| !part.is_empty() && part.chars().all(|c| c.is_digit(base))) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), base).ok().map(NodeKind::Int)
}

fn float(token: &str, negative: bool) -> Option<NodeKind> {
    let (mantissa, exponent) = match token.find(['e', 'E']) {
        Some(at) => (&token[..at], Some(&token[at + 1..])),
        None => (token, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.split('_').all(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    let optional = |part: &str| part.is_empty() || digits(part);
    let valid = optional(whole)
        && optional(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    let value: f64 = valid.then(|| token.replace('_', "").parse().ok())??;
    Some(NodeKind::Float(if negative { -value } else { value }))
}
