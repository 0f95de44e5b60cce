//! Score lead: a table of rules, each giving points with a reason people can read.

use super::lead_input::LeadInput;
use super::rule::{MAX_POINTS, Rule};
use super::{ONCE, problem};
use crate::lead::Reason;
use crate::operation::{Operation, ScoreBy, SetScore};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use trunkline_engine::expression::Scope;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Most rules of one score.
const MAX_RULES: usize = 200;

/// Settings of `score_lead`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScoreLead {
    /// The lead to score.
    #[schemars(title = "Lead")]
    lead: LeadInput,
    /// A published scoring model of the workspace, instead of the table below.
    #[serde(default)]
    #[schemars(title = "Scoring model", extend("x-ui" = "scoring_model"))]
    scoring_model: String,
    /// Each rule that applies adds its points. A field is one of the lead, such as `company_size`, or any value of an
    /// earlier step. Points below zero take away.
    #[serde(default)]
    #[schemars(title = "Rules", extend("x-ui" = "rules"))]
    rules: Vec<Rule>,
    /// The score is never higher than this. It is never below 0.
    #[serde(default = "hundred")]
    #[schemars(title = "Highest score", range(min = 1, max = MAX_POINTS))]
    maximum: i64,
    /// Limits for rules that name a group, such as at most 60 for "Who they are" and 40 for "What they do".
    #[serde(default)]
    #[schemars(title = "Groups", extend("x-advanced" = true))]
    groups: Vec<Group>,
    /// What the score is called on the lead's timeline.
    #[serde(default = "score")]
    #[schemars(title = "Name of the score", extend("x-advanced" = true))]
    model: String,
}

/// A group of rules with a limit of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Its name, as rules refer to it.
    #[schemars(title = "Name")]
    name: String,
    /// The most points its rules give together.
    #[schemars(title = "At most", range(min = 0, max = MAX_POINTS))]
    most: i64,
}

fn hundred() -> i64 {
    100
}

fn score() -> String {
    "Score".into()
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<ScoreLead>(About {
        kind: "score_lead",
        title: "Score lead",
        summary: "Adds up points from a table of rules and keeps the score with its reasons.",
        help: HELP,
        icon: "gauge",
        category: Category::Lead,
        keywords: &["points", "fit", "behaviour", "qualify", "qualification", "grade", "mql", "rating"],
        default_config: json!({
            "lead": "",
            "rules": [
                { "field": "company_size", "op": "at_least", "value": 200, "points": 30 },
                { "field": "email", "op": "is_free_mailbox", "points": -10, "label": "Private e-mail address" },
            ],
            "maximum": 100,
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "lead": "{{ steps.find.lead }}",
                "rules": [
                    { "field": "company_size", "op": "at_least", "value": 200, "points": 40, "group": "Who they are" },
                    { "field": "country", "op": "one_of", "value": "France, Germany", "points": 30, "group": "Who they are" },
                    { "field": "{{ trigger.body.pages }}", "op": "at_least", "value": 5, "points": 25, "label": "Read five pages" },
                    { "field": "email", "op": "is_free_mailbox", "points": -10, "label": "Private e-mail address" },
                ],
                "groups": [{ "name": "Who they are", "most": 60 }],
                "maximum": 100,
            }),
            context: json!({
                "trigger": { "body": { "pages": 7 } },
                "steps": { "find": { "lead": {
                    "id": "01890000-0000-7000-8000-000000000001", "email": "ada@analytical.example",
                    "company_size": 250, "country": "France",
                } } },
            }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "score": 85,
            "max": 100,
            "reasons": [
                { "label": "Company size is at least 200", "points": 40 },
                { "label": "Country is one of France, Germany", "points": 30 },
                { "label": "Who they are: at most 60", "points": -10 },
                { "label": "Read five pages", "points": 25 },
            ],
            "lead": { "id": "01890000-0000-7000-8000-000000000001", "name": "Ada Lovelace", "score": 85 },
        }),
        summary_template: "up to {maximum}",
    })
}

const HELP: &str = r#"
Goes through the rules and adds the points of each that holds. The score and its reasons are written on the lead, so
that everybody can see why it is what it is.

- **Fields.** Write the name of a field of the lead (`company_size`, `country`, or a field of your own), or drag in any
  value of an earlier step.
- **Groups** keep one kind of evidence from deciding alone: give rules the same group and set the most it may count.
- The score stays between 0 and the highest score. A lead for which no rule holds scores 0.
- Scoring a lead again replaces its score.
- **Scoring model.** Instead of a table of its own the step can use a model published under *Rules*, *Scoring*. The
  newest published version counts, with what the lead did and how that fades. The output then also holds `fit`,
  `behaviour`, `grade`, the threshold `reached`, and the `model` with its `version`.

