//! Find or create account: the account with this id, domain or name.

use super::account_fields::{self, FieldRow};
use super::{ONCE, problem};
use crate::account::operation::{AccountOperation, Existing, KeepAccount};
use crate::operation::Operation;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `find_or_create_account`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindOrCreateAccount {
    /// What is known of the account. It is recognised by external_ids, then by domains or website, then by name.
    #[schemars(title = "Fields", extend("x-ui" = "rows"))]
    fields: Vec<FieldRow>,
    /// What to do where the account already holds a value.
    #[serde(default)]
    #[schemars(
        title = "If it is there already",
        extend("x-labels" = {"leave": "Leave it as it is", "fill_empty": "Fill what is empty",
            "newer_wins": "Take the newer values", "refuse": "Fail"})
    )]
    existing: Existing,
    /// Who looks after it: name, e-mail address or id.
    #[serde(default)]
    #[schemars(title = "Owner", extend("x-advanced" = true))]
    owner: Template,
    /// The account it is a part of: name, domain or id.
    #[serde(default)]
    #[schemars(title = "Parent account", extend("x-advanced" = true))]
    parent: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FindOrCreateAccount>(About {
        kind: "find_or_create_account",
        title: "Find or create account",
        summary: "Finds the account by id, domain or name, and creates it when it is new.",
        help: HELP,
        icon: "building",
        category: Category::Lead,
        keywords: &["company", "upsert", "customer", "organisation", "organization", "save", "crm"],
        default_config: json!({
            "fields": [
                { "name": "name", "value": "{{ trigger.body.company }}" },
                { "name": "website", "value": "{{ trigger.body.website }}" },
            ],
            "existing": "fill_empty",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "fields": [
                    { "name": "name", "value": "{{ trigger.body.company }}" },
                    { "name": "domains", "value": "{{ trigger.body.website }}" },
                    { "name": "country", "value": "{{ trigger.body.country }}" },
                ],
                "existing": "newer_wins",
                "owner": "ana@example.com",
            }),
            context: json!({ "trigger": { "body": {
                "company": "Acme Rockets", "website": "https://acme.example", "country": "Germany",
            } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "account": {
                "id": "01890000-0000-7000-8000-0000000000c1", "name": "Acme Rockets", "domains": ["acme.example"],
                "country": "Germany", "created_at": "2026-01-05T09:30:00Z", "updated_at": "2026-01-05T09:30:00Z",
            },
            "created": true,
            "found": false,
        }),
        summary_template: "",
    })
}

const HELP: &str = r#"
Looks for the account by its id in another system, then by its domains, then by its name, and creates it when it is new.
Two events about one company never make two accounts, even when they arrive at the same moment.

Fields are `name`, `aliases`, `domains`, `website`, `region`, `country`, `city`, `postal_code`, `street`, `industry`, `size`,
`is_named`, `opportunity_amount`, `opportunity_stage`, `opportunity_since` and `external_ids`; any other name is a field of
your own. Lists may be written with commas. Empty values never overwrite anything.

The output holds the `account`, and whether it was `created` or `found`.
"#;

impl Step for FindOrCreateAccount {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let given = |template: &Template| -> Result<Option<String>, Failure> {
            Ok(Some(template.text(context.scope)?).filter(|text| !text.trim().is_empty()))
        };
        let operation = AccountOperation::KeepAccount(KeepAccount {
            fields: account_fields::values(&self.fields, context.scope)?,
            owner: given(&self.owner)?,
            parent: given(&self.parent)?,
            existing: self.existing,
            creates: true,
        });
        Ok(Outcome::Perform(Operation::Account(operation).effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = account_fields::problems(&self.fields);
        if !account_fields::identify(&self.fields) {
            let action = "Fill name, domains, website or external_ids.";
            problems.push(problem("/fields", "nothing is filled to recognise the account by", action));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_account_with_its_fields() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let operation = asked(&kind, &example.config, &example.context).unwrap();
        let Operation::Account(AccountOperation::KeepAccount(keep)) = operation else {
            panic!("not an account")
        };
        assert_eq!(keep.fields["domains"], "https://acme.example");
        assert_eq!((keep.owner.as_deref(), keep.parent, keep.creates), (Some("ana@example.com"), None, true));
    }

    #[test]
    fn settings_that_cannot_work_are_pointed_out() {
        let fields = json!([
            { "name": "country", "value": "a" },
            { "name": "", "value": "b" },
            { "name": "country", "value": "c" },
            { "name": "owner_id", "value": "d" },
        ]);
        let found = problems(&kind(), &json!({ "fields": fields }));
        assert_eq!(found, ["/fields/1/name", "/fields/2/name", "/fields/3/name", "/fields"]);
    }
}
