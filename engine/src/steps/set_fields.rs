//! Set fields: builds a record out of the data at hand.

use super::{blank, problem};
use crate::expression::{Dynamic, Expression};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Deepest nesting of dotted names.
const MAX_PARTS: usize = 8;

/// Settings of `set_fields`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetFields {
    /// Each row gives a field its name and its value. A dot in the name makes a record within the record:
    /// `address.city`.
    #[schemars(title = "Fields", extend("x-ui" = "fields"))]
    fields: Vec<Row>,
    /// Whether the result holds these fields alone or everything that started the run as well.
    #[serde(default)]
    #[schemars(
        title = "The result has",
        extend("x-labels" = {"only_these": "Only these fields", "add_to_trigger": "The trigger's data and these fields"})
    )]
    keep: Keep,
}

/// One field of the result.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Name of the field.
    pub(super) name: String,
    /// Its value.
    #[serde(default)]
    pub(super) value: Dynamic,
}

/// What the result starts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Keep {
    /// An empty record.
    #[default]
    OnlyThese,
    /// The trigger's `body`, when it is a record.
    AddToTrigger,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<SetFields>(About {
        kind: "set_fields",
        title: "Set fields",
        summary: "Builds a clean record: renames fields, tidies values, adds new ones.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &[
            "clean",
            "map",
            "rename",
            "transform",
            "edit",
            "variables",
            "format",
            "normalize",
            "assign",
        ],
        default_config: json!({ "fields": [{ "name": "email", "value": "{{ trigger.body.email|email }}" }], "keep": "only_these" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "fields": [
                { "name": "email", "value": "{{ trigger.body.email|email }}" },
                { "name": "name", "value": "{{ trigger.body.first_name|name_case }} {{ trigger.body.last_name|name_case }}" },
                { "name": "company.name", "value": "{{ trigger.body.company|company_name }}" },
                { "name": "company.size", "value": "{{ trigger.body.employees|number }}" },
                { "name": "source", "value": "{{ trigger.body.source|blank|default('Website') }}" },
            ] }),
            context: json!({ "trigger": { "body": {
                "email": " Ada@Analytical.example", "first_name": "ADA", "last_name": "lovelace",
                "company": "Analytical Engines Ltd.", "employees": "1,250", "source": "Select",
            } } }),
            output: Some(json!({
                "email": "ada@analytical.example",
                "name": "Ada Lovelace",
                "company": { "name": "Analytical Engines", "size": 1250 },
                "source": "Website",
            })),
            port: "out".into(),
        },
        output_sample: json!({ "email": "ada@analytical.example", "name": "Ada Lovelace" }),
        summary_template: "{fields}",
    })
}

const HELP: &str = r"
Later steps then use tidy names instead of whatever the sender wrote. A field that is one pill keeps its type, so a number
stays a number; text around pills makes text.

Useful filters: `email`, `phone('DE')`, `name_case`, `company_name`, `number`, `date`, `blank` (turns `n/a`, `-` and
`Select` into nothing) and `default('...')`.
";

impl Step for SetFields {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut record = match self.keep {
            Keep::OnlyThese => Map::new(),
            Keep::AddToTrigger => body(context)?,
        };
        for row in &self.fields {
            put(&mut record, row.name.trim(), row.value.value(context.scope)?);
        }
        Ok(Done::out(Value::Object(record)).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        check_names(&self.fields)
    }
}

/// What is wrong with the names in `rows`, which stand in the settings field `fields`.
pub(super) fn check_names(rows: &[Row]) -> Vec<ConfigProblem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    for (at, row) in rows.iter().enumerate() {
        let field = format!("/fields/{at}/name");
        let name = row.name.trim();
        if name.is_empty() {
            problems.push(blank(&field, "a field has no name", "Give it a name, or remove the row."));
        } else if name.split('.').any(str::is_empty) || name.split('.').count() > MAX_PARTS {
            let message = format!("\"{name}\" cannot be the name of a field");
            let action = "Write a name between the dots, at most eight in all.";
            problems.push(problem("DOC-0028", field, message, action));
        } else if !names.insert(name) {
            let message = format!("two rows set the field {name}");
            let action = "Remove one of them; the lower one would win.";
            problems.push(problem("DOC-0028", field, message, action));
        }
    }
    problems
}

/// The record that started the run.
fn body(context: &Context<'_>) -> Result<Map<String, Value>, Failure> {
    static BODY: LazyLock<Expression> =
        LazyLock::new(|| Expression::compile("{{ trigger.body }}").expect("this expression is valid"));
    Ok(match BODY.value(context.scope)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    })
}

/// Sets the field at the dotted `path`; whatever stands in the way and is no record gives way.
pub(super) fn put(record: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            record.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = record.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run};
    use serde_json::json;

    #[test]
    fn fields_are_added_to_what_came_in() {
        let step = compiled(
            "set_fields",
            &json!({"keep": "add_to_trigger", "fields": [
                {"name": "company.name", "value": "Acme"}, {"name": "score", "value": 7}, {"name": "gone"}
            ]}),
        );
        let done = run(
            step.as_ref(),
            &json!({"trigger": {"body": {"email": "a@b.example", "company": "acme inc"}}}),
        );
        assert_eq!(
            done.output,
            json!({"email": "a@b.example", "company": {"name": "Acme"}, "score": 7, "gone": null})
        );
        let done = run(step.as_ref(), &json!({"trigger": {"body": "plain text"}}));
        assert_eq!(done.output, json!({"company": {"name": "Acme"}, "score": 7, "gone": null}));
    }

    #[test]
    fn names_are_checked() {
        let step = compiled(
            "set_fields",
            &json!({"fields": [
                {"name": "a"}, {"name": ""}, {"name": "b..c"}, {"name": " a "}
            ]}),
        );
        let fields: Vec<(&str, String)> =
            step.check().into_iter().map(|problem| (problem.code, problem.field)).collect();
        let expected =
            [("DOC-0027", "/fields/1/name"), ("DOC-0028", "/fields/2/name"), ("DOC-0028", "/fields/3/name")];
        assert_eq!(fields, expected.map(|(code, field)| (code, field.to_owned())));
    }
}
