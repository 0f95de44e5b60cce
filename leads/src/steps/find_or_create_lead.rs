//! Find or create lead: one person, one lead, however often they write.

use super::{ONCE, problem};
use crate::field;
use crate::key::KeyKind;
use crate::lead::MAX_FIELD_NAME;
use crate::operation::{FindOrCreate, Operation, Overwrite};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use std::collections::HashSet;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `find_or_create_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindOrCreateLead {
    /// The lead is looked for by these, one after another. The first that finds a lead decides; when none does, a new
    /// lead is created.
    #[schemars(title = "Recognise the lead", extend("x-ui" = "match_on"))]
    match_on: Vec<KeyKind>,
    /// What is known about the lead. The names `external_id`, `email`, `phone`, `first_name`, `last_name`, `job_title`,
    /// `company`, `company_size`, `industry`, `website`, `country`, `city`, `source` and `consent` are every lead's own;
    /// any other name becomes a field of your own. Empty values are ignored.
    #[schemars(title = "Fields", extend("x-ui" = "fields"))]
    fields: Vec<FieldRow>,
    /// What happens when the lead exists and already holds another value.
    #[serde(default)]
    #[schemars(
        title = "When a field is filled already",
        extend("x-labels" = {"fill_empty": "Keep what is there", "newer_wins": "Take the newer value"})
    )]
    overwrite: Overwrite,
    /// Also create a lead when none of the fields it is recognised by has a value. Each such record becomes a new lead.
    #[serde(default)]
    #[schemars(title = "Also keep leads nobody can recognise", extend("x-advanced" = true))]
    allow_anonymous: bool,
}

/// One field of the lead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FieldRow {
    /// Name of the field.
    name: String,
    /// Its value.
    #[serde(default)]
    value: Dynamic,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FindOrCreateLead>(About {
        kind: "find_or_create_lead",
        title: "Find or create lead",
        summary: "Finds the lead by e-mail, phone or your own id, and creates it when it is new.",
        help: HELP,
        icon: "person",
        category: Category::Lead,
        keywords: &[
            "upsert",
            "contact",
            "deduplicate",
            "dedupe",
            "merge",
            "person",
            "save",
            "store",
            "match",
        ],
        default_config: json!({
            "match_on": ["email"],
            "fields": [
                { "name": "email", "value": "{{ trigger.body.email }}" },
                { "name": "first_name", "value": "{{ trigger.body.first_name }}" },
                { "name": "last_name", "value": "{{ trigger.body.last_name }}" },
                { "name": "company", "value": "{{ trigger.body.company }}" },
            ],
            "overwrite": "fill_empty",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "match_on": ["email", "phone"],
                "fields": [
                    { "name": "email", "value": "{{ trigger.body.email }}" },
                    { "name": "phone", "value": "{{ trigger.body.phone }}" },
                    { "name": "company", "value": "{{ trigger.body.company }}" },
                    { "name": "company_size", "value": "{{ trigger.body.employees }}" },
                    { "name": "newsletter", "value": "{{ trigger.body.newsletter }}" },
                ],
                "overwrite": "newer_wins",
            }),
            context: json!({ "trigger": { "body": {
                "email": "ada@analytical.example", "phone": "+44 20 7946 0958", "company": "Analytical Engines",
                "employees": "51-200", "newsletter": true,
            } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "lead": {
                "id": "01890000-0000-7000-8000-000000000001",
                "name": "Ada Lovelace",
                "email": "ada@analytical.example",
                "phone": "+442079460958",
                "first_name": "Ada",
                "last_name": "Lovelace",
                "job_title": "Head of Marketing",
                "company": "Analytical Engines",
                "company_size": 250,
                "country": "United Kingdom",
                "source": "Webinar",
                "stage": "Known",
                "fields": { "newsletter": true },
                "created_at": "2026-01-05T09:30:00Z",
                "updated_at": "2026-01-05T09:30:00Z",
            },
            "created": true,
            "matched_by": null,
        }),
        summary_template: "by {match_on}",
    })
}

const HELP: &str = r#"
Looks for the lead by the fields you choose, in their order, and fills in what is new. When nobody is found, a lead is
created. Two events about the same person never make two leads, even when they arrive at the same moment.

- **E-mail addresses** match whatever their capitals. **Phone numbers** match as international numbers
  (`+44 20 7946 0958`), otherwise by their digits; clean them with the `phone` filter first. **External ID** is the id
  the lead has in the system it came from.
- Values such as `n/a` are no address and match nobody.
- If two leads match, the first field in your order decides. The other lead is left alone, and the run says so.
- Empty values never overwrite anything. "No" to `consent` always counts, whatever you choose for filled fields.

The output holds the whole lead as `lead`, whether it was `created`, and which field it was `matched_by`.
"#;

impl Step for FindOrCreateLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut fields = Map::with_capacity(self.fields.len());
        for row in &self.fields {
            fields.insert(row.name.trim().to_owned(), row.value.value(context.scope)?);
        }
        let operation = Operation::FindOrCreate(FindOrCreate {
            match_on: self.match_on.clone(),
            fields,
            overwrite: self.overwrite,
            allow_anonymous: self.allow_anonymous,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let mut names = HashSet::new();
        for (place, row) in self.fields.iter().enumerate() {
            let name = row.name.trim();
            let at = format!("/fields/{place}/name");
            if name.is_empty() || name.len() > MAX_FIELD_NAME {
                let message = format!("the name of a field has 1 to {MAX_FIELD_NAME} bytes");
                problems.push(problem(at, message, "Write a name, or remove the row."));
            } else if field::is_reserved(name) {
                let message = format!("{name} is kept by Trunkline itself and cannot be filled here");
                problems.push(problem(at, message, "Rename the field, or use the step that sets it."));
            } else if !names.insert(name) {
                let message = format!("{name} is filled twice");
                problems.push(problem(at, message, "Remove one of the rows."));
            }
        }
        if self.match_on.is_empty() && !self.allow_anonymous {
            let action = "Choose at least one field.";
            problems.push(problem("/match_on", "nothing is chosen to recognise the lead by", action));
        }
        let is_filled = self.match_on.iter().any(|kind| names.contains(kind.as_str()));
        if let Some(kind) = self.match_on.first()
            && !is_filled
            && !self.allow_anonymous
        {
            let message =
                format!("the lead is recognised by its {}, but no such field is filled", kind.label());
            let action = format!("Add a field called {kind} below, or recognise the lead by another field.");
            problems.push(problem("/match_on", message, &action));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_lead_with_typed_fields() {
        let asked =
            asked(&kind(), &kind().descriptor.example.config, &kind().descriptor.example.context).unwrap();
        assert_eq!(
            asked,
            Operation::FindOrCreate(FindOrCreate {
                match_on: vec![KeyKind::Email, KeyKind::Phone],
                fields: json!({
                    "email": "ada@analytical.example", "phone": "+44 20 7946 0958", "company": "Analytical Engines",
                    "company_size": "51-200", "newsletter": true,
                })
                .as_object()
                .unwrap()
                .clone(),
                overwrite: Overwrite::NewerWins,
                allow_anonymous: false,
            })
        );
    }

    #[test]
    fn settings_that_cannot_work_are_pointed_out() {
        let found = problems(
            &kind(),
            &json!({
                "match_on": ["email", "phone"],
                "fields": [
                    { "name": "city", "value": "a" },
                    { "name": "", "value": "b" },
                    { "name": "score", "value": "99" },
                    { "name": "city ", "value": "c" },
                ],
            }),
        );
        assert_eq!(found, ["/fields/1/name", "/fields/2/name", "/fields/3/name", "/match_on"]);
        assert_eq!(problems(&kind(), &json!({ "match_on": [], "fields": [] })), ["/match_on"]);
        assert!(
            problems(&kind(), &json!({ "match_on": [], "fields": [], "allow_anonymous": true })).is_empty()
        );
    }
}
