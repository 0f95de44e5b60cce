//! Split test: divides leads into variants, the same lead always into the same one.

use super::field::Sameness;
use super::{blank, problem};
use crate::document::{ERROR, OUT, is_step_id};
use crate::expression::Template;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// How finely keys are divided.
const BUCKETS: u32 = 10_000;
/// Most variants of one test.
const MAX_VARIANTS: usize = 20;
/// Largest weight of a variant.
const MAX_WEIGHT: u32 = 10_000;
const DEFAULT: &str = "default";
const NO_KEY: &str = "Without a key";

/// Settings of `split_test`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SplitTest {
    /// Who is divided: a value that is always the same for a person, such as the e-mail address or the id of the lead.
    /// Capital letters and spaces around it do not matter.
    #[schemars(title = "Divide by", extend("x-placeholder" = "{{ trigger.body.email }}"))]
    key: Template,
    /// Name of the test. The division follows from the name and the key alone: two steps with the same name, in whatever
    /// workflow, divide in the same way; a new name divides anew.
    #[schemars(title = "Name of the test", extend("x-placeholder" = "Subject line, spring"))]
    name: String,
    /// The groups. Each is a way out of this step.
    #[schemars(title = "Variants")]
    variants: Vec<Variant>,
}

/// One group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Variant {
    /// Short name of the way out: small letters, digits and underscores, such as `a`.
    #[schemars(title = "Short name", extend("x-placeholder" = "a"))]
    id: String,
    /// What people read on the arrow.
    #[serde(default)]
    #[schemars(title = "Label", extend("x-placeholder" = "Variant A"))]
    label: String,
    /// Its share of everybody, compared with the other weights: 50 and 50, or 9 and 1. With 0 nobody goes there.
    #[serde(default = "one")]
    #[schemars(title = "Weight", range(min = 0, max = 10_000))]
    weight: u32,
}

fn one() -> u32 {
    1
}

impl Variant {
    fn shown(&self) -> &str {
        if self.label.trim().is_empty() { &self.id } else { self.label.trim() }
    }
}

pub(super) fn kind() -> StepKind {
    let email = "ada@analytical.example";
    StepKind::new::<SplitTest>(About {
        kind: "split_test",
        title: "Split test",
        summary: "Divides people into variants; the same person always gets the same one.",
        help: HELP,
        icon: "branch",
        category: Category::Logic,
        keywords: &[
            "a/b test",
            "ab test",
            "experiment",
            "variant",
            "random",
            "percentage",
            "split",
            "holdout",
            "control group",
            "random path",
        ],
        default_config: json!({
            "key": "{{ trigger.body.email }}",
            "name": "My split test",
            "variants": [
                { "id": "a", "label": "Variant A", "weight": 50 },
                { "id": "b", "label": "Variant B", "weight": 50 },
            ],
        }),
        ports: PortRule::cases("variants", NO_KEY),
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "key": "{{ trigger.body.email }}",
                "name": "Subject line, spring",
                "variants": [
                    { "id": "short", "label": "Short subject", "weight": 50 },
                    { "id": "long", "label": "Long subject", "weight": 50 },
                ],
            }),
            context: json!({ "trigger": { "body": { "email": email } } }),
            output: Some(json!({ "variant": "long", "label": "Long subject", "bucket": 7_022 })),
            port: "long".into(),
        },
        output_sample: json!({ "variant": "a", "label": "Variant A", "bucket": 4_711 }),
        summary_template: "{name}",
    })
}

const HELP: &str = r"
Every key falls into one of 10,000 buckets, numbered from 0, and every variant owns a range of buckets as wide as its
weight. The output names the `variant`, its `label` and the `bucket`. A key that is empty leaves by **Without a key**, with
no variant.

Worked example: two variants of weight 50. Buckets 0 to 4999 are *Short subject*, 5000 to 9999 are *Long subject*.
`ada@analytical.example` is in bucket 7022 of the test `Subject line, spring`, so Ada gets the long one, today and in a year.

