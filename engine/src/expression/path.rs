//! A plain path, such as `item.email`: by far the most frequent expression, looked up in the JSON itself.

use super::scope::{Found, Scope};
use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// `.name` or `['name']`.
    Name(Box<str>),
    /// `[0]`.
    Index(usize),
}

/// A root and what to look up in it, one inside the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) root: Box<str>,
    pub(super) rest: Box<[Segment]>,
}

impl Path {
    /// The path that `text` is, or `None` when it is anything more.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (root, mut left) = name(text)?;
        let mut rest = Vec::new();
        while !left.is_empty() {
            let segment;
            (segment, left) = next(left)?;
            rest.push(segment);
        }
        super::scope::is_root(root).then(|| Self { root: root.into(), rest: rest.into() })
    }

    /// Looks it up in `scope`.
    pub(super) fn find<'a>(&self, scope: &'a Scope) -> Found<'a> {
        scope.find(&self.root, &self.rest)
    }
}

/// Follows `rest` into `value`; what is missing, or missing in what is missing, is null.
pub(super) fn walk<'a>(mut value: &'a Value, rest: &[Segment]) -> Found<'a> {
    for segment in rest {
        let found = match (value, segment) {
            (Value::Object(fields), Segment::Name(name)) => fields.get(&**name),
            (Value::Array(items), Segment::Index(index)) => items.get(*index),
            // What a number means to a text or a record is for MiniJinja to say.
            (_, Segment::Index(_)) => return Found::NotPlain,
            (_, Segment::Name(_)) => None,
        };
        let Some(found) = found else { return Found::Nothing };
        value = found;
    }
    Found::Value(value)
}

fn next(text: &str) -> Option<(Segment, &str)> {
    if let Some(text) = text.strip_prefix('.') {
        let (name, left) = name(text)?;
        return Some((Segment::Name(name.into()), left));
    }
    let (inside, left) = text.strip_prefix('[')?.split_once(']')?;
    let quoted = |quote: char| inside.strip_prefix(quote)?.strip_suffix(quote);
    let segment = match quoted('\'').or_else(|| quoted('"')) {
        Some(name) if !name.contains(['\\', '\'', '"']) => Segment::Name(name.into()),
        Some(_) => return None,
        None if inside.bytes().all(|byte| byte.is_ascii_digit()) => Segment::Index(inside.parse().ok()?),
        None => return None,
    };
    Some((segment, left))
}

/// The name that `text` begins with, and what is left.
fn name(text: &str) -> Option<(&str, &str)> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let length = text.bytes().position(|byte| !is_part(byte)).unwrap_or(text.len());
    let (name, left) = text.split_at(length);
    (!name.is_empty() && !name.as_bytes()[0].is_ascii_digit()).then_some((name, left))
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::json;
    use super::*;
    use crate::expression::Expression;
    use proptest::prelude::*;
    use serde_json::json as j;

    #[test]
    fn only_plain_paths_are_paths() {
        for path in ["item", "trigger.body.email", "steps['a b'][0].c", "index", "vars[\"x\"]"] {
            assert!(Path::parse(path).is_some(), "{path}");
        }
        for other in [
            "",
            "email",
            "item.",
            "item..a",
            "item|lower",
            "item[-1]",
            "item[0:2]",
            "item.a + 1",
            "item['a\\'b']",
            "item.9",
            "not item",
            "item ['a']",
            "item.a()",
            "true",
        ] {
            assert_eq!(Path::parse(other), None, "{other}");
        }
    }

    proptest! {
        /// `(item.a.b)` is the same to MiniJinja and no plain path to us.
        #[test]
        fn a_path_finds_what_minijinja_finds(
            value in json(),
            rest in prop::collection::vec(prop_oneof!["\\.[abc]", "\\['[abc]'\\]", "\\[[0-3]\\]"], 0..4),
        ) {
            let data = j!({"item": value, "index": 7, "steps": {"s": value}, "vars": {}});
            for root in ["item", "steps.s", "vars", "trigger", "index"] {
                let path = format!("{root}{}", rest.concat());
                let plain = Expression::compile(&format!("{{{{ {path} }}}}")).unwrap();
                let asked = Expression::compile(&format!("{{{{ ({path}) }}}}")).unwrap();
                let scope = Scope::sample(&data);
                prop_assert_eq!(plain.value(&scope), asked.value(&scope), "{}", path);
                let scope = scope.with_item(3, &value);
                prop_assert_eq!(plain.value(&scope), asked.value(&scope), "{} of an item", path);
            }
        }
    }
}
