use std::collections::BTreeSet;

/// Which tasks `--tags` and `--skip-tags` take.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    pub only: Vec<String>,
    pub skip: Vec<String>,
}

impl Tags {
    /// Returns whether a task with these tags runs, by Ansible's rules for `always`, `never`, `tagged`,
    /// `untagged` and `all`.
    pub fn select(&self, tags: &BTreeSet<String>) -> bool {
        self.wanted(tags) && !self.skipped(tags)
    }

    fn wanted(&self, tags: &BTreeSet<String>) -> bool {
        let has = |tag: &str| tags.contains(tag);
        let asked = |tag: &str| self.only.iter().any(|only| only == tag);
        let named = self.only.iter().any(|only| has(only));
        if self.only.is_empty() || asked("all") {
            return !has("never") || named;
        }
        let tagged = !tags.is_empty() && !has("never") && asked("tagged");
        named || has("always") || tagged || (tags.is_empty() && asked("untagged"))
    }

    fn skipped(&self, tags: &BTreeSet<String>) -> bool {
        let skip = |tag: &str| self.skip.iter().any(|skip| skip == tag);
        if skip("all") && (!tags.contains("always") || skip("always")) {
            return true;
        }
        tags.iter().any(|tag| skip(tag))
            || (!tags.is_empty() && skip("tagged"))
            || (tags.is_empty() && skip("untagged"))
    }
}

#[cfg(test)]
mod tests {
    use super::Tags;

    fn selects(only: &[&str], skip: &[&str], tags: &[&str]) -> bool {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let selection = Tags { only: owned(only), skip: owned(skip) };
        selection.select(&tags.iter().map(|tag| (*tag).to_owned()).collect())
    }

    #[test]
    fn follows_ansibles_table() {
        assert!(selects(&[], &[], &["a"]));
        assert!(!selects(&[], &[], &["never"]));
        assert!(!selects(&[], &[], &["never", "a"]));
        assert!(selects(&["a"], &[], &["never", "a"]));
        assert!(selects(&["a"], &[], &["always"]));
        assert!(!selects(&["a"], &[], &["b"]));
        assert!(!selects(&["a"], &[], &[]));
        assert!(selects(&["untagged"], &[], &[]));
        assert!(selects(&["tagged"], &[], &["b"]));
        assert!(!selects(&[], &["a"], &["a", "b"]));
        assert!(!selects(&[], &["always"], &["always"]));
        assert!(selects(&["all"], &[], &["x"]));
    }
}
