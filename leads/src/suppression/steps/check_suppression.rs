//! Check suppression: asks beforehand whether somebody may be written to.

use crate::suppression::{Check, SuppressionOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, Channel, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise,
    Purpose, Recipient, SUPPRESSED, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// The way out when they may be written to.
const ALLOWED: &str = "allowed";

/// Settings of `check_suppression`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckSuppression {
    /// How they would be reached.
    #[serde(default)]
    #[schemars(title = "By", extend("x-labels" = {"email": "E-mail", "phone": "Telephone or text message"}))]
    channel: Channel,
    /// Their address or number.
    #[schemars(title = "Address", extend("x-placeholder" = "{{ steps.find.lead.email }}"))]
    address: Template,
    /// Who opted out is not sent marketing; who complained or must not be contacted is sent nothing.
    #[serde(default)]
    #[schemars(title = "What for", extend("x-labels" = {"marketing": "Marketing", "service": "Service, such as an invoice"}))]
    purpose: Purpose,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<CheckSuppression>(About {
        kind: "check_suppression",
        title: "Check suppression",
        summary: "Asks whether somebody may be written to.",
        help: HELP,
        icon: "shield",
        category: Category::Lead,
        keywords: &["consent", "opt out", "unsubscribe", "gdpr", "allowed", "may send"],
        default_config: json!({ "channel": "email", "address": "", "purpose": "marketing" }),
        ports: PortRule::Fixed {
            ports: vec![
                Port::new(ALLOWED, "may be written to"),
                Port::new(SUPPRESSED, "must not be written to"),
            ],
        },
        promise: Promise::None,
        promise_text: "It only reads.",
        has_error_port: true,
        example: Example {
            config: json!({ "address": "{{ trigger.body.email }}" }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: ALLOWED.into(),
        },
        output_sample: json!({ "allowed": true, "address": "ada@analytical.example" }),
        summary_template: "{address}",
    })
}

const HELP: &str = r"
Leaves by one port when the address may be written to and by the other when not; the output then says since when and why,
under `suppressed`.

A send needs no check before it: steps that say whom they send a message to hold it back by themselves. Ask beforehand when
something else depends on it, such as whether a call is worth a person's time.
";

impl Step for CheckSuppression {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let address = self.address.text(context.scope)?.trim().to_owned();
        let recipient = Recipient { channel: self.channel, address, purpose: self.purpose };
        Ok(Outcome::Perform(SuppressionOperation::CheckSuppression(Check { recipient }).effect()))
    }

    fn resume(&self, _: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let port = if result.output.get(SUPPRESSED).is_some() { SUPPRESSED } else { ALLOWED };
        let Performed { output, why, written } = result;
        Ok(Done { port: port.into(), output, why, written }.into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let blank = self.address.is_blank();
        let problem = blank.then(|| ConfigProblem {
            code: "DOC-0007",
            field: "/address".into(),
            message: "no address is given".into(),
            action: "Choose the address that would be written to.".into(),
        });
        problem.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use trunkline_engine::expression::Scope;

    #[test]
    fn the_answer_decides_the_way_out() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let scope = Scope::sample(&example.context);
        let context = || Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        let step = kind.compile(&example.config).unwrap();
        let Ok(Outcome::Perform(effect)) = step.start(&context()) else { panic!("no effect") };
        assert_eq!(effect.input["recipient"]["address"], "ada@analytical.example");
        for (output, port) in [(json!({"allowed": true}), ALLOWED), (json!({"suppressed": {}}), SUPPRESSED)] {
            match step.resume(&context(), Performed { output, ..Performed::default() }) {
                Ok(Outcome::Done(done)) => assert_eq!(done.port, port),
                other => panic!("not done: {other:?}"),
            }
        }
    }
}
