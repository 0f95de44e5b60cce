//! Add row: writes a new row into a table.

use super::ONCE;
use super::settings::{CellValue, table_problem, value_problems, values};
use crate::table::operation::{InsertRow as Asked, TableOperation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `insert_row`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InsertRow {
    /// The table that gets the row.
    #[schemars(title = "Table", extend("x-ui" = "table"))]
    table: Template,
    /// What stands in the row, by column.
    #[schemars(title = "Values", extend("x-ui" = "fields"))]
    values: Vec<CellValue>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<InsertRow>(About {
        kind: "insert_row",
        title: "Add row",
        summary: "Adds a row to one of your tables.",
        help: HELP,
        icon: "plus",
        category: Category::Data,
        keywords: &["table", "insert", "append", "create", "sheet", "log", "record"],
        default_config: json!({ "table": "", "values": [{ "name": "", "value": "" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "table": "Demo requests",
                "values": [{ "name": "email", "value": "{{ trigger.body.email }}" }],
            }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "row": { "id": "01890000-0000-7000-8000-000000000001", "email": "ada@analytical.example" },
            "created": true, "count": 1, "changed": 1,
        }),
        summary_template: "to {table}",
    })
}

const HELP: &str = r"
Adds one row at the end of the table. Columns that get no value stay empty. The new row, with its `id`, is the output's
`row`.

A run that is repeated after a crash does not add the row twice. To have each person or company once, use *Add or update
row*.
";

impl Step for InsertRow {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::InsertRow(Asked {
            table: self.table.text(context.scope)?,
            values: values(&self.values, context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        table_problem(&self.table).into_iter().chain(value_problems(&self.values)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_row() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let TableOperation::InsertRow(insert) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a row");
        };
        assert_eq!(insert.values["email"], "ada@analytical.example");
    }

    #[test]
    fn a_row_says_something() {
        assert_eq!(problems(&kind(), &json!({ "table": "T", "values": [] })), ["/values"]);
        let nameless = json!({ "table": "T", "values": [{ "name": " ", "value": 1 }] });
        assert_eq!(problems(&kind(), &nameless), ["/values/0/name"]);
    }
}
