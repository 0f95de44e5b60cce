//! What a step looks at in each item of a list, and when two values count as the same.

use super::aggregate::is_empty;
use super::blank;
use crate::expression::{Dynamic, Expression, Scope, into_text};
use crate::failure::Failure;
use crate::kind::ConfigProblem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Number, Value, json};
use std::borrow::Cow;

/// Stands between the values of a key that is made of several fields; no form or file holds it.
const BETWEEN: char = '\u{1f}';

/// What is looked at in an item: the plain name of a field (`email`, `address.city`) or an expression that uses `item`.
#[derive(Debug, Clone, Default)]
pub(super) enum Field {
    /// Nothing is chosen.
    #[default]
    Blank,
    /// The field of this name; dots lead into records within the record.
    Named(String),
    /// Whatever this yields for the item.
    Computed(Dynamic),
}

impl Field {
    /// Whether nothing is chosen.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The name, unless it is computed.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Blank | Self::Computed(_) => None,
        }
    }

    /// Its value in `item`, the one at `index`; a blank field is the item itself.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub(super) fn of<'v>(
        &self,
        scope: &Scope,
        index: usize,
        item: &'v Value,
    ) -> Result<Cow<'v, Value>, Failure> {
        match self {
            Self::Blank => Ok(Cow::Borrowed(item)),
            Self::Named(name) => Ok(find(item, name).map_or(Cow::Owned(Value::Null), Cow::Borrowed)),
            Self::Computed(value) => value.value(&scope.with_item(index, item)).map(Cow::Owned),
        }
    }
}

/// The part of `value` at the dotted `path`. A name that holds a dot itself, as columns of files may, is found first.
pub(super) fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(found) = child(value, path) {
        return Some(found);
    }
    let (name, rest) = path.split_once('.')?;
    find(child(value, name)?, rest)
}

fn child<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::Blank),
            Value::String(text) if Expression::is_in(&text) => {
                Dynamic::compile(&Value::String(text)).map(Self::Computed).map_err(D::Error::custom)
            }
            Value::String(text) if text.trim().is_empty() => Ok(Self::Blank),
            Value::String(text) => Ok(Self::Named(text.trim().to_owned())),
            // The form turns a name that is a number into one.
            Value::Number(number) => Ok(Self::Named(number.to_string())),
            _ => Err(D::Error::custom("the name of a field or an expression is expected")),
        }
    }
}

impl JsonSchema for Field {
    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-ui": "expression" })
    }
}

/// What is wrong with `fields` in the settings field `at`: each needs something chosen.
pub(super) fn check(fields: &[Field], at: &str) -> Vec<ConfigProblem> {
    let empty = fields.iter().enumerate().filter(|(_, field)| field.is_blank());
    empty
        .map(|(row, _)| {
            let action = "Write the name of a field, such as email, or remove the row.";
            blank(&format!("{at}/{row}"), "no field is chosen", action)
        })
        .collect()
}

/// When two values count as the same. A number is the same as the text that spells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sameness {
    /// Capital and small letters are the same.
    pub(super) ignore_case: bool,
    /// Spaces around a text do not matter.
    pub(super) ignore_spaces: bool,
}

impl Sameness {
    /// Letters and spaces matter as one switch says.
    pub(super) fn loose(ignore: bool) -> Self {
        Self { ignore_case: ignore, ignore_spaces: ignore }
    }

    /// What equal values share; `None` when there is nothing in `value`.
    pub(super) fn of(self, value: &Value) -> Option<String> {
        (!is_empty(value)).then(|| into_text(self.folded(value)))
    }

    /// What equal values of several fields share; `None` when all of them are empty.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub(super) fn key(
        self,
        fields: &[Field],
        scope: &Scope,
        index: usize,
        item: &Value,
    ) -> Result<Option<String>, Failure> {
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields {
            parts.push(self.of(field.of(scope, index, item)?.as_ref()));
        }
        let filled = parts.iter().any(Option::is_some);
        let text = |part: Option<String>| part.unwrap_or_default();
        Ok(filled.then(|| parts.into_iter().map(text).collect::<Vec<_>>().join(&BETWEEN.to_string())))
    }

    fn folded(self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let text = if self.ignore_spaces { text.trim() } else { text };
                Value::String(if self.ignore_case { text.to_lowercase() } else { text.to_owned() })
            }
            Value::Number(number) => whole(number),
            Value::Array(items) => items.iter().map(|item| self.folded(item)).collect(),
            Value::Object(fields) => {
                // The order in which a sender wrote the fields says nothing.
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_unstable_by_key(|(name, _)| *name);
                sorted.into_iter().map(|(name, field)| (name.clone(), self.folded(field))).collect()
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }
}

/// `5.0` as `5`.
fn whole(number: &Number) -> Value {
    match number.as_f64() {
        Some(float) if number.is_f64() => super::aggregate::number(float),
        _ => json!(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field {
        serde_json::from_value(json!(text)).unwrap()
    }

    fn value(text: &str, item: &Value) -> Value {
        field(text).of(&Scope::sample(&json!({})), 0, item).unwrap().into_owned()
    }

    #[test]
    fn a_field_is_named_or_computed() {
        let item = json!({"email": "A@b.example", "company": {"name": "Acme"}, "Deal.Amount": 7, "tags": ["x", "y"]});
        assert_eq!(value(" email ", &item), "A@b.example");
        assert_eq!(value("company.name", &item), "Acme");
        assert_eq!(value("Deal.Amount", &item), 7);
        assert_eq!(value("tags.1", &item), "y");
        assert_eq!(value("missing.name", &item), Value::Null);
        assert_eq!(value("{{ item.email|lower }}", &item), "a@b.example");
        assert_eq!(value("", &item), item);
        assert!(field("  ").is_blank() && serde_json::from_value::<Field>(json!(["a"])).is_err());
    }

    #[test]
    fn sameness_follows_meaning() {
        let loose = Sameness::loose(true);
        let strict = Sameness::loose(false);
        assert_eq!(loose.of(&json!(" Ada ")), loose.of(&json!("ada")));
        assert_ne!(strict.of(&json!(" Ada ")), strict.of(&json!("Ada")));
        assert_eq!(strict.of(&json!(5.0)), strict.of(&json!("5")));
        assert_eq!(loose.of(&json!({"a": 1, "b": "X"})), loose.of(&json!({"b": "x", "a": 1.0})));
        assert_eq!(loose.of(&json!("  ")), None);
        assert_ne!(loose.of(&json!(["a", "b"])), loose.of(&json!(["b", "a"])));
    }

    #[test]
    fn a_key_of_several_fields_is_empty_only_when_all_are() {
        let fields = [field("a"), field("b")];
        let key =
            |item: Value| Sameness::loose(true).key(&fields, &Scope::sample(&json!({})), 0, &item).unwrap();
        assert_eq!(key(json!({"a": " "})), None);
        assert!(key(json!({"a": "x"})).is_some());
        assert_ne!(key(json!({"a": "x"})), key(json!({"b": "x"})));
    }
}
