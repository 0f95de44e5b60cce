//! Find account: looks an account up and changes nothing.

use super::{ONCE, problem};
use crate::account::operation::{AccountOperation, Existing, KeepAccount};
use crate::operation::Operation;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Settings of `find_account`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindAccount {
    /// A web address, an e-mail address or a domain of the company.
    #[serde(default)]
    #[schemars(title = "Domain")]
    domain: Template,
    /// The name of the company; legal form and spelling of common words do not matter.
    #[serde(default)]
    #[schemars(title = "Name")]
    name: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FindAccount>(About {
        kind: "find_account",
        title: "Find account",
        summary: "Looks an account up by domain or name, without changing anything.",
        help: HELP,
        icon: "building",
        category: Category::Lead,
        keywords: &["company", "look up", "lookup", "customer", "read", "search"],
        default_config: json!({ "domain": "", "name": "" }),
        ports: PortRule::Fixed { ports: vec![Port::new("found", "Found"), Port::new("none", "Not found")] },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "domain": "{{ trigger.body.email }}", "name": "{{ trigger.body.company }}" }),
            context: json!({ "trigger": { "body": { "email": "ada@acme.com", "company": "Acme" } } }),
            output: None,
            port: "found".into(),
        },
        output_sample: json!({
            "account": {
                "id": "01890000-0000-7000-8000-0000000000c1", "name": "Acme Rockets", "domains": ["acme.example"],
                "owner_id": "01890000-0000-7000-8000-0000000000d1", "country": "Germany",
            },
        }),
        summary_template: "",
    })
}

const HELP: &str = r#"
Looks for the account that has this domain, and otherwise for the one of this name. It only says yes when domain or name
are the same; *Match to account* also finds what is merely alike.

The output holds the `account`, or nothing.
"#;

impl Step for FindAccount {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut fields = Map::new();
        let domain = crate::matching::domain::registered(&self.domain.text(context.scope)?);
        let domain = domain.filter(|domain| !crate::matching::domain::is_mailbox_provider(domain));
        let name = self.name.text(context.scope)?;
        fields.extend(domain.map(|domain| ("domains".to_owned(), domain.into())));
        if !name.trim().is_empty() {
            fields.insert("name".into(), name.into());
        }
        if fields.is_empty() {
            let output = json!({ "account": null });
            return Ok(Done::by("none", output).because("There was neither a domain nor a name.").into());
        }
        let operation = AccountOperation::KeepAccount(KeepAccount {
            fields,
            owner: None,
            parent: None,
            existing: Existing::Leave,
            creates: false,
        });
        Ok(Outcome::Perform(Operation::Account(operation).effect()))
    }

    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let account = result.output["account"].clone();
        let (port, why) = match account["name"].as_str() {
            Some(name) => ("found", format!("Found {name}.")),
            None => ("none", "There is no such account.".to_owned()),
        };
        Ok(Done::by(port, json!({ "account": account })).because(why).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        if self.domain.is_blank() && self.name.is_blank() {
            return vec![problem("/domain", "there is nothing to look for", "Fill the domain or the name.")];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_by_domain_and_name_and_makes_nothing() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let operation = asked(&kind, &example.config, &example.context).unwrap();
        let Operation::Account(AccountOperation::KeepAccount(keep)) = operation else {
            panic!("not an account")
        };
        assert_eq!(keep.fields, *json!({ "domains": "acme.com", "name": "Acme" }).as_object().unwrap());
        assert!(!keep.creates && keep.existing == Existing::Leave);
        assert_eq!(problems(&kind, &json!({})), ["/domain"]);
    }
}
