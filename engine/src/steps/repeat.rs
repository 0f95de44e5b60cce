//! Repeat: the steps inside run again and again until a condition holds.

use super::problem;
use crate::condition::Condition;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Most rounds that may be allowed.
const MAX_ROUNDS: u32 = 10_000;

/// Settings of `repeat`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Repeat {
    /// Checked after every round. `item` is what the last step inside put out, `index` the number of rounds so far.
    #[schemars(title = "Until", extend("x-ui" = "condition"))]
    until: Condition,
    /// Most rounds, 1 to 10,000. After these it goes on, and its output says that the condition was not reached.
    #[serde(default = "ten")]
    #[schemars(title = "At most (rounds)", range(min = 1, max = 10_000))]
    at_most: u32,
}

fn ten() -> u32 {
    10
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Repeat>(About {
        kind: "repeat",
        title: "Repeat until",
        summary: "Does the steps inside again and again until a condition holds.",
        help: HELP,
        icon: "loop",
        category: Category::Logic,
        keywords: &["while", "until", "poll", "again", "loop", "retry", "check"],
        default_config: json!({
            "until": { "all": [{ "field": "{{ item.status }}", "op": "equals", "value": "done" }] }, "at_most": 10,
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The repeat itself writes nothing; each step inside keeps its own promise in every round.",
        has_error_port: true,
        example: Example {
            config: json!({
                "until": { "field": "{{ item.body.state }}", "op": "equals", "value": "finished" }, "at_most": 20,
            }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "result": { "status": "done" }, "rounds": 3, "reached": true }),
        summary_template: "until {until} · at most {at_most}",
    })
}

const HELP: &str = r"
Use it to ask another system until it is ready: put an HTTP request and a wait inside. In the first round `item` is empty;
in each later one it is what the last step of the round before put out.

Its output holds the `result` of the last round, how many `rounds` there were, and whether the condition was `reached`.
";

impl Step for Repeat {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Repeat { most: self.at_most.clamp(1, MAX_ROUNDS) })
    }

    fn goes_on(&self, context: &Context<'_>, _round: u32) -> Result<bool, Failure> {
        Ok(!self.until.holds(context.scope)?)
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = self.until.problems("/until");
        if !(1..=MAX_ROUNDS).contains(&self.at_most) {
            let message = format!("{} rounds are not possible", self.at_most);
            problems.push(problem("DOC-0025", "/at_most", message, "Choose a number from 1 to 10,000."));
        }
        problems
    }
}
