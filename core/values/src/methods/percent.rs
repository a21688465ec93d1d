//! `'%s-%03d' % (a, b)`: Python's printf-style formatting.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{fail, items};
use crate::operators::defined;
use crate::template::python;

/// One `%...` of a format.
#[derive(Default)]
struct Directive {
    key: Option<String>,
    minus: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: Option<usize>,
    precision: Option<usize>,
    kind: char,
}

/// The values that directives take, in order.
struct Arguments {
    list: std::vec::IntoIter<Value>,
    mapping: Option<Value>,
    left: bool,
}

/// Formats `args`: a tuple gives one value to each directive, anything else is the only value.
pub fn format(format: &str, args: &Value) -> Result<String, Error> {
    let list = if args.is_tuple() { items(args)? } else { vec![args.clone()] };
    let mapping = (args.kind() == ValueKind::Map).then(|| args.clone());
    format_values(format, list, mapping)
}

/// Formats a list of values, one for each directive.
pub fn format_values(format: &str, list: Vec<Value>, mapping: Option<Value>) -> Result<String, Error> {
    let mut arguments = Arguments { left: !list.is_empty(), list: list.into_iter(), mapping };
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (directive, used) = directive(&rest[at + 1..], &mut arguments)?;
        rest = &rest[at + 1 + used..];
        match directive.kind {
            '%' => out.push('%'),
            _ => {
                let value = argument(&directive, &mut arguments)?;
                out.push_str(&one(&directive, &value)?);
            }
        }
    }
    out.push_str(rest);
    if arguments.mapping.is_none() && arguments.list.next().is_some() {
        return Err(fail("not all arguments converted during string formatting"));
    }
    Ok(out)
}

fn argument(directive: &Directive, arguments: &mut Arguments) -> Result<Value, Error> {
    let value = match &directive.key {
        Some(key) => {
            let mapping = arguments.mapping.as_ref().ok_or_else(|| fail("format requires a mapping"))?;
            mapping.get_item(&Value::from(key.as_str()))?
        }
        None => next(arguments)?,
    };
    defined(&value)?;
    Ok(value)
}

fn next(arguments: &mut Arguments) -> Result<Value, Error> {
    arguments.left = false;
    arguments.list.next().ok_or_else(|| fail("not enough arguments for format string"))
}

fn directive(text: &str, arguments: &mut Arguments) -> Result<(Directive, usize), Error> {
    let mut directive = Directive::default();
    let mut chars = text.char_indices().peekable();
    let incomplete = || fail("incomplete format");
    if chars.next_if(|(_, c)| *c == '(').is_some() {
        let end = text.find(')').ok_or_else(incomplete)?;
        directive.key = Some(text[1..end].to_string());
        chars = text.char_indices().peekable();
        while chars.next_if(|(at, _)| *at <= end).is_some() {}
    }
    while let Some((_, flag)) = chars.next_if(|(_, c)| "-+ 0#".contains(*c)) {
        match flag {
            '-' => directive.minus = true,
            '+' => directive.plus = true,
            ' ' => directive.space = true,
            '0' => directive.zero = true,
            _ => directive.alternate = true,
        }
    }
    directive.width = count(&mut chars, arguments)?;
    if chars.next_if(|(_, c)| *c == '.').is_some() {
        directive.precision = Some(count(&mut chars, arguments)?.unwrap_or(0));
    }
    while chars.next_if(|(_, c)| matches!(c, 'l' | 'h' | 'L')).is_some() {}
    let (at, kind) = chars.next().ok_or_else(incomplete)?;
    directive.kind = kind;
    Ok((directive, at + kind.len_utf8()))
}

fn count(
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    arguments: &mut Arguments,
) -> Result<Option<usize>, Error> {
    if chars.next_if(|(_, c)| *c == '*').is_some() {
        return next(arguments)?.as_usize().map(Some).ok_or_else(|| fail("* wants int"));
    }
    let mut number = None;
    while let Some((_, digit)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
        number = Some(number.unwrap_or(0) * 10 + digit as usize - '0' as usize);
    }
    Ok(number)
}

