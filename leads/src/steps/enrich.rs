//! Enrich lead: providers of data are asked one after the other until the wanted fields are filled.
//!
//! The step itself only carries the conversation: the book says whom to ask, the gate asks, and the answer goes back to
//! the book, until there is nothing left to ask.

use super::lead_input::LeadInput;
use super::problem;
use crate::enrichment::{Answer, Progress};
use crate::operation::{Enrich, Operation};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use trunkline_engine::document::OUT;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    self, About, Access, Category, ConfigProblem, Context, Done, Example, Exchange, Outcome, Performer, Port,
    PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// The port it leaves by when something was missing and nobody knew it.
const NOT_FOUND: &str = "not_found";

/// Settings of `enrich`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EnrichLead {
    /// The lead whose fields are to be filled.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// Which providers are asked, and for what. Enrichments are kept under Rules.
    #[schemars(title = "Enrichment", extend("x-placeholder" = "name of a published enrichment"))]
    waterfall: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<EnrichLead>(About {
        kind: "enrich",
        title: "Enrich lead",
        summary: "Asks providers of data, one after the other, until the wanted fields are filled.",
        help: HELP,
        icon: "search",
        category: Category::Lead,
        keywords: &[
            "enrichment",
            "waterfall",
            "provider",
            "clearbit",
            "zoominfo",
            "apollo",
            "firmographics",
            "append",
            "fill",
            "lookup",
        ],
        default_config: json!({ "lead": "", "waterfall": "" }),
        ports: PortRule::Fixed { ports: ports() },
        promise: Promise::Once,
        promise_text: "What was found is written together with the run's own history, exactly once. An answer that came \
                       is never asked, and never paid, a second time, also when the server stops in the middle.",
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}", "waterfall": "Companies" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "lead": { "id": "01890000-0000-7000-8000-000000000001", "industry": "Software", "company_size": 250 },
            "outcome": "filled",
            "filled": [{
                "field": "industry", "label": "Industry", "old": null, "new": "Software",
                "provider": "first", "provider_name": "First provider", "trust": 80,
            }],
            "missing": [],
            "asked": 1,
            "cost": 0.05,
            "currency": "EUR",
            "trace": [{
                "provider": "first", "name": "First provider", "what": "found",
                "text": "First provider gave Industry.", "fields": ["industry"], "cost": 0.05,
                "at": "2026-03-01T09:00:00Z",
            }],
        }),
        summary_template: "by {waterfall}",
    })
}

fn ports() -> Vec<Port> {
    vec![Port::new(OUT, "filled"), Port::new(NOT_FOUND, "not found")]
}

const HELP: &str = r#"
An **enrichment** under Rules says which fields are wanted and which providers are asked for them, in which order. The
step asks the first that may know something that is missing, then the next, and stops when everything wanted is filled.

- What is filled and fresh is not asked for. A value that is trusted more is not replaced by one that is trusted less.
- An answer is remembered, also "not known": the same question is not paid for twice.
- A provider whose budget is used up is left out, and the trace says so. Budgets hold for all runs together.
- The lead's page shows of every such value who gave it, when, and how far it is trusted.

It leaves by *not found* when something was missing and nobody gave any of it. The output holds the `lead` as it is now,
what was `filled`, what is still `missing`, how many calls were `asked` and their `cost`, and the `trace`: who was asked,
who was skipped, and why.
"#;

impl EnrichLead {
    fn go_on(
        &self,
        context: &Context<'_>,
        progress: Progress,
        answer: Option<Answer>,
    ) -> Result<kind::Operation, Failure> {
        let operation = Operation::Enrich(Box::new(Enrich {
            lead_id: self.lead.id(context.scope)?,
            waterfall: self.waterfall.text(context.scope)?,
            progress,
            answer,
            trial: None,
        }));
        Ok(operation.effect())
    }
}

