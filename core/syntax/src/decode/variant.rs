use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, VariantAccess, Visitor};

use super::{Error, Place};
use crate::{Node, Tag};

/// One of an enum's variants: text, or a mapping with one key.
pub(super) struct Variant<'a> {
    name: &'a Node,
    content: Option<&'a Node>,
}

impl<'a> Variant<'a> {
    pub(super) fn of(node: &'a Node) -> Result<Self, Error> {
        if node.tag == Tag::Vault {
            return Err(Error::encrypted());
        }
        match node.as_mapping().map(|m| m.entries.as_slice()) {
            Some([entry]) => Ok(Self { name: &entry.key, content: Some(&entry.value) }),
            Some(_) => Err(serde::de::Error::custom("expected a mapping with one key")),
            None => Ok(Self { name: node, content: None }),
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(Place(self.name))?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<Place<'de>, Error> {
        let missing = || serde::de::Error::custom("expected `name: value`, found only the name");
        self.content.map(Place).ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            Some(node) if !node.is_null() => {
                let error: Error =
                    serde::de::Error::custom(format!("takes no value, found {}", node.describe()));
                Err(error.at(&node.span))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }
}
