//! Settings fields that may hold expressions.

use super::{Expression, Scope, into_text};
use crate::failure::Failure;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A settings value of any type, in which any text may hold an expression.
#[derive(Debug, Clone)]
pub enum Dynamic {
    /// Nothing to compute.
    Literal(Value),
    /// Text with something to compute.
    Computed(Expression),
    /// A list with something to compute in it.
    List(Vec<Dynamic>),
    /// A record with something to compute in it.
    Record(Vec<(String, Dynamic)>),
}

impl Default for Dynamic {
    fn default() -> Self {
        Self::Literal(Value::Null)
    }
}

impl Dynamic {
    /// Compiles every expression within `value`.
    ///
    /// # Errors
    /// The first expression that cannot be understood.
    pub fn compile(value: &Value) -> Result<Self, super::SyntaxError> {
        Ok(match value {
            Value::String(text) if Expression::is_in(text) => Self::Computed(Expression::compile(text)?),
            Value::Array(items) if has_expression(value) => {
                Self::List(items.iter().map(Self::compile).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) if has_expression(value) => Self::Record(
                fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), Self::compile(field)?)))
                    .collect::<Result<_, _>>()?,
            ),
            other => Self::Literal(other.clone()),
        })
    }

    /// Its value in `scope`.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn value(&self, scope: &Scope) -> Result<Value, Failure> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Computed(expression) => expression.value(scope),
            Self::List(items) => items.iter().map(|item| item.value(scope)).collect(),
            Self::Record(fields) => {
                let mut record = Map::with_capacity(fields.len());
                for (name, field) in fields {
                    record.insert(name.clone(), field.value(scope)?);
                }
                Ok(Value::Object(record))
            }
        }
    }

    /// As [`Dynamic::value`], for looking at it only: what lies here or in `scope` is not copied.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn seen<'a>(&'a self, scope: &'a Scope) -> Result<Cow<'a, Value>, Failure> {
        match self {
            Self::Literal(value) => Ok(Cow::Borrowed(value)),
            Self::Computed(expression) => expression.seen(scope),
            Self::List(_) | Self::Record(_) => self.value(scope).map(Cow::Owned),
        }
    }
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => Expression::is_in(text),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(fields) => fields.values().any(has_expression),
        _ => false,
    }
}

impl<'de> Deserialize<'de> for Dynamic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::compile(&value).map_err(D::Error::custom)
    }
}

impl JsonSchema for Dynamic {
    fn schema_name() -> Cow<'static, str> {
        "Dynamic".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-ui": "expression" })
    }
}

/// A settings field that is always text in the end.
#[derive(Debug, Clone, Default)]
pub struct Template(Dynamic);

impl Template {
    /// Compiles `text`.
    ///
    /// # Errors
    /// When an expression in it cannot be understood.
    pub fn compile(text: &str) -> Result<Self, super::SyntaxError> {
        Dynamic::compile(&Value::String(text.to_owned())).map(Self)
    }

    /// Its text in `scope`; a missing value is empty text.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn text(&self, scope: &Scope) -> Result<String, Failure> {
        self.0.value(scope).map(into_text)
    }

    /// Whether nothing was written into the field.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.0 {
            Dynamic::Literal(Value::Null) => true,
            Dynamic::Literal(Value::String(text)) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// Its text when nothing is to be computed.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match &self.0 {
            Dynamic::Literal(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        Self::compile(&text).map_err(D::Error::custom)
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-ui": "template" })
    }
}
