//! Group: sorts the items of a list into heaps that share a value.

use super::aggregate::number;
use super::field::{self, Field, Sameness};
use super::order::{Direction, Reading, ranks};
use super::{blank, items, problem};
use crate::expression::filters::number_in;
use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Most figures per group.
const MAX_FIGURES: usize = 20;
/// Fields every group has.
const TAKEN: [&str; 3] = ["key", "count", "items"];

/// Settings of `group`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Group {
    /// The list to sort into groups, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// Items go into the same group when all these fields are the same: the name of a field, such as `country`, or an
    /// expression such as `{{ item.email|email_domain }}`.
    #[schemars(title = "Group by these fields", extend("x-placeholder" = "country"))]
    by: Vec<Field>,
    /// Figures over the numbers of each group, such as the sum of `amount`.
    #[serde(default)]
    #[schemars(title = "Figures")]
    figures: Vec<Figure>,
    /// Whether each group holds its items. Without them the output stays small.
    #[serde(default = "yes")]
    #[schemars(title = "Keep the items in the groups")]
    keep_items: bool,
    /// In which order the groups come.
    #[serde(default)]
    #[schemars(
        title = "Order of the groups",
        extend("x-labels" = {"as_met": "As they first occur", "by_key": "By their value", "largest_first": "Most items first"})
    )]
    order: Order,
    /// Treat values as the same that differ only in capital letters and in spaces at their ends. The group is called
    /// by the first one.
    #[serde(default = "yes")]
    #[schemars(title = "Ignore capital letters and spaces", extend("x-advanced" = true))]
    ignore_case: bool,
}

/// One figure per group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Figure {
    /// Name of the result.
    #[schemars(title = "Name", extend("x-placeholder" = "total"))]
    name: String,
    /// How it is found. Empty values and what is no number are left out.
    #[serde(default)]
    #[schemars(
        title = "Figure",
        extend("x-labels" = {"sum": "Sum", "average": "Average", "min": "Smallest", "max": "Largest"})
    )]
    figure: Measure,
    /// The number in each item: the name of a field, such as `amount`, or an expression.
    #[schemars(title = "Field", extend("x-placeholder" = "amount"))]
    field: Field,
}

/// How a figure is found from the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Measure {
    /// All added up.
    #[default]
    Sum,
    /// The sum divided by how many there are.
    Average,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// In which order groups come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// As their first items do.
    #[default]
    AsMet,
    /// By their key, smallest first.
    ByKey,
    /// The one with most items first.
    LargestFirst,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Group>(About {
        kind: "group",
        title: "Group list",
        summary: "Sorts the items of a list into groups that share a value.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &[
            "group by",
            "pivot",
            "bucket",
            "segment",
            "summarize",
            "sum",
            "count",
            "average",
            "numeric aggregator",
        ],
        default_config: json!({ "items": "", "by": [""], "figures": [], "keep_items": true, "order": "as_met" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.deals }}",
                "by": ["country"],
                "figures": [{ "name": "total", "figure": "sum", "field": "amount" }],
                "order": "largest_first",
            }),
            context: json!({ "trigger": { "body": { "deals": [
                { "country": "FR", "amount": 70 },
                { "country": "DE", "amount": 100 },
                { "country": "de", "amount": "1,000.50" },
            ] } } }),
            output: Some(json!({
                "groups": [
                    {
                        "key": "DE", "count": 2, "total": 1100.5,
                        "items": [{ "country": "DE", "amount": 100 }, { "country": "de", "amount": "1,000.50" }],
                    },
                    { "key": "FR", "count": 1, "total": 70, "items": [{ "country": "FR", "amount": 70 }] },
                ],
                "count": 2,
            })),
            port: "out".into(),
        },
        output_sample: json!({ "groups": [{ "key": "DE", "count": 1, "items": [{ "country": "DE" }] }], "count": 1 }),
        summary_template: "{by}",
    })
}

const HELP: &str = r"
The output holds `groups` and how many there are (`count`). Each group has its `key` (the value its items share; a list of
values when there are several fields), the `count` of its items, your figures and the `items`. Put a **Loop** over `groups`
behind it to do something once per group, such as one message per owner.

