//! Join lists: looks up the partner of each item in a second list.

use super::aggregate::is_empty;
use super::field::{Field, Sameness};
use super::room::{Room, too_many};
use super::{MAX_ITEMS, blank, items};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Where an item that is no record stands among the fields.
const ITEM: &str = "item";

/// Settings of `join_lists`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct JoinLists {
    /// The list that partners are looked up for, up to 10,000 items.
    #[schemars(title = "Left list")]
    left: Dynamic,
    /// What is compared in the left list: the name of a field, such as `email`, or an expression such as
    /// `{{ item.email|email_domain }}`.
    #[schemars(title = "Left field", extend("x-placeholder" = "email"))]
    left_key: Field,
    /// The list in which partners are looked up, up to 10,000 items.
    #[schemars(title = "Right list")]
    right: Dynamic,
    /// What is compared in the right list: the name of a field, or an expression with `item`.
    #[schemars(title = "Right field", extend("x-placeholder" = "contact_email"))]
    right_key: Field,
    /// Which items the result has.
    #[serde(default)]
    #[schemars(
        title = "The result has",
        extend("x-labels" = {
            "left": "All of the left list", "inner": "Only those with a partner", "full": "All of both lists"
        })
    )]
    mode: Mode,
    /// Where the fields of the right list stand in the result.
    #[serde(default)]
    #[schemars(
        title = "Fields of the right list",
        extend("x-labels" = {"nested": "In a record of their own", "prefixed": "Next to the others, with a prefix"})
    )]
    right_fields: RightFields,
    /// The field that holds the right record, such as `company`, or what stands before the name of each field of it,
    /// such as `company_`. Without a prefix, a field that both have keeps the left value.
    #[serde(default = "right_name")]
    #[schemars(title = "Name or prefix", extend("x-placeholder" = "company"))]
    name: String,
    /// What happens when several items of the right list fit.
    #[serde(default)]
    #[schemars(
        title = "When several fit",
        extend("x-labels" = {"all": "One result for each", "first": "Take the first one"})
    )]
    several: Several,
    /// Treat values as the same that differ only in capital letters and in spaces at their ends.
    #[serde(default = "yes")]
    #[schemars(title = "Ignore capital letters and spaces", extend("x-advanced" = true))]
    ignore_case: bool,
}

/// Which items the result has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// Every item of the left list, with its partner when it has one.
    #[default]
    Left,
    /// The pairs alone.
    Inner,
    /// The pairs and whatever found no partner on either side.
    Full,
}

/// Where the fields of the right list stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RightFields {
    /// In one field of the result.
    #[default]
    Nested,
    /// Each on its own.
    Prefixed,
}

/// What happens when several partners fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Several {
    /// Each makes a pair.
    #[default]
    All,
    /// The first one is the partner.
    First,
}

fn right_name() -> String {
    "right".into()
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<JoinLists>(About {
        kind: "join_lists",
        title: "Join lists",
        summary: "Looks up the partner of each item in a second list, by a field both have.",
        help: HELP,
        icon: "list",
        category: Category::Data,
        keywords: &[
            "lookup",
            "vlookup",
            "xlookup",
            "match",
            "merge by key",
            "combine",
            "enrich",
            "inner join",
            "left join",
        ],
        default_config: json!({
            "left": "", "left_key": "", "right": "", "right_key": "", "mode": "left", "right_fields": "nested",
            "name": "right", "several": "all",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "left": "{{ trigger.body.contacts }}",
                "left_key": "{{ item.email|email_domain }}",
                "right": "{{ trigger.body.companies }}",
                "right_key": "website",
                "right_fields": "prefixed",
                "name": "company_",
            }),
            context: json!({ "trigger": { "body": {
                "contacts": [{ "email": "ada@analytical.example" }, { "email": "grace@navy.example" }],
                "companies": [
                    { "website": "analytical.example", "owner": "Ana Moreau" },
                    { "website": "engine.example", "owner": "Ben Okafor" },
                ],
            } } }),
            output: Some(json!({
                "items": [
                    {
                        "email": "ada@analytical.example", "company_website": "analytical.example",
                        "company_owner": "Ana Moreau",
                    },
                    { "email": "grace@navy.example" },
                ],
                "count": 2,
                "matched": 1,
                "unmatched_left": [{ "email": "grace@navy.example" }],
                "unmatched_right": [{ "website": "engine.example", "owner": "Ben Okafor" }],
            })),
            port: "out".into(),
        },
        output_sample: json!({
            "items": [{ "email": "ada@analytical.example", "right": { "owner": "Ana Moreau" } }], "count": 1,
            "matched": 1, "unmatched_left": [], "unmatched_right": [],
        }),
        summary_template: "{left_key} · {right_key}",
    })
}

const HELP: &str = r"
The output holds the `items`, their `count`, how many pairs were found (`matched`), and the items of either list that found
no partner: `unmatched_left` and `unmatched_right`.

