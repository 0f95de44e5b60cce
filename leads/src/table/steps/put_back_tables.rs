//! Undo: puts cells, rows and counters back to what they were before a run. Only the server writes documents with it.

use super::ONCE;
use crate::table::failures;
use crate::table::operation::{PutBackTables as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Name of the kind.
pub(super) const KIND: &str = "put_back_tables";

/// Settings of `put_back_tables`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PutBackTables {
    /// What goes back: a list of records, each with the place, what it must still hold and what it held before.
    #[serde(default)]
    #[schemars(title = "Parts")]
    parts: Dynamic,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<PutBackTables>(About {
        kind: KIND,
        title: "Put tables back",
        summary: "Puts cells, rows and counters back to what they were before a run.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &["undo"],
        default_config: json!({ "parts": [] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "parts": "{{ trigger.body.parts }}" }),
            context: json!({ "trigger": { "body": { "parts": [{
                "target": { "kind": "counter", "id": "[\"Demo requests\",\"\"]", "field": "value" },
                "label": "Counter Demo requests", "now": 42, "back_to": 41,
            }] } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "undone": 1, "skipped": 0, "items": [] }),
        summary_template: "",
    })
}

const HELP: &str = r"
Written by Trunkline when a person undoes a run. A cell or row that holds something else than the run left there was changed
since and stays as it is.
";

impl Step for PutBackTables {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let parts = self.parts.value(context.scope)?;
        let parts =
            serde_json::from_value(parts).map_err(|error| failures::unreadable(&error.to_string()))?;
        Ok(Outcome::Perform(TableOperation::PutBackTables(Asked { parts }).effect()))
    }
}
