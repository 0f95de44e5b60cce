//! Match account: finds the account a lead belongs to, or hands the question to a person.

use super::ONCE;
use super::lead_input::LeadInput;
use crate::account::operation::{AccountOperation, MatchAccount as Asked};
use crate::operation::Operation;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Settings of `match_account`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MatchAccount {
    /// The lead to match.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// Look again for a lead that has an account. What a person decided stays all the same.
    #[serde(default)]
    #[schemars(title = "Match again", extend("x-advanced" = true))]
    again: bool,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<MatchAccount>(About {
        kind: "match_account",
        title: "Match to account",
        summary: "Finds the account the lead belongs to, by domain, company name and address.",
        help: HELP,
        icon: "building",
        category: Category::Lead,
        keywords: &["l2a", "lead to account", "company", "domain", "fuzzy", "abm", "customer", "link"],
        default_config: json!({ "lead": "" }),
        ports: PortRule::Fixed {
            ports: vec![
                Port::new("matched", "Matched"),
                Port::new("ambiguous", "Unsure"),
                Port::new("none", "No account"),
            ],
        },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "matched".into(),
        },
        output_sample: json!({
            "lead_id": "01890000-0000-7000-8000-000000000001",
            "outcome": "matched",
            "account": {
                "id": "01890000-0000-7000-8000-0000000000c1", "name": "Acme Rockets", "domains": ["acme.example"],
                "owner_id": "01890000-0000-7000-8000-0000000000d1", "region": "EMEA", "is_named": true,
            },
            "confidence": 0.97,
            "reason": "The domain acme.example is the account's and the names are the same.",
            "candidates": [
                { "id": "01890000-0000-7000-8000-0000000000c1", "name": "Acme Rockets", "confidence": 0.97 },
            ],
        }),
        summary_template: "",
    })
}

const HELP: &str = r#"
Looks for the account whose company the lead works for:

- by the **domain** of its e-mail address or website. Mailbox providers such as gmail.com say nothing of a company;
- by the **name** of its company, whatever its legal form, spelling, abbreviations or initials;
- with its **country, city and postal code** in support.

When several accounts fit alike, the tie-breakers under *Rules > Matching* decide, an open opportunity first. A lead goes
out by **Matched** when that is sure enough, and keeps the reason. **Unsure** and **No account** leads wait under *Leads >
Unmatched* with the accounts that may be meant; what a person decides there is not changed by this step again.

The output holds the `outcome`, the `account`, the `confidence` (0 to 1), the `reason`, and the `candidates`.
"#;

impl Step for MatchAccount {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let asked = Asked { lead_id: self.lead.id(context.scope)?, again: self.again };
        Ok(Outcome::Perform(Operation::Account(AccountOperation::MatchAccount(asked)).effect()))
    }

    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let Performed { output, why, written } = result;
        let port = match output["outcome"].as_str() {
            Some("matched") => "matched",
            Some("ambiguous") => "ambiguous",
            _ => "none",
        };
        Ok(Outcome::Done(Done { why, written, ..Done::by(port, output) }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        self.lead.problems().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;
    use chrono::DateTime;
    use serde_json::Value;
    use trunkline_engine::expression::Scope;

    #[test]
    fn it_asks_for_the_lead() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let operation = asked(&kind, &example.config, &example.context).unwrap();
        assert!(
            matches!(operation, Operation::Account(AccountOperation::MatchAccount(asked)) if !asked.again)
        );
        assert_eq!(problems(&kind, &json!({ "lead": "" })), ["/lead"]);
    }

    #[test]
    fn it_leaves_by_the_outcome() {
        let kind = kind();
        let step = kind.compile(&kind.descriptor.example.config).unwrap();
        let data = json!({});
        let scope = Scope::sample(&data);
        let context =
            Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: "run/step".into() };
        for (outcome, port) in [("matched", "matched"), ("ambiguous", "ambiguous"), ("none", "none")] {
            let output = json!({ "outcome": outcome });
            let performed = Performed { output, why: None, written: Vec::new() };
            let Outcome::Done(done) = step.resume(&context, performed).unwrap() else { panic!("not done") };
            assert_eq!((done.port.as_str(), &done.output["outcome"]), (port, &Value::from(outcome)));
        }
    }
}