Worked example: contacts on the left, companies on the right. `{{ item.email|email_domain }}` of a contact is compared with
`website` of a company, and the company's fields stand next to those of the contact as `company_website` and
`company_owner`. Grace has no company and stays without one; *Only those with a partner* would leave her out.

Items in which the compared value is empty never find a partner. When several items of the right list fit, each makes a
result of its own, unless you take the first one only. The result has at most 10,000 items.
";

impl Step for JoinLists {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let left = items::read(&self.left, context.scope)?;
        let right = items::read(&self.right, context.scope)?;
        let by_key = self.by_key(context, &right)?;
        let mut found = vec![false; right.len()];
        let mut result = Joined { room: Room::new(), items: Vec::new() };
        let (mut matched, mut unmatched_left) = (0_usize, Vec::new());
        for (index, item) in left.into_iter().enumerate() {
            let key = self.sameness().of(self.left_key.of(context.scope, index, &item)?.as_ref());
            let partners = key.and_then(|key| by_key.get(&key)).map_or(&[][..], Vec::as_slice);
            for &partner in partners {
                found[partner] = true;
            }
            let taken = if self.several == Several::First { partners.len().min(1) } else { partners.len() };
            for &partner in &partners[..taken] {
                result.pair(self, &item, &right[partner])?;
            }
            matched += taken;
            if partners.is_empty() {
                if self.mode != Mode::Inner {
                    result.alone(record(item.clone()))?;
                }
                unmatched_left.push(item);
            }
        }
        let alone = right.into_iter().zip(found).filter(|(_, found)| !found);
        let unmatched_right: Vec<Value> = alone.map(|(item, _)| item).collect();
        if self.mode == Mode::Full {
            for item in &unmatched_right {
                let mut fields = Map::new();
                self.add(&mut fields, item);
                result.alone(fields)?;
            }
        }
        let why = format!(
            "{matched} pairs were found; {} on the left and {} on the right have no partner.",
            unmatched_left.len(),
            unmatched_right.len()
        );
        let output = json!({
            "count": result.items.len(),
            "items": result.items,
            "matched": matched,
            "unmatched_left": unmatched_left,
            "unmatched_right": unmatched_right,
        });
        Ok(Done::out(output).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = items::check_at(&self.left, "/left");
        problems.extend(items::check_at(&self.right, "/right"));
        for (field, key) in [("/left_key", &self.left_key), ("/right_key", &self.right_key)] {
            if key.is_blank() {
                let action = "Write the name of the field whose value both lists have, such as email.";
                problems.push(blank(field, "nothing is chosen to compare", action));
            }
        }
        if self.right_fields == RightFields::Nested && self.name.trim().is_empty() {
            let action = "Write a name for the field that holds the right record, such as company.";
            problems.push(blank("/name", "the right record has no name", action));
        }
        problems
    }
}

impl JoinLists {
    fn sameness(&self) -> Sameness {
        Sameness::loose(self.ignore_case)
    }

    /// Places of the items of the right list, by their key.
    fn by_key(&self, context: &Context<'_>, right: &[Value]) -> Result<HashMap<String, Vec<usize>>, Failure> {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, item) in right.iter().enumerate() {
            if let Some(key) = self.sameness().of(self.right_key.of(context.scope, index, item)?.as_ref()) {
                by_key.entry(key).or_default().push(index);
            }
        }
        Ok(by_key)
    }

    /// Adds what the right list has to the fields of a result.
    fn add(&self, fields: &mut Map<String, Value>, right: &Value) {
        let name = self.name.trim();
        if self.right_fields == RightFields::Nested {
            fields.insert(name.to_owned(), right.clone());
            return;
        }
        for (field, value) in record(right.clone()) {
            let known = fields.entry(format!("{name}{field}")).or_insert(Value::Null);
            if is_empty(known) {
                *known = value;
            }
        }
    }
}

/// The result as it grows.
struct Joined {
    room: Room,
    items: Vec<Value>,
}

impl Joined {
    fn pair(&mut self, step: &JoinLists, left: &Value, right: &Value) -> Result<(), Failure> {
        // Before anything is copied: one large record could be the partner of thousands.
        self.room.take(left)?;
        self.room.take(right)?;
        let mut fields = record(left.clone());
        step.add(&mut fields, right);
        self.push(fields)
    }

    fn alone(&mut self, fields: Map<String, Value>) -> Result<(), Failure> {
        self.push(fields)
    }

    fn push(&mut self, fields: Map<String, Value>) -> Result<(), Failure> {
        if self.items.len() == MAX_ITEMS {
            return Err(too_many(MAX_ITEMS + 1));
        }
        self.items.push(Value::Object(fields));
        Ok(())
    }
}

