//! Wait for a lead: the run waits until something happens to a lead.

use super::blank;
use super::duration::Patience;
use crate::expression::Dynamic;
use crate::failure::Failure;
use crate::kind::{
    About, Await, Awaited, Category, ConfigProblem, Context, Example, LeadEvent, Outcome, Port, PortRule,
    Promise, Step, StepKind, TIMEOUT,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Settings of `wait_for_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WaitForLead {
    /// The lead, or its id.
    #[schemars(title = "Lead", extend("x-ui" = "lead"))]
    lead: Dynamic,
    /// What must happen to it.
    #[schemars(
        title = "Until it is",
        extend("x-labels" = {
            "updated": "changed", "scored": "scored", "assigned": "given to an owner",
            "stage_changed": "moved to another stage", "listed": "put on a list"
        })
    )]
    event: LeadEvent,
    /// How long the run waits. Without it, it waits as long as it takes.
    #[serde(default)]
    #[schemars(title = "Deadline")]
    patience: Option<Patience>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<WaitForLead>(About {
        kind: "wait_for_lead",
        title: "Wait for a lead",
        summary: "Waits until something happens to a lead, in any run.",
        help: HELP,
        icon: "flag",
        category: Category::Lead,
        keywords: &["event", "lead", "stage", "nurture", "reply", "wait", "until", "goal"],
        default_config: json!({
            "lead": "", "event": "stage_changed", "patience": { "amount": 7, "unit": "days" },
        }),
        ports: PortRule::Fixed {
            ports: vec![Port::new("out", "It happened"), Port::new(TIMEOUT, "Not in time")],
        },
        promise: Promise::None,
        promise_text: "What happens to the lead while the run waits is not missed, also across a restart.",
        has_error_port: true,
        example: Example {
            config: json!({
                "lead": "{{ steps.find.lead }}", "event": "assigned", "patience": { "amount": 2, "unit": "days" },
            }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "event": "stage_changed", "old": "Lead", "new": "MQL", "lead": { "id": "01890000-0000-7000-8000-000000000001" } }),
        summary_template: "{event}",
    })
}

const HELP: &str = r"
Use it to end a nurture as soon as a lead moves on: wait three days for the stage to change, and go on by **Not in time** with
the next message when it did not.

Only what happens while the run waits counts. Changes that this run makes itself before it comes here do not.
";

impl Step for WaitForLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let lead = self.lead.value(context.scope)?;
        let id = match &lead {
            Value::String(id) => Some(id.trim()),
            other => other.get("id").and_then(Value::as_str),
        };
        let id = id.filter(|id| uuid(id)).ok_or_else(|| {
            Failure::bad_input(
                "RUN-0107",
                "what to wait for is not a lead",
                "Pick the lead of an earlier find or create step.",
            )
        })?;
        let until = Patience::until(self.patience.as_ref(), context.now, context.scope)?;
        let what = Awaited::LeadEvent { lead: id.to_lowercase(), event: self.event };
        Ok(Outcome::Await(Await { what, until }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Patience::problems(self.patience.as_ref(), "/patience");
        if matches!(&self.lead, Dynamic::Literal(Value::Null))
            || matches!(&self.lead, Dynamic::Literal(Value::String(text)) if text.trim().is_empty())
        {
            problems.push(blank("/lead", "no lead is chosen", "Pick the lead of an earlier step."));
        }
        problems
    }
}

fn uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use super::*;

    #[test]
    fn a_lead_or_its_id_will_do_and_nothing_else() {
        let id = "01890000-0000-7000-8000-000000000001";
        let step = compiled("wait_for_lead", &json!({"lead": "{{ trigger }}", "event": "scored"}));
        for lead in [json!(id), json!({"id": id}), json!(format!(" {} ", id.to_uppercase()))] {
            let Ok(Outcome::Await(wait)) = start(step.as_ref(), &json!({"trigger": lead})) else {
                panic!("a wait")
            };
            assert_eq!(wait.what, Awaited::LeadEvent { lead: id.into(), event: LeadEvent::Scored });
        }
        for lead in [json!(null), json!("Ada"), json!({"name": "Ada"})] {
            assert_eq!(start(step.as_ref(), &json!({"trigger": lead})).unwrap_err().code, "RUN-0107");
        }
    }
}
