//! Delete rows: takes the rows that fit out of a table.

use super::ONCE;
use super::settings::{RowCondition, condition_problems, conditions, problem, table_problem};
use crate::table::operation::{DeleteRows as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `delete_rows`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DeleteRows {
    /// The table that loses rows.
    #[schemars(title = "Table", extend("x-ui" = "table"))]
    table: Template,
    /// What has to hold of a row, all of it.
    #[schemars(title = "Rows for which")]
    conditions: Vec<RowCondition>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<DeleteRows>(About {
        kind: "delete_rows",
        title: "Delete rows",
        summary: "Takes the rows that fit out of a table.",
        help: HELP,
        icon: "trash",
        category: Category::Data,
        keywords: &["table", "remove", "sheet", "clear"],
        default_config: json!({ "table": "", "conditions": [{ "column": "", "test": "equals", "value": "" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "table": "Demo requests",
                "conditions": [{ "column": "email", "test": "equals", "value": "{{ trigger.body.email }}" }],
            }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "rows": [{ "id": "01890000-0000-7000-8000-000000000001" }], "count": 1 }),
        summary_template: "of {table}",
    })
}

const HELP: &str = r"
Deletes every row for which all conditions hold, up to 200 in one step. The output holds the `rows` as they were, and how
many there were (`count`). Undoing the run brings them back.

A comparison with nothing fits no row, so a missing value never empties the table.
";

impl Step for DeleteRows {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::DeleteRows(Asked {
            table: self.table.text(context.scope)?,
            conditions: conditions(&self.conditions, context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = table_problem(&self.table).into_iter().collect();
        if self.conditions.is_empty() {
            problems.push(problem(
                "/conditions",
                "every row of the table would be deleted",
                "Add a condition.",
            ));
        }
        problems.extend(condition_problems(&self.conditions));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_rows_to_go() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let TableOperation::DeleteRows(delete) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a deletion");
        };
        assert_eq!(delete.conditions[0].value, "ada@analytical.example");
        assert_eq!(problems(&kind, &json!({ "table": "T", "conditions": [] })), ["/conditions"]);
    }
}
