use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, pairs};
use crate::names_table::{Entry, filter};
use crate::template::python;

/// Filters for URLs.
pub const TABLE: &[Entry] = &[
    filter("urlencode", urlencode),
    filter("urldecode", |call| Ok(Value::from(decoded(&call.text("string")?.replace('+', " "))))),
    filter("urlsplit", urlsplit),
    filter("urlize", urlize),
];

fn encoded(text: &str, safe: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) || safe.as_bytes().contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Returns the text with `%xx` replaced; wrong ones stay.
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn urlencode(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let form = |text: &Value| encoded(&python::text(text), "").replace("%20", "+");
    Ok(Value::from(match value.kind() {
        ValueKind::Map => {
            let parts: Vec<String> =
                pairs(&value)?.iter().map(|(k, v)| format!("{}={}", form(k), form(v))).collect();
            parts.join("&")
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let mut parts = Vec::new();
            for pair in items(&value)? {
                match items(&pair)?.as_slice() {
                    [key, value] => parts.push(format!("{}={}", form(key), form(value))),
                    _ => return Err(fail("'urlencode' takes a text, a dictionary or a list of pairs")),
                }
            }
            parts.join("&")
        }
        _ => encoded(&python::text(&value), "/"),
    }))
}

/// The parts of a URL (RFC 3986, appendix B).
#[derive(Default)]
pub struct Url {
    pub scheme: String,
    pub netloc: String,
    pub path: String,
    pub query: String,
    pub fragment: String,
}

/// Splits a URL.
pub fn split(url: &str) -> Url {
    let mut parts = Url::default();
    let mut rest = url;
    if let Some((scheme, after)) = rest.split_once(':')
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    {
        parts.scheme = scheme.to_ascii_lowercase();
        rest = after;
    }
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        parts.netloc = after[..end].to_string();
        rest = &after[end..];
    }
    if let Some((before, fragment)) = rest.split_once('#') {
        parts.fragment = fragment.to_string();
        rest = before;
    }
    if let Some((before, query)) = rest.split_once('?') {
        parts.query = query.to_string();
        rest = before;
    }
    parts.path = rest.to_string();
    parts
}

fn urlsplit(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let url = split(&call.text("value")?);
    let wanted = call.text_or("query", "");
    let (user_info, host_port) =
        url.netloc.rsplit_once('@').map_or((None, url.netloc.as_str()), |(u, h)| (Some(u), h));
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) && !host.ends_with(':') => {
            (host, Some(port))
        }
        _ => (host_port, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
        Some((user, password)) => (Some(user), Some(password).filter(|password| !password.is_empty())),
        None => (None, None),
    };
    let maybe = |text: Option<&str>| text.map_or_else(|| Value::from(()), Value::from);
    let host = if host.is_empty() { Value::from(()) } else { Value::from(host) };
    let all = [
        ("fragment", Value::from(url.fragment)),
        ("hostname", host),
        ("netloc", Value::from(url.netloc.as_str())),
        ("password", maybe(password)),
        ("path", Value::from(url.path)),
        ("port", port.and_then(|port| port.parse::<u16>().ok()).map_or_else(|| Value::from(()), Value::from)),
        ("query", Value::from(url.query)),
        ("scheme", Value::from(url.scheme)),
        ("username", maybe(user)),
    ];
    if wanted.is_empty() {
        return Ok(Value::from_pairs(all));
    }
    let found = all.into_iter().find(|(name, _)| *name == wanted);
    found.map(|(_, value)| value).ok_or_else(|| fail(format!("urlsplit: unknown URL component: {wanted}")))
}

/// Turns the web addresses in a text into HTML links.
fn urlize(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let text = call.text("value")?;
    let limit = call.maybe_int("trim_url_limit")?.map(|limit| limit.max(0) as usize);
    let nofollow = call.flag("nofollow", false);
    let target = call.maybe_text("target").map(|target| format!(" target=\"{target}\"")).unwrap_or_default();
    let rel = if nofollow { "nofollow noopener" } else { "noopener" };
    let linked = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end().trim_end_matches(['.', ',', ')', ';']);
        if !bare.starts_with("http://") && !bare.starts_with("https://") {
            return word.to_string();
        }
        let shown = match limit {
            Some(limit) if bare.chars().count() > limit => {
                bare.chars().take(limit).collect::<String>() + "..."
            }
            _ => bare.to_string(),
        };
        format!("<a href=\"{bare}\" rel=\"{rel}\"{target}>{shown}</a>{}", &word[bare.len()..])
    });
    Ok(Value::from(linked.collect::<String>()))
}
