//! Update account: changes fields of an account.

use super::account_fields::{self, FieldRow};
use super::{ONCE, problem};
use crate::account::operation::{AccountOperation, UpdateAccount as Asked};
use crate::operation::Operation;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `update_account`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateAccount {
    /// The account: its id, one of its domains, or its name.
    #[schemars(title = "Account")]
    account: Template,
    /// The fields to change. Lists are added to.
    #[schemars(title = "Fields", extend("x-ui" = "rows"))]
    fields: Vec<FieldRow>,
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
    StepKind::new::<UpdateAccount>(About {
        kind: "update_account",
        title: "Update account",
        summary: "Changes fields of an account, such as its owner or its open opportunity.",
        help: HELP,
        icon: "building",
        category: Category::Lead,
        keywords: &["company", "change", "opportunity", "owner", "customer", "field"],
        default_config: json!({ "account": "", "fields": [{ "name": "industry", "value": "" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "account": "{{ steps.match.account.id }}",
                "fields": [{ "name": "opportunity_stage", "value": "Proposal" }],
            }),
            context: json!({ "steps": { "match": { "account": { "id": "01890000-0000-7000-8000-0000000000c1" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "account": {
                "id": "01890000-0000-7000-8000-0000000000c1", "name": "Acme Rockets",
                "opportunity": { "stage": "Proposal" },
            },
        }),
        summary_template: "{account}",
    })
}

const HELP: &str = r#"
Changes the fields you name and leaves all others. Empty values change nothing; domains and other names are added to those
that are there. The names of fields are those of *Find or create account*.

The output holds the `account` as it is then.
"#;

impl Step for UpdateAccount {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let given = |template: &Template| -> Result<Option<String>, Failure> {
            Ok(Some(template.text(context.scope)?).filter(|text| !text.trim().is_empty()))
        };
        let operation = AccountOperation::UpdateAccount(Asked {
            account: self.account.text(context.scope)?,
            fields: account_fields::values(&self.fields, context.scope)?,
            owner: given(&self.owner)?,
            parent: given(&self.parent)?,
            clears: false,
        });
        Ok(Outcome::Perform(Operation::Account(operation).effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = account_fields::problems(&self.fields);
        if self.account.is_blank() {
            problems.push(problem("/account", "no account is chosen", "Name its id, a domain or its name."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_change() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let operation = asked(&kind, &example.config, &example.context).unwrap();
        let Operation::Account(AccountOperation::UpdateAccount(update)) = operation else {
            panic!("no update")
        };
        assert_eq!(update.account, "01890000-0000-7000-8000-0000000000c1");
        assert_eq!(update.fields["opportunity_stage"], "Proposal");
        assert_eq!(problems(&kind, &json!({ "account": "", "fields": [] })), ["/account"]);
    }
}
