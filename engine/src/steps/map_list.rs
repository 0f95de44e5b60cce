//! Map list: computes fields for every item of a list.

use super::room::{MAX_VALUES, Room};
use super::set_fields::{Row, check_names, put};
use super::{blank, items};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Most fields computed for a list in all: items times fields.
const MAX_COMPUTED: usize = MAX_VALUES / 2;
/// Where an item that is no record stands among the fields.
const ITEM: &str = "item";

/// Settings of `map_list`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MapList {
    /// The list whose items are to be changed, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// Each row gives a field its name and its value. Use `item` for the item at hand and `index` for its number from 0.
    /// A dot in the name makes a record within the record: `address.city`.
    #[schemars(title = "Fields", extend("x-ui" = "fields"))]
    fields: Vec<Row>,
    /// Whether each result has these fields alone or those of the item as well.
    #[serde(default)]
    #[schemars(
        title = "Each item has",
        extend("x-labels" = {"add": "Its own fields and these", "only_these": "Only these fields"})
    )]
    keep: Keep,
}

/// What a changed item starts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Keep {
    /// The item itself.
    #[default]
    Add,
    /// An empty record.
    OnlyThese,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<MapList>(About {
        kind: "map_list",
        title: "Change each item",
        summary: "Computes fields for every item of a list: renames, tidies, adds.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &[
            "map",
            "transform",
            "edit fields",
            "rename",
            "columns",
            "add column",
            "formatter",
            "array",
            "line items",
            "for each",
        ],
        default_config: json!({ "items": "", "fields": [{ "name": "", "value": "" }], "keep": "add" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "items": "{{ trigger.body.attendees }}",
                "fields": [
                    { "name": "email", "value": "{{ item.Email|email }}" },
                    { "name": "name", "value": "{{ item.First }} {{ item.Last }}" },
                    { "name": "place", "value": "{{ index + 1 }}" },
                ],
                "keep": "only_these",
            }),
            context: json!({ "trigger": { "body": { "attendees": [
                { "Email": " Ada@Analytical.example", "First": "Ada", "Last": "Lovelace" },
                { "Email": "charles@engine.example", "First": "Charles", "Last": "Babbage" },
            ] } } }),
            output: Some(json!({
                "items": [
                    { "email": "ada@analytical.example", "name": "Ada Lovelace", "place": 1 },
                    { "email": "charles@engine.example", "name": "Charles Babbage", "place": 2 },
                ],
                "count": 2,
            })),
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "email": "ada@analytical.example" }], "count": 1 }),
        summary_template: "{fields}",
    })
}

const HELP: &str = r"
The output holds the changed `items` in their order and their `count`.

Worked example: attendees come with `Email`, `First` and `Last`. The rows `email` = `{{ item.Email|email }}` and `name` =
`{{ item.First }} {{ item.Last }}` make tidy records of them.

A field that is one pill keeps its type, so a number stays a number. All values are computed from the item as it came, so
the order of the rows does not matter. An item that is no record, such as a plain text, stands in the field `item` when its
own fields are kept.

To change a single record, use **Set fields**. To run steps for each item, use **Loop**.
";

impl Step for MapList {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let items = items::read(&self.items, context.scope)?;
        let count = items.len();
        if count.saturating_mul(self.fields.len()) > MAX_COMPUTED {
            return Err(Failure::bad_input(
                "RUN-0110",
                format!("{count} items with {} fields each are more than {MAX_COMPUTED}", self.fields.len()),
                "Filter the list first, or compute fewer fields.",
            ));
        }
        let mut room = Room::new();
        let mut changed = Vec::with_capacity(count);
        for (index, item) in items.into_iter().enumerate() {
            let scope = context.scope.with_item(index, &item);
            let mut record = match (self.keep, item) {
                (Keep::OnlyThese, _) => Map::new(),
                (Keep::Add, Value::Object(fields)) => fields,
                (Keep::Add, other) => Map::from_iter([(ITEM.to_owned(), other)]),
            };
            for row in &self.fields {
                put(&mut record, row.name.trim(), row.value.value(&scope)?);
            }
            let record = Value::Object(record);
            room.take(&record)?;
            changed.push(record);
        }
        let why = format!("{} fields were computed for each of {count} items.", self.fields.len());
        Ok(Done::out(json!({ "items": changed, "count": count })).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        if self.fields.is_empty() {
            let action = "Add a row with the name and the value of a field.";
            problems.push(blank("/fields", "there is nothing to compute", action));
        }
        problems.extend(check_names(&self.fields));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start};
    use serde_json::json;

    #[test]
    fn other_fields_stay_and_plain_items_become_records() {
        let fields =
            json!([{"name": "size.n", "value": "{{ item.n * 2 }}"}, {"name": "n", "value": "{{ index }}"}]);
        let step = compiled("map_list", &json!({"items": "{{ trigger }}", "fields": fields}));
        let done = run(step.as_ref(), &json!({"trigger": [{"n": 4, "x": 1}]}));
        assert_eq!(done.output["items"], json!([{"n": 0, "x": 1, "size": {"n": 8}}]));
        let step = compiled(
            "map_list",
            &json!({"items": "{{ trigger }}", "fields": [{"name": "upper", "value": "{{ item|upper }}"}]}),
        );
        let done = run(step.as_ref(), &json!({"trigger": ["a", null]}));
        assert_eq!(done.output["items"], json!([{"item": "a", "upper": "A"}, {"item": null, "upper": null}]));
        assert_eq!(run(step.as_ref(), &json!({"trigger": []})).output, json!({"items": [], "count": 0}));
    }

    #[test]
    fn a_large_value_cannot_be_multiplied() {
        let step = compiled(
            "map_list",
            &json!({"items": "{{ trigger.list }}", "fields": [{"name": "copy", "value": "{{ trigger.big }}"}]}),
        );
        let data = json!({"trigger": {"list": vec![1; 10_000], "big": "x".repeat(100_000)}});
        assert_eq!(start(step.as_ref(), &data).unwrap_err().code, "RUN-0110");
        let rows: Vec<_> =
            (0..30).map(|n| json!({"name": format!("f{n}"), "value": "{{ index }}"})).collect();
        let step = compiled("map_list", &json!({"items": "{{ trigger.list }}", "fields": rows}));
        assert_eq!(start(step.as_ref(), &data).unwrap_err().code, "RUN-0110");
    }

    #[test]
    fn settings_and_data_are_checked() {
        let step = compiled("map_list", &json!({"items": "", "fields": [{"name": ""}]}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/items", "/fields/0/name"]);
        let step = compiled("map_list", &json!({"items": "{{ trigger }}", "fields": []}));
        assert_eq!(step.check()[0].field, "/fields");
        assert_eq!(start(step.as_ref(), &json!({"trigger": "x"})).unwrap_err().code, "RUN-0100");
    }
}