fn one(directive: &Directive, value: &Value) -> Result<String, Error> {
    let text = match directive.kind {
        's' => shorten(python::text(value), directive),
        'r' | 'a' => shorten(python::repr(value), directive),
        'd' | 'i' | 'u' => whole(directive, value, |n| n.to_string(), "")?,
        'x' => whole(directive, value, |n| format!("{n:x}"), "0x")?,
        'X' => whole(directive, value, |n| format!("{n:X}"), "0X")?,
        'o' => whole(directive, value, |n| format!("{n:o}"), "0o")?,
        'c' => match value.as_str() {
            Some(text) if text.chars().count() == 1 => text.to_string(),
            _ => value
                .as_i64()
                .and_then(|code| char::from_u32(u32::try_from(code).ok()?))
                .map(String::from)
                .ok_or_else(|| fail("%c requires int or char"))?,
        },
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => real(directive, value)?,
        other => return Err(fail(format!("unsupported format character '{other}'"))),
    };
    Ok(padded(directive, text))
}

fn shorten(text: String, directive: &Directive) -> String {
    match directive.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    }
}

fn whole(
    directive: &Directive,
    value: &Value,
    digits: fn(u128) -> String,
    prefix: &str,
) -> Result<String, Error> {
    let kind = directive.kind;
    let number = match value.kind() {
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone())?,
        ValueKind::Number if matches!(kind, 'd' | 'i' | 'u') => f64::try_from(value.clone())? as i128,
        ValueKind::Bool => i128::from(value.is_true()),
        _ => {
            let found = python::type_name(value);
            return Err(fail(format!("%{kind} format: a real number is required, not {found}")));
        }
    };
    let digits = digits(number.unsigned_abs());
    let prefix = if directive.alternate { prefix } else { "" };
    Ok(format!("{}{prefix}{digits}", sign(directive, number < 0)))
}

fn sign(directive: &Directive, negative: bool) -> &'static str {
    match (negative, directive.plus, directive.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn real(directive: &Directive, value: &Value) -> Result<String, Error> {
    let number = crate::operators::number(value)
        .ok_or_else(|| fail(format!("must be real number, not {}", python::type_name(value))))?;
    let precision = directive.precision.unwrap_or(6);
    let digits = super::format::real(number.abs(), directive.kind, precision);
    Ok(format!("{}{digits}", sign(directive, number < 0.0)))
}

fn padded(directive: &Directive, text: String) -> String {
    let missing = directive.width.unwrap_or(0).saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    if directive.minus {
        return text + &" ".repeat(missing);
    }
    if directive.zero && !matches!(directive.kind, 's' | 'r' | 'a' | 'c') {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+', ' '])));
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    " ".repeat(missing) + &text
}

#[cfg(test)]
mod tests {
    use minijinja::value::Tuple;

    use super::*;

    fn check(format: &str, args: Vec<Value>) -> String {
        super::format(format, &Value::from(Tuple::new(args))).unwrap()
    }

    #[test]
    fn formats_like_python() {
        assert_eq!(check("%s-%d", vec![Value::from("a"), Value::from(3)]), "a-3");
        assert_eq!(
            check("%05d|%-4s|%4s|", vec![Value::from(-42), Value::from("x"), Value::from("y")]),
            "-0042|x   |   y|"
        );
        assert_eq!(
            check("%.2f %e %g", vec![Value::from(1.005), Value::from(12345.678), Value::from(0.0001)]),
            "1.00 1.234568e+04 0.0001"
        );
        assert_eq!(check("%x %#o %%", vec![Value::from(255), Value::from(8)]), "ff 0o10 %");
    }

    #[test]
    fn refuses_wrong_numbers_of_arguments() {
        let error = format("%s %s", &Value::from("a")).unwrap_err();
        assert!(error.to_string().contains("not enough arguments"));
        let error =
            super::format("%s", &Value::from(Tuple::new(vec![Value::from(1), Value::from(2)]))).unwrap_err();
        assert!(error.to_string().contains("not all arguments converted"));
    }
}
