use serde_json::{Map, Value};

/// Reads `a=1, b='x y'`: words with commas or spaces between them, quotes removed, a backslash before any
/// letter. Fails with the first word that has no `=`.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let mut pairs = Map::new();
    for word in words(text.trim()) {
        match word.split_once('=') {
            Some((key, value)) => pairs.insert(key.to_owned(), value.into()),
            None => return Err(word),
        };
    }
    Ok(pairs)
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', _) => word.extend(letters.next()),
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => quote = Some(letter),
            (',' | ' ', None) => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_words_with_quotes_and_escapes() {
        for (text, expected) in [
            ("a=1,b=2", json!({"a": "1", "b": "2"})),
            ("a=1, b=2", json!({"a": "1", "b": "2"})),
            ("a='x y' b=\"q,r\"", json!({"a": "x y", "b": "q,r"})),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=x\\ y", json!({"a": "x y"})),
            ("a=\"it's\"", json!({"a": "it's"})),
        ] {
            assert_eq!(parse(text).map(Value::Object), Ok(expected), "{text}");
        }
    }

    #[test]
    fn names_the_word_without_an_equals_sign() {
        assert_eq!(parse("a=1, b"), Err("b".into()));
    }
}
