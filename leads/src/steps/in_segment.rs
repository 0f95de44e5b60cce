//! In segment: one of two ways, by whether a lead belongs to a segment.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::operation::{InSegment as Asked, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Settings of `in_segment`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InSegment {
    /// The lead to look at.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// The segment, by name.
    #[schemars(title = "Segment", extend("x-ui" = "segment"))]
    segment: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<InSegment>(About {
        kind: "in_segment",
        title: "In segment",
        summary: "Goes one way for leads of a segment and another for all others.",
        help: HELP,
        icon: "branch",
        category: Category::Lead,
        keywords: &["segment", "audience", "if", "branch", "member", "belongs", "filter", "condition"],
        default_config: json!({ "lead": "", "segment": "" }),
        ports: PortRule::Fixed {
            ports: vec![Port::new("yes", "In the segment"), Port::new("no", "Not in it")],
        },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}", "segment": "Big companies" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "yes".into(),
        },
        output_sample: json!({
            "in_segment": true, "segment": "Big companies", "segments": ["Big companies", "Warm"],
            "lead_id": "01890000-0000-7000-8000-000000000001",
        }),
        summary_template: "{segment}",
    })
}

const HELP: &str = r#"
Asks whether the lead belongs to a published segment at this moment. What it did a second ago counts, and so does what
is too long ago by now.

The output holds `in_segment`, the `segment`, and all `segments` of the lead by name.
"#;

impl Step for InSegment {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::InSegment(Asked {
            lead_id: self.lead.id(context.scope)?,
            segment: self.segment.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let Performed { output, why, written } = result;
        let port = if output["in_segment"] == true { "yes" } else { "no" };
        Ok(Outcome::Done(Done { written, why, ..Done::by(port, output) }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.segment.is_blank() {
            problems.push(problem("/segment", "no segment is chosen", "Choose a segment."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;
    use trunkline_engine::expression::Scope;

    #[test]
    fn it_asks_for_the_segment_and_goes_the_way_of_the_answer() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::InSegment(question) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a segment");
        };
        assert_eq!(question.segment, "Big companies");
        let step = kind.compile(&example.config).unwrap();
        let scope = Scope::sample(&json!({}));
        let context =
            Context { scope: &scope, now: chrono::DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        for (answer, port) in [(true, "yes"), (false, "no")] {
            let result = Performed { output: json!({ "in_segment": answer }), ..Performed::default() };
            let Outcome::Done(done) = step.resume(&context, result).unwrap() else { panic!("not done") };
            assert_eq!(done.port, port);
        }
    }

    #[test]
    fn the_lead_and_the_segment_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &json!({ "lead": "", "segment": "" })), ["/lead", "/segment"]);
    }
}