Worked example: deals grouped by `country`, with the sum of `amount` as `total`, the group with most deals first.

Items without a value form a group of their own whose `key` is empty. For one table of figures without the items, use
**Aggregate**.
";

/// A heap of items that share a value.
struct Heap {
    key: Value,
    members: Vec<usize>,
}

impl Step for Group {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let items = items::read(&self.items, context.scope)?;
        let total = items.len();
        let sameness = Sameness::loose(self.ignore_case);
        let mut heaps: IndexMap<String, Heap> = IndexMap::new();
        for (index, item) in items.iter().enumerate() {
            let key = sameness.key(&self.by, context.scope, index, item)?.unwrap_or_default();
            match heaps.get_mut(&key) {
                Some(heap) => heap.members.push(index),
                None => {
                    let shown = self.shown(context.scope, index, item)?;
                    heaps.insert(key, Heap { key: shown, members: vec![index] });
                }
            }
        }
        let mut groups = Vec::with_capacity(heaps.len());
        for heap in self.ordered(heaps.into_values().collect()) {
            groups.push(self.group(context.scope, &items, heap)?);
        }
        let count = groups.len();
        let why = format!("{total} items fell into {count} groups.");
        Ok(Done::out(json!({ "groups": groups, "count": count })).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if self.by.is_empty() {
            let action = "Add a row and name the field whose value the items of a group share.";
            problems.push(blank("/by", "there is nothing to group by", action));
        }
        problems.extend(field::check(&self.by, "/by"));
        if self.figures.len() > MAX_FIGURES {
            let message = format!("there are {} figures, and {MAX_FIGURES} is the limit", self.figures.len());
            problems.push(problem("DOC-0030", "/figures", message, "Use a second step for the others."));
        }
        let mut names = HashSet::from(TAKEN);
        for (at, figure) in self.figures.iter().enumerate() {
            let name = figure.name.trim();
            if name.is_empty() {
                let action = "Give it a name, such as total.";
                problems.push(blank(&format!("/figures/{at}/name"), "a figure has no name", action));
            } else if !names.insert(name) {
                let message = format!("the name {name} is taken");
                let action = "Give each figure a name of its own; key, count and items are taken.";
                problems.push(problem("DOC-0028", format!("/figures/{at}/name"), message, action));
            }
            if figure.field.is_blank() {
                let action = "Write the name of the field that holds the number, such as amount.";
                problems.push(blank(&format!("/figures/{at}/field"), "this figure needs a field", action));
            }
        }
        problems
    }
}

impl Group {
    /// What the group of `item` is called.
    fn shown(&self, scope: &Scope, index: usize, item: &Value) -> Result<Value, Failure> {
        let mut values = Vec::with_capacity(self.by.len());
        for field in &self.by {
            values.push(field.of(scope, index, item)?.into_owned());
        }
        Ok(if values.len() == 1 { values.swap_remove(0) } else { Value::Array(values) })
    }

    fn ordered(&self, mut heaps: Vec<Heap>) -> Vec<Heap> {
        match self.order {
            Order::AsMet => {}
            Order::LargestFirst => heaps.sort_by_key(|heap| std::cmp::Reverse(heap.members.len())),
            Order::ByKey => {
                let keys: Vec<Value> = heaps.iter().map(|heap| heap.key.clone()).collect();
                let mut ranked: Vec<_> = ranks(&keys, Reading::Auto).into_iter().zip(heaps).collect();
                ranked.sort_by(|(left, _), (right, _)| left.against(right, Direction::Ascending));
                heaps = ranked.into_iter().map(|(_, heap)| heap).collect();
            }
        }
        heaps
    }

    fn group(&self, scope: &Scope, items: &[Value], heap: Heap) -> Result<Value, Failure> {
        let mut record = Map::new();
        record.insert("key".into(), heap.key);
        record.insert("count".into(), heap.members.len().into());
        for figure in &self.figures {
            let mut numbers = Vec::with_capacity(heap.members.len());
            for &index in &heap.members {
                numbers.extend(number_in(figure.field.of(scope, index, &items[index])?.as_ref()));
            }
            record.insert(figure.name.trim().to_owned(), figure.figure.over(&numbers));
        }
        if self.keep_items {
            let members = heap.members.iter().map(|&index| items[index].clone()).collect();
            record.insert("items".into(), Value::Array(members));
        }
        Ok(Value::Object(record))
    }
}