**The same person, the same variant.** The bucket follows from the name of the test and the key alone, so nothing has to be
remembered: it holds after a restart, in a copy of the workflow, and in another system that computes it. The rule is public:
take the SHA-256 of the name of the test, a colon and the key (trimmed, in small letters), read its first 8 bytes as a whole
number, largest byte first, and take the remainder of dividing by 10,000.

**What moves when weights change.** Ranges lie behind one another in the order of the rows. A change moves only the keys
between an old border and the new one: from 50 and 50 to 60 and 40, one person in ten moves from the second variant to the
first. A new variant at the end takes from those before it; a row in the middle, or another order of rows, moves more. To
start with few and add more, keep the growing variant first.

**Two tests at once.** Give every test a name of its own. With the same name, those in the first variant of one test are also
in the first variant of the other, and their effects cannot be told apart.
";

impl Step for SplitTest {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let key = self.key.text(context.scope)?;
        let Some(bucket) = bucket(self.name.trim(), &key) else {
            let output = json!({ "variant": null, "label": NO_KEY, "bucket": null });
            return Ok(Done::by(DEFAULT, output).because("The key is empty.").into());
        };
        let Some((variant, from, to)) = self.at(bucket) else {
            let action = "Give at least one variant a weight above 0.";
            return Err(Failure::bad_input("RUN-0112", "no variant has a weight", action));
        };
        let output = json!({ "variant": variant.id, "label": variant.shown(), "bucket": bucket });
        let why = format!("{}: bucket {bucket} is between {from} and {}.", variant.shown(), to - 1);
        Ok(Done::by(&variant.id, output).because(why).into())
    }

    fn ports(&self) -> Option<Vec<Port>> {
        let variants = self.variants.iter().map(|variant| Port::new(&variant.id, variant.shown()));
        Some(variants.chain([Port::new(DEFAULT, NO_KEY)]).collect())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.key.is_blank() {
            let action = "Pick a value that is always the same for a person, such as the e-mail address.";
            problems.push(blank("/key", "nothing is chosen to divide by", action));
        }
        if self.name.trim().is_empty() {
            let action = "Give the test a name; the division follows from it.";
            problems.push(blank("/name", "the test has no name", action));
        }
        if !(1..=MAX_VARIANTS).contains(&self.variants.len()) {
            let message =
                format!("there are {} variants, and 1 to {MAX_VARIANTS} are possible", self.variants.len());
            problems.push(problem("DOC-0030", "/variants", message, "Add or remove rows."));
        }
        let mut ids = HashSet::from([DEFAULT, ERROR, OUT]);
        for (at, variant) in self.variants.iter().enumerate() {
            if !is_step_id(&variant.id) || !ids.insert(&variant.id) {
                let message =
                    format!("\"{}\" cannot be the short name of this variant, or is taken", variant.id);
                let action = "Give each variant a name of its own, of small letters, digits and underscores.";
                problems.push(problem("DOC-0028", format!("/variants/{at}/id"), message, action));
            }
            if variant.weight > MAX_WEIGHT {
                let message = format!("the weight {} is too large", variant.weight);
                let action = "Choose a number from 0 to 10,000.";
                problems.push(problem("DOC-0025", format!("/variants/{at}/weight"), message, action));
            }
        }
        if !self.variants.is_empty() && self.variants.iter().all(|variant| variant.weight == 0) {
            let action = "Give at least one variant a weight above 0.";
            problems.push(problem("DOC-0025", "/variants/0/weight", "no variant has a weight", action));
        }
        problems
    }
}

impl SplitTest {
    /// The variant that owns `bucket`, with the first bucket of its range and the first one behind it.
    fn at(&self, bucket: u32) -> Option<(&Variant, u32, u32)> {
        let total: u64 = self.variants.iter().map(|variant| u64::from(variant.weight)).sum();
        let (mut weight, mut from) = (0_u64, 0);
        for variant in &self.variants {
            weight += u64::from(variant.weight);
            let to = u32::try_from((weight * u64::from(BUCKETS)).checked_div(total)?).ok()?;
            if bucket < to {
                return Some((variant, from, to));
            }
            from = to;
        }
        None
    }
}

