//! Respond: answers the sender of the webhook.

use super::{header, problem};
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::run::Reply;
use header::Header;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `respond`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Respond {
    /// The HTTP status: 200 for fine, 400 for bad data, 404 for not found. 200 to 599.
    #[serde(default = "fine")]
    #[schemars(title = "Status", range(min = 200, max = 599))]
    status: u16,
    /// What the sender gets. Text is sent as it is, anything else as JSON.
    #[serde(default)]
    #[schemars(title = "Body", extend("x-ui" = "code_json"))]
    body: Dynamic,
    /// Headers beside the usual ones.
    #[serde(default)]
    #[schemars(title = "Headers", extend("x-ui" = "headers", "x-advanced" = true))]
    headers: Vec<Header>,
}

fn fine() -> u16 {
    200
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Respond>(About {
        kind: "respond",
        title: "Respond",
        summary: "Answers the system that sent the webhook, and goes on.",
        help: HELP,
        icon: "reply",
        category: Category::Logic,
        keywords: &["reply", "answer", "return", "webhook", "response", "http", "status"],
        default_config: json!({ "status": 200, "body": { "ok": true } }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The sender is answered once; when it has gone away by then, the run goes on all the same.",
        has_error_port: true,
        example: Example {
            config: json!({ "status": 200, "body": { "qualified": true, "score": "{{ steps.score.score }}" } }),
            context: json!({ "steps": { "score": { "score": 85 } } }),
            output: Some(json!({ "status": 200, "body": { "qualified": true, "score": 85 } })),
            port: "out".into(),
        },
        output_sample: json!({ "status": 200, "body": { "ok": true } }),
        summary_template: "{status}",
    })
}

const HELP: &str = r"
Set the webhook's answer to *From a Respond step*. The first Respond step a run reaches answers; later ones change
nothing. When a run ends without reaching one, the sender is told that there is no answer.
";

impl Step for Respond {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Respond(Reply {
            status: self.status,
            headers: header::read(&self.headers, context.scope)?,
            body: self.body.value(context.scope)?,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = header::check(&self.headers, "/headers");
        if !(200..=599).contains(&self.status) {
            let message = format!("{} is not a status an answer can have", self.status);
            problems.push(problem(
                "DOC-0025",
                "/status",
                message,
                "Use 200 for fine, 400 for bad data, 404 for not found.",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::compiled;
    use serde_json::json;

    #[test]
    fn only_final_statuses_are_allowed() {
        for (status, fine) in [(200, true), (599, true), (100, false), (600, false)] {
            assert_eq!(compiled("respond", &json!({"status": status})).check().is_empty(), fine, "{status}");
        }
    }
}