/// The fields of `item`; an item that is no record stands in a field of its own.
fn record(item: Value) -> Map<String, Value> {
    match item {
        Value::Object(fields) => fields,
        other => Map::from_iter([(ITEM.to_owned(), other)]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn config(settings: Value) -> Value {
        let lists =
            json!({"left": "{{ trigger.l }}", "left_key": "k", "right": "{{ trigger.r }}", "right_key": "k"});
        with(lists, settings)
    }

    fn joined(settings: Value, left: &Value, right: &Value) -> Value {
        run(compiled("join_lists", &config(settings)).as_ref(), &json!({"trigger": {"l": left, "r": right}}))
            .output
    }

    #[test]
    fn each_mode_has_its_items() {
        let (left, right) =
            (json!([{"k": "a"}, {"k": "b"}, {}]), json!([{"k": "A ", "v": 1}, {"k": "c", "v": 2}, {}]));
        let inner = json!({"k": "a", "right": {"k": "A ", "v": 1}});
        let items = |mode: &str| joined(json!({"mode": mode}), &left, &right)["items"].clone();
        assert_eq!(items("inner"), json!([inner]));
        assert_eq!(items("left"), json!([inner, {"k": "b"}, {}]));
        assert_eq!(
            items("full"),
            json!([inner, {"k": "b"}, {}, {"right": {"k": "c", "v": 2}}, {"right": {}}])
        );
        let out = joined(json!({}), &left, &right);
        assert_eq!((&out["matched"], &out["unmatched_left"]), (&json!(1), &json!([{"k": "b"}, {}])));
        assert_eq!(out["unmatched_right"], json!([{"k": "c", "v": 2}, {}]));
    }

    #[test]
    fn several_partners_and_plain_items() {
        let right = json!([{"k": 1, "v": "x"}, {"k": "1", "v": "y"}]);
        let left = json!([{"k": 1, "v": ""}]);
        let plain = json!({"right_fields": "prefixed", "name": ""});
        let out = joined(plain.clone(), &left, &right);
        assert_eq!(out["items"], json!([{"k": 1, "v": "x"}, {"k": 1, "v": "y"}]));
        let mut first = plain;
        first["several"] = json!("first");
        let out = joined(first, &left, &right);
        assert_eq!((&out["matched"], &out["unmatched_right"]), (&json!(1), &json!([])));
        let texts = json!({"left_key": "{{ item }}", "right_key": "{{ item }}", "right_fields": "prefixed", "name": "r_"});
        assert_eq!(
            joined(texts, &json!(["a"]), &json!(["A"]))["items"],
            json!([{"item": "a", "r_item": "A"}])
        );
    }

    #[test]
    fn a_product_of_two_lists_is_bounded() {
        let step = compiled("join_lists", &config(json!({})));
        let many = json!(vec![json!({"k": 1}); 200]);
        let failure = start(step.as_ref(), &json!({"trigger": {"l": many, "r": many}})).unwrap_err();
        assert_eq!(failure.code, "RUN-0111");
        let large = json!([{"k": 1, "v": "x".repeat(1_000_000)}]);
        let failure = start(step.as_ref(), &json!({"trigger": {"l": many, "r": large}})).unwrap_err();
        assert_eq!(failure.code, "RUN-0110");
    }

    #[test]
    fn settings_and_data_are_checked() {
        let empty = json!({"left": "", "left_key": "", "right": "", "right_key": "", "name": " "});
        let problems = compiled("join_lists", &config(empty)).check();
        let fields: Vec<String> = problems.into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/left", "/right", "/left_key", "/right_key", "/name"]);
        let step = compiled("join_lists", &config(json!({})));
        assert_eq!(start(step.as_ref(), &json!({"trigger": {"l": []}})).unwrap_err().code, "RUN-0100");
    }

    proptest! {
        #[test]
        fn counts_add_up(left in prop::collection::vec(0..6_u8, 0..15), right in prop::collection::vec(0..6_u8, 0..15)) {
            let records = |keys: &[u8]| json!(keys.iter().map(|k| json!({"k": k})).collect::<Vec<_>>());
            let count = |out: &Value, name: &str| match &out[name] {
                Value::Array(items) => items.len(),
                number => number.as_u64().unwrap() as usize,
            };
            let pairs: usize = left.iter().map(|k| right.iter().filter(|r| *r == k).count()).sum();
            let (l, r) = (records(&left), records(&right));
            for (mode, with_left, with_right) in [("inner", false, false), ("left", true, false), ("full", true, true)] {
                let out = joined(json!({"mode": mode}), &l, &r);
                prop_assert_eq!(count(&out, "matched"), pairs);
                let alone_left = if with_left { count(&out, "unmatched_left") } else { 0 };
                let alone_right = if with_right { count(&out, "unmatched_right") } else { 0 };
                prop_assert_eq!(count(&out, "count"), pairs + alone_left + alone_right);
                let lonely = left.iter().filter(|k| !right.contains(k)).count();
                prop_assert_eq!(count(&out, "unmatched_left"), lonely);
            }
        }
    }
}
