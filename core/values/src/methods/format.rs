//! `'{}-{name:>8}'.format(a, name=b)`: Python's format strings.

use minijinja::{Error, Value};

use crate::call::fail;
use crate::operators::{attribute, defined, item, number};
use crate::template::python;

/// Formats values by position and name.
pub fn format(text: &str, positional: &[Value], named: &[(String, Value)]) -> Result<String, Error> {
    let mut out = String::new();
    let mut automatic = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let bracket = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(bracket) {
            out.push_str(bracket);
            rest = &rest[1..];
            continue;
        }
        if bracket == "}" {
            return Err(fail("single '}' encountered in format string"));
        }
        let end = rest.find('}').ok_or_else(|| fail("expected '}' before end of string"))?;
        out.push_str(&field(&rest[..end], positional, named, &mut automatic)?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn field(
    field: &str,
    positional: &[Value],
    named: &[(String, Value)],
    automatic: &mut usize,
) -> Result<String, Error> {
    let (target, spec) = field.split_once(':').unwrap_or((field, ""));
    let (path, conversion) = target.split_once('!').unwrap_or((target, ""));
    let value = resolve(path, positional, named, automatic)?;
    defined(&value)?;
    match conversion {
        "" => formatted(&value, spec),
        "s" => formatted(&Value::from(python::text(&value)), spec),
        "r" => formatted(&Value::from(python::repr(&value)), spec),
        other => Err(fail(format!("unknown conversion specifier '{other}'"))),
    }
}

/// Finds the value of a path such as `0`, `name`, `name.attr` or `name[key]`.
fn resolve(
    path: &str,
    positional: &[Value],
    named: &[(String, Value)],
    automatic: &mut usize,
) -> Result<Value, Error> {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (first, mut rest) = path.split_at(end);
    let by_index = |index: usize| {
        positional.get(index).cloned().ok_or_else(|| fail(format!("there is no argument {index} to format")))
    };
    let mut value = match first.parse::<usize>() {
        Ok(index) => by_index(index)?,
        Err(_) if first.is_empty() => {
            *automatic += 1;
            by_index(*automatic - 1)?
        }
        Err(_) => named
            .iter()
            .find(|(name, _)| name == first)
            .map(|(_, value)| value.clone())
            .ok_or_else(|| fail(format!("there is no argument '{first}' to format")))?,
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            value = attribute(&value, &Value::from(&after[..end]), None)?;
            rest = &after[end..];
        } else {
            let end = rest.find(']').ok_or_else(|| fail("missing ']' in format string"))?;
            let key = rest[1..end].parse::<i64>().map_or_else(|_| Value::from(&rest[1..end]), Value::from);
            value = item(&value, &key, None)?;
            rest = &rest[end + 1..];
        }
    }
    Ok(value)
}

/// `[[fill]align][sign][#][0][width][,][.precision][type]`
#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

fn spec(text: &str) -> Result<Spec, Error> {
    let mut spec = Spec::default();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let is_align = |c: Option<&char>| c.is_some_and(|c| "<>^=".contains(*c));
    if is_align(chars.get(1)) {
        (spec.fill, spec.align, at) = (chars.first().copied(), chars.get(1).copied(), 2);
    } else if is_align(chars.first()) {
        (spec.align, at) = (chars.first().copied(), 1);
    }
    let take = |wanted: &str, at: &mut usize| {
        let found = chars.get(*at).copied().filter(|c| wanted.contains(*c));
        *at += usize::from(found.is_some());
        found
    };
    spec.sign = take("+- ", &mut at);
    spec.alternate = take("#", &mut at).is_some();
    if take("0", &mut at).is_some() && spec.align.is_none() {
        (spec.fill, spec.align) = (Some('0'), Some('='));
    }
    while let Some(digit) = take("0123456789", &mut at) {
        spec.width = spec.width * 10 + digit as usize - '0' as usize;
    }
    spec.grouping = take(",_", &mut at);
    if take(".", &mut at).is_some() {
        let mut precision = 0;
        while let Some(digit) = take("0123456789", &mut at) {
            precision = precision * 10 + digit as usize - '0' as usize;
        }
        spec.precision = Some(precision);
    }
    spec.kind = take("bcdeEfFgGnosxX%", &mut at);
    if at < chars.len() {
        return Err(fail(format!("invalid format specifier '{text}'")));
    }
    Ok(spec)
}

/// Returns `format(value, spec)`.
pub fn formatted(value: &Value, text: &str) -> Result<String, Error> {
    let spec = spec(text)?;
    let is_number = value.is_number();
    let body = match (is_number, spec.kind) {
        (true, kind) if kind != Some('s') => numeric(value, &spec)?,
        (_, None | Some('s')) => {
            let text = python::text(value);
            match spec.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text,
            }
        }
        (_, Some(kind)) => {
            let found = python::type_name(value);
            return Err(fail(format!("unknown format code '{kind}' for object of type '{found}'")));
        }
    };
    Ok(aligned(&spec, body, is_number))
}

