//! Reading conditions from settings, with errors that point at the member they are about.

use super::{Comparison, Condition, Op};
use crate::expression::Dynamic;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

const FIELDS: &[&str] = &["all", "any", "field", "op", "value"];

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ConditionVisitor)
    }
}

struct ConditionVisitor;

impl<'de> Visitor<'de> for ConditionVisitor {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition: {\"all\": [...]}, {\"any\": [...]} or {\"field\", \"op\", \"value\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let (mut group, mut field, mut op, mut value) = (None, None, None, None);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let twice = match key.as_ref() {
                "all" => group.replace(Condition::All(map.next_value()?)).is_some(),
                "any" => group.replace(Condition::Any(map.next_value()?)).is_some(),
                "field" => field.replace(map.next_value::<Dynamic>()?).is_some(),
                "op" => op.replace(map.next_value::<Op>()?).is_some(),
                "value" => value.replace(map.next_value::<Dynamic>()?).is_some(),
                other => return Err(A::Error::unknown_field(other, FIELDS)),
            };
            if twice {
                return Err(A::Error::custom(format_args!("\"{key}\" is given twice in one condition")));
            }
        }
        match (group, field, op) {
            (Some(group), None, None) if value.is_none() => Ok(group),
            (Some(_), ..) => {
                Err(A::Error::custom("a condition is either a group or one comparison, not both"))
            }
            (None, Some(field), Some(op)) => {
                Ok(Condition::Compare(Comparison::new(field, op, value.unwrap_or_default())))
            }
            (None, None, None) => Err(A::Error::custom("the condition is empty; {\"all\": []} always holds")),
            (None, None, Some(_)) => Err(A::Error::missing_field("field")),
            (None, Some(_), None) => Err(A::Error::missing_field("op")),
        }
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn inline_schema() -> bool {
        true
    }

    /// The members of a group are conditions again. Schemas of settings hold no references, so that is said in words.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let op = generator.subschema_for::<Op>();
        json_schema!({
            "x-ui": "condition",
            "anyOf": [
                {
                    "type": "object",
                    "properties": {
                        "all": { "type": "array", "items": { "type": "object" }, "description": "Conditions that must all hold." }
                    },
                    "required": ["all"],
                    "additionalProperties": false
                },
                {
                    "type": "object",
                    "properties": {
                        "any": { "type": "array", "items": { "type": "object" }, "description": "Conditions of which one must hold." }
                    },
                    "required": ["any"],
                    "additionalProperties": false
                },
                {
                    "type": "object",
                    "properties": {
                        "field": { "description": "What is looked at." },
                        "op": op,
                        "value": { "description": "What it is compared with." }
                    },
                    "required": ["field", "op"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
