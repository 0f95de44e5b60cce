//! Remove from list: takes a lead off a named list.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::operation::{Operation, RemoveFromList as Asked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `remove_from_list`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RemoveFromList {
    /// The lead to take off the list.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// The list.
    #[schemars(title = "List", extend("x-ui" = "list"))]
    list: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<RemoveFromList>(About {
        kind: "remove_from_list",
        title: "Remove from list",
        summary: "Takes the lead off a list, such as one for nurturing.",
        help: HELP,
        icon: "list",
        category: Category::Lead,
        keywords: &["unlist", "segment", "nurture", "audience", "campaign", "group", "member", "static list"],
        default_config: json!({ "lead": "", "list": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "lead": "{{ steps.find.lead }}", "list": "Nurture" }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "list": "Nurture", "removed": true }),
        summary_template: "{list}",
    })
}

const HELP: &str = r#"
Takes the lead off a list. A lead that is not on it stays as it is, and that is no error; neither is a list that is not
there.

The output holds the name of the `list` and whether the lead was `removed` just now.
"#;

impl Step for RemoveFromList {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::RemoveFromList(Asked {
            lead_id: self.lead.id(context.scope)?,
            list: self.list.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.list.is_blank() {
            problems.push(problem("/list", "no list is chosen", "Choose a list."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_list() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::RemoveFromList(asked) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a list");
        };
        assert_eq!(asked.list, "Nurture");
    }

    #[test]
    fn the_lead_and_the_list_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &kind().descriptor.default_config), ["/lead", "/list"]);
    }
}