fn numeric(value: &Value, spec: &Spec) -> Result<String, Error> {
    let number = number(value).ok_or_else(|| fail("a number is needed"))?;
    let negative = number < 0.0;
    let digits = match spec.kind {
        Some('b') => radix(value, spec, "0b", |n| format!("{n:b}"))?,
        Some('o') => radix(value, spec, "0o", |n| format!("{n:o}"))?,
        Some('x') => radix(value, spec, "0x", |n| format!("{n:x}"))?,
        Some('X') => radix(value, spec, "0X", |n| format!("{n:X}"))?,
        Some('%') => format!("{:.*}%", spec.precision.unwrap_or(6), number.abs() * 100.0),
        Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')) => {
            real(number.abs(), kind, spec.precision.unwrap_or(6))
        }
        _ if value.is_integer() => python::text(value).trim_start_matches('-').to_string(),
        _ => match spec.precision {
            Some(precision) => real(number.abs(), 'g', precision),
            None => python::text(value).trim_start_matches('-').to_string(),
        },
    };
    let digits = spec.grouping.map_or(digits.clone(), |mark| grouped(&digits, mark));
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (_, Some('+')) => "+",
        (_, Some(' ')) => " ",
        _ => "",
    };
    Ok(format!("{sign}{digits}"))
}

fn radix(value: &Value, spec: &Spec, prefix: &str, digits: fn(u128) -> String) -> Result<String, Error> {
    let number = i128::try_from(value.clone())?;
    Ok(format!("{}{}", if spec.alternate { prefix } else { "" }, digits(number.unsigned_abs())))
}

fn grouped(digits: &str, mark: char) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out + rest
}

fn aligned(spec: &Spec, body: String, is_number: bool) -> String {
    let missing = spec.width.saturating_sub(body.chars().count());
    let fill = spec.fill.unwrap_or(' ').to_string();
    match spec.align.unwrap_or(if is_number { '>' } else { '<' }) {
        '<' => body + &fill.repeat(missing),
        '^' => format!("{}{body}{}", fill.repeat(missing / 2), fill.repeat(missing - missing / 2)),
        '=' => {
            let (sign, digits) = body.split_at(usize::from(body.starts_with(['-', '+', ' '])));
            format!("{sign}{}{digits}", fill.repeat(missing))
        }
        _ => fill.repeat(missing) + &body,
    }
}

/// Returns a number that is not negative in C's notation `f`, `e` or `g`.
pub fn real(number: f64, kind: char, precision: usize) -> String {
    let text = match kind.to_ascii_lowercase() {
        'e' => exponent(number, precision),
        'g' => general(number, precision.max(1)),
        _ => format!("{number:.precision$}"),
    };
    if kind.is_ascii_uppercase() { text.to_uppercase() } else { text }
}

fn exponent(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let Some((mantissa, power)) = text.split_once('e') else { return text };
    let (sign, digits) = power.strip_prefix('-').map_or(('+', power), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn general(number: f64, precision: usize) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let rounded = format!("{number:.*e}", precision - 1);
    let power: i32 = rounded.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let text = if power < -4 || power >= precision as i32 {
        exponent(number, precision - 1)
    } else {
        format!("{number:.*}", (precision as i32 - 1 - power).max(0) as usize)
    };
    match text.split_once('e') {
        Some((mantissa, power)) => format!("{}e{power}", trimmed(mantissa)),
        None => trimmed(&text).to_string(),
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
