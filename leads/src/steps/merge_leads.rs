//! Merge leads: makes one lead of two, and can be taken back.

use super::ONCE;
use super::lead_input::LeadInput;
use crate::merge::{MergeRules, Survivorship};
use crate::operation::{MergeLeads as Asked, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `merge_leads`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MergeLeads {
    /// The lead that stays.
    #[schemars(title = "Lead that stays")]
    lead: LeadInput,
    /// The lead that goes into it.
    #[schemars(title = "Duplicate")]
    duplicate: LeadInput,
    /// Whose value stays where both have one. Empty fields are filled in any case, and a no to mail outlives everything.
    #[serde(default)]
    #[schemars(title = "Which value wins")]
    wins: Survivorship,
    /// Sources from the most trusted down, when the trusted source wins.
    #[serde(default)]
    #[schemars(title = "Trusted sources", extend("x-advanced" = true))]
    trusted_sources: Vec<String>,
    /// Why they are one, for the lead's timeline.
    #[serde(default)]
    #[schemars(title = "Reason", extend("x-advanced" = true))]
    reason: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<MergeLeads>(About {
        kind: "merge_leads",
        title: "Merge leads",
        summary: "Makes one lead of two that are one person.",
        help: HELP,
        icon: "merge",
        category: Category::Lead,
        keywords: &["duplicate", "dedupe", "de-duplicate", "combine", "join", "survivor", "golden record"],
        default_config: json!({ "lead": "", "duplicate": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}", "duplicate": "{{ trigger.body.duplicate }}" }),
            context: json!({
                "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } },
                "trigger": { "body": { "duplicate": "01890000-0000-7000-8000-000000000002" } },
            }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "lead": { "id": "01890000-0000-7000-8000-000000000001", "name": "Ada Lovelace" },
            "merged": [{
                "lead_id": "01890000-0000-7000-8000-000000000002",
                "merge_id": "01890000-0000-7000-8000-000000000003",
                "name": "A. Lovelace",
            }],
        }),
        summary_template: "",
    })
}

const HELP: &str = r#"
Makes one lead of two. The first stays; the duplicate's addresses and numbers, lists and history go to it, and so do its
values wherever the first has none. Where both have one, the chosen rule decides: the lead that stays, the one that changed
last, the one with more fields filled, or the one from the more trusted source. The further stage stays. If either said no
to mail, the result says no.

From then on the duplicate's id and its addresses lead to the lead that stayed. Nothing is lost: the merge stands on the
lead's timeline and can be taken back there, or under *Leads > Duplicates > History*.

The output holds the `lead` as it is now and what was `merged`.
"#;

impl Step for MergeLeads {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let reason = self.reason.text(context.scope)?;
        let operation = Operation::Merge(Asked {
            lead_id: self.lead.id(context.scope)?,
            merged: vec![self.duplicate.id(context.scope)?],
            rules: MergeRules {
                default: self.wins,
                trusted_sources: self.trusted_sources.clone(),
                ..MergeRules::default()
            },
            why: Some(reason).filter(|reason| !reason.trim().is_empty()),
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let duplicate = self.duplicate.problems().into_iter();
        let duplicate = duplicate.map(|problem| ConfigProblem { field: "/duplicate".into(), ..problem });
        self.lead.problems().into_iter().chain(duplicate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_merge() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::Merge(merge) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a merge");
        };
        assert_eq!((merge.lead_id.as_u128() & 0xf, merge.merged[0].as_u128() & 0xf), (1, 2));
        assert_eq!((merge.rules, merge.why), (MergeRules::default(), None));
    }

    #[test]
    fn both_leads_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &json!({ "lead": "", "duplicate": "" })), ["/lead", "/duplicate"]);
    }
}
