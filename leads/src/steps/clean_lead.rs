//! Clean lead: brings what people and programs write into one form, and tells what it changed and why.

use super::problem;
use crate::cleaning::{Cleaning, Flag};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `clean_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CleanLead {
    /// The record to clean, such as the body of a form. Its fields are called as those of a lead: `email`, `first_name`,
    /// `company`, `country` ...
    #[schemars(title = "Record", extend("x-placeholder" = "{{ trigger.body }}"))]
    record: Dynamic,
    #[serde(flatten)]
    cleaning: Cleaning,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<CleanLead>(About {
        kind: "clean_lead",
        title: "Clean lead",
        summary: "Brings names, e-mail addresses, phone numbers, countries and dates into one form.",
        help: HELP,
        icon: "pencil",
        category: Category::Lead,
        keywords: &[
            "normalise",
            "normalize",
            "format",
            "tidy",
            "capitals",
            "phone",
            "e164",
            "country",
            "state",
            "typo",
            "email",
            "placeholder",
            "standardise",
        ],
        default_config: json!({ "record": "{{ trigger.body }}" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "It only computes; nothing is written.",
        has_error_port: true,
        example: Example {
            config: json!({ "record": "{{ trigger.body }}", "default_country": "US" }),
            context: json!({ "trigger": { "body": {
                "email": " Ada@GMIAL.com", "first_name": "ADA", "last_name": "o'brien", "company": "Acme, inc",
                "phone": "(415) 555-2671", "city": "n/a",
            } } }),
            output: Some(json!({
                "record": {
                    "email": "ada@gmial.com", "first_name": "Ada", "last_name": "O'Brien", "company": "Acme Inc.",
                    "phone": "+14155552671", "city": null,
                },
                "changes": [
                    { "field": "email", "old": " Ada@GMIAL.com", "new": "ada@gmial.com",
                      "why": "spaces and invisible characters removed; form of the e-mail address" },
                    { "field": "first_name", "old": "ADA", "new": "Ada", "why": "capitals of a name" },
                    { "field": "last_name", "old": "o'brien", "new": "O'Brien", "why": "capitals of a name" },
                    { "field": "company", "old": "Acme, inc", "new": "Acme Inc.", "why": "legal form of the company" },
                    { "field": "phone", "old": "(415) 555-2671", "new": "+14155552671",
                      "why": "international form of the telephone number" },
                    { "field": "city", "old": "n/a", "new": null, "why": "a placeholder, so it counts as missing" },
                ],
                "flags": [{ "field": "email", "flag": "typo_domain", "meant": "ada@gmail.com" }],
                "is_free_mailbox": false,
                "is_role_mailbox": false,
            })),
            port: "out".into(),
        },
        output_sample: json!({
            "record": { "email": "ada@analytical.example", "first_name": "Ada" }, "changes": [], "flags": [],
            "is_free_mailbox": false, "is_role_mailbox": false,
        }),
        summary_template: "{record}",
    })
}

const HELP: &str = r#"
Cleans every text of a record and puts out the cleaned `record`, the `changes` (each with the old value, the new one and
why) and `flags`: what is worth knowing and was left alone, such as a mistyped domain (`gmial.com`) with what was probably
meant.

Worked example: `ADA` becomes `Ada`, `Acme, inc` becomes `Acme Inc.`, and `n/a` counts as missing.

- What cannot be understood stays as it is and is flagged; nothing is invented.
- **Telephone numbers** and **states** are read as those of the record's own country, or of the default country.
- **Dates** are cleaned in the fields you name. `03/05/2026` could be March or May: say what comes first, or it is flagged.
- Missing values are empty in the output, and "Find or create lead" never overwrites anything with them.
"#;

impl Step for CleanLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let Value::Object(mut record) = self.record.value(context.scope)? else {
            return Err(crate::failures::not_a_record());
        };
        let report = self.cleaning.clean(&mut record);
        let changes: Vec<Value> = report
            .changes
            .iter()
            .map(|change| {
                let why: Vec<&str> = change.why.iter().map(|why| why.words()).collect();
                json!({ "field": change.field, "old": change.old, "new": change.new, "why": why.join("; ") })
            })
            .collect();
        let why = match changes.len() {
            0 => "Nothing had to be cleaned.".to_owned(),
            count => format!("{count} fields were cleaned."),
        };
        let mut output = Map::new();
        output.insert("is_free_mailbox".into(), report.has(Flag::FreeMailbox).into());
        output.insert("is_role_mailbox".into(), report.has(Flag::RoleMailbox).into());
        let flags = serde_json::to_value(&report.flags).expect("flags hold nothing that JSON cannot");
        output.insert("record".into(), record.into());
        output.insert("changes".into(), changes.into());
        output.insert("flags".into(), flags);
        Ok(Done::out(output.into()).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if matches!(&self.record, Dynamic::Literal(value) if !value.is_object()) {
            problems.push(problem(
                "/record",
                "there is no record to clean",
                "Pick one, such as the trigger's body.",
            ));
        }
        if let Some(message) = self.cleaning.problem() {
            problems.push(problem("/default_country", message, "Write two letters, or leave it empty."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::problems;
    use super::*;

    #[test]
    fn the_record_and_the_country_are_checked() {
        assert_eq!(problems(&kind(), &json!({ "record": "" })), ["/record"]);
        let unknown = json!({ "record": "{{ trigger.body }}", "default_country": "Atlantis" });
        assert_eq!(problems(&kind(), &unknown), ["/default_country"]);
        assert!(problems(&kind(), &kind().descriptor.default_config).is_empty());
    }
}
