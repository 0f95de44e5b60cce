//! Undo: puts parts of leads back to what they were before a run. Only the server writes documents with it.

use super::ONCE;
use crate::operation::{Operation, PutBack as Asked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Name of the kind.
pub(super) const KIND: &str = "put_back";

/// Settings of `put_back`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PutBack {
    /// What goes back: a list of records, each with the lead, its part, what it must still hold and what it held before.
    #[serde(default)]
    #[schemars(title = "Parts")]
    parts: Dynamic,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<PutBack>(About {
        kind: KIND,
        title: "Put back",
        summary: "Puts parts of leads back to what they were before a run.",
        help: HELP,
        icon: "pencil",
        category: Category::Lead,
        keywords: &["undo"],
        default_config: json!({ "parts": [] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "parts": "{{ trigger.body.parts }}" }),
            context: json!({ "trigger": { "body": { "parts": [{
                "lead_id": "01890000-0000-7000-8000-000000000001", "field": "stage", "label": "Stage",
                "now": "MQL", "back_to": "Lead",
            }] } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "undone": 1, "skipped": 0, "items": [] }),
        summary_template: "",
    })
}

const HELP: &str = r"
Written by Trunkline when a person undoes a run. A part that holds something else than the run left there was changed
since and stays as it is.
";

impl Step for PutBack {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let parts = self.parts.value(context.scope)?;
        let parts =
            serde_json::from_value(parts).map_err(|error| crate::failures::unreadable(&error.to_string()))?;
        Ok(Outcome::Perform(Operation::PutBack(Asked { parts }).effect()))
    }
}
