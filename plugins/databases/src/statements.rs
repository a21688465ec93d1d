//! Text with SQL, read only as far as it takes to know where a statement ends.

use switchover_sdk::Failure;

use crate::sql::Dialect;

/// A piece of SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Outside of quotes and comments.
    Plain,
    /// Quoted text, a quoted name, or a comment.
    Closed,
}

/// Splits text at the semicolons that end statements; empty ones are left out.
pub fn split(text: &str, dialect: Dialect) -> Vec<String> {
    let mut found = vec![String::new()];
    for (piece, part) in pieces(text, dialect) {
        if piece == Piece::Plain && part == ";" {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push_str(part);
        }
    }
    found.retain(|statement| !is_empty(statement, dialect));
    found.iter().map(|statement| statement.trim().to_owned()).collect()
}

/// Returns the first word, in capital letters.
pub fn verb(statement: &str, dialect: Dialect) -> String {
    let plain = pieces(statement, dialect).into_iter().filter(|(piece, _)| *piece == Piece::Plain);
    let text: String = plain.map(|(_, part)| part).collect();
    let word = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    word.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_uppercase()
}

/// Writes a statement so that psql takes nothing of it for a command or variable of its own.
pub fn for_psql(statement: &str) -> Result<String, Failure> {
    let write = |(piece, part): (Piece, &str)| match (piece, part) {
        (Piece::Plain, ":") => Ok("\\:".to_owned()),
        (Piece::Plain, "\\") => {
            Err(Failure::arguments("syntax error: SQL has no backslash outside of quotes"))
        }
        _ => Ok(part.to_owned()),
    };
    pieces(statement, Dialect::Postgres).into_iter().map(write).collect()
}

fn is_empty(statement: &str, dialect: Dialect) -> bool {
    pieces(statement, dialect).iter().all(|(piece, part)| match piece {
        Piece::Plain => part.trim().is_empty(),
        Piece::Closed => part.starts_with("--") || part.starts_with("/*") || part.starts_with('#'),
    })
}

/// Cuts text into quoted parts, comments, and single characters of what is left.
fn pieces(text: &str, dialect: Dialect) -> Vec<(Piece, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut before = ' ';
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let closed = closed(rest, before, dialect);
        let length = closed.unwrap_or(c.len_utf8());
        let piece = if closed.is_some() { Piece::Closed } else { Piece::Plain };
        found.push((piece, &rest[..length]));
        before = c;
        at += length;
    }
    found
}

/// Returns the length of the quoted text or comment that begins here; to the end when it is not closed.
fn closed(rest: &str, before: char, dialect: Dialect) -> Option<usize> {
    let to = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |i| from + i + end.len());
    let mysql = dialect == Dialect::Mysql;
    let in_word = before.is_alphanumeric() || before == '_' || before == '$';
    match rest.chars().next()? {
        '\'' => Some(quoted(rest, '\'', mysql || matches!(before, 'e' | 'E'))),
        '"' => Some(quoted(rest, '"', mysql)),
        '`' if mysql => Some(quoted(rest, '`', false)),
        '#' if mysql => Some(to("\n", 1)),
        '-' if rest.starts_with("--") => {
            let comment = !mysql || rest[2..].chars().next().is_none_or(char::is_whitespace);
            comment.then(|| to("\n", 2))
        }
        '/' if rest.starts_with("/*") && mysql => Some(to("*/", 2)),
        '/' if rest.starts_with("/*") => Some(nested_comment(rest)),
        '$' if !mysql && !in_word => {
            let tag = rest[1..].find('$').map(|end| &rest[..end + 2])?;
            let plain = tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            let begins_well = !tag[1..].starts_with(|c: char| c.is_ascii_digit());
            (plain && begins_well).then(|| to(tag, tag.len()))
        }
        _ => None,
    }
}

/// A quote twice stands for itself; with `escapes`, so does what follows a backslash.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => drop(chars.next()),
                _ => return at + c.len_utf8(),
            }
        }
    }
    rest.len()
}

fn nested_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        depth += change;
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{Mysql, Postgres};

    #[test]
    fn ends_a_statement_only_where_sql_does() {
        let text = "select ';' as \";\"; -- ; x\n/* ; /* ; */ ; */ do $a$ begin; end $a$; ;\n";
        let found = split(text, Postgres);
        assert_eq!(found, ["select ';' as \";\"", "-- ; x\n/* ; /* ; */ ; */ do $a$ begin; end $a$"]);
        assert_eq!(split(r"select E'\';', 'a\'; select 2", Postgres), [r"select E'\';', 'a\'", "select 2"]);
        assert_eq!(split("select 'a\\';', `;` # ;\n; select 2", Mysql).len(), 2);
    }

    #[test]
    fn a_parameter_is_no_dollar_quote() {
        assert_eq!(split("select $1; select a$b$; select 2", Postgres).len(), 3);
    }

    #[test]
    fn knows_what_a_statement_does() {
        assert_eq!(verb("/* x */ (select 1)", Postgres), "SELECT");
        assert_eq!(verb("-- a\nUpdate t set a=1", Mysql), "UPDATE");
    }

    #[test]
    fn leaves_nothing_to_psql() {
        assert_eq!(for_psql("select a[1:n]::int, ':x'").unwrap(), "select a[1\\:n]\\:\\:int, ':x'");
        assert!(for_psql("select 1 \\! id").is_err());
    }

    #[test]
    fn what_is_not_closed_goes_to_the_end() {
        assert_eq!(split("select 'a; select 2", Postgres), ["select 'a; select 2"]);
        assert_eq!(split("/* a; ", Postgres), Vec::<String>::new());
    }
}
