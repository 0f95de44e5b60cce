//! Lead event trigger: something that happened to a lead, whoever did it, starts the run.

use super::blank;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::trigger::{LeadEventRule, LeadHappening, Trigger};
use serde_json::json;

pub(super) fn kind() -> StepKind {
    let event = json!({
        "event": "stage_changed", "lead_id": "01890000-0000-7000-8000-000000000001",
        "lead": { "id": "01890000-0000-7000-8000-000000000001", "name": "Ada Lovelace", "stage": "MQL", "score": 71 },
        "old": "Lead", "new": "MQL", "title": "Stage changed to MQL", "crm_status": "Open - marketing", "at": "2026-03-05T09:00:00.000Z",
    });
    StepKind::new::<LeadEventRule>(About {
        kind: "lead_event",
        title: "Lead event",
        summary: "Starts when something happens to a lead: a new stage, a score crossed, an owner, a list.",
        help: HELP,
        icon: "flag",
        category: Category::Trigger,
        keywords: &[
            "stage",
            "score",
            "threshold",
            "crossed",
            "list",
            "segment",
            "owner",
            "created",
            "changed",
            "mql",
        ],
        default_config: json!({ "event": "stage_changed" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "Each event starts exactly one run, also when the server stops in between.",
        has_error_port: false,
        example: Example {
            config: json!({ "event": "stage_changed", "stage": "MQL" }),
            context: json!({ "trigger": event }),
            output: Some(event.clone()),
            port: "out".into(),
        },
        output_sample: event,
        summary_template: "{event}",
    })
}

/// Its name in documents.
pub const KIND: &str = "lead_event";

const HELP: &str = r"
Whatever changes a lead can start this workflow: another workflow, an import, a person, a clock. The run sees the lead as it
was just after the event in `trigger.lead`, and the values before and after in `trigger.old` and `trigger.new`.

**Score** fires when the lead crosses the number upwards: from 60 to 75 with *at least 71* fires once; from 75 to 80 does not.

Where the lifecycle says what your CRM calls a stage, that is in `trigger.crm_status`, ready to be written there.

What this workflow does itself does not start it again, unless you allow it. Two workflows can still feed each other; publishing
points that out.
";

impl Step for LeadEventRule {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        super::pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::LeadEvent(self.clone()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let is_blank = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().is_empty());
        if self.event == LeadHappening::Updated && is_blank(&self.field) {
            problems.push(blank(
                "/field",
                "the name of the field is empty",
                "Name a field, or clear it for any.",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn rule(config: Value) -> LeadEventRule {
        serde_json::from_value(config).unwrap()
    }

    #[test]
    fn a_stage_is_heard_by_its_name_or_any() {
        let hears =
            |config: Value, new: &str| rule(config).hears("stage_changed", &json!("Lead"), &json!(new), None);
        assert!(hears(json!({"event": "stage_changed"}), "SQL"));
        assert!(hears(json!({"event": "stage_changed", "stage": " mql "}), "MQL"));
        assert!(!hears(json!({"event": "stage_changed", "stage": "MQL"}), "SQL"));
        assert!(!hears(json!({"event": "assigned"}), "SQL"));
    }

    #[test]
    fn a_score_is_heard_when_it_is_crossed_upwards() {
        let rule = rule(json!({"event": "scored", "score": 71}));
        for (old, new, heard) in [
            (json!(70), 71, true),
            (Value::Null, 90, true),
            (json!(71), 90, false),
            (json!(90), 60, false),
            (json!(10), 70, false),
        ] {
            assert_eq!(rule.hears("scored", &old, &json!(new), None), heard, "{old} to {new}");
        }
        let any = super::tests::rule(json!({"event": "scored"}));
        assert!(any.hears("scored", &json!(5), &json!(4), None));
    }

    #[test]
    fn fields_lists_and_activities_are_heard_by_name() {
        let changed = json!({"city": "Paris", "plan": "pro"});
        assert!(rule(json!({"event": "updated", "field": "plan"})).hears(
            "updated",
            &json!({}),
            &changed,
            None
        ));
        assert!(!rule(json!({"event": "updated", "field": "phone"})).hears(
            "updated",
            &json!({}),
            &changed,
            None
        ));
        let listed = rule(json!({"event": "listed", "list": "Nurture"}));
        assert!(listed.hears("listed", &Value::Null, &json!("Nurture"), None));
        assert!(!listed.hears("listed", &Value::Null, &json!("Other"), None));
        let left = rule(json!({"event": "unlisted", "list": "Nurture"}));
        assert!(left.hears("unlisted", &json!("Nurture"), &Value::Null, None));
        let form = rule(json!({"event": "touched", "activity": "form"}));
        assert!(form.hears("touched", &Value::Null, &Value::Null, Some("form")));
        assert!(!form.hears("touched", &Value::Null, &Value::Null, Some("call")));
    }
}
