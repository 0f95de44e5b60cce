//! Update rows: changes the rows of a table that fit.

use super::ONCE;
use super::settings::{
    CellValue, RowCondition, condition_problems, conditions, problem, table_problem, value_problems, values,
};
use crate::table::operation::{TableOperation, UpdateRows as Asked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `update_rows`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateRows {
    /// The table that is written to.
    #[schemars(title = "Table", extend("x-ui" = "table"))]
    table: Template,
    /// What has to hold of a row, all of it.
    #[schemars(title = "Rows for which")]
    conditions: Vec<RowCondition>,
    /// What is to stand in these rows, by column; other columns stay as they are.
    #[schemars(title = "Values", extend("x-ui" = "fields"))]
    values: Vec<CellValue>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<UpdateRows>(About {
        kind: "update_rows",
        title: "Update rows",
        summary: "Changes the rows of a table that fit.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &["table", "change", "set", "sheet", "record"],
        default_config: json!({
            "table": "", "conditions": [{ "column": "", "test": "equals", "value": "" }],
            "values": [{ "name": "", "value": "" }],
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "table": "Demo requests",
                "conditions": [{ "column": "email", "test": "equals", "value": "{{ trigger.body.email }}" }],
                "values": [{ "name": "done", "value": true }],
            }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "rows": [{ "id": "01890000-0000-7000-8000-000000000001" }], "count": 1, "changed": 1 }),
        summary_template: "of {table}",
    })
}

const HELP: &str = r"
Writes the values into every row for which all conditions hold, up to 200 rows in one step. The output holds the `rows` as
they are now, how many fit (`count`) and how many of them are different now (`changed`).

A comparison with nothing fits no row, so a missing value never changes the whole table.
";

impl Step for UpdateRows {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::UpdateRows(Asked {
            table: self.table.text(context.scope)?,
            conditions: conditions(&self.conditions, context.scope)?,
            values: values(&self.values, context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = table_problem(&self.table).into_iter().collect();
        if self.conditions.is_empty() {
            problems.push(problem("/conditions", "every row of the table would change", "Add a condition."));
        }
        problems.extend(condition_problems(&self.conditions));
        problems.extend(value_problems(&self.values));
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
        let TableOperation::UpdateRows(update) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a change");
        };
        assert_eq!(
            (&update.conditions[0].value, &update.values["done"]),
            (&json!("ada@analytical.example"), &json!(true))
        );
    }

    #[test]
    fn it_needs_a_condition() {
        let config = json!({ "table": "T", "conditions": [], "values": [{ "name": "a", "value": 1 }] });
        assert_eq!(problems(&kind(), &config), ["/conditions"]);
    }
}