impl Measure {
    /// The figure over `numbers`; nothing when there are none, but for the sum, which is 0 then.
    fn over(self, numbers: &[f64]) -> Value {
        let sum = || numbers.iter().sum::<f64>();
        match self {
            Self::Sum => number(sum()),
            _ if numbers.is_empty() => Value::Null,
            #[expect(clippy::cast_precision_loss, reason = "lists are far shorter than 2^52")]
            Self::Average => number(sum() / numbers.len() as f64),
            Self::Min => number(numbers.iter().copied().fold(f64::INFINITY, f64::min)),
            Self::Max => number(numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn grouped(settings: Value, items: &Value) -> Value {
        let config = with(json!({"items": "{{ trigger }}"}), settings);
        run(compiled("group", &config).as_ref(), &json!({"trigger": items})).output
    }

    #[test]
    fn figures_leave_out_what_is_no_number() {
        let figures: Vec<Value> = ["sum", "average", "min", "max"]
            .iter()
            .map(|figure| json!({"name": figure, "figure": figure, "field": "{{ item.v }}"}))
            .collect();
        let items = json!([{"k": 1, "v": 4}, {"k": "1", "v": "2"}, {"k": 1.0, "v": "n/a"}, {"k": 2}]);
        let out = grouped(json!({"by": ["k"], "figures": figures, "keep_items": false}), &items);
        assert_eq!(
            out["groups"],
            json!([
                {"key": 1, "count": 3, "sum": 6, "average": 3, "min": 2, "max": 4},
                {"key": 2, "count": 1, "sum": 0, "average": null, "min": null, "max": null},
            ])
        );
    }

    #[test]
    fn several_fields_and_missing_values_make_groups() {
        let items = json!([{"a": "x", "b": 1}, {"a": "X ", "b": "1"}, {"a": "x"}, {}, {"c": 1}]);
        let out = grouped(json!({"by": ["a", "b"], "keep_items": false}), &items);
        assert_eq!(
            out["groups"],
            json!([
                {"key": ["x", 1], "count": 2}, {"key": ["x", null], "count": 1}, {"key": [null, null], "count": 2}
            ])
        );
        let keys = |order: &str, items: Value| {
            let out = grouped(json!({"by": ["{{ item }}"], "order": order}), &items);
            out["groups"].as_array().unwrap().iter().map(|group| group["key"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(keys("by_key", json!([10, 9, null, 9])), [json!(9), json!(10), json!(null)]);
        assert_eq!(keys("largest_first", json!([10, 9, null, 9])), [json!(9), json!(10), json!(null)]);
        assert_eq!(keys("as_met", json!([])), [] as [Value; 0]);
    }

    #[test]
    fn settings_are_checked() {
        let step = compiled(
            "group",
            &json!({"items": "{{ trigger }}", "by": [], "figures": [
                {"name": "count", "field": "a"}, {"name": " ", "field": ""}
            ]}),
        );
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/by", "/figures/0/name", "/figures/1/name", "/figures/1/field"]);
        assert_eq!(start(step.as_ref(), &json!({"trigger": 1})).unwrap_err().code, "RUN-0100");
    }

    proptest! {
        #[test]
        fn every_item_is_in_one_group(items in prop::collection::vec("[abA]{0,2}", 0..30)) {
            let out = grouped(json!({"by": ["{{ item }}"]}), &json!(items));
            let groups = out["groups"].as_array().unwrap();
            let mut members: Vec<&str> =
                groups.iter().flat_map(|group| group["items"].as_array().unwrap()).map(|v| v.as_str().unwrap()).collect();
            let mut all: Vec<&str> = items.iter().map(String::as_str).collect();
            members.sort_unstable();
            all.sort_unstable();
            prop_assert_eq!(members, all);
        }
    }
}
