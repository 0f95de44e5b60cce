//! Reading rules from documents.

use super::field_path::on_lead;
use super::{Criteria, Did, FieldTest};
use crate::activity::ActivityKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use trunkline_engine::condition::{Condition, Op};
use trunkline_engine::expression::Expression;

/// What a test of activities is made of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DidParts {
    did: Option<ActivityKind>,
    did_not: Option<ActivityKind>,
    #[serde(default)]
    named: Option<String>,
    #[serde(default)]
    within_days: Option<u32>,
    #[serde(default)]
    at_least: Option<u32>,
}

impl<'de> Deserialize<'de> for Criteria {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Did {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let DidParts { did, did_not, named, within_days, at_least } = DidParts::deserialize(deserializer)?;
        let (kind, not) = match (did, did_not) {
            (Some(kind), None) => (kind, false),
            (None, Some(kind)) => (kind, true),
            _ => return Err(D::Error::custom("a rule names one activity, under \"did\" or \"did_not\"")),
        };
        let (named, at_least) = (named.unwrap_or_default(), at_least.unwrap_or(1));
        Ok(Self { kind, named, within_days, at_least, not })
    }
}

fn read(rule: Value) -> Result<Criteria, String> {
    let Value::Object(mut parts) = rule else { return Err("a rule is a record".into()) };
    for (group, make) in [("all", Criteria::All as fn(Vec<Criteria>) -> Criteria), ("any", Criteria::Any)] {
        let Some(members) = parts.remove(group) else { continue };
        if !parts.is_empty() {
            return Err("a rule is either a group or one test, not both".into());
        }
        let Value::Array(members) = members else { return Err(format!("\"{group}\" holds a list of rules")) };
        return members.into_iter().map(read).collect::<Result<_, _>>().map(make);
    }
    if parts.contains_key("did") || parts.contains_key("did_not") {
        return Did::deserialize(Value::Object(parts)).map(Criteria::Did).map_err(|error| error.to_string());
    }
    read_field(parts).map(Criteria::Field)
}

fn read_field(mut parts: Map<String, Value>) -> Result<FieldTest, String> {
    let name = match parts.get("field") {
        Some(Value::String(name)) => name.trim().to_owned(),
        _ => return Err("a test names a field, under \"field\"".into()),
    };
    if Expression::is_in(&name) || parts.get("value").is_some_and(computes) {
        return Err(
            "a rule names fields and compares with fixed values; expressions have no place here".into()
        );
    }
    if !name.is_empty() {
        parts.insert("field".into(), on_lead(&name).into());
    }
    let condition = Condition::deserialize(Value::Object(parts)).map_err(|error| error.to_string())?;
    Ok(FieldTest { name, condition })
}

fn computes(value: &Value) -> bool {
    match value {
        Value::String(text) => Expression::is_in(text),
        Value::Array(items) => items.iter().any(computes),
        Value::Object(fields) => fields.values().any(computes),
        _ => false,
    }
}

impl JsonSchema for Criteria {
    fn schema_name() -> Cow<'static, str> {
        "Criteria".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let op = generator.subschema_for::<Op>();
        let kinds: Vec<&str> = ActivityKind::ALL.into_iter().map(ActivityKind::as_str).collect();
        let group = |name: &str, says: &str| {
            json!({
                "type": "object",
                "properties": { name: { "type": "array", "items": { "type": "object" }, "description": says } },
                "required": [name],
                "additionalProperties": false
            })
        };
        let did = |name: &str, says: &str| {
            json!({
                "type": "object",
                "properties": {
                    name: { "enum": kinds, "description": says },
                    "named": { "type": "string", "description": "Only activities called so." },
                    "within_days": { "type": "integer", "minimum": 1, "description": "Only those of the last days." },
                    "at_least": { "type": "integer", "minimum": 1, "description": "How many times at least." }
                },
                "required": [name],
                "additionalProperties": false
            })
        };
        json_schema!({
            "anyOf": [
                group("all", "Rules that must all hold."),
                group("any", "Rules of which one must hold."),
                {
                    "type": "object",
                    "properties": {
                        "field": { "type": "string", "description": "A field of the lead or, after \"account.\", of its account." },
                        "op": op,
                        "value": { "description": "What it is compared with." }
                    },
                    "required": ["field", "op"],
                    "additionalProperties": false
                },
                did("did", "What the lead did."),
                did("did_not", "What the lead did not do.")
            ]
        })
    }
}
