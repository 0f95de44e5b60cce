//! Switch: one of several ways, by the first condition that holds.

use super::problem;
use crate::condition::Condition;
use crate::document::{ERROR, OUT, is_step_id};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// Most branches of one switch.
const MAX_CASES: usize = 50;
const DEFAULT: &str = "default";
const OTHERWISE: &str = "Otherwise";

/// Settings of `switch`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    /// The branches from top to bottom. The first one whose condition holds is taken; if none does, the last way out.
    #[schemars(title = "Branches", extend("x-ui" = "cases"))]
    cases: Vec<Case>,
}

/// One way out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Name of the way out in arrows: small letters, digits and underscores.
    id: String,
    /// What people read on the arrow.
    #[serde(default)]
    label: String,
    /// When this way is taken.
    condition: Condition,
}

impl Case {
    fn shown(&self) -> &str {
        if self.label.trim().is_empty() { &self.id } else { self.label.trim() }
    }
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Switch>(About {
        kind: "switch",
        title: "Switch",
        summary: "Chooses one of several ways: the first whose condition holds.",
        help: HELP,
        icon: "switch",
        category: Category::Logic,
        keywords: &["branch", "cases", "route", "segment", "split", "choose", "multi", "condition"],
        default_config: json!({ "cases": [
            { "id": "case_1", "label": "Branch 1", "condition": { "all": [{ "field": "", "op": "equals", "value": "" }] } },
        ] }),
        ports: PortRule::cases("cases", OTHERWISE),
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "cases": [
                {
                    "id": "dach",
                    "label": "DACH",
                    "condition": { "field": "{{ trigger.body.country }}", "op": "one_of", "value": ["Germany", "Austria", "Switzerland"] },
                },
                {
                    "id": "large",
                    "label": "Large company",
                    "condition": { "field": "{{ trigger.body.employees }}", "op": "at_least", "value": 1000 },
                },
            ] }),
            context: json!({ "trigger": { "body": { "country": "France", "employees": "1,200" } } }),
            output: Some(json!({ "branch": "large", "label": "Large company" })),
            port: "large".into(),
        },
        output_sample: json!({ "branch": "large", "label": "Large company" }),
        summary_template: "{cases}",
    })
}

const HELP: &str = r"
Conditions are tried from top to bottom, and the first that holds decides, so put the special cases above the general
ones. What fits nowhere leaves by **Otherwise**: draw an arrow for it, so that no lead ends there unseen.
";

impl Step for Switch {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        for case in &self.cases {
            if case.condition.holds(context.scope)? {
                let why = case.condition.judge(context.scope)?.why;
                let done = Done::by(&case.id, json!({ "branch": case.id, "label": case.shown() }));
                return Ok(done.because(format!("{}: {why}.", case.shown())).into());
            }
        }
        let done = Done::by(DEFAULT, json!({ "branch": DEFAULT, "label": OTHERWISE }));
        Ok(done.because("None of the branches fits.").into())
    }

    fn ports(&self) -> Option<Vec<Port>> {
        let cases = self.cases.iter().map(|case| Port::new(&case.id, case.shown()));
        Some(cases.chain([Port::new(DEFAULT, OTHERWISE)]).collect())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.cases.len() > MAX_CASES {
            let message =
                format!("the switch has {} branches, and {MAX_CASES} is the limit", self.cases.len());
            problems.push(problem(
                "DOC-0028",
                "/cases",
                message,
                "Use \"is one of\" to join branches, or two switches.",
            ));
        }
        let mut ids = HashSet::from([DEFAULT, ERROR, OUT]);
        for (at, case) in self.cases.iter().enumerate() {
            if !is_step_id(&case.id) || !ids.insert(&case.id) {
                let message = format!("\"{}\" cannot be the name of this branch, or is taken", case.id);
                let action = "Give each branch a name of its own, of small letters, digits and underscores.";
                problems.push(problem("DOC-0028", format!("/cases/{at}/id"), message, action));
            }
            problems.extend(case.condition.problems(&format!("/cases/{at}/condition")));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use serde_json::json;

    #[test]
    fn the_first_that_holds_decides_and_the_rest_leaves_by_default() {
        let at_least = |id: &str, value: i64| json!({"id": id, "condition": {"field": "{{ item }}", "op": "at_least", "value": value}});
        let step = compiled("switch", &json!({"cases": [at_least("sql", 70), at_least("mql", 40)]}));
        for (item, port) in [(85, "sql"), (50, "mql"), (10, "default")] {
            assert_eq!(run(step.as_ref(), &json!({"item": item})).port, port);
        }
        let ports: Vec<String> = step.ports().unwrap().into_iter().map(|port| port.id).collect();
        assert_eq!(ports, ["sql", "mql", "default"]);
    }

    #[test]
    fn branches_need_names_of_their_own() {
        let case = |id: &str| json!({"id": id, "condition": {"all": []}});
        let step = compiled("switch", &json!({"cases": [case("a"), case("a"), case("default"), case("B")]}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/cases/1/id", "/cases/2/id", "/cases/3/id"]);
    }
}
