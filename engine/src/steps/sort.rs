//! Sort: puts the items of a list in order.

use super::field::Field;
use super::items;
use super::order::{Direction, Reading, ranks};
use super::{blank, problem};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Most fields to sort by.
const MAX_FIELDS: usize = 10;

/// Settings of `sort`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sort {
    /// The list to put in order, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// What decides. Where two items are alike in the first field, the next one decides.
    #[schemars(title = "Sort by these fields")]
    by: Vec<Row>,
}

/// One thing to sort by.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Name of a field, such as `amount`, or an expression such as `{{ item.name|lower }}`. For a list of plain texts or
    /// numbers write `{{ item }}`.
    #[schemars(title = "Field", extend("x-placeholder" = "amount"))]
    field: Field,
    /// Which end comes first. Items without a value always come last.
    #[serde(default)]
    #[schemars(
        title = "Order",
        extend("x-labels" = {"ascending": "Smallest, earliest or A first", "descending": "Largest, latest or Z first"})
    )]
    direction: Direction,
    /// How values are compared.
    #[serde(default)]
    #[schemars(
        title = "Compare as",
        extend(
            "x-advanced" = true,
            "x-labels" = {"auto": "What they look like", "number": "Numbers", "text": "Text", "date": "Dates"}
        )
    )]
    read_as: Reading,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Sort>(About {
        kind: "sort",
        title: "Sort list",
        summary: "Puts the items of a list in order, by one or several fields.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &["order", "sort by", "rank", "arrange", "alphabetical", "top", "ascending", "descending"],
        default_config: json!({ "items": "", "by": [{ "field": "{{ item }}", "direction": "ascending" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.deals }}",
                "by": [{ "field": "amount", "direction": "descending" }, { "field": "company" }],
            }),
            context: json!({ "trigger": { "body": { "deals": [
                { "company": "Engine Works", "amount": "900" },
                { "company": "Zeta", "amount": "1,200" },
                { "company": "Analytical", "amount": 1200 },
                { "company": "No Amount Ltd" },
            ] } } }),
            output: Some(json!({
                "items": [
                    { "company": "Analytical", "amount": 1200 },
                    { "company": "Zeta", "amount": "1,200" },
                    { "company": "Engine Works", "amount": "900" },
                    { "company": "No Amount Ltd" },
                ],
                "count": 4,
            })),
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "company": "Analytical", "amount": 1200 }], "count": 1 }),
        summary_template: "{by}",
    })
}

const HELP: &str = r"
The output holds the `items` in their new order and their `count`. To take the best only, use `{{ steps.sort.items[:10] }}`
or **Filter list** afterwards.

- Numbers written as text count as numbers (`1,200` is 1200), dates in all usual shapes count as dates.
- Text is in dictionary order: capitals and accents do not matter, and `item 2` comes before `item 10`.
- Items without a value come last in both directions. Items that are alike keep the order they had.

Worked example: deals sorted by `amount`, largest first, and then by `company`.
";

impl Step for Sort {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let items = items::read(&self.items, context.scope)?;
        let mut columns = Vec::with_capacity(self.by.len());
        for row in &self.by {
            let mut values = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                values.push(row.field.of(context.scope, index, item)?.into_owned());
            }
            columns.push((ranks(&values, row.read_as), row.direction));
        }
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|&left, &right| {
            let decided =
                columns.iter().map(|(ranks, direction)| ranks[left].against(&ranks[right], *direction));
            decided.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        let mut slots: Vec<Option<Value>> = items.into_iter().map(Some).collect();
        let sorted: Vec<Value> = order.into_iter().filter_map(|at| slots[at].take()).collect();
        let count = sorted.len();
        let why = format!("{count} items were put in order.");
        Ok(Done::out(json!({ "items": sorted, "count": count })).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if self.by.is_empty() {
            let action = "Add a row and name the field that decides.";
            problems.push(blank("/by", "there is nothing to sort by", action));
        }
        if self.by.len() > MAX_FIELDS {
            let message =
                format!("the list is sorted by {} fields, and {MAX_FIELDS} is the limit", self.by.len());
            problems.push(problem("DOC-0030", "/by", message, "Remove the rows that decide nothing."));
        }
        for (at, _) in self.by.iter().enumerate().filter(|(_, row)| row.field.is_blank()) {
            let action = "Write the name of a field, such as amount, or remove the row.";
            problems.push(blank(&format!("/by/{at}/field"), "no field is chosen", action));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn sorted(by: &Value, items: &Value) -> Value {
        let step = compiled("sort", &json!({"items": "{{ trigger }}", "by": by}));
        run(step.as_ref(), &json!({"trigger": items})).output["items"].clone()
    }

    #[test]
    fn plain_values_are_sorted_by_themselves() {
        let by = json!([{"field": "{{ item }}"}]);
        assert_eq!(sorted(&by, &json!(["b", "A", "", "c"])), json!(["A", "b", "c", ""]));
        assert_eq!(sorted(&by, &json!([])), json!([]));
    }

    #[test]
    fn settings_and_data_are_checked() {
        let step = compiled("sort", &json!({"items": "", "by": [{"field": " "}]}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/items", "/by/0/field"]);
        let step = compiled("sort", &json!({"items": "{{ trigger }}", "by": []}));
        assert_eq!(step.check()[0].field, "/by");
        assert_eq!(start(step.as_ref(), &json!({"trigger": "x"})).unwrap_err().code, "RUN-0100");
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            "[aAbäB0-2 ]{0,4}".prop_map(Value::from),
            (-5..5_i64).prop_map(Value::from),
            Just(Value::Null),
            Just(json!("2026-03-05")),
        ]
    }

    proptest! {
        #[test]
        fn it_loses_nothing_and_changes_nothing_the_second_time(
            values in prop::collection::vec((value(), value()), 0..20), down in any::<bool>(),
        ) {
            let direction = if down { "descending" } else { "ascending" };
            let by = json!([{"field": "a", "direction": direction}, {"field": "b", "read_as": "number"}]);
            let items: Vec<Value> =
                values.iter().enumerate().map(|(id, (a, b))| json!({"a": a, "b": b, "id": id})).collect();
            let once = sorted(&by, &json!(items));
            prop_assert_eq!(&sorted(&by, &once), &once);
            let mut ids: Vec<u64> = once.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect();
            ids.sort_unstable();
            prop_assert_eq!(ids, (0..items.len() as u64).collect::<Vec<_>>());
        }

        #[test]
        fn alike_items_keep_their_order(keys in prop::collection::vec(0..3_i64, 0..20)) {
            let items: Vec<Value> = keys.iter().enumerate().map(|(id, k)| json!({"k": k, "id": id})).collect();
            let sorted = sorted(&json!([{"field": "k", "direction": "descending"}]), &json!(items));
            for pair in sorted.as_array().unwrap().windows(2) {
                prop_assert!(pair[0]["k"].as_i64() > pair[1]["k"].as_i64() || pair[0]["id"].as_u64() < pair[1]["id"].as_u64());
            }
        }
    }
}
