//! Break: the loop around this step ends.

use crate::failure::Failure;
use crate::kind::{About, Category, Context, Example, Outcome, PortRule, Promise, Step, StepKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Settings of `break_loop`: there are none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BreakLoop {}

pub(super) fn kind() -> StepKind {
    StepKind::new::<BreakLoop>(About {
        kind: "break_loop",
        title: "End the loop",
        summary: "Ends the loop around it: items that have begun are finished, no further one begins.",
        help: HELP,
        icon: "stop",
        category: Category::Logic,
        keywords: &["break", "exit loop", "found", "enough", "stop loop"],
        default_config: json!({}),
        ports: PortRule::Fixed { ports: Vec::new() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: false,
        example: Example { config: json!({}), context: json!({}), output: None, port: String::new() },
        output_sample: Value::Null,
        summary_template: "",
    })
}

const HELP: &str = r"
Put it behind an **If** inside a loop or a repeat, to stop as soon as something was found. The loop's output counts the items
that were worked through; the rest is left alone.
";

impl Step for BreakLoop {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Break)
    }
}
