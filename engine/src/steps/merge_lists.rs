//! Merge lists: one list out of several, with records of the same key joined into one.

use super::field::{Field, Sameness};
use super::room::too_many;
use super::{MAX_ITEMS, blank, items, problem};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::steps::aggregate::is_empty;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Most lists at once.
const MAX_LISTS: usize = 20;

/// Settings of `merge_lists`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MergeLists {
    /// The lists in the order in which they are appended, up to 10,000 items in all.
    #[schemars(title = "Lists", extend("x-placeholder" = "{{ steps.first.items }}"))]
    lists: Vec<Dynamic>,
    /// Records with the same value here are joined into one: the name of a field, such as `email`, or an expression such
    /// as `{{ item.email|lower }}`. Leave it empty to append only.
    #[serde(default)]
    #[schemars(title = "Join records with the same", extend("x-placeholder" = "email"))]
    key: Field,
    /// Which value stays when two records to be joined fill the same field differently.
    #[serde(default)]
    #[schemars(
        title = "When both fill a field",
        extend("x-labels" = {"first": "Keep the first value", "last": "Take the last value"})
    )]
    wins: Wins,
    /// Take a value from the other record where one has none. When off, the winning record's empty field stays empty.
    #[serde(default = "yes")]
    #[schemars(title = "Fill empty fields")]
    fill_empty: bool,
    /// Treat keys as the same that differ only in capital letters and in spaces at their ends.
    #[serde(default = "yes")]
    #[schemars(title = "Ignore capital letters and spaces", extend("x-advanced" = true))]
    ignore_case: bool,
}

/// Which of two values stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Wins {
    /// That of the record that came first.
    #[default]
    First,
    /// That of the record that came last.
    Last,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<MergeLists>(About {
        kind: "merge_lists",
        title: "Merge lists",
        summary: "Makes one list out of several and joins records with the same key.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &[
            "append",
            "combine",
            "union",
            "concat",
            "array aggregator",
            "merge",
            "add lists",
            "consolidate",
        ],
        default_config: json!({ "lists": ["", ""], "key": "", "wins": "first", "fill_empty": true }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "lists": ["{{ trigger.body.crm }}", "{{ trigger.body.webinar }}"],
                "key": "email",
            }),
            context: json!({ "trigger": { "body": {
                "crm": [{ "email": "ada@analytical.example", "name": "Ada Lovelace", "phone": "" }],
                "webinar": [
                    { "email": "Ada@Analytical.example", "name": "ada", "phone": "+44 20 7946 0000", "minutes": 45 },
                    { "email": "charles@engine.example", "minutes": 5 },
                ],
            } } }),
            output: Some(json!({
                "items": [
                    {
                        "email": "ada@analytical.example", "name": "Ada Lovelace", "phone": "+44 20 7946 0000",
                        "minutes": 45,
                    },
                    { "email": "charles@engine.example", "minutes": 5 },
                ],
                "count": 2,
                "joined": 1,
            })),
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "email": "ada@analytical.example" }], "count": 1, "joined": 0 }),
        summary_template: "{key}",
    })
}

const HELP: &str = r"
The output holds the `items` of all lists, their `count`, and how many records were `joined` into an earlier one.

Without a key, the lists are put behind one another. With a key, records that share it become one record at the place of the
first, also within one list. Fields that only one of them has are kept; for fields that both have, you choose. Records
without a key, and items that are no records, are never joined.

Worked example: contacts of the CRM and attendees of a webinar, joined by `email`. Ada keeps the name the CRM has, gets the
phone number the CRM lacks, and `minutes` from the webinar.

A list that is missing counts as empty. To put fields of a second list next to those of a first, with a report of what
found no partner, use **Join lists**.
";

impl Step for MergeLists {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut all = Vec::new();
        for list in &self.lists {
            let list = items::read_or_none(list, context.scope)?;
            if all.len() + list.len() > MAX_ITEMS {
                return Err(too_many(all.len() + list.len()));
            }
            all.extend(list);
        }
        let total = all.len();
        let merged = if self.key.is_blank() { all } else { self.merged(context, all)? };
        let (count, joined) = (merged.len(), total - merged.len());
        let why = match self.key.is_blank() {
            true => format!("{} lists were put together.", self.lists.len()),
            false => format!("{joined} of {total} records were joined into an earlier one."),
        };
        Ok(Done::out(json!({ "items": merged, "count": count, "joined": joined })).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.lists.is_empty() {
            problems.push(blank("/lists", "there are no lists to merge", "Add a row for each list."));
        }
        if self.lists.len() > MAX_LISTS {
            let message = format!("there are {} lists, and {MAX_LISTS} is the limit", self.lists.len());
            problems.push(problem("DOC-0030", "/lists", message, "Merge some of them in a step before."));
        }
        for (at, list) in self.lists.iter().enumerate() {
            problems.extend(items::check_at(list, &format!("/lists/{at}")));
        }
        problems
    }
}

