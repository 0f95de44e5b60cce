//! Route lead: the next owner of a pool takes it, and the run says why.

use super::lead_input::LeadInput;
use super::{ONCE, problem};
use crate::operation::{Operation, Route};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `route_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RouteLead {
    /// The lead that needs an owner.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// The pool whose members take turns. Leave it empty to use a routing table.
    #[serde(default)]
    #[schemars(title = "Pool", extend("x-ui" = "pool"))]
    pool: Template,
    /// The routing table that says where leads go, by its name. It comes before the pool.
    #[serde(default)]
    #[schemars(title = "Routing table", extend("x-placeholder" = "name of a published table"))]
    table: Template,
    /// A lead that has an owner stays with them, and nobody's turn is used up.
    #[serde(default = "yes")]
    #[schemars(title = "Keep the owner it has")]
    keep_owner: bool,
    /// Without a table: a lead goes to whoever owns the latest other lead of its account.
    #[serde(default)]
    #[schemars(title = "Same owner for one account", extend("x-advanced" = true))]
    same_account: bool,
    /// Name, e-mail address or id of the owner who takes the lead when nobody in the pool is active. Without one, the
    /// step fails then.
    #[serde(default)]
    #[schemars(title = "Fallback owner", extend("x-placeholder" = "name or e-mail address"))]
    fallback_owner: Template,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<RouteLead>(About {
        kind: "route_lead",
        title: "Route lead",
        summary: "Gives the lead to an owner: by a routing table, or to the next in a pool.",
        help: HELP,
        icon: "route",
        category: Category::Lead,
        keywords: &[
            "assign",
            "owner",
            "round robin",
            "distribute",
            "sales",
            "pool",
            "hand over",
            "territory",
        ],
        default_config: json!({ "lead": "", "pool": "", "keep_owner": true, "fallback_owner": "" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "lead": "{{ steps.find.lead }}", "pool": "Account executives", "keep_owner": true,
                "fallback_owner": "ana@trunkline.example",
            }),
            context: json!({ "steps": { "find": { "lead": { "id": "01890000-0000-7000-8000-000000000001" } } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "owner": {
                "id": "01890000-0000-7000-8000-0000000000a1", "name": "Ana Moreau", "email": "ana@trunkline.example",
            },
            "reason": "Ana Moreau was next in the pool Account executives (weight 2 of 4, 23 assigned so far).",
            "candidates": [
                { "name": "Ana Moreau", "weight": 2, "assigned": 23, "outcome": "chosen" },
                { "name": "Ben Okafor", "weight": 1, "assigned": 11, "outcome": "not their turn" },
                { "name": "Chloe Tan", "weight": 1, "assigned": 11, "outcome": "not their turn" },
            ],
        }),
        summary_template: "to {pool}",
    })
}

const HELP: &str = r#"
The members of a pool take turns. A member with weight 2 gets twice as many leads as one with weight 1, exactly and
spread out: the turns are counted and stored, so nothing is left to chance and a restart forgets nothing. Members who are
not active are passed over.

- Instead of a pool choose a **routing table** to send leads by territory, segment or product; tables are kept under Rules.
- Who was chosen and why is written on the lead, next to who else might have been.
- Keep **Keep the owner it has** on, so that a customer who writes again meets the same person.
- Choose a **fallback owner**, so that no lead is left alone when a whole pool is away.

The output holds the `owner` (`id`, `name`, `email`), the `reason` in words and the `candidates`.
"#;

impl Step for RouteLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let fallback = self.fallback_owner.text(context.scope)?;
        let operation = Operation::Route(Route {
            lead_id: self.lead.id(context.scope)?,
            pool: self.pool.text(context.scope)?,
            team: None,
            table: Some(self.table.text(context.scope)?.trim().to_owned()).filter(|table| !table.is_empty()),
            same_account: self.same_account,
            keep_owner: self.keep_owner,
            fallback_owner: Some(fallback.trim().to_owned()).filter(|fallback| !fallback.is_empty()),
            except: Vec::new(),
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.pool.is_blank() && self.table.is_blank() {
            problems.push(problem(
                "/pool",
                "neither a pool nor a routing table is chosen",
                "Choose a pool, or write the name of a routing table; both are kept under Rules.",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_a_turn_of_the_pool() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let Operation::Route(route) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a route");
        };
        assert_eq!(route.pool, "Account executives");
        assert_eq!(route.fallback_owner.as_deref(), Some("ana@trunkline.example"));
        let config =
            json!({ "lead": "{{ steps.find.lead.id }}", "pool": "{{ 'A' ~ 'E' }}", "fallback_owner": " " });
        let Operation::Route(route) = asked(&kind, &config, &example.context).unwrap() else {
            panic!("not a route");
        };
        assert_eq!((route.pool.as_str(), route.keep_owner, route.fallback_owner), ("AE", true, None));
    }

    #[test]
    fn the_lead_and_the_pool_have_to_be_chosen() {
        assert_eq!(problems(&kind(), &kind().descriptor.default_config), ["/lead", "/pool"]);
    }
}
