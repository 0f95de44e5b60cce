//! Call workflow: starts another workflow, and waits for its result if asked to.

use super::blank;
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Call, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `call_workflow`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CallWorkflow {
    /// The workflow to start. It must be published and have the trigger "Started by hand".
    #[schemars(title = "Workflow", extend("x-ui" = "workflow"))]
    workflow: String,
    /// What it gets as its `trigger.body`.
    #[serde(default)]
    #[schemars(title = "Data", extend("x-ui" = "code_json"))]
    input: Dynamic,
    /// Whether this run goes on only when the other has ended. Its last output is then the output of this step.
    #[serde(default = "yes")]
    #[schemars(title = "Wait for its end")]
    wait: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<CallWorkflow>(About {
        kind: "call_workflow",
        title: "Call workflow",
        summary: "Starts another workflow with data of this run.",
        help: HELP,
        icon: "call",
        category: Category::Logic,
        keywords: &["sub-workflow", "child", "reuse", "start", "run", "execute", "nested"],
        default_config: json!({ "workflow": "", "input": "{{ trigger.body }}", "wait": true }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: "The other workflow is started exactly once, also when the server stops in the middle.",
        has_error_port: true,
        example: Example {
            config: json!({
                "workflow": "01890000-0000-7000-8000-0000000000aa",
                "input": { "email": "{{ trigger.body.email }}" },
                "wait": true,
            }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({}),
        summary_template: "{workflow}",
    })
}

const HELP: &str = r"
Keep what several workflows need in one place, such as cleaning a company's name, and call it from all of them. The other
run has its own page in the history.

When it waits and the other run fails, this step fails too. When it does not wait, this run goes on at once.
";

impl Step for CallWorkflow {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Call(Call {
            workflow: self.workflow.trim().to_owned(),
            input: self.input.value(context.scope)?,
            wait: self.wait,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let missing = self.workflow.trim().is_empty();
        missing
            .then(|| blank("/workflow", "no workflow is chosen", "Choose the workflow to start."))
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use crate::kind::{Call, Outcome};
    use serde_json::json;

    #[test]
    fn it_hands_over_computed_data() {
        let step = compiled(
            "call_workflow",
            &json!({"workflow": "w", "input": {"n": "{{ trigger }}"}, "wait": false}),
        );
        let Ok(Outcome::Call(call)) = start(step.as_ref(), &json!({"trigger": 1})) else { panic!("a call") };
        assert_eq!(call, Call { workflow: "w".into(), input: json!({"n": 1}), wait: false });
        assert_eq!(compiled("call_workflow", &json!({"workflow": " "})).check()[0].code, "DOC-0027");
    }
}
