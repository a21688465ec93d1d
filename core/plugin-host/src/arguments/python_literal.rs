//! Reads a dictionary written as Python writes it (`{'a': True}`): old playbooks build such texts.

use serde_json::{Map, Number, Value};

use super::python_text::python_text;

const DEEPEST: usize = 64;

/// Returns the dictionary; `None` when the text is anything else.
pub(super) fn dictionary(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.trim_end() };
    let value = reader.value(0)?;
    (reader.rest.is_empty() && value.is_object()).then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_blanks();
        match self.rest.chars().next()? {
            '{' => self.pairs(depth),
            '[' => self.elements(']', depth).map(|(elements, _)| Value::Array(elements)),
            '(' => self.parentheses(depth),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    fn pairs(&mut self, depth: usize) -> Option<Value> {
        self.take('{')?;
        let mut map = Map::new();
        while self.take('}').is_none() {
            let key = self.value(depth + 1).filter(|key| !key.is_array() && !key.is_object())?;
            self.take(':')?;
            let value = self.value(depth + 1)?;
            map.insert(python_text(&key), value);
            self.separator('}')?;
        }
        Some(Value::Object(map))
    }

    /// One value in parentheses is that value; a comma makes it a tuple, which becomes a list.
    fn parentheses(&mut self, depth: usize) -> Option<Value> {
        let (mut elements, ends_with_comma) = self.elements(')', depth)?;
        match elements.len() {
            1 if !ends_with_comma => elements.pop(),
            _ => Some(Value::Array(elements)),
        }
    }

    fn elements(&mut self, end: char, depth: usize) -> Option<(Vec<Value>, bool)> {
        self.rest = &self.rest[1..];
        let mut elements = Vec::new();
        let mut ends_with_comma = false;
        while self.take(end).is_none() {
            elements.push(self.value(depth + 1)?);
            ends_with_comma = self.separator(end)?;
        }
        Some((elements, ends_with_comma))
    }

    /// Takes a comma and returns true, or sees the end that the caller will take.
    fn separator(&mut self, end: char) -> Option<bool> {
        match self.take(',') {
            Some(()) => Some(true),
            None => self.rest.starts_with(end).then_some(false),
        }
    }

    fn take(&mut self, letter: char) -> Option<()> {
        self.skip_blanks();
        self.rest = self.rest.strip_prefix(letter)?;
        Some(())
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let mut letters = self.rest[1..].chars();
        let mut text = String::new();
        loop {
            match letters.next()? {
                letter if letter == quote => break,
                '\\' => text.push(escaped(&mut letters)?),
                '\n' => return None,
                letter => text.push(letter),
            }
        }
        self.rest = letters.as_str();
        Some(text)
    }

    fn word(&mut self) -> Option<Value> {
        let is_end = |letter: char| letter.is_whitespace() || ",:]})".contains(letter);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "True" => Some(true.into()),
            "False" => Some(false.into()),
            "None" => Some(Value::Null),
            _ => serde_json::from_str::<Number>(word).ok().map(Value::Number),
        }
    }
}

fn escaped(letters: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match letters.next()? {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        letter @ ('\\' | '\'' | '"') => return Some(letter),
        _ => return None,
    };
    let code: String = letters.by_ref().take(digits).collect();
    if code.len() != digits {
        return None;
    }
    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_python_writes() {
        for (text, expected) in [
            ("{'a': True}", json!({"a": true})),
            ("{}", json!({})),
            ("{'a': (1), 'b': ((2),), 'c': ()}", json!({"a": 1, "b": [2], "c": []})),
            (
                "{ 'a' : [1, 2.5, (None, ), ], 'b': {'c': \"it's\"}, }",
                json!({"a": [1, 2.5, [null]], "b": {"c": "it's"}}),
            ),
            (r"{'a': 'x\n\'\x41\u00e9'}", json!({"a": "x\n'Aé"})),
            ("{1: 'one', True: 2}", json!({"1": "one", "True": 2})),
        ] {
            assert_eq!(dictionary(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "{bad",
            "{'a'}",
            "{'a': 1} x",
            "['a']",
            "{'a': open('/x')}",
            "{'a': 1 'b': 2}",
            "{'a': 'x",
            "{,}",
        ] {
            assert_eq!(dictionary(text), None, "{text}");
        }
        assert_eq!(dictionary(&"{'a': ".repeat(500)), None);
    }
}
