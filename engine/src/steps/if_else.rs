//! If: one of two ways, by a condition.

use crate::condition::Condition;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `if`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct If {
    /// What is asked of the data. Yes and no go their own ways.
    #[schemars(title = "Condition")]
    condition: Condition,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<If>(About {
        kind: "if",
        title: "If",
        summary: "Asks something of the data and goes one way for yes and another for no.",
        help: HELP,
        icon: "branch",
        category: Category::Logic,
        keywords: &["condition", "branch", "decide", "filter", "check", "yes", "no", "else", "split"],
        default_config: json!({ "condition": { "all": [{ "field": "", "op": "equals", "value": "" }] } }),
        ports: PortRule::Fixed { ports: vec![Port::new("yes", "Yes"), Port::new("no", "No")] },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "condition": { "all": [
                { "field": "{{ steps.score.score }}", "op": "at_least", "value": 70 },
                { "field": "{{ trigger.body.email }}", "op": "is_not_free_mailbox" },
            ] } }),
            context: json!({
                "trigger": { "body": { "email": "ada@analytical.example" } },
                "steps": { "score": { "score": 85 } },
            }),
            output: Some(json!({ "result": true })),
            port: "yes".into(),
        },
        output_sample: json!({ "result": true }),
        summary_template: "{condition}",
    })
}

const HELP: &str = r#"
Choose a field, how to compare it, and with what. Join several comparisons with *all of* or *any of*.

- Capital letters and spaces around a text do not matter; `1,234` and `1234` are the same number.
- A field that is missing is *empty*. It is never an error, and never larger or smaller than anything.
- The run shows which comparison decided and what the value was.
"#;

impl Step for If {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let evidence = self.condition.judge(context.scope)?;
        let (port, answer) = if evidence.holds { ("yes", "Yes") } else { ("no", "No") };
        let done = Done::by(port, json!({ "result": evidence.holds }));
        Ok(done.because(format!("{answer}: {}.", evidence.why)).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        self.condition.problems("/condition")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use serde_json::json;

    #[test]
    fn it_says_what_decided() {
        let step = compiled(
            "if",
            &json!({"condition": {"field": "{{ item.score }}", "op": "at_least", "value": 70}}),
        );
        let done = run(step.as_ref(), &json!({"item": {"score": 35}}));
        assert_eq!(done.port, "no");
        assert_eq!(done.why.as_deref(), Some("No: score is not at least 70 (it was 35)."));
    }

    #[test]
    fn a_fresh_step_says_what_is_missing() {
        let kind = super::kind();
        let problems = kind.compile(&kind.descriptor.default_config).unwrap().check();
        assert_eq!(problems[0].field, "/condition/all/0/field");
    }
}
