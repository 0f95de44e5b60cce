//! Read counter: how far something has been counted.

use super::READS;
use super::settings::problem;
use crate::table::operation::{ReadCounter as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `read_counter`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReadCounter {
    /// Name of the counter.
    #[schemars(title = "Counter", extend("x-placeholder" = "Demo requests"))]
    counter: Template,
    /// What is counted for, when one name counts for many things.
    #[serde(default)]
    #[schemars(title = "For", extend("x-placeholder" = "{{ trigger.body.country }}"))]
    key: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<ReadCounter>(About {
        kind: "read_counter",
        title: "Read counter",
        summary: "Gives the value of a counter.",
        help: HELP,
        icon: "sigma",
        category: Category::Data,
        keywords: &["count", "number", "quota", "total"],
        default_config: json!({ "counter": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: READS,
        has_error_port: true,
        example: Example {
            config: json!({ "counter": "Demo requests", "key": "{{ trigger.body.country }}" }),
            context: json!({ "trigger": { "body": { "country": "DE" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "counter": "Demo requests", "key": "DE", "value": 42 }),
        summary_template: "{counter}",
    })
}

const HELP: &str = r"
Gives the `value` a counter stands at. One that nobody has counted with stands at 0.
";

impl Step for ReadCounter {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::ReadCounter(Asked {
            counter: self.counter.text(context.scope)?,
            key: self.key.text(context.scope)?,
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
    fn it_asks_for_the_value() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let asked = asked(&kind, &example.config, &example.context).unwrap();
        let expected = Asked { counter: "Demo requests".into(), key: "DE".into() };
        assert_eq!(asked, TableOperation::ReadCounter(expected));
        assert_eq!(problems(&kind, &json!({ "counter": "" })), ["/counter"]);
    }
}
