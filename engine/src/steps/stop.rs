//! Stop: the whole run ends here.

use crate::expression::Template;
use crate::failure::{Failure, FailureKind};
use crate::kind::{About, Category, Context, Example, Outcome, PortRule, Promise, Step, StepKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Settings of `stop`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stop {
    /// How the run counts in the history.
    #[serde(default)]
    #[schemars(
        title = "The run ends as",
        extend("x-labels" = {"completed": "Completed", "failed": "Failed"})
    )]
    outcome: End,
    /// Why it ends here, for those who look at the run.
    #[serde(default)]
    #[schemars(title = "Reason", extend("x-placeholder" = "Not a lead: a job application"))]
    message: Template,
}

/// How a stopped run counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum End {
    /// All is well.
    #[default]
    Completed,
    /// Something is wrong and somebody should look.
    Failed,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Stop>(About {
        kind: "stop",
        title: "Stop",
        summary: "Ends the whole run here, as completed or as failed.",
        help: HELP,
        icon: "stop",
        category: Category::Logic,
        keywords: &["end", "exit", "abort", "cancel", "fail", "finish", "error"],
        default_config: json!({ "outcome": "completed", "message": "" }),
        ports: PortRule::Fixed { ports: Vec::new() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: false,
        example: Example {
            config: json!({ "outcome": "failed", "message": "No owner for {{ trigger.body.country }}" }),
            context: json!({ "trigger": { "body": { "country": "France" } } }),
            output: None,
            port: String::new(),
        },
        output_sample: Value::Null,
        summary_template: "{outcome} · {message}",
    })
}

const HELP: &str = r"
Everything that is still under way in the run ends with it, other branches and loops included. To end only one branch, draw
no arrow from its last step.
";

impl Step for Stop {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let message = self.message.text(context.scope)?;
        let why = match message.trim() {
            "" => "The workflow ends here.".to_owned(),
            said => said.to_owned(),
        };
        let failure = (self.outcome == End::Failed).then(|| {
            let action = "The workflow itself ended the run as failed; look at what led to this step.";
            Failure::new("RUN-0103", FailureKind::Fatal, why.clone(), action)
        });
        Ok(Outcome::Stop { failure, why })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use crate::kind::Outcome;
    use serde_json::json;

    #[test]
    fn it_ends_the_run_as_asked() {
        let scope = json!({"trigger": "spam"});
        let step = compiled("stop", &json!({"outcome": "failed", "message": "It is {{ trigger }}"}));
        let Ok(Outcome::Stop { failure: Some(failure), why }) = start(step.as_ref(), &scope) else {
            panic!("a failure")
        };
        assert_eq!((failure.code.as_ref(), why.as_str()), ("RUN-0103", "It is spam"));
        let step = compiled("stop", &json!({}));
        let Ok(Outcome::Stop { failure: None, .. }) = start(step.as_ref(), &scope) else {
            panic!("no failure")
        };
    }
}
