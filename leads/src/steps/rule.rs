//! One rule of a score: a condition and the points it gives when it holds.
//!
//! A rule's field may be an expression, `{{ steps.find.lead.company_size }}`, or simply the name of a field of the lead
//! that is scored, `company_size`. Such a name is read from the lead's record: a core field by its name, any other name
//! from the workspace's own fields. While a rule with a bare name is judged, expressions see the lead as `item`; rules
//! without one see what every step sees, so that inside a loop `item` stays the loop's.

use crate::criteria::on_lead;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value};
use std::borrow::Cow;
use trunkline_engine::condition::{Condition, Op};
use trunkline_engine::expression::Expression;

/// A condition and its points.
#[derive(Debug)]
pub(super) struct Rule {
    /// When it applies.
    pub(super) condition: Condition,
    /// Whether the condition names fields of the lead, and so sees the lead as `item`.
    pub(super) sees_lead: bool,
    /// What it counts; below zero takes away.
    pub(super) points: i64,
    /// What the reason says instead of the condition in words.
    label: String,
    /// The group whose limit it counts towards; empty for none.
    pub(super) group: String,
    /// Whether the condition stands under `when`.
    pub(super) is_nested: bool,
}

/// Most points a rule gives or takes.
pub(super) const MAX_POINTS: i64 = 1_000_000;

impl Rule {
    /// What the reason says.
    pub(super) fn reason(&self) -> String {
        if !self.label.trim().is_empty() {
            return self.label.trim().to_owned();
        }
        let words = self.condition.in_words();
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut settings = Map::<String, Value>::deserialize(deserializer)?;
        let mut sees_lead = false;
        let points = match settings.remove("points") {
            Some(points) => {
                points.as_i64().ok_or_else(|| D::Error::custom("the points are a whole number"))?
            }
            None => return Err(D::Error::missing_field("points")),
        };
        let mut text = |name: &'static str| match settings.remove(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(D::Error::custom(format_args!("the {name} of a rule is text"))),
        };
        let (label, group) = (text("label")?, text("group")?);
        let nested = settings.remove("when");
        let is_nested = nested.is_some();
        let mut condition = match nested {
            Some(nested) if settings.is_empty() => nested,
            Some(_) => {
                return Err(D::Error::custom("a rule has either its own comparison or \"when\", not both"));
            }
            None => Value::Object(settings),
        };
        point_at_lead(&mut condition, &mut sees_lead);
        let condition = Condition::deserialize(condition).map_err(D::Error::custom)?;
        Ok(Self { condition, sees_lead, points, label, group, is_nested })
    }
}

/// Turns bare names into expressions on `item`.
fn point_at_lead(condition: &mut Value, sees_lead: &mut bool) {
    match condition {
        Value::Array(members) => members.iter_mut().for_each(|member| point_at_lead(member, sees_lead)),
        Value::Object(parts) => {
            for group in ["all", "any"] {
                if let Some(members) = parts.get_mut(group) {
                    point_at_lead(members, sees_lead);
                }
            }
            if let Some(Value::String(field)) = parts.get_mut("field")
                && !field.trim().is_empty()
                && !Expression::is_in(field)
            {
                *field = on_lead(field.trim());
                *sees_lead = true;
            }
        }
        _ => {}
    }
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let op = generator.subschema_for::<Op>();
        let condition = generator.subschema_for::<Condition>();
        json_schema!({
            "type": "object",
            "properties": {
                "field": { "type": "string", "description": "What is looked at: an expression, or the name of a field of the lead." },
                "op": op,
                "value": { "description": "What it is compared with." },
                "when": condition,
                "points": { "type": "integer", "description": "What the rule counts; below zero takes away.", "minimum": -MAX_POINTS, "maximum": MAX_POINTS },
                "label": { "type": "string", "description": "What the reason says; empty for the condition in words." },
                "group": { "type": "string", "description": "The group whose limit it counts towards." }
            },
            "required": ["points"],
            "additionalProperties": false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(settings: Value) -> Result<Rule, serde_json::Error> {
        serde_json::from_value(settings)
    }

    #[test]
    fn the_reason_is_the_label_or_the_condition_in_words() {
        let plain =
            rule(json!({"field": "company_size", "op": "at_least", "value": 200, "points": 30})).unwrap();
        assert_eq!(plain.reason(), "Company size is at least 200");
        assert!(plain.sees_lead);
        let named = rule(json!({
            "when": {"any": [{"field": "{{ trigger.body.demo }}", "op": "is_true"}]}, "points": 5, "label": "Asked for a demo"
        }))
        .unwrap();
        assert_eq!(named.reason(), "Asked for a demo");
        assert!(!named.sees_lead);
    }

    #[test]
    fn half_a_rule_is_no_rule() {
        for (settings, says) in [
            (json!({"field": "city", "op": "is_empty"}), "points"),
            (json!({"field": "city", "op": "is_empty", "points": 1.5}), "whole number"),
            (json!({"field": "city", "op": "is_empty", "points": 1, "label": 7}), "label"),
            (json!({"field": "city", "op": "nearly", "points": 1}), "nearly"),
            (json!({"when": {"all": []}, "op": "is_empty", "points": 1}), "not both"),
            (json!({"field": "city", "points": 1}), "op"),
        ] {
            let error = rule(settings).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
