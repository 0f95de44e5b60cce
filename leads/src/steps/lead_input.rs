//! The setting that says which lead a step works on.

use super::problem;
use crate::failures;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use trunkline_engine::expression::{Dynamic, Scope};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::ConfigProblem;
use uuid::Uuid;

/// An expression that yields a lead.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct LeadInput(Dynamic);

impl LeadInput {
    /// The lead's record and its id.
    ///
    /// # Errors
    /// `LEAD-0012` when the value is no lead; an expression that cannot be computed.
    pub(super) fn record<'a>(&'a self, scope: &'a Scope) -> Result<(Cow<'a, Value>, Uuid), Failure> {
        let value = self.0.seen(scope)?;
        let id = value.get("id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
        match id {
            Some(id) => Ok((value, id)),
            None => Err(failures::not_a_lead(name_of(&value))),
        }
    }

    /// The lead's id; text that is an id will do.
    ///
    /// # Errors
    /// As [`LeadInput::record`].
    pub(super) fn id(&self, scope: &Scope) -> Result<Uuid, Failure> {
        let value = self.0.seen(scope)?;
        let id = value.as_str().or_else(|| value.get("id")?.as_str());
        id.and_then(|id| Uuid::try_parse(id.trim()).ok()).ok_or_else(|| failures::not_a_lead(name_of(&value)))
    }

    /// What is wrong with the setting `lead`.
    pub(super) fn problems(&self) -> Option<ConfigProblem> {
        let says_nothing = match &self.0 {
            Dynamic::Literal(Value::String(text)) => Uuid::try_parse(text.trim()).is_err(),
            Dynamic::Literal(_) => true,
            _ => false,
        };
        says_nothing.then(|| {
            let action = "Choose the lead of an earlier \"Find or create lead\" step.";
            problem("/lead", "the step does not say which lead it works on", action)
        })
    }
}

pub(super) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text that is no lead's id",
        Value::Array(_) => "a list",
        Value::Object(_) => "a record that is no lead",
    }
}

impl JsonSchema for LeadInput {
    fn schema_name() -> Cow<'static, str> {
        "LeadInput".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-ui": "lead" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn input(value: Value) -> LeadInput {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_record_or_an_id_is_a_lead_and_nothing_else_is() {
        let scope = Scope::sample(&json!({"steps": {"find": {"lead": {"id": ID, "city": "Paris"}}}}));
        assert_eq!(input(json!("{{ steps.find.lead }}")).id(&scope).unwrap().to_string(), ID);
        assert_eq!(input(json!("{{ steps.find.lead.id }}")).id(&scope).unwrap().to_string(), ID);
        assert_eq!(input(json!("{{ steps.find.lead }}")).record(&scope).unwrap().0["city"], "Paris");
        for wrong in ["{{ steps.find }}", "{{ steps.other.lead }}", "{{ 7 }}", "{{ steps.find.lead.city }}"] {
            assert_eq!(input(json!(wrong)).id(&scope).unwrap_err().code, "LEAD-0012", "{wrong}");
        }
        let without_fields = input(json!("{{ steps.find.lead.id }}")).record(&scope).unwrap_err();
        assert_eq!(without_fields.code, "LEAD-0012");
    }

    #[test]
    fn an_empty_setting_is_a_problem() {
        assert_eq!(LeadInput::default().problems().unwrap().field, "/lead");
        assert!(input(json!("Ada")).problems().is_some());
        assert_eq!(input(json!("{{ steps.find.lead }}")).problems(), None);
        assert_eq!(input(json!(ID)).problems(), None);
    }
}
