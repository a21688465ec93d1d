use minijinja::Value;

use super::ast::Comparison;
use crate::convert::from_json;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Name(String),
    /// A name in quotes, which is never a function.
    Quoted(String),
    Number(i64),
    Literal(Value),
    Compare(Comparison),
    Or,
    And,
    /// One of `. * [ ] ( ) { } , : @ & | ! ?` and of `[?` and `[]`, which are written `F` and `E` here.
    Sign(char),
    End,
}

/// Splits an expression into its words.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, used) = next(rest, first)?;
        out.push(token);
        rest = rest[used..].trim_start();
    }
    out.push(Token::End);
    Ok(out)
}

fn next(rest: &str, first: char) -> Result<(Token, usize), String> {
    for (text, token) in [
        ("||", Token::Or),
        ("&&", Token::And),
        ("==", Token::Compare(Comparison::Equal)),
        ("!=", Token::Compare(Comparison::Different)),
        ("<=", Token::Compare(Comparison::LessOrEqual)),
        (">=", Token::Compare(Comparison::GreaterOrEqual)),
        ("[?", Token::Sign('F')),
        ("[]", Token::Sign('E')),
        ("<", Token::Compare(Comparison::Less)),
        (">", Token::Compare(Comparison::Greater)),
    ] {
        if rest.starts_with(text) {
            return Ok((token, text.len()));
        }
    }
    match first {
        '"' => {
            let used = closing(rest, '"')?;
            let name = serde_json::from_str(&rest[..used])
                .map_err(|error| format!("a quoted name is wrong: {error}"))?;
            Ok((Token::Quoted(name), used))
        }
        '\'' => {
            let used = closing(rest, '\'')?;
            let raw = rest[1..used - 1].replace("\\'", "'");
            Ok((Token::Literal(Value::from(raw)), used))
        }
        '`' => {
            let used = closing(rest, '`')?;
            let raw = rest[1..used - 1].replace("\\`", "`");
            let json = serde_json::from_str(raw.trim()).map_err(|_| format!("`{raw}` is not JSON"))?;
            Ok((Token::Literal(from_json(json)), used))
        }
        '-' | '0'..='9' => {
            let end = rest[1..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |at| at + 1);
            let number = rest[..end].parse().map_err(|_| format!("'{}' is no number", &rest[..end]))?;
            Ok((Token::Number(number), end))
        }
        c if c.is_ascii_alphabetic() || c == '_' => {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            Ok((Token::Name(rest[..end].to_string()), end))
        }
        c if ".*[](){},:@&|!?".contains(c) => Ok((Token::Sign(c), 1)),
        c => Err(format!("'{c}' has no meaning here")),
    }
}

/// Returns the length of a quoted text with its quotes.
fn closing(rest: &str, quote: char) -> Result<usize, String> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Ok(at + c.len_utf8()),
            _ => {}
        }
    }
    Err(format!("a closing {quote} is missing"))
}