The output holds `score`, `max`, the `reasons` with their points, and the `lead` with its new score.
"#;

impl ScoreLead {
    /// The score and what it is made of.
    fn score(&self, scope: &Scope, lead: &Value) -> Result<(i64, Vec<Reason>), Failure> {
        let with_lead = scope.with_item(0, lead);
        let mut reasons = Vec::new();
        let mut by_group: HashMap<&str, i64> = HashMap::new();
        let mut total: i64 = 0;
        for rule in &self.rules {
            if rule.condition.holds(if rule.sees_lead { &with_lead } else { scope })? {
                total += rule.points;
                *by_group.entry(rule.group.trim()).or_default() += rule.points;
                reasons.push(Reason { label: rule.reason(), points: rule.points });
            }
        }
        for group in &self.groups {
            let name = group.name.trim();
            let excess = by_group.get(name).map_or(0, |points| points - group.most);
            if excess > 0 {
                total -= excess;
                reasons.push(Reason { label: format!("{name}: at most {}", group.most), points: -excess });
            }
        }
        let score = total.clamp(0, self.maximum);
        if score != total {
            let limit =
                if total < 0 { "Never below 0".to_owned() } else { format!("Never above {}", self.maximum) };
            reasons.push(Reason { label: limit, points: score - total });
        }
        Ok((score, reasons))
    }
}

