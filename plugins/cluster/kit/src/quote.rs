use switchover_sdk::quote;

/// Returns text as one word of a POSIX shell, as it is when nothing in it is special.
pub fn quote_if_needed(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quote(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(quote_if_needed("alation.cluster.override_ip"), "alation.cluster.override_ip");
        assert_eq!(quote_if_needed("a b"), "'a b'");
        assert_eq!(quote_if_needed(""), "''");
    }

    #[test]
    fn nothing_gets_out_of_the_quotes() {
        assert_eq!(quote("a'; rm -rf /; '"), r"'a'\''; rm -rf /; '\'''");
        assert_eq!(quote_if_needed("$(id)"), "'$(id)'");
    }
}
