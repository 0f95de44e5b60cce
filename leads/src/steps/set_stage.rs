//! Set stage: moves a lead along the ladder, and by default never back.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::operation::{Operation, SetStage as Asked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `set_stage`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetStage {
    /// The lead to move.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// Where it stands now.
    #[schemars(title = "Stage", extend("x-ui" = "stage"))]
    stage: Template,
    /// Why the lead moves. Stages that leads come back to need a reason.
    #[serde(default)]
    #[schemars(title = "Reason", extend("x-advanced" = true))]
    reason: Template,
    /// Also move a lead that is further along back to this stage.
    #[serde(default)]
    #[schemars(title = "Allow moving back", extend("x-advanced" = true))]
    allow_backwards: bool,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<SetStage>(About {
        kind: "set_stage",
        title: "Set stage",
        summary: "Moves the lead to a stage, such as MQL or SQL.",
        help: HELP,
        icon: "flag",
        category: Category::Lead,
        keywords: &["status", "lifecycle", "mql", "sql", "sal", "customer", "funnel", "qualify", "move"],
        default_config: json!({ "lead": "", "stage": "MQL" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}", "stage": "SQL" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "stage": "SQL", "previous": "MQL", "changed": true }),
        summary_template: "{stage}",
    })
}

const HELP: &str = r#"
Moves the lead to the chosen stage and notes it on the lead's timeline. A lead that is further along already stays where
it is: a customer who downloads a white paper does not become a mere lead again. That is no error; `changed` in the
output says what happened.

When your workspace has published a **lifecycle**, its allowed moves and entry rules decide. A lead that may not move
stays where it is, `refused` is true and `reason` says which rule stood in the way.

The output holds the `stage` the lead is at now, the `previous` one, and whether it `changed`. After a move it also
holds the `crm_status` that the lifecycle gives the stage.
"#;

impl Step for SetStage {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::SetStage(Asked {
            lead_id: self.lead.id(context.scope)?,
            stage: self.stage.text(context.scope)?,
            allow_backwards: self.allow_backwards,
            reason: self.reason.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.stage.is_blank() {
            problems.push(problem("/stage", "no stage is chosen", "Choose a stage."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_stage() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::SetStage(set) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a stage");
        };
        assert_eq!((set.stage.as_str(), set.allow_backwards), ("SQL", false));
    }

    #[test]
    fn the_lead_and_the_stage_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &json!({ "lead": "", "stage": " " })), ["/lead", "/stage"]);
    }
}