impl Step for ScoreLead {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let by = self.scoring_model.trim();
        if !by.is_empty() {
            let lead_id = self.lead.id(context.scope)?;
            let operation = Operation::ScoreBy(ScoreBy { lead_id, scoring_model: by.to_owned() });
            return Ok(Outcome::Perform(operation.effect()));
        }
        let (lead, lead_id) = self.lead.record(context.scope)?;
        let (score, reasons) = self.score(context.scope, &lead)?;
        let model = self.model.trim().to_owned();
        Ok(Outcome::Perform(Operation::SetScore(SetScore { lead_id, score, reasons, model }).effect()))
    }

    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let Performed { mut output, why, written } = result;
        if self.scoring_model.trim().is_empty() {
            output["max"] = self.maximum.into();
        }
        Ok(Outcome::Done(Done { written, why, ..Done::out(output) }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = self.lead.problems().into_iter().collect();
        if self.rules.len() > MAX_RULES {
            let message = format!("the score has {} rules, and {MAX_RULES} is the limit", self.rules.len());
            problems.push(problem(
                "/rules",
                message,
                "Use \"is one of\" with a list instead of a rule per value.",
            ));
        }
        for (place, rule) in self.rules.iter().enumerate() {
            let at = format!("/rules/{place}");
            problems.extend(rule.condition.problems(&if rule.is_nested {
                format!("{at}/when")
            } else {
                at.clone()
            }));
            if rule.points.abs() > MAX_POINTS {
                let message = format!("a rule gives or takes at most {MAX_POINTS} points");
                problems.push(problem(format!("{at}/points"), message, "Choose a smaller number."));
            }
            let group = rule.group.trim();
            if !group.is_empty() && !self.groups.iter().any(|known| known.name.trim() == group) {
                let message = format!("there is no group called {group}");
                problems.push(problem(
                    format!("{at}/group"),
                    message,
                    "Add the group below, or correct its name.",
                ));
            }
        }
        for (place, group) in self.groups.iter().enumerate() {
            let is_twice = self.groups[..place].iter().any(|other| other.name.trim() == group.name.trim());
            if group.name.trim().is_empty() || is_twice {
                let action = "Give each group a name of its own.";
                problems.push(problem(
                    format!("/groups/{place}/name"),
                    "the group has no name of its own",
                    action,
                ));
            }
            if !(0..=MAX_POINTS).contains(&group.most) {
                let message = format!("a group counts between 0 and {MAX_POINTS} points");
                problems.push(problem(
                    format!("/groups/{place}/most"),
                    message,
                    "Choose a number in between.",
                ));
            }
        }
        if !(1..=MAX_POINTS).contains(&self.maximum) {
            let message = format!("the highest score is between 1 and {MAX_POINTS}");
            problems.push(problem("/maximum", message, "Choose a number in between, such as 100."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    fn scored(config: &Value, data: &Value) -> SetScore {
        match asked(&kind(), config, data).unwrap() {
            Operation::SetScore(score) => score,
            other => panic!("{other:?}"),
        }
    }

    fn reasons(score: &SetScore) -> Vec<(&str, i64)> {
        score.reasons.iter().map(|reason| (reason.label.as_str(), reason.points)).collect()
    }

    #[test]
    fn points_add_up_with_their_reasons_and_groups_are_limited() {
        let kind = kind();
        let score = scored(&kind.descriptor.example.config, &kind.descriptor.example.context);
        assert_eq!(score.score, 85);
        assert_eq!(
            reasons(&score),
            [
                ("Company size is at least 200", 40),
                ("Country is one of France, Germany", 30),
                ("Read five pages", 25),
                ("Who they are: at most 60", -10),
            ]
        );
        assert_eq!(score.reasons.iter().map(|reason| reason.points).sum::<i64>(), score.score);
    }

    fn lead(fields: &Value) -> Value {
        let mut lead = json!({ "id": "01890000-0000-7000-8000-000000000001" });
        lead.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "item": { "city": "the loop's" }, "steps": { "find": { "lead": lead } } })
    }

    #[test]
    fn the_score_stays_between_nothing_and_the_highest() {
        let config = json!({
            "lead": "{{ steps.find.lead }}",
            "rules": [
                { "field": "plan", "op": "equals", "value": "pro", "points": 80 },
                { "field": "email", "op": "is_not_empty", "points": 50 },
                { "field": "email", "op": "is_free_mailbox", "points": -70 },
            ],
        });
        let best = scored(&config, &lead(&json!({ "fields": { "plan": "Pro" }, "email": "a@corp.example" })));
        assert_eq!((best.score, reasons(&best).last().copied()), (100, Some(("Never above 100", -30))));
        let worst = scored(&config, &lead(&json!({ "email": "a@gmail.com" })));
        assert_eq!((worst.score, reasons(&worst).last().copied()), (0, Some(("Never below 0", 20))));
        let nothing = scored(&config, &lead(&json!({})));
        assert_eq!((nothing.score, nothing.reasons.len()), (0, 0));
    }

    #[test]
    fn bare_names_are_the_lead_s_and_item_stays_the_loop_s() {
        let config = json!({
            "lead": "{{ steps.find.lead }}",
            "rules": [
                { "field": "city", "op": "equals", "value": "Paris", "points": 1 },
                { "field": "{{ item.city }}", "op": "equals", "value": "the loop's", "points": 2 },
                { "when": { "any": [
                    { "field": "country", "op": "is_not_empty" }, { "field": "Page views", "op": "at_least", "value": 3 },
                ] }, "points": 4 },
            ],
        });
        let score = scored(&config, &lead(&json!({ "city": "Paris", "fields": { "Page views": 3 } })));
        assert_eq!(score.score, 7);
        assert_eq!(reasons(&score)[2], ("Country is filled in or Page views is at least 3", 4));
    }

    #[test]
    fn a_published_model_takes_the_place_of_the_table() {
        let config = json!({ "lead": "{{ steps.find.lead }}", "scoring_model": " Inbound " });
        let asked = asked(&kind(), &config, &lead(&json!({}))).unwrap();
        let Operation::ScoreBy(score) = asked else { panic!("{asked:?}") };
        assert_eq!(score.scoring_model, "Inbound");
    }

    #[test]
    fn the_output_says_what_the_score_is_out_of() {
        let step = kind().compile(&json!({ "lead": "{{ steps.find.lead }}", "maximum": 50 })).unwrap();
        let scope = Scope::sample(&json!({}));
        let context =
            Context { scope: &scope, now: chrono::DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        let result = Performed { output: json!({ "score": 0 }), ..Performed::default() };
        let Outcome::Done(done) = step.resume(&context, result).unwrap() else { panic!("not done") };
        assert_eq!(done.output, json!({ "score": 0, "max": 50 }));
    }

    #[test]
    fn rules_that_cannot_work_are_pointed_out() {
        let config = json!({
            "lead": "{{ steps.find.lead }}",
            "maximum": 0,
            "groups": [{ "name": "Fit", "most": 60 }, { "name": " Fit", "most": -1 }],
            "rules": [
                { "field": "", "op": "is_not_empty", "points": 10 },
                { "when": { "all": [{ "field": "", "op": "is_empty" }] }, "points": 10 },
                { "field": "city", "op": "is_not_empty", "points": 2_000_000, "group": "Fits" },
            ],
        });
        assert_eq!(
            problems(&kind(), &config),
            [
                "/rules/0/field",
                "/rules/1/when/all/0/field",
                "/rules/2/points",
                "/rules/2/group",
                "/groups/1/name",
                "/groups/1/most",
                "/maximum",
            ]
        );
        let unread = kind().compile(&json!({ "lead": "", "rules": [{ "field": "city" }] })).unwrap_err();
        assert_eq!((unread.code, unread.field.as_str()), ("DOC-0007", "/rules/0"));
    }
}
