use std::ops::Range;

use switchover_syntax::Span;

/// Returns the place in the author's file of some bytes of a template.
///
/// Exact where the file has the template's text as it is (plain and quoted scalars of one line, block scalars line
/// by line); otherwise the first place with the same words, and else the whole scalar.
pub fn place(scalar: &Span, template: &str, range: &Range<usize>) -> Span {
    let file = &scalar.source.text;
    let Some(raw) = file.get(scalar.start as usize..scalar.end as usize) else { return scalar.clone() };
    if let Some(at) = raw.find(template) {
        return within(scalar, at + range.start, at + range.end);
    }
    let Some(words) = template.get(range.clone()) else { return scalar.clone() };
    let first_line = words.lines().next().unwrap_or_default().trim_end();
    if first_line.is_empty() {
        return scalar.clone();
    }
    let nth = template[..range.start].matches(first_line).count();
    match raw.match_indices(first_line).nth(nth) {
        Some((at, found)) => within(scalar, at, at + found.len()),
        None => scalar.clone(),
    }
}

fn within(scalar: &Span, start: usize, end: usize) -> Span {
    let base = scalar.start as usize;
    let end = (base + end).min(scalar.end as usize);
    Span::new(&scalar.source, (base + start) as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use switchover_syntax::Source;

    use super::*;

    #[test]
    fn finds_words_in_a_block_scalar() {
        let source = Source::new("f.yml", "x: |\n  one\n  {{ foo }} and\n  {{ bar }}\n");
        let scalar = Span::new(&source, 3, source.text.len() as u32);
        let template = "one\n{{ foo }} and\n{{ bar }}\n";
        let start = template.find("bar").unwrap();
        let found = place(&scalar, template, &(start..start + 3));
        assert_eq!(found.to_string(), "f.yml:4:6");
    }

    #[test]
    fn is_exact_in_a_quoted_scalar() {
        let source = Source::new("f.yml", "x: \"a {{ foo }}\"\n");
        let scalar = Span::new(&source, 3, 16);
        let found = place(&scalar, "a {{ foo }}", &(5..8));
        assert_eq!(found.to_string(), "f.yml:1:10");
    }
}
