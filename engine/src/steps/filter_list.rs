//! Filter list: keeps the items of a list for which a condition holds.

use super::items;
use crate::condition::Condition;
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `filter_list`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FilterList {
    /// The list to look through, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// What must hold for an item to stay. Use `item` for the item at hand, such as `{{ item.country }}`.
    #[schemars(title = "Keep an item when")]
    condition: Condition,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FilterList>(About {
        kind: "filter_list",
        title: "Filter list",
        summary: "Keeps the items of a list that fit and leaves the others out.",
        help: HELP,
        icon: "filter",
        category: Category::Data,
        keywords: &["select", "where", "keep", "remove", "items", "rows", "search"],
        default_config: json!({
            "items": "",
            "condition": { "all": [{ "field": "{{ item }}", "op": "is_not_empty" }] },
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.attendees }}",
                "condition": { "field": "{{ item.minutes }}", "op": "at_least", "value": 30 },
            }),
            context: json!({ "trigger": { "body": { "attendees": [
                { "email": "ada@analytical.example", "minutes": 45 },
                { "email": "charles@engine.example", "minutes": 5 },
            ] } } }),
            output: Some(json!({
                "items": [{ "email": "ada@analytical.example", "minutes": 45 }],
                "count": 1,
                "left_out": 1,
            })),
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "email": "ada@analytical.example" }], "count": 1, "left_out": 1 }),
        summary_template: "{condition}",
    })
}

const HELP: &str = r"
The output holds the `items` that stay, in their order, their `count`, and how many were `left_out`. To go two ways with
one record, use **If**.
";

impl Step for FilterList {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let all = items::read(&self.items, context.scope)?;
        let total = all.len();
        let mut kept = Vec::new();
        for (index, item) in all.into_iter().enumerate() {
            if self.condition.holds(&context.scope.with_item(index, &item))? {
                kept.push(item);
            }
        }
        let count = kept.len();
        let output = json!({ "items": kept, "count": count, "left_out": total - count });
        Ok(Done::out(output).because(format!("{count} of {total} items were kept.")).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        problems.extend(self.condition.problems("/condition"));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use serde_json::json;

    #[test]
    fn the_item_at_hand_hides_that_of_the_loop_around() {
        let step = compiled(
            "filter_list",
            &json!({
                "items": "{{ item.tags }}",
                "condition": {"field": "{{ item }}", "op": "not_equals", "value": "{{ trigger.skip }}"}
            }),
        );
        let done = run(step.as_ref(), &json!({"item": {"tags": ["a", "b", "a"]}, "trigger": {"skip": "a"}}));
        assert_eq!(done.output, json!({"items": ["b"], "count": 1, "left_out": 2}));
        assert_eq!(done.why.as_deref(), Some("1 of 3 items were kept."));
    }
}
