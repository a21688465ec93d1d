//! What people who wrote a wrong template most likely meant.

/// Mistakes by the words they are recognised by, in the text from the place of the error on or before it.
const HINTS: &[(Where, &str, &str)] = &[
    (Where::Here, "&&", "write `and`"),
    (Where::Here, "&", "write `and`"),
    (Where::Here, "||", "write `or`"),
    (Where::Here, "!=", "write `!=` between two values"),
    (Where::Here, "!", "write `not x`"),
    (Where::Here, "==", "write `==` between two values"),
    (Where::Here, "=", "write `==` to compare"),
    (Where::Here, "$", "variables have no `$` here: write the name alone"),
    (Where::Here, "{{", "a template has no template inside: write the name alone, and join texts with `~`"),
    (Where::Here, "{", "inside `{{ }}` write the name alone; a brace begins a mapping such as `{'a': 1}`"),
    (Where::Here, "if ", "write `{% elif ... %}`"),
    (
        Where::Here,
        "end",
        "each `{% if %}` ends with `{% endif %}`, each `{% for %}` with `{% endfor %}`, the inner one first",
    ),
    (Where::Here, "}}", "a bracket, a quote or a value is missing before `}}`"),
    (Where::Here, "}", "a template ends with `}}`, a statement with `%}`"),
    (Where::Here, "%}", "a bracket, a quote or a value is missing before `%}`"),
    (Where::Here, "?", "write `a if condition else b`"),
    (Where::Before, "{%", "each `{% if %}` needs its `{% endif %}`, each `{% for %}` its `{% endfor %}`"),
    (Where::Before, "{{", "end the template with `}}`"),
    (Where::Before, "(", "a bracket or a quote is not closed"),
    (Where::Before, "'", "a bracket or a quote is not closed"),
];

/// Where a word is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// At the place of the error.
    Here,
    /// Before it, when the text ends there.
    Before,
}

/// Returns advice for a syntax error at this byte of a template or condition.
pub fn hint(text: &str, at: usize) -> Option<&'static str> {
    let (before, here) = text.split_at_checked(at.min(text.len()))?;
    let here = here.trim_start();
    if let Some(advice) = of_bracket(before, here).or_else(|| of_number(before)) {
        return Some(advice);
    }
    let ends = here.trim_end().len() <= 1;
    HINTS
        .iter()
        .find(|(place, words, _)| match place {
            Where::Here => here.starts_with(words),
            Where::Before => ends && before.contains(words),
        })
        .map(|(_, _, advice)| *advice)
}

/// A bracket that closes where none is open, since the template begins.
fn of_bracket(before: &str, here: &str) -> Option<&'static str> {
    let (opening, closing, advice) = match here.chars().next()? {
        ')' => ('(', ')', "nothing opens this `)`: remove it"),
        ']' => ('[', ']', "nothing opens this `]`: remove it"),
        _ => return None,
    };
    let begins = before.rfind("{{").max(before.rfind("{%")).unwrap_or(0);
    let count = |wanted: char| before[begins..].chars().filter(|c| *c == wanted).count();
    (count(opening) <= count(closing)).then_some(advice)
}

/// A number that is too long to be one.
fn of_number(before: &str) -> Option<&'static str> {
    let digits = before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == '_').count();
    (digits > 38).then_some(
        "whole numbers have at most 128 bits here: put it in quotes, or write it with a point as an inexact number",
    )
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn knows_what_was_meant() {
        assert_eq!(hint("x = 1", 2), Some("write `==` to compare"));
        assert_eq!(hint("a && b", 2), Some("write `and`"));
        assert_eq!(hint("a.b", 3), None);
        assert_eq!(hint("{{ (1 + 2)) }}", 10), Some("nothing opens this `)`: remove it"));
        assert_eq!(hint("{{ [1] ] }}", 7), Some("nothing opens this `]`: remove it"));
        assert_eq!(hint("{{ f(1 +) }}", 8), None);
        let long = format!("{{{{ {} }}}}", "9".repeat(44));
        assert!(hint(&long, 47).is_some_and(|advice| advice.contains("128 bits")));
    }
}
