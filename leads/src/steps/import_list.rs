//! Import list: works through the rows of an import, a stretch at a time. Only the server writes documents with it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, Context, Example, LoopPlan, Outcome, Port, PortRule, Promise, Source, Step, StepKind,
    Stream, StreamFrom,
};

/// Name of the kind.
pub(super) const KIND: &str = "import_list";
/// Rows of a stretch: enough that a transaction is worth its flush, few enough that others do not wait for it.
const ROWS: u32 = 5_000;

/// Settings of `import_list`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ImportList {
    /// Id of the import.
    #[schemars(title = "Import")]
    import: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<ImportList>(About {
        kind: KIND,
        title: "Rows of the list",
        summary: "Works through the rows of an import, a stretch at a time.",
        help: HELP,
        icon: "list",
        category: Category::Lead,
        keywords: &["import"],
        default_config: json!({ "import": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The loop itself writes nothing; each stretch is written once.",
        has_error_port: true,
        example: Example {
            config: json!({ "import": "{{ trigger.body.import }}" }),
            context: json!({ "trigger": { "body": { "import": "01890000-0000-7000-8000-000000000001" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "count": 1, "failed": 0 }),
        summary_template: "",
    })
}

const HELP: &str = r"
Written by Trunkline when a person starts an import. An item is a stretch of rows; a stretch that has ended is never done
again.
";

impl Step for ImportList {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let import = self.import.text(context.scope)?.trim().to_owned();
        Ok(Outcome::Loop(LoopPlan {
            source: Source::Stream(Stream { from: StreamFrom::Import { import }, slice: ROWS }),
            parallel: 1,
            stop_on_error: true,
            keep_order: true,
        }))
    }
}
