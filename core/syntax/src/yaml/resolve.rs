use super::number::{Number, number};

/// What a plain scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

/// Returns what a plain scalar means in YAML 1.1: `yes` is a boolean, `0644` is 420, `1e3` is text.
pub(super) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Plain::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Plain::Bool(false),
        _ => number(text).map_or(Plain::Text, Plain::Number),
    }
}

/// Returns whether this text, written without quotes, would be read back as text.
///
/// For those who write YAML: what this refuses needs quotes. It says nothing about characters that have a meaning
/// in YAML's grammar, only about words and numbers, dates among them.
pub fn is_plain_text(text: &str) -> bool {
    plain(text) == Plain::Text && !matches!(text, "<<" | "=") && !looks_like_a_date(text)
}

/// Dates are text here, but a date for other readers of YAML 1.1.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_booleans_in_three_spellings_only() {
        for word in ["yes", "no", "on", "off", "true", "false"] {
            let title = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
            let value = matches!(word, "yes" | "on" | "true");
            for text in [word.to_owned(), title, word.to_uppercase()] {
                assert_eq!(plain(&text), Plain::Bool(value), "{text}");
            }
        }
        assert_eq!(plain("yEs"), Plain::Text);
        assert_eq!(plain("y"), Plain::Text);
    }

    proptest! {
        #[test]
        fn a_word_in_mixed_case_is_a_boolean_only_in_the_three_spellings(word in "[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF]{2}|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]") {
            let lower = word.to_lowercase();
            let title = format!("{}{}", lower[..1].to_uppercase(), &lower[1..]);
            let known = word == lower || word == title || word == lower.to_uppercase();
            prop_assert_eq!(matches!(plain(&word), Plain::Bool(_)), known);
        }

        #[test]
        fn whole_numbers_round_trip(value in any::<i64>()) {
            prop_assert_eq!(plain(&value.to_string()), Plain::Number(Number::Int(value)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}|[-+0-9.:_exXbinfa]{0,12}") {
            let _ = plain(&text);
            let _ = is_plain_text(&text);
        }
    }
}
