//! Add to list: puts a lead on a named list, once.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::list::MAX_LIST_NAME;
use crate::operation::{AddToList as Asked, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `add_to_list`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddToList {
    /// The lead to put on the list.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// The list. A name that is new makes a new list with the first lead.
    #[schemars(title = "List", extend("x-ui" = "list"))]
    list: Template,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<AddToList>(About {
        kind: "add_to_list",
        title: "Add to list",
        summary: "Puts the lead on a list, such as one for nurturing.",
        help: HELP,
        icon: "list",
        category: Category::Lead,
        keywords: &["segment", "nurture", "audience", "campaign", "group", "member", "static list"],
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
        output_sample: json!({
            "list": { "id": "01890000-0000-7000-8000-0000000000b1", "name": "Nurture" }, "added": true,
        }),
        summary_template: "{list}",
    })
}

const HELP: &str = r#"
Puts the lead on a list. A lead that is on it already stays there, once. The list comes into being with its first lead.

The output holds the `list` (`id`, `name`) and whether the lead was `added` just now.
"#;

impl Step for AddToList {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = Operation::AddToList(Asked {
            lead_id: self.lead.id(context.scope)?,
            list: self.list.text(context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.list.is_blank() {
            problems.push(problem(
                "/list",
                "no list is chosen",
                "Choose a list, or write a name for a new one.",
            ));
        } else if self.list.literal().is_some_and(|name| name.trim().chars().count() > MAX_LIST_NAME) {
            let message = format!("the name of a list has at most {MAX_LIST_NAME} characters");
            problems.push(problem("/list", message, "Choose a shorter name."));
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
        let Operation::AddToList(add) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a list");
        };
        assert_eq!(add.list, "Nurture");
    }

    #[test]
    fn the_lead_and_the_list_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &kind().descriptor.default_config), ["/lead", "/list"]);
        let long = json!({ "lead": "{{ steps.find.lead }}", "list": "x".repeat(121) });
        assert_eq!(problems(&kind(), &long), ["/list"]);
    }
}
