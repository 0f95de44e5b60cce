//! Aggregate: counts and sums up a list, as a whole or by group.

use super::{blank, items, problem};
use crate::expression::filters::{moment, number_in};
use crate::expression::{Dynamic, Scope, into_text};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};
use std::cmp::Ordering;
use std::collections::HashSet;

/// Name of the group's own value in its record.
const GROUP: &str = "group";

/// Settings of `aggregate`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Aggregate {
    /// The list to sum up, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// What to find out.
    #[schemars(title = "Measures")]
    measures: Vec<Row>,
    /// One result for each different value, such as `{{ item.country }}`. Leave it empty for one result in all.
    #[serde(default)]
    #[schemars(title = "For each", extend("x-placeholder" = "{{ item.country }}"))]
    group_by: Dynamic,
}

/// One thing to find out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Name of the result.
    #[schemars(title = "Name", extend("x-placeholder" = "total"))]
    name: String,
    /// How it is found.
    #[schemars(
        title = "Measure",
        extend("x-labels" = {
            "count": "Count", "sum": "Sum", "average": "Average", "min": "Smallest", "max": "Largest",
            "first": "First", "last": "Last", "join": "Joined as text", "unique": "Different values"
        })
    )]
    measure: Measure,
    /// The value of one item, such as `{{ item.amount }}`. Count needs none: it then counts the items.
    #[serde(default)]
    #[schemars(title = "Value", extend("x-placeholder" = "{{ item.amount }}"))]
    field: Dynamic,
    /// What stands between the values of a joined text.
    #[serde(default = "comma")]
    #[schemars(title = "Separator", extend("x-when" = {"measure": "join"}))]
    separator: String,
}

/// How a result is found from the values. Empty values are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Measure {
    /// How many there are.
    Count,
    /// All numbers added up.
    Sum,
    /// The sum divided by how many numbers there are.
    Average,
    /// The smallest number, the earliest moment or the first text of the alphabet.
    Min,
    /// The largest number, the latest moment or the last text of the alphabet.
    Max,
    /// The first value.
    First,
    /// The last value.
    Last,
    /// All values as one text.
    Join,
    /// Each different value once.
    Unique,
}

fn comma() -> String {
    ", ".into()
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Aggregate>(About {
        kind: "aggregate",
        title: "Aggregate",
        summary: "Counts, adds up or joins the items of a list, in all or by group.",
        help: HELP,
        icon: "sigma",
        category: Category::Data,
        keywords: &[
            "sum",
            "count",
            "average",
            "total",
            "group",
            "statistics",
            "join",
            "unique",
            "distinct",
            "rollup",
        ],
        default_config: json!({ "items": "", "measures": [{ "name": "total", "measure": "count" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.deals }}",
                "measures": [
                    { "name": "deals", "measure": "count" },
                    { "name": "amount", "measure": "sum", "field": "{{ item.amount }}" },
                ],
                "group_by": "{{ item.country }}",
            }),
            context: json!({ "trigger": { "body": { "deals": [
                { "country": "DE", "amount": 100 },
                { "country": "FR", "amount": 70 },
                { "country": "DE", "amount": "1,000.50" },
            ] } } }),
            output: Some(json!({ "groups": [
                { "group": "DE", "deals": 2, "amount": 1100.5 },
                { "group": "FR", "deals": 1, "amount": 70 },
            ] })),
            port: "out".into(),
        },
        output_sample: json!({ "total": 3 }),
        summary_template: "{measures}",
    })
}

const HELP: &str = r"
Without *For each*, the output is one record with a field per measure. With it, the output holds `groups`: one such record
for each different value, in the order they first occur, the value itself in `group`.

Empty values are left out. Numbers written as text count as numbers; what is no number is left out of sum and average.
";

impl Step for Aggregate {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let all = items::read(&self.items, context.scope)?;
        let total = all.len();
        let scopes = all.iter().enumerate().map(|(index, item)| context.scope.with_item(index, item));
        if self.is_grouped() {
            let mut groups: IndexMap<String, (Value, Vec<Scope>)> = IndexMap::new();
            for scope in scopes {
                let value = self.group_by.value(&scope)?;
                groups.entry(value.to_string()).or_insert_with(|| (value, Vec::new())).1.push(scope);
            }
            let why = format!("{total} items fell into {} groups.", groups.len());
            let records = groups.into_values().map(|(value, scopes)| self.measure(&scopes, Some(value)));
            let records = records.collect::<Result<Vec<Value>, _>>()?;
            return Ok(Done::out(json!({ "groups": records })).because(why).into());
        }
        let record = self.measure(&scopes.collect::<Vec<_>>(), None)?;
        Ok(Done::out(record).because(format!("{total} items were summed up.")).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if self.measures.is_empty() {
            problems.push(blank(
                "/measures",
                "there is nothing to find out",
                "Add a measure, such as a count.",
            ));
        }
        let mut names = HashSet::from([if self.is_grouped() { GROUP } else { "" }]);
        for (at, row) in self.measures.iter().enumerate() {
            let name = row.name.trim();
            if name.is_empty() {
                let action = "Give it a name, such as total.";
                problems.push(blank(&format!("/measures/{at}/name"), "a measure has no name", action));
            } else if !names.insert(name) {
                let message = format!("the name {name} is taken");
                problems.push(problem(
                    "DOC-0028",
                    format!("/measures/{at}/name"),
                    message,
                    "Give each measure a name of its own.",
                ));
            }
            if row.measure != Measure::Count && is_blank(&row.field) {
                let action = "Say which value of an item counts, such as {{ item.amount }}.";
                problems.push(blank(&format!("/measures/{at}/field"), "this measure needs a value", action));
            }
        }
        problems
    }
}

