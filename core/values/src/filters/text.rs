use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, pairs};
use crate::methods::percent;
use crate::names_table::{Entry, filter};
use crate::template::python;

/// Filters for text.
pub const TABLE: &[Entry] = &[
    filter("upper", |call| Ok(Value::from(call.text("s")?.to_uppercase()))),
    filter("lower", |call| Ok(Value::from(call.text("s")?.to_lowercase()))),
    filter("capitalize", |call| Ok(Value::from(crate::methods::capitalized(&call.text("s")?)))),
    filter("title", title),
    filter("trim", trim),
    filter("replace", replace),
    filter("split", split),
    filter("indent", indent),
    filter("center", center),
    filter("truncate", truncate),
    filter("wordcount", wordcount),
    filter("wordwrap", wordwrap),
    filter("format", format),
    filter("quote", quote),
    filter("comment", comment),
    filter("escape", escape),
    filter("e", escape),
    filter("forceescape", escape),
    filter("striptags", striptags),
    filter("xmlattr", xmlattr),
    filter("pprint", |call| Ok(Value::from(python::repr(&call.need("value")?)))),
];

fn title(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("s")?;
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for c in text.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = c.is_whitespace() || "-({[<".contains(c);
    }
    Ok(Value::from(out))
}

fn trim(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let trimmed = match call.maybe_text("chars") {
        Some(chars) => text.trim_matches(|c| chars.contains(c)),
        None => text.trim(),
    };
    Ok(Value::from(trimmed))
}

fn replace(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (text, old, new) = (call.text("s")?, call.text("old")?, call.text("new")?);
    let replaced = match call.maybe_int("count")?.and_then(|count| usize::try_from(count).ok()) {
        Some(count) => text.replacen(&old, &new, count),
        None => text.replace(&old, &new),
    };
    Ok(Value::from(replaced))
}

fn split(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = Value::from(call.text("value")?);
    match crate::methods::text_method(&text, "split", call)? {
        Some(parts) => Ok(parts),
        None => Err(fail("'split' takes a text")),
    }
}

fn indent(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("s")?;
    let width = call.next("width").unwrap_or_else(|| Value::from(4));
    let first = call.flag("first", false);
    let blank = call.flag("blank", false);
    let prefix = match width.as_str() {
        Some(prefix) => prefix.to_string(),
        None => " ".repeat(width.as_usize().unwrap_or(4)),
    };
    let mut out = String::with_capacity(text.len() + 64);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let wanted = if number == 0 { first } else { blank || !line.is_empty() };
        if wanted {
            out.push_str(&prefix);
        }
        out.push_str(line);
    }
    Ok(Value::from(out))
}

fn center(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let width = call.int_or("width", 80)?.max(0) as usize;
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    Ok(Value::from(format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left))))
}

fn truncate(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("s")?;
    let length = call.int_or("length", 255)?.max(0) as usize;
    let kill_words = call.flag("killwords", false);
    let end = call.text_or("end", "...");
    let leeway = call.int_or("leeway", 5)?.max(0) as usize;
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= length + leeway {
        return Ok(Value::from(text));
    }
    let kept: String = chars[..length.saturating_sub(end.chars().count())].iter().collect();
    let kept = match kept.rsplit_once(' ') {
        Some((words, _)) if !kill_words => words.to_string(),
        _ => kept,
    };
    Ok(Value::from(kept + &end))
}

fn wordcount(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("s")?;
    Ok(Value::from(
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count(),
    ))
}

fn wordwrap(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("s")?;
    let width = call.int_or("width", 79)?.max(1) as usize;
    let break_long = call.flag("break_long_words", true);
    let separator = call.text_or("wrapstring", "\n");
    call.next("break_on_hyphens");
    let wrapped: Vec<String> =
        text.lines().map(|line| wrap_line(line, width, break_long).join(&separator)).collect();
    Ok(Value::from(wrapped.join(&separator)))
}

fn wrap_line(line: &str, width: usize, break_long: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let used = current.chars().count();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut current));
        }
        while break_long && word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.extend(word);
    }
    lines.push(current);
    lines
}

