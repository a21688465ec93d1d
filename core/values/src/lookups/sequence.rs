use minijinja::{Error, Value};

use super::{Lookup, Request, lookup};
use crate::call::fail;
use crate::methods::percent;

/// The lookup `sequence`.
pub const TABLE: &[Lookup] = &[lookup("sequence", sequence)];

/// What a sequence is asked for: `start=4 end=16 stride=2 format=host%02x`, or `4-16/2:host%02x`.
struct Wish {
    start: i64,
    end: Option<i64>,
    count: Option<i64>,
    stride: Option<i64>,
    format: String,
}

fn sequence(request: &mut Request<'_>) -> Result<Vec<Value>, Error> {
    let mut out = Vec::new();
    let mut named = Vec::new();
    for key in ["start", "end", "count", "stride", "format"] {
        named.extend(request.named_text(key).map(|value| (key.to_string(), value)));
    }
    let mut terms = request.texts();
    if terms.is_empty() {
        terms.push(String::new());
    }
    for term in terms {
        let mut wish = Wish { start: 1, end: None, count: None, stride: None, format: "%d".into() };
        let term = term.trim();
        let given = if term.contains('=') { options(term)? } else { short_form(term)? };
        for (key, value) in given.iter().chain(&named) {
            wish.set(key, value)?;
        }
        out.extend(wish.numbers()?);
    }
    Ok(out)
}

fn options(term: &str) -> Result<Vec<(String, String)>, Error> {
    term.split_whitespace()
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) => Ok((key.to_string(), value.to_string())),
            None => Err(fail(format!("can't parse arguments to with_sequence: '{pair}'"))),
        })
        .collect()
}

/// `[start-]end[/stride][:format]`
fn short_form(term: &str) -> Result<Vec<(String, String)>, Error> {
    let mut out = Vec::new();
    let mut push = |key: &str, value: &str| out.push((key.to_string(), value.to_string()));
    let (range, format) = term.split_once(':').map_or((term, None), |(range, format)| (range, Some(format)));
    let (range, stride) =
        range.split_once('/').map_or((range, None), |(range, stride)| (range, Some(stride)));
    match range.get(1..).and_then(|rest| rest.find('-')) {
        Some(at) => {
            push("start", &range[..=at]);
            push("end", &range[at + 2..]);
        }
        None if !range.is_empty() => push("end", range),
        None => {}
    }
    if let Some(stride) = stride {
        push("stride", stride);
    }
    if let Some(format) = format {
        push("format", format);
    }
    Ok(out)
}

impl Wish {
    fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let number = || {
            let (digits, radix) = match value.strip_prefix("0x") {
                Some(digits) => (digits, 16),
                None => (value, 10),
            };
            i64::from_str_radix(digits, radix)
                .map_err(|_| fail(format!("can't parse {key}={value} as integer")))
        };
        match key {
            "start" => self.start = number()?,
            "end" => self.end = Some(number()?),
            "count" => self.count = Some(number()?),
            "stride" => self.stride = Some(number()?),
            "format" => self.format = value.to_string(),
            _ => return Err(fail(format!("unrecognized arguments to with_sequence: ['{key}']"))),
        }
        Ok(())
    }

    fn numbers(&self) -> Result<Vec<Value>, Error> {
        let stride = self.stride.unwrap_or(1);
        let end = match (self.count, self.end) {
            (Some(_), Some(_)) => return Err(fail("can't specify both count and end in with_sequence")),
            (None, None) => return Err(fail("must specify count or end in with_sequence")),
            (Some(0), None) => return Ok(Vec::new()),
            (Some(count), None) => self.start + count * stride - stride,
            (None, Some(end)) => end,
        };
        match stride {
            0 => return Ok(Vec::new()),
            stride if stride > 0 && end < self.start => {
                return Err(fail("to count backwards make stride negative"));
            }
            stride if stride < 0 && end > self.start => {
                return Err(fail("to count forward don't make stride negative"));
            }
            _ => {}
        }
        let count = (end - self.start) / stride + 1;
        if count > 1_000_000 {
            return Err(fail("a sequence has at most a million numbers"));
        }
        (0..count)
            .map(|at| percent::format(&self.format, &Value::from(self.start + at * stride)).map(Value::from))
            .collect()
    }
}