impl Aggregate {
    fn is_grouped(&self) -> bool {
        !is_blank(&self.group_by)
    }

    /// One record of results over the items that `scopes` show.
    fn measure(&self, scopes: &[Scope], group: Option<Value>) -> Result<Value, Failure> {
        let mut record = Map::new();
        record.extend(group.map(|value| (GROUP.to_owned(), value)));
        for row in &self.measures {
            let result = if row.measure == Measure::Count && is_blank(&row.field) {
                scopes.len().into()
            } else {
                let values = scopes.iter().map(|scope| row.field.value(scope));
                row.result(
                    values.filter(|value| !value.as_ref().is_ok_and(is_empty)).collect::<Result<_, _>>()?,
                )
            };
            record.insert(row.name.trim().to_owned(), result);
        }
        Ok(Value::Object(record))
    }
}

impl Row {
    fn result(&self, mut values: Vec<Value>) -> Value {
        match self.measure {
            Measure::Count => values.len().into(),
            Measure::Sum => number(values.iter().filter_map(number_in).sum()),
            Measure::Average => {
                let numbers: Vec<f64> = values.iter().filter_map(number_in).collect();
                #[expect(clippy::cast_precision_loss, reason = "lists are far shorter than 2^52")]
                let count = numbers.len() as f64;
                if numbers.is_empty() { Value::Null } else { number(numbers.iter().sum::<f64>() / count) }
            }
            Measure::Min => values.into_iter().min_by(order).unwrap_or_default(),
            // The first of several that are as large, as with the smallest.
            Measure::Max => values.into_iter().rev().max_by(order).unwrap_or_default(),
            Measure::First if values.is_empty() => Value::Null,
            Measure::First => values.swap_remove(0),
            Measure::Last => values.pop().unwrap_or_default(),
            Measure::Join => {
                values.into_iter().map(into_text).collect::<Vec<_>>().join(&self.separator).into()
            }
            Measure::Unique => {
                let mut seen = HashSet::new();
                values.retain(|value| seen.insert(value.to_string()));
                values.into()
            }
        }
    }
}

fn is_blank(field: &Dynamic) -> bool {
    matches!(field, Dynamic::Literal(value) if is_empty(value))
}

/// Whether there is nothing in `value`: it is missing, or blank text.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Numbers by size, then moments by time, then anything by its text.
fn order(left: &Value, right: &Value) -> Ordering {
    if let Some((left, right)) = number_in(left).zip(number_in(right)) {
        return left.total_cmp(&right);
    }
    match moment(left).zip(moment(right)) {
        Some((left, right)) => left.cmp(&right),
        None => into_text(left.clone()).to_lowercase().cmp(&into_text(right.clone()).to_lowercase()),
    }
}

/// `float` without the dust of binary fractions, and as a whole number when it is one.
pub(super) fn number(float: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    const PLACES: f64 = 1e9;
    let dusted = (float * PLACES).round() / PLACES;
    let float = if dusted.is_finite() && float.abs() < EXACT / PLACES { dusted } else { float };
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range of a double")]
    if float.fract() == 0.0 && float.abs() < EXACT {
        return Value::from(float as i64);
    }
    Number::from_f64(float).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use serde_json::json;

    #[test]
    fn every_measure_leaves_out_what_is_empty() {
        let all = ["count", "sum", "average", "min", "max", "first", "last", "join", "unique"];
        let rows: Vec<_> =
            all.iter().map(|m| json!({"name": m, "measure": m, "field": "{{ item.v }}"})).collect();
        let step = compiled("aggregate", &json!({"items": "{{ trigger }}", "measures": rows}));
        let items = json!({"trigger": [{"v": 0.1}, {"v": "0.2"}, {}, {"v": ""}, {"v": 0.1}, {"v": 10}]});
        assert_eq!(
            run(step.as_ref(), &items).output,
            json!({
                "count": 4, "sum": 10.4, "average": 2.6, "min": 0.1, "max": 10, "first": 0.1, "last": 10,
                "join": "0.1, 0.2, 0.1, 10", "unique": [0.1, "0.2", 10]
            })
        );
        let nothing = run(step.as_ref(), &json!({"trigger": []})).output;
        assert_eq!(
            (&nothing["sum"], &nothing["average"], &nothing["join"]),
            (&json!(0), &json!(null), &json!(""))
        );
    }

    #[test]
    fn dates_and_words_have_an_order_too() {
        let rows = json!([{"name": "max", "measure": "max", "field": "{{ item }}"}]);
        let step = compiled("aggregate", &json!({"items": "{{ trigger }}", "measures": rows}));
        for (list, largest) in [
            (json!(["2026-03-05", "1 April 2026"]), json!("1 April 2026")),
            (json!(["beta", "Alpha"]), json!("beta")),
        ] {
            assert_eq!(run(step.as_ref(), &json!({"trigger": list})).output["max"], largest);
        }
    }

    #[test]
    fn names_and_values_are_checked() {
        let rows = json!([{"name": "group", "measure": "count"}, {"name": "", "measure": "sum"}]);
        let step =
            compiled("aggregate", &json!({"items": "{{ a }}", "measures": rows, "group_by": "{{ item }}"}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/measures/0/name", "/measures/1/name", "/measures/1/field"]);
    }
}
