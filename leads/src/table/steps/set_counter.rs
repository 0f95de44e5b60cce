//! Set counter: begins counting anew.

use super::ONCE;
use super::settings::problem;
use crate::table::operation::{SetCounter as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `set_counter`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetCounter {
    /// Name of the counter.
    #[schemars(title = "Counter", extend("x-placeholder" = "Demo requests"))]
    counter: Template,
    /// What is counted for, when one name counts for many things.
    #[serde(default)]
    #[schemars(title = "For", extend("x-placeholder" = "{{ trigger.body.country }}"))]
    key: Template,
    /// The value it gets.
    #[serde(default)]
    #[schemars(title = "Set to")]
    to: i64,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<SetCounter>(About {
        kind: "set_counter",
        title: "Reset counter",
        summary: "Sets a counter back to 0, or to another value.",
        help: HELP,
        icon: "sigma",
        category: Category::Data,
        keywords: &["count", "number", "quota", "zero", "clear", "set"],
        default_config: json!({ "counter": "", "to": 0 }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "counter": "Demo requests this week", "to": 0 }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "counter": "Demo requests this week", "key": "", "value": 0, "previous": 42 }),
        summary_template: "{counter} to {to}",
    })
}

const HELP: &str = r"
Sets a counter to a value and gives the `previous` one, so that nothing counted in between is lost. With a schedule as the
trigger, a counter begins anew every day or week.
";

impl Step for SetCounter {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::SetCounter(Asked {
            counter: self.counter.text(context.scope)?,
            key: self.key.text(context.scope)?,
            to: self.to,
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
    fn it_asks_for_the_value_to_be_set() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let asked = asked(&kind, &example.config, &example.context).unwrap();
        let expected = Asked { counter: "Demo requests this week".into(), key: String::new(), to: 0 };
        assert_eq!(asked, TableOperation::SetCounter(expected));
        assert_eq!(problems(&kind, &json!({ "counter": "" })), ["/counter"]);
    }
}
