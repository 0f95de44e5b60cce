//! Where in the text a value stands: the YAML read as plain nodes with line and column.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use std::fmt;

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

/// A value of the text.
#[derive(Debug)]
pub(super) enum Node {
    Plain(Value),
    List(Vec<Spanned<Node>>),
    Record(Vec<(String, Spanned<Node>)>),
}

impl Node {
    /// The value without its places.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::List(items) => items.iter().map(|item| item.value.value()).collect(),
            Self::Record(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, field)| (name.clone(), field.value.value()))
                    .collect::<Map<String, Value>>(),
            ),
        }
    }

    /// The place of the value at `path` (names and numbers between slashes), or of the last there is on the way to it.
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        let (mut node, mut place) = (self, None);
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = match node {
                Self::Record(fields) => fields.iter().find(|(name, _)| name == part).map(|(_, field)| field),
                Self::List(items) => part.parse::<usize>().ok().and_then(|at| items.get(at)),
                Self::Plain(_) => None,
            };
            let Some(next) = next else { break };
            place = Some(Place { line: next.referenced.line(), column: next.referenced.column() });
            node = &next.value;
        }
        place
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Plain(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Plain(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Plain(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Plain(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Plain(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, field)) = map.next_entry()? {
            fields.push((name, field));
        }
        Ok(Node::Record(fields))
    }
}
