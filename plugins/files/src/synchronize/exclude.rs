use fancy_regex::Regex;

/// Patterns of paths that are left alone on both sides, as rsync has them.
#[derive(Default)]
pub struct Excludes(Vec<Pattern>);

struct Pattern {
    regex: Regex,
    /// The pattern ended with a slash.
    only_folders: bool,
}

impl Excludes {
    /// Adds a pattern: `*.log`, `/top`, `folder/`, `a/**/b`. One without a slash inside fits a name anywhere.
    pub fn add(&mut self, pattern: &str) {
        let pattern = pattern.trim_matches(['\'', '"']);
        let bare = pattern.trim_end_matches('/');
        let (start, bare) = match bare.strip_prefix('/') {
            Some(bare) => ("^", bare),
            None => ("(^|/)", bare),
        };
        if let Ok(regex) = Regex::new(&format!("{start}{}$", translated(bare))) {
            self.0.push(Pattern { regex, only_folders: pattern.ends_with('/') });
        }
    }

    /// Returns whether a path, relative to the source, or a folder above it is left alone.
    pub fn leaves(&self, path: &str, is_folder: bool) -> bool {
        let fits = |path: &str, is_folder: bool| {
            self.0.iter().any(|pattern| {
                (is_folder || !pattern.only_folders) && pattern.regex.is_match(path).unwrap_or(false)
            })
        };
        fits(path, is_folder) || path.match_indices('/').any(|(at, _)| fits(&path[..at], true))
    }
}

/// Returns a pattern of rsync as a regular expression.
fn translated(pattern: &str) -> String {
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.peek() == Some(&'*') => {
                letters.next();
                out.push_str(".*");
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' | ']' => out.push(letter),
            other if other.is_alphanumeric() || other == '/' => out.push(other),
            other => out.extend(['\\', other]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_rsync() {
        let mut excludes = Excludes::default();
        for pattern in ["*.log", "/top", "cache/", "a/**/z"] {
            excludes.add(pattern);
        }
        for left in ["x.log", "deep/x.log", "top", "top/in/it", "b/cache/f", "a/b/c/z"] {
            assert!(excludes.leaves(left, false), "{left}");
        }
        for taken in ["x.logs", "b/top", "cache", "z"] {
            assert!(!excludes.leaves(taken, false), "{taken}");
        }
    }
}
