//! Typed decoding: any `Deserialize` type from a [`Node`], with errors that point at the place that is wrong.

mod error;
mod variant;

use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::{Diagnostic, Entry, Node, NodeKind, Tag};
use error::Error;
use variant::Variant;

/// Returns the node as this type.
///
/// Nothing is converted: a number where text is wanted is an error, at the number. An encrypted value is an error,
/// since it has to be decrypted first. A tag `!unsafe` does not matter.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Diagnostic> {
    T::deserialize(Place(node)).map_err(|error| error.into_diagnostic(node))
}

/// A node as something to read from.
#[derive(Clone, Copy)]
struct Place<'a>(&'a Node);

impl<'de> serde::Deserializer<'de> for Place<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.0;
        if node.tag == Tag::Vault {
            return Err(Error::encrypted().at(&node.span));
        }
        match &node.kind {
            NodeKind::Null => visitor.visit_unit(),
            NodeKind::Bool(value) => visitor.visit_bool(*value),
            NodeKind::Int(value) => visitor.visit_i64(*value),
            NodeKind::Float(value) => visitor.visit_f64(*value),
            NodeKind::String { text, .. } => visitor.visit_borrowed_str(text),
            NodeKind::Sequence(items) => visitor.visit_seq(Items(items.iter())),
            NodeKind::Mapping(mapping) => {
                visitor.visit_map(Entries { rest: mapping.entries.iter(), value: None })
            }
        }
        .map_err(|error| error.at(&node.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        Variant::of(self.0)
            .and_then(|variant| visitor.visit_enum(variant))
            .map_err(|error| error.at(&self.0.span))
    }

    /// A list is no struct, though serde would take its items for the fields.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.as_sequence().is_some() {
            let found = serde::de::Unexpected::Other("a list");
            let error: Error = serde::de::Error::invalid_type(found, &"a mapping");
            return Err(error.at(&self.0.span));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor).map_err(|error| match self.0.kind {
            NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) => error.or_help("put it in quotes"),
            _ => error,
        })
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'a>(std::slice::Iter<'a, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(Place(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    value: Option<&'a Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(&entry.value);
        seed.deserialize(Place(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().expect("serde asks for the key before the value");
        seed.deserialize(Place(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::{Source, parse_one};

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        name: String,
        #[serde(default)]
        forks: u16,
        mode: Option<Mode>,
        #[serde(default)]
        extra: BTreeMap<String, f64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Linear,
        Serial(Vec<u8>),
        Free { limit: u8 },
    }

    fn read(text: &str) -> Result<Settings, Diagnostic> {
        decode(&parse_one(&Source::new("x.yml", text)).unwrap().0)
    }

    #[test]
    fn decodes_structs_options_maps_and_enums() {
        let text = "name: a\nforks: 5\nmode: {free: {limit: 3}}\nextra: {x: 1, y: 2.5}\n";
        let extra = BTreeMap::from([("x".to_owned(), 1.0), ("y".to_owned(), 2.5)]);
        let settings = Settings { name: "a".into(), forks: 5, mode: Some(Mode::Free { limit: 3 }), extra };
        assert_eq!(read(text).unwrap(), settings);
        assert_eq!(read("name: a\nmode: linear\n").unwrap().mode, Some(Mode::Linear));
        assert_eq!(read("name: a\nmode: {serial: [1, 2]}\n").unwrap().mode, Some(Mode::Serial(vec![1, 2])));
        assert_eq!(read("name: a\nmode: ~\n").unwrap().mode, None);
    }

    #[test]
    fn names_the_place_and_the_remedy() {
        for (text, place, code, help) in [
            ("name: a\nfroks: 5\n", "x.yml:2:1", "decode::unknown-field", "did you mean `forks`?"),
            ("name: a\nmode: liner\n", "x.yml:2:7", "decode::unknown-value", "did you mean `linear`?"),
            ("name: 1.0\n", "x.yml:1:7", "decode::type", "put it in quotes"),
            ("name: a\nextra:\n  x: 1\n  y: z\n", "x.yml:4:6", "decode::type", ""),
            ("name: a\nforks: 70000\n", "x.yml:2:8", "decode::value", ""),
            ("name: a\nmode: {serial: [1, -2]}\n", "x.yml:2:20", "decode::value", ""),
            ("name: a\nmode: {linear: 1}\n", "x.yml:2:16", "decode::value", ""),
            ("forks: 5\n", "x.yml:1:1", "decode::missing-field", ""),
            ("name: !vault x\n", "x.yml:1:14", "decode::encrypted", ""),
            ("[]\n", "x.yml:1:1", "decode::type", ""),
        ] {
            let error = read(text).unwrap_err();
            let found = (error.labels[0].span.to_string(), error.code, error.help.unwrap_or_default());
            assert_eq!(found, (place.to_owned(), code, help.to_owned()), "{text}");
        }
    }
}
