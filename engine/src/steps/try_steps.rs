//! Try: the steps inside run once, and a failure among them leaves by a way of its own.

use crate::document::{ERROR, OUT};
use crate::failure::Failure;
use crate::kind::{About, Category, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `try`: there are none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Try {}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Try>(About {
        kind: "try",
        title: "Try",
        summary: "Does the steps inside, and takes another way when one of them fails.",
        help: HELP,
        icon: "branch",
        category: Category::Logic,
        keywords: &["catch", "error", "failure", "fallback", "exception", "handle", "scope"],
        default_config: json!({}),
        ports: PortRule::Fixed {
            ports: vec![Port::new(OUT, "It went through"), Port::new(ERROR, "A step failed")],
        },
        promise: Promise::None,
        promise_text: "The try itself writes nothing. What the steps inside had written before one failed stays written.",
        has_error_port: false,
        example: Example { config: json!({}), context: json!({}), output: None, port: "out".into() },
        output_sample: json!({ "result": {} }),
        summary_template: "",
    })
}

const HELP: &str = r"
Put the steps that belong together inside. When one of them fails for good, after its own retries, whatever else is under way
inside is given up and the run leaves by **A step failed**, with the `error` and the name of the `step` as output. Otherwise it
leaves by **It went through**, with the `result` of the last step.
";

impl Step for Try {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Try)
    }
}
