use serde_yaml::value::{Tag as YamlTag, TaggedValue};
use serde_yaml::{Mapping as YamlMapping, Value};

use crate::{Node, NodeKind, Tag};

/// Returns the node without its places.
///
/// `!vault` and `!unsafe` texts become tagged values. Of a collection that is `!unsafe` each text carries the tag.
pub fn to_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::Number((*value).into()),
        NodeKind::Float(value) => Value::Number((*value).into()),
        NodeKind::String { text, .. } => tagged(node.tag, Value::String(text.to_string())),
        NodeKind::Sequence(items) => Value::Sequence(items.iter().map(to_value).collect()),
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.iter().map(|e| (to_value(&e.key), to_value(&e.value)));
            Value::Mapping(entries.collect::<YamlMapping>())
        }
    }
}

fn tagged(tag: Tag, value: Value) -> Value {
    let name = match tag {
        Tag::None => return value,
        Tag::Unsafe => "unsafe",
        Tag::Vault => "vault",
    };
    Value::Tagged(Box::new(TaggedValue { tag: YamlTag::new(name), value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, parse_one};

    #[test]
    fn keeps_order_types_and_tags() {
        let source = Source::new(
            "x",
            "z: 0644\na: [yes, 1.5, ~]\ns: !unsafe '{{ x }}'\nv: !vault x\nu: !unsafe [y]\n1: one\n",
        );
        let value = to_value(&parse_one(&source).unwrap().0);
        let text = serde_yaml::to_string(&value).unwrap();
        assert_eq!(
            text,
            "z: 420\na:\n- true\n- 1.5\n- null\ns: !unsafe '{{ x }}'\nv: !vault x\nu:\n- !unsafe y\n1: one\n"
        );
    }
}
