/// Returns the template with each backslash inside `{{ }}` doubled, so that it means itself.
///
/// This is Ansible's rule for templates in YAML, where YAML has done the escaping; template files do without it.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start + 2]);
        let inner = &rest[start + 2..];
        let used = copy_code(inner, &mut out);
        rest = &inner[used..];
    }
    out.push_str(rest);
    out
}

/// Copies code up to and with `}}`, and returns how many bytes of it were read.
fn copy_code(code: &str, out: &mut String) -> usize {
    let mut quote = None;
    let mut chars = code.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if code[at..].starts_with("}}") => {
                out.push_str("}}");
                return at + 2;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            Some(_) if c == '\\' => {
                out.push_str("\\\\");
                match chars.next() {
                    Some((_, '\\')) => out.push_str("\\\\"),
                    // The escaped quote does not end the text, and its backslash stays with it.
                    Some((_, next)) if quote == Some(next) => {
                        out.push('\\');
                        out.push(next);
                    }
                    Some((_, next)) => out.push(next),
                    None => {}
                }
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn keeps_backslashes_inside_expressions() {
        assert_eq!(literal(r"\n{{ 'a\1' }}\d"), r"\n{{ 'a\\1' }}\d");
        assert_eq!(literal(r"{{ '\\' }}"), r"{{ '\\\\' }}");
        assert_eq!(literal(r"{% set a = '\d' %}"), r"{% set a = '\d' %}");
    }

    #[test]
    fn an_escaped_quote_does_not_end_the_text() {
        assert_eq!(literal(r"{{ 'a\'}}b' }}x\y"), r"{{ 'a\\\'}}b' }}x\y");
    }
}