/// The bucket of `key` in the test called `name`; `None` for an empty key.
fn bucket(name: &str, key: &str) -> Option<u32> {
    let key = Sameness::loose(true).of(&Value::from(key))?;
    let digest = Sha256::digest(format!("{name}:{key}"));
    let first = digest.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
    u32::try_from(u64::from_be_bytes(*first) % u64::from(BUCKETS)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use super::bucket;
    use crate::kind::Step;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn step(weights: &[u32]) -> Box<dyn Step> {
        let variant = |(at, weight): (usize, &u32)| json!({"id": format!("v{at}"), "weight": weight});
        let variants: Vec<Value> = weights.iter().enumerate().map(variant).collect();
        compiled("split_test", &json!({"key": "{{ trigger }}", "name": "t", "variants": variants}))
    }

    fn variant_of(step: &dyn Step, key: &str) -> String {
        let done = run(step, &json!({"trigger": key}));
        assert_eq!(done.output["variant"], done.port);
        done.port
    }

    fn person(number: u32) -> String {
        format!("person{number}@example.com")
    }

    /// How many of 20,000 people each variant gets.
    fn shares(weights: &[u32]) -> Vec<u32> {
        let step = step(weights);
        let mut counts = vec![0; weights.len()];
        for number in 0..20_000 {
            let port = variant_of(step.as_ref(), &person(number));
            counts[port[1..].parse::<usize>().unwrap()] += 1;
        }
        counts
    }

    #[test]
    fn weights_hold_within_a_percent_of_everybody() {
        for weights in [vec![50, 50], vec![1, 2, 7], vec![33, 33, 33], vec![0, 1]] {
            let total: u32 = weights.iter().sum();
            for (count, weight) in shares(&weights).into_iter().zip(&weights) {
                let expected = 20_000.0 * f64::from(*weight) / f64::from(total);
                assert!(
                    (count as f64 - expected).abs() <= 200.0,
                    "{weights:?}: {count} instead of {expected}"
                );
            }
        }
    }

    #[test]
    fn a_change_of_weights_moves_only_those_between_the_borders() {
        let (even, uneven) = (step(&[50, 50]), step(&[60, 40]));
        for key in (0..2_000).map(person) {
            let (old, new) = (variant_of(even.as_ref(), &key), variant_of(uneven.as_ref(), &key));
            let between = (5_000..6_000).contains(&bucket("t", &key).unwrap());
            assert_eq!(old != new, between, "{key}");
        }
    }

    #[test]
    fn an_empty_key_has_no_variant() {
        let step =
            compiled("split_test", &json!({"key": "{{ trigger }}", "name": "t", "variants": [{"id": "a"}]}));
        for key in [json!(null), json!("  ")] {
            let done = run(step.as_ref(), &json!({"trigger": key}));
            assert_eq!((done.port.as_str(), &done.output["variant"]), ("default", &Value::Null));
        }
        let ports: Vec<String> = step.ports().unwrap().into_iter().map(|port| port.id).collect();
        assert_eq!(ports, ["a", "default"]);
    }

    #[test]
    fn settings_are_checked() {
        let fields = |config: Value| {
            let problems = compiled("split_test", &config).check();
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        let variant = |id: &str, weight: u32| json!({"id": id, "weight": weight});
        assert_eq!(fields(json!({"key": " ", "name": "", "variants": []})), ["/key", "/name", "/variants"]);
        assert_eq!(
            fields(
                json!({"key": "x", "name": "t", "variants": [variant("a", 0), variant("a", 0), variant("default", 10_001)]})
            ),
            ["/variants/1/id", "/variants/2/id", "/variants/2/weight"]
        );
        assert_eq!(
            fields(json!({"key": "x", "name": "t", "variants": [variant("a", 0)]})),
            ["/variants/0/weight"]
        );
    }

    proptest! {
        #[test]
        fn it_sticks(key in "[a-zA-Z0-9@][a-zA-Z0-9@. ]{0,20}", weights in prop::collection::vec(1..100_u32, 1..6)) {
            let again = format!(" {} ", key.to_uppercase());
            prop_assert_eq!(variant_of(step(&weights).as_ref(), &key), variant_of(step(&weights).as_ref(), &again));
            prop_assert!(bucket("t", &key).is_none_or(|bucket| bucket < 10_000));
        }
    }
}