impl MergeLists {
    fn merged(&self, context: &Context<'_>, all: Vec<Value>) -> Result<Vec<Value>, Failure> {
        let sameness = Sameness::loose(self.ignore_case);
        let mut merged: Vec<Value> = Vec::with_capacity(all.len());
        let mut places: HashMap<String, usize> = HashMap::new();
        for (index, item) in all.into_iter().enumerate() {
            let key = sameness.of(self.key.of(context.scope, index, &item)?.as_ref());
            match (key, item) {
                (Some(key), Value::Object(fields)) => match places.get(&key) {
                    Some(&place) => {
                        let earlier = merged[place].as_object_mut().expect("only records have places");
                        self.join(earlier, fields);
                    }
                    None => {
                        places.insert(key, merged.len());
                        merged.push(Value::Object(fields));
                    }
                },
                (_, item) => merged.push(item),
            }
        }
        Ok(merged)
    }

    /// Joins the fields of a `later` record into an `earlier` one.
    fn join(&self, earlier: &mut Map<String, Value>, later: Map<String, Value>) {
        for (name, value) in later {
            match earlier.get_mut(&name) {
                None => {
                    earlier.insert(name, value);
                }
                Some(known) => {
                    let fills = self.fill_empty && is_empty(known);
                    let replaces = self.wins == Wins::Last && !(self.fill_empty && is_empty(&value));
                    if fills || replaces {
                        *known = value;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn merged(settings: Value, lists: &Value) -> Value {
        let config = with(json!({"lists": ["{{ trigger[0] }}", "{{ trigger[1] }}"]}), settings);
        run(compiled("merge_lists", &config).as_ref(), &json!({"trigger": lists})).output
    }

    #[test]
    fn who_wins_and_what_is_filled_is_as_said() {
        let lists =
            json!([[{"k": 1, "a": "old", "b": "", "c": "x"}], [{"k": "1", "a": "new", "b": "y", "c": ""}]]);
        for (wins, fill, expected) in [
            ("first", true, json!({"k": 1, "a": "old", "b": "y", "c": "x"})),
            ("first", false, json!({"k": 1, "a": "old", "b": "", "c": "x"})),
            ("last", true, json!({"k": "1", "a": "new", "b": "y", "c": "x"})),
            ("last", false, json!({"k": "1", "a": "new", "b": "y", "c": ""})),
        ] {
            let out = merged(json!({"key": "k", "wins": wins, "fill_empty": fill}), &lists);
            assert_eq!(out, json!({"items": [expected], "count": 1, "joined": 1}), "{wins} {fill}");
        }
    }

    #[test]
    fn what_has_no_key_is_never_joined() {
        let out = merged(json!({"key": "k"}), &json!([[{"k": ""}, "text", null], [{"v": 1}, "text"]]));
        assert_eq!((&out["count"], &out["joined"]), (&json!(5), &json!(0)));
        assert_eq!(merged(json!({}), &json!([[1], null]))["items"], json!([1]));
    }

    #[test]
    fn limits_and_settings_are_checked() {
        let step = compiled("merge_lists", &json!({"lists": ["{{ trigger }}", "{{ trigger }}"]}));
        assert_eq!(start(step.as_ref(), &json!({"trigger": vec![0; 6_000]})).unwrap_err().code, "RUN-0111");
        assert_eq!(start(step.as_ref(), &json!({"trigger": "text"})).unwrap_err().code, "RUN-0100");
        let fields = |config: Value| {
            let problems = compiled("merge_lists", &config).check();
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(json!({"lists": ["{{ a }}", " "]})), ["/lists/1"]);
        assert_eq!(fields(json!({"lists": []})), ["/lists"]);
        assert_eq!(fields(json!({"lists": vec!["{{ a }}"; 21]})), ["/lists"]);
    }

    proptest! {
        #[test]
        fn one_record_is_left_per_key(left in prop::collection::vec(0..5_u8, 0..12), right in prop::collection::vec(0..5_u8, 0..12)) {
            let records = |keys: &[u8]| keys.iter().map(|k| json!({"k": k})).collect::<Vec<_>>();
            let out = merged(json!({"key": "k"}), &json!([records(&left), records(&right)]));
            let mut keys: Vec<u8> = left.iter().chain(&right).copied().collect();
            let total = keys.len() as u64;
            keys.sort_unstable();
            keys.dedup();
            prop_assert_eq!(out["count"].as_u64().unwrap(), keys.len() as u64);
            prop_assert_eq!(out["joined"].as_u64().unwrap(), total - keys.len() as u64);
        }
    }
}
