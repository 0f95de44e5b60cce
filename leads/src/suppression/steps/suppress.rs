//! Suppress: notes that an address must not be written to any more.

use crate::suppression::{Reason, Suppress as Asked, SuppressionOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `suppress`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Suppress {
    /// The e-mail address or telephone number, or a domain to close all of it.
    #[schemars(title = "Address", extend("x-placeholder" = "{{ trigger.body.email }}"))]
    address: Template,
    /// Why they must not be written to.
    #[serde(default)]
    #[schemars(
        title = "Because",
        extend("x-labels" = {
            "opted_out": "They opted out (no marketing)", "bounced": "Messages do not arrive (nothing)",
            "complained": "They complained (nothing)", "do_not_contact": "They must not be contacted (nothing)"
        })
    )]
    reason: Reason,
    /// Where it comes from; people read it as evidence.
    #[serde(default)]
    #[schemars(title = "Source", extend("x-placeholder" = "Unsubscribe link"))]
    source: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Suppress>(About {
        kind: "suppress",
        title: "Suppress",
        summary: "Notes that an address must not be written to any more.",
        help: HELP,
        icon: "stop",
        category: Category::Lead,
        keywords: &["opt out", "unsubscribe", "consent", "gdpr", "block", "do not contact", "bounce"],
        default_config: json!({ "address": "", "reason": "opted_out", "source": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: "Written together with the run's own history: it happens exactly once, also when the server \
                       stops in the middle.",
        has_error_port: true,
        example: Example {
            config: json!({ "address": "{{ trigger.body.email }}", "source": "Unsubscribe link" }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "address": "ada@analytical.example", "kind": "email", "reason": "opted_out",
            "since": "2026-01-31T08:00:00Z", "added": true,
        }),
        summary_template: "{address}",
    })
}

const HELP: &str = r"
From now on every step that says whom it sends a message to holds it back for this address, in every workflow, and for every
lead that has the address now or later. Who opted out still gets service messages such as an invoice; the other reasons close
the address for everything.

A stronger reason replaces a weaker one, never the other way round. Only a person takes an entry away, on the page
*Suppression*.
";

impl Step for Suppress {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = SuppressionOperation::Suppress(Asked {
            address: self.address.text(context.scope)?,
            reason: self.reason,
            source: self.source.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let blank = self.address.is_blank();
        let problem = blank.then(|| ConfigProblem {
            code: "DOC-0007",
            field: "/address".into(),
            message: "no address is given".into(),
            action: "Choose the address of the person who must not be written to.".into(),
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
    fn it_asks_for_the_entry() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let scope = Scope::sample(&example.context);
        let context = Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        let step = kind.compile(&example.config).unwrap();
        let Ok(Outcome::Perform(effect)) = step.start(&context) else { panic!("no effect") };
        assert_eq!(
            (effect.promise, &effect.input["address"]),
            (Promise::Once, &json!("ada@analytical.example"))
        );
        assert!(step.check().is_empty());
        assert_eq!(kind.compile(&json!({"address": " "})).unwrap().check()[0].field, "/address");
    }
}
