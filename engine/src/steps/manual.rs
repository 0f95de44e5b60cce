//! Manual trigger: a person, the API, the command line or another workflow starts the run.

use crate::failure::Failure;
use crate::kind::{About, Category, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind};
use crate::trigger::Trigger;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `manual`: there are none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Manual {}

pub(super) fn kind() -> StepKind {
    let event = json!({
        "body": { "email": "ada@analytical.example", "company": "Analytical Engines" },
        "received_at": "2026-03-05T09:00:00.000Z",
    });
    StepKind::new::<Manual>(About {
        kind: "manual",
        title: "Started by hand",
        summary: "Starts when somebody presses Run, or when another workflow calls this one.",
        help: HELP,
        icon: "hand",
        category: Category::Trigger,
        keywords: &["manual", "button", "start", "run", "api", "test", "sub-workflow", "child"],
        default_config: json!({}),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: false,
        example: Example {
            config: json!({}),
            context: json!({ "trigger": event }),
            output: Some(event.clone()),
            port: "out".into(),
        },
        output_sample: event,
        summary_template: "When somebody presses Run",
    })
}

const HELP: &str = r"
Use it while you draw a workflow, for work somebody does now and then, and for workflows that others call with
**Call workflow**. Whatever is handed over at the start is in `trigger.body`.
";

impl Step for Manual {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        super::pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Manual)
    }
}
