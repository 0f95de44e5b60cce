//! Log activity: notes on a lead's timeline what it did, or what somebody did with it.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::operation::{LogActivity as Asked, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::{Dynamic, Template};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `log_activity`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LogActivity {
    /// Whose timeline.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// What was done, as rules name it: `page_view`, `form`, `email_opened`, `email_replied`, `call`, `meeting` or a word
    /// of your own.
    #[schemars(title = "Activity")]
    activity: Template,
    /// What people read on the timeline, such as `Visited the pricing page`.
    #[serde(default)]
    #[schemars(title = "Title")]
    title: Template,
    /// Where it happened or what brought it, such as `Webinar`.
    #[serde(default)]
    #[schemars(title = "Channel")]
    channel: Template,
    /// What tells the activity apart in the system it comes from, such as the id of its event. An activity whose key was
    /// noted before, for whichever lead, is not noted again.
    #[serde(default)]
    #[schemars(title = "Only once by", extend("x-advanced" = true))]
    key: Template,
    /// Whatever else is worth keeping.
    #[serde(default)]
    #[schemars(title = "Details", extend("x-advanced" = true))]
    details: Dynamic,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<LogActivity>(About {
        kind: "log_activity",
        title: "Log activity",
        summary: "Notes on the lead's timeline what it did, such as a visit, a reply or a call.",
        help: HELP,
        icon: "clock",
        category: Category::Lead,
        keywords: &[
            "touch",
            "timeline",
            "engagement",
            "behaviour",
            "visit",
            "open",
            "click",
            "reply",
            "meeting",
            "event",
        ],
        default_config: json!({ "lead": "", "activity": "page_view", "title": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "lead": "{{ steps.find.lead }}", "activity": "page_view", "title": "Visited {{ trigger.body.page }}",
            }),
            context: json!({
                "trigger": { "body": { "page": "/pricing" } },
                "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } },
            }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "lead_id": "01890000-0000-7000-8000-000000000001", "activity": "page_view", "noted": true,
        }),
        summary_template: "{activity}",
    })
}

const HELP: &str = r#"
Notes on the lead's timeline what it did, or what somebody did with it. Scoring rules, segments and service levels go by
these activities, so use the same word for the same thing: `page_view`, `form`, `email_opened`, `email_replied`, `call`,
`meeting`, or words of your own. Spaces and capital letters make no difference.

When the same activity may arrive twice, say under *Only once by* what tells it apart, such as `{{ trigger.body.event_id }}`:
the second one changes nothing, and no score counts it again.

The output holds the `lead_id`, the `activity`'s word, and whether it was noted: `noted` is false for one that was there.
"#;

impl Step for LogActivity {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::LogActivity(Asked {
            lead_id: self.lead.id(context.scope)?,
            activity: self.activity.text(context.scope)?,
            title: self.title.text(context.scope)?,
            channel: Some(self.channel.text(context.scope)?),
            detail: self.details.value(context.scope)?,
            key: self.key.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.activity.is_blank() {
            problems.push(problem(
                "/activity",
                "no activity is named",
                "Write a word for it, such as page_view.",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_activity() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::LogActivity(touch) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a touch");
        };
        assert_eq!((touch.activity.as_str(), touch.title.as_str()), ("page_view", "Visited /pricing"));
    }

    #[test]
    fn the_lead_and_the_activity_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &json!({ "lead": "", "activity": " " })), ["/lead", "/activity"]);
    }
}
