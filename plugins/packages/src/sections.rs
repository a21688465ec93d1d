//! What a script prints in sections: a line `@NAME`, then what belongs to it.

/// Returns a section; empty when there is none.
pub fn section<'a>(said: &'a str, name: &str) -> &'a str {
    let head = format!("@{name}\n");
    let start =
        if said.starts_with(&head) { Some(0) } else { said.find(&format!("\n{head}")).map(|at| at + 1) };
    let Some(start) = start else { return "" };
    let rest = &said[start + head.len()..];
    if rest.starts_with('@') {
        return "";
    }
    rest.find("\n@").map_or(rest, |end| &rest[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_sections() {
        let said = "@a\n1\n2\n@b\n@c\n3\n";
        assert_eq!(section(said, "a"), "1\n2\n");
        assert_eq!(section(said, "b"), "");
        assert_eq!(section(said, "c"), "3\n");
        assert_eq!(section(said, "d"), "");
    }
}
