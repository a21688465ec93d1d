use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail};
use crate::names_table::{Entry, filter};
use crate::operators::number;
use crate::template::python;

/// Filters for numbers.
pub const TABLE: &[Entry] = &[
    filter("int", int),
    filter("float", float),
    filter("abs", abs),
    filter("round", round),
    filter("pow", pow),
    filter("root", root),
    filter("log", log),
    filter("human_readable", human_readable),
    filter("human_to_bytes", human_to_bytes),
    filter("filesizeformat", filesizeformat),
];

fn int(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let default = call.next("default").unwrap_or_else(|| Value::from(0));
    let base = call.int_or("base", 10)?;
    Ok(match value.kind() {
        ValueKind::Number if value.is_integer() => value,
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        ValueKind::Number => whole(f64::try_from(value)?).unwrap_or(default),
        ValueKind::String => text_to_int(value.as_str().unwrap_or_default(), base).unwrap_or(default),
        _ => default,
    })
}

fn whole(number: f64) -> Option<Value> {
    number.is_finite().then(|| Value::from(number.trunc() as i128))
}

fn text_to_int(text: &str, base: i64) -> Option<Value> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = |prefix: &str| lower.strip_prefix(prefix).map(str::to_string);
    let (base, digits) = match base {
        0 => match (prefixed("0x"), prefixed("0o"), prefixed("0b")) {
            (Some(digits), _, _) => (16, digits),
            (_, Some(digits), _) => (8, digits),
            (_, _, Some(digits)) => (2, digits),
            _ => (10, lower),
        },
        16 => (16, prefixed("0x").unwrap_or(lower)),
        8 => (8, prefixed("0o").unwrap_or(lower)),
        2 => (2, prefixed("0b").unwrap_or(lower)),
        base => (u32::try_from(base).ok().filter(|base| (2..=36).contains(base))?, lower),
    };
    let digits = digits.replace('_', "");
    match i128::from_str_radix(&digits, base) {
        Ok(number) => Some(Value::from(if negative { -number } else { number })),
        // As in Jinja, a text such as '3.7' goes through a float.
        Err(_) if base == 10 => text.parse::<f64>().ok().and_then(whole),
        Err(_) => None,
    }
}

fn float(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let default = call.next("default").unwrap_or_else(|| Value::from(0.0));
    let found = match value.as_str() {
        Some(text) => text.trim().replace('_', "").parse().ok(),
        None => number(&value),
    };
    Ok(found.map_or(default, Value::from))
}

/// Returns the number that a filter needs; who is given something else says `refused` and why.
fn need_number(call: &mut Call<'_, '_, '_>, name: &str, refused: &str) -> Result<f64, Error> {
    let value = call.need(name)?;
    let text_number = value.as_str().and_then(|text| text.trim().parse().ok());
    let kind = python::type_name(&value);
    number(&value).or(text_number).ok_or_else(|| fail(format!("{refused}: must be real number, not {kind}")))
}

fn abs(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("x")?;
    if value.is_integer() {
        return Ok(Value::from(i128::try_from(value)?.abs()));
    }
    number(&value)
        .map(|number| Value::from(number.abs()))
        .ok_or_else(|| fail(format!("bad operand type for abs(): '{}'", python::type_name(&value))))
}

fn round(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let precision = call.int_or("precision", 0)?;
    let method = call.text_or("method", "common");
    let number = number(&value)
        .ok_or_else(|| fail(format!("'round' takes a number, not {}", python::type_name(&value))))?;
    let rounded = match method.as_str() {
        "common" if precision >= 0 => half_even(number, precision as usize),
        "common" => {
            let scale = 10f64.powi(-precision as i32);
            half_even(number / scale, 0) * scale
        }
        "ceil" => scaled(number, precision, f64::ceil),
        "floor" => scaled(number, precision, f64::floor),
        _ => return Err(fail("the method of 'round' is common, ceil or floor")),
    };
    // Whole numbers stay whole where nothing had to be rounded up or down.
    Ok(match value.is_integer() && method == "common" {
        true => Value::from(rounded as i128),
        false => Value::from(rounded),
    })
}

fn scaled(number: f64, precision: i64, step: fn(f64) -> f64) -> f64 {
    let scale = 10f64.powi(precision as i32);
    step(number * scale) / scale
}

/// Rust formats the exact value, with ties to even, as Python's `round` does.
fn half_even(number: f64, precision: usize) -> f64 {
    format!("{number:.precision$}").parse().unwrap_or(number)
}

