//! Unique: every item of a list once.

use super::field::{self, Field, Sameness};
use super::items;
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Settings of `unique`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unique {
    /// The list that may hold duplicates, up to 10,000 items.
    #[schemars(title = "List")]
    items: Dynamic,
    /// Two items are duplicates when all these fields are the same, such as `email`. Without a row, when the items are
    /// the same in everything.
    #[serde(default)]
    #[schemars(title = "Compare these fields", extend("x-placeholder" = "email"))]
    by: Vec<Field>,
    /// Which one of several duplicates stays. It keeps its place in the list.
    #[serde(default)]
    #[schemars(title = "Keep", extend("x-labels" = {"first": "The first one", "last": "The last one"}))]
    keep: Keep,
    /// Treat capital and small letters as the same.
    #[serde(default = "yes")]
    #[schemars(title = "Ignore capital letters")]
    ignore_case: bool,
    /// Treat texts as the same that differ only in spaces at their ends.
    #[serde(default = "yes")]
    #[schemars(title = "Ignore spaces around text")]
    ignore_spaces: bool,
    /// What happens to items in which all compared fields are empty.
    #[serde(default)]
    #[schemars(
        title = "Items without a value",
        extend("x-advanced" = true, "x-labels" = {"keep_all": "Keep them all", "keep_one": "Are duplicates of one another"})
    )]
    empty: Empty,
}

/// Which duplicate stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Keep {
    /// The one that comes first.
    #[default]
    First,
    /// The one that comes last.
    Last,
}

/// What an item without a value to compare is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Empty {
    /// No duplicate of anything.
    #[default]
    KeepAll,
    /// A duplicate of the others without a value.
    KeepOne,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Unique>(About {
        kind: "unique",
        title: "Remove duplicates",
        summary: "Keeps every item of a list once and says which were removed.",
        help: HELP,
        icon: "filter",
        category: Category::Data,
        keywords: &["unique", "deduplicate", "dedupe", "distinct", "duplicates", "compare", "once"],
        default_config: json!({ "items": "", "by": [], "keep": "first", "ignore_case": true, "ignore_spaces": true }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "items": "{{ trigger.body.leads }}", "by": ["email"] }),
            context: json!({ "trigger": { "body": { "leads": [
                { "email": "ada@analytical.example", "source": "Fair" },
                { "email": "charles@engine.example", "source": "Fair" },
                { "email": " Ada@Analytical.example", "source": "Website" },
            ] } } }),
            output: Some(json!({
                "items": [
                    { "email": "ada@analytical.example", "source": "Fair" },
                    { "email": "charles@engine.example", "source": "Fair" },
                ],
                "count": 2,
                "removed": 1,
                "removed_items": [{ "email": " Ada@Analytical.example", "source": "Website" }],
            })),
            port: "out".into(),
        },
        output_sample: json!({
            "items": [{ "email": "ada@analytical.example" }], "count": 1, "removed": 1,
            "removed_items": [{ "email": "Ada@Analytical.example" }],
        }),
        summary_template: "{by}",
    })
}

const HELP: &str = r"
The output holds the `items` that stay, their `count`, how many were `removed`, and the `removed_items` themselves, so that
a later step can look at them.

Worked example: three leads of which two have the same `email` but for a capital letter and a space. Compared by `email`,
two stay.

Items that have no value in any compared field (a lead without e-mail) are all kept, because nobody knows whether they are
the same. Change that under *More settings*.
";

impl Step for Unique {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let items = items::read(&self.items, context.scope)?;
        let total = items.len();
        let whole = [Field::Blank];
        let fields = if self.by.is_empty() { whole.as_slice() } else { self.by.as_slice() };
        let sameness = Sameness { ignore_case: self.ignore_case, ignore_spaces: self.ignore_spaces };
        let mut stays = vec![true; total];
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let key = match sameness.key(fields, context.scope, index, item)? {
                None if self.empty == Empty::KeepAll => continue,
                key => key.unwrap_or_default(),
            };
            if let Some(&earlier) = seen.get(&key) {
                match self.keep {
                    Keep::First => stays[index] = false,
                    Keep::Last => {
                        stays[earlier] = false;
                        seen.insert(key, index);
                    }
                }
            } else {
                seen.insert(key, index);
            }
        }
        let (mut kept, mut removed): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        for (item, stays) in items.into_iter().zip(stays) {
            if stays { kept.push(item) } else { removed.push(item) }
        }
        let (count, gone) = (kept.len(), removed.len());
        let output = json!({ "items": kept, "count": count, "removed": gone, "removed_items": removed });
        Ok(Done::out(output).because(format!("{gone} of {total} items were duplicates.")).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check(&self.items);
        problems.extend(field::check(&self.by, "/by"));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn unique(settings: Value, items: &Value) -> Value {
        let config = with(json!({"items": "{{ trigger }}"}), settings);
        run(compiled("unique", &config).as_ref(), &json!({"trigger": items})).output
    }

    #[test]
    fn the_first_or_the_last_stays_in_its_place() {
        let items = json!([{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 1, "v": "c"}]);
        assert_eq!(
            unique(json!({"by": ["id"]}), &items)["items"],
            json!([{"id": 1, "v": "a"}, {"id": 2, "v": "b"}])
        );
        let last = unique(json!({"by": ["id"], "keep": "last"}), &items);
        assert_eq!(last["items"], json!([{"id": 2, "v": "b"}, {"id": 1, "v": "c"}]));
        assert_eq!(last["removed_items"], json!([{"id": 1, "v": "a"}]));
    }

    #[test]
    fn letters_spaces_and_empties_count_as_said() {
        let items = json!(["A", "a ", "a", "", null]);
        assert_eq!(unique(json!({}), &items)["items"], json!(["A", "", null]));
        assert_eq!(unique(json!({"empty": "keep_one"}), &items)["items"], json!(["A", ""]));
        let strict = json!({"ignore_case": false, "ignore_spaces": false});
        assert_eq!(unique(strict, &items)["removed"], 0);
    }

    #[test]
    fn bad_input_is_refused() {
        let step = compiled("unique", &json!({"items": "{{ trigger }}", "by": ["email", ""]}));
        assert_eq!(step.check()[0].field, "/by/1");
        assert_eq!(start(step.as_ref(), &json!({"trigger": {}})).unwrap_err().code, "RUN-0100");
    }

    proptest! {
        #[test]
        fn a_second_time_removes_nothing(items in prop::collection::vec("[abA ]{0,2}", 0..30), last in any::<bool>()) {
            let keep = if last { "last" } else { "first" };
            let once = unique(json!({"keep": keep}), &json!(items));
            prop_assert_eq!(once["count"].as_u64().unwrap() + once["removed"].as_u64().unwrap(), items.len() as u64);
            let twice = unique(json!({"keep": keep}), &once["items"]);
            prop_assert_eq!(&twice["items"], &once["items"]);
            prop_assert_eq!(&twice["removed"], &json!(0));
        }
    }
}
