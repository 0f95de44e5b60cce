//! Accept lead: the owner takes the lead on, and the clock that waits for that stops.

use super::ONCE;
use super::lead_input::LeadInput;
use crate::operation::{AcceptLead as Asked, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `accept_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AcceptLead {
    /// The lead that its owner takes on.
    #[schemars(title = "Lead")]
    lead: LeadInput,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<AcceptLead>(About {
        kind: "accept_lead",
        title: "Accept lead",
        summary: "Says that the owner takes the lead on, which meets the clock for accepting it.",
        help: HELP,
        icon: "check",
        category: Category::Lead,
        keywords: &["accept", "sla", "clock", "owner", "take on", "claim"],
        default_config: json!({ "lead": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "lead_id": "01890000-0000-7000-8000-000000000001", "accepted": true }),
        summary_template: "",
    })
}

const HELP: &str = r"
A service level may say how soon an owner accepts a lead. Owners accept on the lead's page; this step does it for them, for
example after they pressed a button in another system. When no clock waits for it, nothing happens.

The output holds the `lead_id` and whether a clock was met (`accepted`).
";

impl Step for AcceptLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::AcceptLead(Asked { lead_id: self.lead.id(context.scope)? });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        self.lead.problems().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_accepts_the_lead() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let operation = asked(&kind, &example.config, &example.context).unwrap();
        assert!(matches!(operation, Operation::AcceptLead(_)));
        assert_eq!(problems(&kind, &kind.descriptor.default_config), ["/lead"]);
    }
}
