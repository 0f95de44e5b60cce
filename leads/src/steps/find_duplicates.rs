//! Find duplicates: which leads may be the same person, how likely, and why.

use super::{ONCE, problem};
use crate::failures;
use crate::linkage::LOWEST;
use crate::operation::{FindDuplicates as Asked, MOST_DUPLICATES, Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;
use uuid::Uuid;

/// Settings of `find_duplicates`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindDuplicates {
    /// A lead, its id, or a record with fields such as `first_name`, `last_name`, `email`, `phone` and `company`.
    #[schemars(title = "Lead or record", extend("x-ui" = "lead"))]
    of: Dynamic,
    /// How likely it has to be that they are one person, from 0.05 to below 1.
    #[serde(default = "half")]
    #[schemars(title = "At least this likely", range(min = 0.05, max = 0.99))]
    least: f64,
    /// How many to put out, from 1 to 20. The likeliest come first.
    #[serde(default = "five")]
    #[schemars(title = "At most this many", range(min = 1, max = 20), extend("x-advanced" = true))]
    most: u32,
}

fn half() -> f64 {
    0.5
}

fn five() -> u32 {
    5
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FindDuplicates>(About {
        kind: "find_duplicates",
        title: "Find duplicates",
        summary: "Finds leads that may be the same person, with how likely and why.",
        help: HELP,
        icon: "search",
        category: Category::Lead,
        keywords: &[
            "duplicate",
            "dedupe",
            "de-duplicate",
            "match",
            "similar",
            "fuzzy",
            "same person",
            "identity",
        ],
        default_config: json!({ "of": "", "least": 0.5, "most": 5 }),
        ports: PortRule::Fixed { ports: vec![Port::new("found", "Found"), Port::new("none", "None found")] },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({ "of": "{{ trigger.body }}", "least": 0.8 }),
            context: json!({ "trigger": { "body": {
                "first_name": "Ada", "last_name": "Lovelase", "company": "Analytical Engines",
            } } }),
            output: None,
            port: "found".into(),
        },
        output_sample: json!({
            "best": { "id": "01890000-0000-7000-8000-000000000002", "name": "Ada Lovelace" },
            "found": 1,
            "candidates": [{
                "lead": { "id": "01890000-0000-7000-8000-000000000002", "name": "Ada Lovelace" },
                "probability": 0.9731,
                "reasons": [
                    { "role": "company", "level": "same", "weight": 7.8, "text": "same company +7.8" },
                    { "role": "first_name", "level": "same", "weight": 6.1, "text": "same first name +6.1" },
                ],
            }],
        }),
        summary_template: "",
    })
}

const HELP: &str = r#"
Looks for leads that may be the same person as a lead, or as a record that is no lead yet: another address, a slip in a
name, a number left out. Leads that share the beginning of a name, a company or an address are compared role by role, and
each comes with how likely it is and what speaks for it and against it. Pairs that somebody said are two people under
*Leads > Duplicates* are left out.

What agreement is worth comes from the last search for duplicates; before the first one, from what holds of most lists.

The output holds the `candidates`, the likeliest first, each with its `lead`, `probability` and `reasons`; the `best` lead;
and how many were `found`. Nothing is changed: connect *Merge leads*, or have a person decide.
"#;

impl Step for FindDuplicates {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let value = self.of.value(context.scope)?;
        // A record of another system may have an id of its own; leads have a stage.
        let is_lead = |record: &&Value| record.get("stage").is_some();
        let text = value.as_str().or_else(|| Some(&value).filter(is_lead)?.get("id")?.as_str());
        let lead_id = text.and_then(|id| Uuid::try_parse(id.trim()).ok());
        let fields = match value {
            _ if lead_id.is_some() => Map::new(),
            Value::Object(fields) => fields,
            other => return Err(failures::not_a_lead(super::lead_input::name_of(&other))),
        };
        let operation =
            Operation::FindDuplicates(Asked { lead_id, fields, least: self.least, most: self.most });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn resume(&self, _context: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let Performed { output, why, written } = result;
        let port = if output["best"].is_null() { "none" } else { "found" };
        Ok(Outcome::Done(Done { written, why, ..Done::by(port, output) }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let says_nothing = match &self.of {
            Dynamic::Literal(Value::String(text)) => Uuid::try_parse(text.trim()).is_err(),
            Dynamic::Literal(Value::Object(fields)) => fields.is_empty(),
            Dynamic::Literal(_) => true,
            _ => false,
        };
        if says_nothing {
            let action = "Choose the lead of an earlier step, or a record such as the body of the trigger.";
            problems.push(problem("/of", "the step does not say whose duplicates it looks for", action));
        }
        if !(LOWEST..1.0).contains(&self.least) {
            let action = "Enter a number from 0.05 to below 1.";
            problems.push(problem("/least", "no probability is like that", action));
        }
        if !(1..=MOST_DUPLICATES).contains(&self.most) {
            problems.push(problem("/most", "1 to 20 leads can be put out", "Enter a number from 1 to 20."));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;
    use trunkline_engine::expression::Scope;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn question(of: &Value) -> Result<Asked, Failure> {
        let data = json!({ "steps": { "find": { "lead": { "id": ID, "stage": "Known" } } }, "trigger": { "body": { "email": "a@b.c", "id": ID } } });
        match asked(&kind(), &json!({ "of": of }), &data)? {
            Operation::FindDuplicates(asked) => Ok(asked),
            other => panic!("not a search: {other:?}"),
        }
    }

    #[test]
    fn a_lead_its_id_and_a_record_can_be_looked_for() {
        for lead in ["{{ steps.find.lead }}", "{{ steps.find.lead.id }}"] {
            let asked = question(&json!(lead)).unwrap();
            assert_eq!((asked.lead_id.unwrap().to_string(), asked.fields.len()), (ID.to_owned(), 0));
        }
        let record = question(&json!("{{ trigger.body }}")).unwrap();
        assert_eq!((record.lead_id, record.fields["email"].as_str()), (None, Some("a@b.c")));
        assert_eq!((record.least, record.most), (0.5, 5));
        assert_eq!(question(&json!("{{ 7 }}")).unwrap_err().code, "LEAD-0012");
    }

    #[test]
    fn it_goes_one_way_for_who_was_found_and_another_for_nobody() {
        let step = kind().compile(&kind().descriptor.example.config).unwrap();
        let scope = Scope::sample(&json!({}));
        let context =
            Context { scope: &scope, now: chrono::DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        for (best, port) in [(json!({ "id": ID }), "found"), (Value::Null, "none")] {
            let result = Performed { output: json!({ "best": best }), ..Performed::default() };
            let Outcome::Done(done) = step.resume(&context, result).unwrap() else { panic!("not done") };
            assert_eq!(done.port, port);
        }
    }

    #[test]
    fn settings_that_find_nothing_are_problems() {
        assert_eq!(
            problems(&kind(), &json!({ "of": "", "least": 1.0, "most": 0 })),
            ["/of", "/least", "/most"]
        );
        assert_eq!(problems(&kind(), &json!({ "of": ID })), [""; 0]);
    }
}