/// The word of the book: a question, a pause, or the end.
#[derive(Deserialize)]
struct Word {
    #[serde(default)]
    ask: Option<Value>,
    #[serde(default)]
    look_again_at: Option<DateTime<Utc>>,
    #[serde(default)]
    progress: Progress,
}

impl Step for EnrichLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = self.go_on(context, Progress::default(), None)?;
        Ok(Outcome::Exchange(Exchange { operation, not_before: None, memo: Value::Null }))
    }

    fn answered(
        &self,
        context: &Context<'_>,
        memo: &Value,
        result: Result<Performed, Failure>,
    ) -> Result<Outcome, Failure> {
        // With a memo it is a provider's answer, without one the book's.
        if !memo.is_null() {
            let progress = Progress::deserialize(memo).map_err(|error| unreadable(&error))?;
            let operation = self.go_on(context, progress, Some(answer_of(result)))?;
            return Ok(Outcome::Exchange(Exchange { operation, not_before: None, memo: Value::Null }));
        }
        let performed = result?;
        let word = Word::deserialize(&performed.output).map_err(|error| unreadable(&error))?;
        if let Some(ask) = word.ask {
            let not_before = ask.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
            let memo = serde_json::to_value(&word.progress).map_err(|error| unreadable(&error))?;
            return Ok(Outcome::Exchange(Exchange { operation: question(&ask), not_before, memo }));
        }
        if let Some(at) = word.look_again_at {
            let operation = self.go_on(context, word.progress, None)?;
            return Ok(Outcome::Exchange(Exchange { operation, not_before: Some(at), memo: Value::Null }));
        }
        let port = if performed.output["outcome"] == "not_found" { NOT_FOUND } else { OUT };
        let Performed { output, why, written } = performed;
        Ok(Done { port: port.into(), output, why, written }.into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.waterfall.is_blank() {
            let action = "Write the name of an enrichment; enrichments are kept under Rules, Enrichment.";
            problems.push(problem("/waterfall", "no enrichment is chosen", action));
        }
        problems
    }
}

fn unreadable(error: &serde_json::Error) -> Failure {
    crate::failures::unreadable(&error.to_string())
}

/// The effect that asks a provider. It only reads, whatever the method; who asks and what it may cost stand beside the
/// request, so that the server can sign it, and a rehearsal can leave it unasked.
#[must_use]
pub fn question(ask: &Value) -> kind::Operation {
    let mut input = ask["request"].clone();
    for (name, part) in [("waterfall", "waterfall"), ("provider", "provider"), ("price", "price")] {
        input[name] = ask[part].clone();
    }
    kind::Operation {
        performer: Performer::Http,
        action: "request".into(),
        input,
        access: Access::Read,
        promise: Promise::None,
        sends_to: None,
    }
}

/// What the gate brought back from a provider.
#[must_use]
pub fn answer_of(result: Result<Performed, Failure>) -> Answer {
    match result {
        Ok(performed) if performed.output["would_ask"] == true => Answer::WouldAsk,
        Ok(mut performed) => {
            let status = performed.output["status"].as_u64().and_then(|status| status.try_into().ok());
            Answer::Back { status: status.unwrap_or_default(), body: performed.output["body"].take() }
        }
        Err(failure) => Answer::Failed { failure },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::problems;
    use super::*;

    #[test]
    fn the_lead_and_the_enrichment_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &kind().descriptor.default_config), ["/lead", "/waterfall"]);
    }

    #[test]
    fn what_comes_back_is_an_answer_whatever_it_is() {
        let back = Performed { output: json!({"status": 404, "body": {"a": 1}}), ..Performed::default() };
        assert_eq!(answer_of(Ok(back)), Answer::Back { status: 404, body: json!({"a": 1}) });
        let unasked = Performed { output: json!({"would_ask": true}), ..Performed::default() };
        assert_eq!(answer_of(Ok(unasked)), Answer::WouldAsk);
    }
}
