//! Add to counter: counts something, exactly once.

use super::ONCE;
use super::settings::problem;
use crate::table::operation::{AddToCounter as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::{Dynamic, Template};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `add_to_counter`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddToCounter {
    /// Name of the counter; a new name makes a new counter.
    #[schemars(title = "Counter", extend("x-placeholder" = "Demo requests"))]
    counter: Template,
    /// What is counted for, when one name counts for many things, such as a country.
    #[serde(default)]
    #[schemars(title = "For", extend("x-placeholder" = "{{ trigger.body.country }}"))]
    key: Template,
    /// How much is added; a negative number takes away.
    #[serde(default = "one")]
    #[schemars(title = "Add")]
    by: Dynamic,
}

fn one() -> Dynamic {
    Dynamic::Literal(1.into())
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<AddToCounter>(About {
        kind: "add_to_counter",
        title: "Add to counter",
        summary: "Adds to a counter and gives its value.",
        help: HELP,
        icon: "sigma",
        category: Category::Data,
        keywords: &["count", "increment", "number", "quota", "sequence", "total"],
        default_config: json!({ "counter": "", "by": 1 }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "counter": "Demo requests", "key": "{{ trigger.body.country }}", "by": 1 }),
            context: json!({ "trigger": { "body": { "country": "DE" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "counter": "Demo requests", "key": "DE", "value": 42, "previous": 41 }),
        summary_template: "{counter}",
    })
}

const HELP: &str = r"
Adds to a counter and gives its `value` and the `previous` one. A counter that is new begins at 0. Runs that count at the
same moment each get a value of their own, so a counter is good for numbering things, for quotas, and for every n-th lead.

Counters stand on the page *Tables*, where people can set them.
";

impl Step for AddToCounter {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let by = self.by.value(context.scope)?;
        let whole = by.as_i64().or_else(|| by.as_str()?.trim().parse().ok());
        let by = whole.ok_or_else(|| {
            Failure::bad_input(
                "TABLE-0014",
                format!("A counter is added to in whole numbers, and {by} is none."),
                "Give a whole number; the filter `number` reads one from text, `round` drops what follows the point.",
            )
        })?;
        let operation = TableOperation::AddToCounter(Asked {
            counter: self.counter.text(context.scope)?,
            key: self.key.text(context.scope)?,
            by,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let blank = self.counter.is_blank();
        let missing = blank.then(|| problem("/counter", "the counter has no name", "Name the counter."));
        missing.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_to_count() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let TableOperation::AddToCounter(add) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a counter");
        };
        assert_eq!((add.counter.as_str(), add.key.as_str(), add.by), ("Demo requests", "DE", 1));
        let text = json!({ "counter": "C", "by": "{{ '-3' }}" });
        assert!(matches!(
            asked(&kind, &text, &json!({})),
            Ok(TableOperation::AddToCounter(Asked { by: -3, .. }))
        ));
    }

    #[test]
    fn only_whole_numbers_are_added() {
        let half = asked(&kind(), &json!({ "counter": "C", "by": 0.5 }), &json!({}));
        assert_eq!(half.unwrap_err().code, "TABLE-0014");
        assert_eq!(problems(&kind(), &json!({ "counter": " " })), ["/counter"]);
    }
}
