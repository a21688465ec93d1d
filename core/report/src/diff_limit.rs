use serde_json::Value;
use switchover_protocol::Change;

/// Returns which sides of a change of a whole file are longer than so many bytes, in Ansible's words; 0 is no limit.
///
/// Edits of a line or a block are told however long the file is.
pub fn too_large(change: &Change, limit: usize) -> Vec<&'static str> {
    let is_edit = change.after_header.as_deref().is_some_and(|header| header.ends_with(" (content)"));
    if limit == 0 || is_edit {
        return Vec::new();
    }
    let is_long = |value: &Value| value.as_str().is_some_and(|text| text.len() > limit);
    let sides = [("destination", &change.before), ("source", &change.after)];
    sides.into_iter().filter(|(_, value)| is_long(value)).map(|(side, _)| side).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_named_and_edits_are_not() {
        let change = |before: &str, header: &str| Change {
            before: before.into(),
            after: "long enough".into(),
            after_header: Some(header.to_owned()),
            ..Change::default()
        };
        assert_eq!(too_large(&change("", "/x"), 5), ["source"]);
        assert_eq!(too_large(&change("long too", "/x"), 5), ["destination", "source"]);
        assert!(too_large(&change("", "/x (content)"), 5).is_empty());
        assert!(too_large(&change("", "/x"), 0).is_empty());
    }
}