fn format(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let named = call.all_named();
    let list = call.rest();
    let mapping = (!named.is_empty()).then(|| Value::from_pairs(named));
    percent::format_values(&text, list, mapping).map(Value::from)
}

fn quote(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let text = if value.is_none() { String::new() } else { python::text(&value) };
    Ok(Value::from(shell_quoted(&text)))
}

/// Returns the text as one word of a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

/// The characters that a style of comment uses.
struct CommentStyle {
    beginning: &'static str,
    decoration: &'static str,
    end: &'static str,
}

fn comment_style(name: &str) -> Option<CommentStyle> {
    let style = |beginning, decoration, end| CommentStyle { beginning, decoration, end };
    Some(match name {
        "plain" => style("", "# ", ""),
        "erlang" => style("", "% ", ""),
        "c" => style("", "// ", ""),
        "cblock" => style("/*", " * ", " */"),
        "xml" => style("<!--", " - ", "-->"),
        _ => return None,
    })
}

fn comment(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("text")?;
    let name = call.text_or("style", "plain");
    let style = comment_style(&name).ok_or_else(|| fail(format!("Invalid style '{name}'.")))?;
    let newline = call.maybe_text("newline").unwrap_or_else(|| "\n".into());
    let decoration = call.maybe_text("decoration").unwrap_or_else(|| style.decoration.into());
    let bare = decoration.trim_end().to_string();
    let beginning = call.maybe_text("beginning").unwrap_or_else(|| style.beginning.into());
    let prefix = call.maybe_text("prefix").unwrap_or_else(|| bare.clone());
    let prefix_count = call.int_or("prefix_count", 1)?.max(0) as usize;
    let postfix = call.maybe_text("postfix").unwrap_or(bare);
    let postfix_count = call.int_or("postfix_count", 1)?.max(0) as usize;
    let end = call.maybe_text("end").unwrap_or_else(|| style.end.into());
    let mut out = String::new();
    if !beginning.is_empty() {
        out += &(beginning + &newline);
    }
    if !prefix.is_empty() {
        // A prefix that is a line break is one already.
        let line = if prefix == newline { prefix } else { prefix + &newline };
        out += &line.repeat(prefix_count);
    }
    let bare_line = format!("{}{newline}", decoration.trim_end());
    let body = format!("{decoration}{}", text.replace(&newline, &format!("{newline}{decoration}")));
    out += &body.replace(&format!("{decoration}{newline}"), &bare_line);
    for _ in 0..postfix_count {
        out += &newline;
        out += &postfix;
    }
    if !end.is_empty() {
        out += &newline;
        out += &end;
    }
    Ok(Value::from(out))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&#34;")
}

fn escape(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    Ok(Value::from(escaped(&call.text("s")?)))
}

fn striptags(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find('<') {
        let close = if rest[start..].starts_with("<!--") { "-->" } else { ">" };
        let Some(end) = rest[start..].find(close) else { break };
        out.push_str(&rest[..start]);
        rest = &rest[start + end + close.len()..];
    }
    out.push_str(rest);
    Ok(Value::from(out.split_whitespace().collect::<Vec<_>>().join(" ")))
}

fn xmlattr(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let map = call.need("d")?;
    let auto_space = call.flag("autospace", true);
    let mut parts = Vec::new();
    for (key, value) in pairs(&map)? {
        if value.is_none() || value.kind() == ValueKind::Undefined {
            continue;
        }
        let key = python::text(&key);
        if key.contains([' ', '/', '>', '=']) {
            return Err(fail(format!("'{key}' cannot be the name of an attribute")));
        }
        parts.push(format!("{}=\"{}\"", escaped(&key), escaped(&python::text(&value))));
    }
    let text = parts.join(" ");
    Ok(Value::from(if auto_space && !text.is_empty() { format!(" {text}") } else { text }))
}

/// Returns the texts of a list, or the one text.
pub fn texts(value: &Value) -> Result<Vec<String>, Error> {
    match value.as_str() {
        Some(text) => Ok(vec![text.to_string()]),
        None => Ok(items(value)?.iter().map(python::text).collect()),
    }
}
