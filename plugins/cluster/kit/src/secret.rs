//! Which keys hold secrets: their values are never shown.

const WORDS: &[&str] =
    &["password", "passwd", "secret", "token", "credential", "private_key", "api_key", "access_key"];

/// What stands for a value that is not shown.
pub const MASK: &str = "********";

/// Returns whether a configuration key looks as if its value were a secret.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let last = key.rsplit('.').next().unwrap_or_default();
    WORDS.iter().any(|word| key.contains(word)) || last == "key" || last.ends_with("_key")
}

/// Returns the value, or the mask when the key looks secret.
pub fn masked<'a>(key: &str, value: &'a str) -> &'a str {
    if is_secret(key) { MASK } else { value }
}

/// Masks the values of secret keys in text that `alation_conf` printed.
pub fn masked_lines(text: &str) -> String {
    let mask = |line: &str| match line.split_once(" = ") {
        Some((key, _)) if is_secret(key.trim()) => format!("{key} = {MASK}"),
        _ => line.to_owned(),
    };
    text.lines().map(mask).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_keys_are_secret() {
        for key in
            ["alation_analytics-v2.pgsql.password", "aws.secret_access_key", "x.encryption.key", "A.TOKEN"]
        {
            assert!(is_secret(key), "{key}");
        }
    }

    #[test]
    fn ordinary_keys_are_shown() {
        for key in
            ["alation.cluster.replication_mode", "pgsql.config.archive_command", "alation.keyboard.layout"]
        {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn a_listing_is_masked_line_by_line() {
        assert_eq!(masked_lines("a.b = c\nx.password = p = q\n"), "a.b = c\nx.password = ********");
    }
}
