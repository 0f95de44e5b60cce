//! Wait for a callback: the run waits until another system calls an address of its own.

use super::duration::Patience;
use crate::failure::Failure;
use crate::kind::{
    About, Await, Awaited, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step,
    StepKind, TIMEOUT,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `wait_for_callback`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WaitForCallback {
    /// How long the run waits. Without it, it waits as long as it takes.
    #[serde(default)]
    #[schemars(title = "Deadline")]
    patience: Option<Patience>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<WaitForCallback>(About {
        kind: "wait_for_callback",
        title: "Wait for a callback",
        summary: "Waits until another system calls an address that belongs to this run alone.",
        help: HELP,
        icon: "webhook",
        category: Category::Logic,
        keywords: &["callback", "webhook", "resume", "async", "job", "wait", "respond", "url"],
        default_config: json!({ "patience": { "amount": 1, "unit": "days" } }),
        ports: PortRule::Fixed {
            ports: vec![Port::new("out", "Called"), Port::new(TIMEOUT, "No call in time")],
        },
        promise: Promise::None,
        promise_text: "A call that was accepted is never lost, also when it comes before the run has got here.",
        has_error_port: true,
        example: Example {
            config: json!({ "patience": { "amount": 30, "unit": "minutes" } }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "body": { "status": "ready" }, "method": "POST", "query": {}, "received_at": "2026-03-07T09:00:00Z" }),
        summary_template: "",
    })
}

const HELP: &str = r"
Give the other system the address in an earlier step: `{{ run.callback_url }}/` and the id of this step, such as
`{{ run.callback_url }}/enriched`. The address cannot be guessed and works once for each run.

The output holds the `body` of the call, its `query` and its `method`. When nobody calls before the deadline, the run leaves
by **No call in time**.
";

impl Step for WaitForCallback {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let until = Patience::until(self.patience.as_ref(), context.now, context.scope)?;
        Ok(Outcome::Await(Await { what: Awaited::Callback, until }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        Patience::problems(self.patience.as_ref(), "/patience")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use super::*;

    #[test]
    fn without_a_deadline_it_waits_as_long_as_it_takes() {
        let step = compiled("wait_for_callback", &json!({}));
        let Ok(Outcome::Await(wait)) = start(step.as_ref(), &json!({})) else { panic!("a wait") };
        assert_eq!(wait, Await { what: Awaited::Callback, until: None });
        let wrong = compiled("wait_for_callback", &json!({"patience": {"amount": -1}}));
        assert_eq!(wrong.check()[0].field, "/patience/amount");
    }
}