fn pow(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let refused = "pow() can only be used on numbers";
    let (x, y) = (need_number(call, "x", refused)?, need_number(call, "y", refused)?);
    Ok(Value::from(x.powf(y)))
}

fn root(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let x = need_number(call, "x", "root() can only be used on numbers")?;
    let base = call.next("base").and_then(|base| number(&base)).unwrap_or(2.0);
    if base == 0.0 {
        return Err(fail("float division by zero"));
    }
    if x < 0.0 && base == 2.0 {
        return Err(fail("root() can only be used on numbers: math domain error"));
    }
    Ok(Value::from(if base == 2.0 { x.sqrt() } else { x.powf(1.0 / base) }))
}

fn log(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let x = need_number(call, "x", "log() can only be used on numbers")?;
    let base = call.next("base").and_then(|base| number(&base)).unwrap_or(std::f64::consts::E);
    if x <= 0.0 {
        return Err(fail("math domain error"));
    }
    Ok(Value::from(match base {
        10.0 => x.log10(),
        2.0 => x.log2(),
        std::f64::consts::E => x.ln(),
        base => x.ln() / base.ln(),
    }))
}

/// Letters of units and their power of 1024.
const UNITS: [(char, i32); 8] =
    [('Y', 8), ('Z', 7), ('E', 6), ('P', 5), ('T', 4), ('G', 3), ('M', 2), ('K', 1)];

fn human_readable(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let size = need_number(call, "size", "human_readable() failed on bad input")?;
    let bits = call.flag("isbits", false);
    let unit = call.maybe_text("unit").and_then(|unit| unit.to_ascii_uppercase().chars().next());
    let base = if bits { "bits" } else { "Bytes" };
    let found = match unit {
        Some(unit) => UNITS.iter().find(|(letter, _)| *letter == unit),
        None => UNITS.iter().find(|(_, power)| size >= 1024f64.powi(*power)),
    };
    let (value, suffix) = match found {
        Some((letter, power)) => {
            (size / 1024f64.powi(*power), format!("{letter}{}", if bits { "b" } else { "B" }))
        }
        None => (size, base.to_string()),
    };
    Ok(Value::from(format!("{value:.2} {suffix}")))
}

fn human_to_bytes(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("size")?;
    let default_unit = call.maybe_text("default_unit");
    let bits = call.flag("isbits", false);
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let refused =
        |why: String| fail(format!("human_to_bytes() can't interpret the input: human_to_bytes() {why}"));
    let number: f64 =
        text[..end].parse().map_err(|_| refused(format!("can't interpret following string: {text}")))?;
    let unit = match text[end..].trim() {
        "" => default_unit.unwrap_or_default(),
        unit => unit.to_string(),
    };
    let (letter, rest) = unit.split_at(unit.chars().next().map_or(0, char::len_utf8));
    let letter = letter.to_ascii_uppercase();
    let plain = letter.is_empty() || (letter == "B" && rest.is_empty()) || unit.eq_ignore_ascii_case("bytes");
    let known_rest = if bits { ["", "b", "bit", "bits"] } else { ["", "B", "byte", "bytes"] };
    let power = match letter.chars().next().and_then(|c| UNITS.iter().find(|(unit, _)| *unit == c)) {
        _ if plain => 0,
        Some((_, power)) if known_rest.contains(&rest) => *power,
        Some((unit, _)) => {
            let whole = if bits { 'b' } else { 'B' };
            return Err(refused(format!(
                "failed to convert {text}. Value is not a valid string (expect {unit}{whole} or {unit})"
            )));
        }
        None => {
            let suffixes = "The suffix must be one of Y, Z, E, P, T, G, M, K, B";
            return Err(refused(format!("failed to convert {text} (unit = {unit}). {suffixes}")));
        }
    };
    Ok(Value::from((number * 1024f64.powi(power)).round() as i128))
}

fn filesizeformat(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let size = need_number(call, "value", "filesizeformat() can only be used on numbers")?;
    let binary = call.flag("binary", false);
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if size == 1.0 {
        return Ok(Value::from("1 Byte"));
    }
    if size < base {
        return Ok(Value::from(format!("{} Bytes", size as i128)));
    }
    let letters = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    let power = (1..letters.len()).find(|power| size < base.powi(*power as i32 + 1)).unwrap_or(letters.len());
    let letter = match binary {
        true => format!("{}iB", letters[power - 1].to_uppercase()),
        false => format!("{}B", letters[power - 1]),
    };
    Ok(Value::from(format!("{:.1} {letter}", size / base.powi(power as i32))))
}
