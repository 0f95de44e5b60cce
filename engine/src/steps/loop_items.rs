//! Loop: the steps inside run once per item of a list.

use super::{items, problem};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, LoopPlan, Outcome, Port, PortRule, Promise, Source,
    Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Most items at the same time.
const MAX_PARALLEL: usize = 100;

/// Settings of `loop`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loop {
    /// The list to work through, up to 10,000 items. Inside the loop, `item` is the one at hand and `index` its number
    /// from 0.
    #[schemars(title = "List")]
    items: Dynamic,
    /// How many items are worked on at the same time, 1 to 100. With 1, they are done one after another.
    #[serde(default = "one")]
    #[schemars(title = "At the same time", range(min = 1, max = 100))]
    parallel: usize,
    /// What happens to the others when a step fails for one item.
    #[serde(default)]
    #[schemars(
        title = "When an item fails",
        extend("x-labels" = {"stop": "Stop the loop", "collect": "Go on with the others"})
    )]
    on_item_error: OnItemError,
}

/// What a failed item means for the loop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnItemError {
    /// The loop fails.
    #[default]
    Stop,
    /// The item's result is its error.
    Collect,
}

fn one() -> usize {
    1
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Loop>(About {
        kind: "loop",
        title: "Loop",
        summary: "Does the steps inside once for every item of a list.",
        help: HELP,
        icon: "loop",
        category: Category::Logic,
        keywords: &["for each", "repeat", "iterate", "list", "batch", "items", "rows"],
        default_config: json!({ "items": "", "parallel": 1, "on_item_error": "stop" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The loop itself writes nothing; each step inside keeps its own promise for every item.",
        has_error_port: true,
        example: Example {
            config: json!({ "items": "{{ trigger.body.leads }}", "parallel": 5, "on_item_error": "collect" }),
            context: json!({ "trigger": { "body": { "leads": [{ "email": "ada@analytical.example" }] } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "id": 1 }], "count": 1, "failed": 0 }),
        summary_template: "each of {items}",
    })
}

const HELP: &str = r#"
Open the loop and draw what to do with one item; use `item` in the fields there. The loop goes on when all items are done.

Its output holds `items` (what the last step inside put out, in the order of the list), how many there were (`count`) and
how many `failed`. A failed item's result is `{"error": ...}`.
"#;

impl Step for Loop {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Loop(LoopPlan {
            source: Source::Items(items::read(&self.items, context.scope)?),
            keep_order: true,
            parallel: self.parallel.clamp(1, MAX_PARALLEL),
            stop_on_error: self.on_item_error == OnItemError::Stop,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if !(1..=MAX_PARALLEL).contains(&self.parallel) {
            let message = format!("{} items at the same time are not possible", self.parallel);
            problems.push(problem("DOC-0025", "/parallel", message, "Choose a number from 1 to 100."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use crate::kind::{LoopPlan, Outcome, Source};
    use serde_json::json;

    #[test]
    fn it_plans_one_round_per_item() {
        let step = compiled("loop", &json!({"items": "{{ trigger }}", "parallel": 3}));
        let Ok(Outcome::Loop(plan)) = start(step.as_ref(), &json!({"trigger": [1, 2]})) else {
            panic!("a loop")
        };
        let source = Source::Items(vec![json!(1), json!(2)]);
        assert_eq!(plan, LoopPlan { source, parallel: 3, stop_on_error: true, keep_order: true });
        assert_eq!(start(step.as_ref(), &json!({"trigger": "a"})).unwrap_err().code, "RUN-0100");
    }

    #[test]
    fn the_width_is_bounded() {
        for parallel in [0, 101] {
            let step = compiled("loop", &json!({"items": [1], "parallel": parallel}));
            assert_eq!(step.check()[0].field, "/parallel");
        }
    }
}
