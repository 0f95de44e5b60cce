//! Import rows: writes a stretch of an import's rows. Only the server writes documents with it.

use super::ONCE;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Access, Category, Context, Example, Operation, Outcome, Performer, Port, PortRule, Promise, Step,
    StepKind,
};

/// Name of the kind.
pub(super) const KIND: &str = "import_rows";

/// Settings of `import_rows`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ImportRows {
    /// The stretch, as the loop around it hands it over.
    #[schemars(title = "Rows")]
    rows: Dynamic,
    /// Whether the rows are turned back.
    #[serde(default)]
    #[schemars(title = "Turn back")]
    undo: bool,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<ImportRows>(About {
        kind: KIND,
        title: "Import rows",
        summary: "Finds or creates a lead for every row of a stretch.",
        help: HELP,
        icon: "user-plus",
        category: Category::Lead,
        keywords: &["import"],
        default_config: json!({ "rows": "{{ item }}" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "rows": "{{ item }}" }),
            context: json!({ "item": {
                "import": "01890000-0000-7000-8000-000000000001", "name": "contacts.csv", "match_on": ["email"],
                "mode": "create_and_update", "repeated": "merge", "rows": "[]",
            } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "first": 1, "rows": 5000, "counts": { "created": 4990, "failed": 10 } }),
        summary_template: "",
    })
}

const HELP: &str = r"
Written by Trunkline when a person starts an import. All rows of a stretch are written together, exactly once. A row that
cannot be used is told of in the result of the import and keeps no other back.
";

impl Step for ImportRows {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        // Not looked into here: the rows are one text until the writer reads them.
        Ok(Outcome::Perform(Operation {
            performer: Performer::Leads,
            action: if self.undo { "undo_import".into() } else { KIND.into() },
            input: self.rows.value(context.scope)?,
            access: Access::Write,
            promise: Promise::Once,
            sends_to: None,
        }))
    }
}
