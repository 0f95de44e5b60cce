//! Add or update row: one row for each person, company or whatever a column names.

use super::ONCE;
use super::settings::{CellValue, names, problem, table_problem, value_problems, values};
use crate::table::operation::{TableOperation, UpsertRow as Asked};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `upsert_row`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpsertRow {
    /// The table that is written to.
    #[schemars(title = "Table", extend("x-ui" = "table"))]
    table: Template,
    /// The column by which the row is found. It needs a value below.
    #[schemars(title = "Find the row by", extend("x-placeholder" = "email"))]
    key: String,
    /// What is to stand in the row, by column; other columns stay as they are.
    #[schemars(title = "Values", extend("x-ui" = "fields"))]
    values: Vec<CellValue>,
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<UpsertRow>(About {
        kind: "upsert_row",
        title: "Add or update row",
        summary: "Changes the row that a column finds, or adds it when there is none.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &["table", "upsert", "merge", "save", "sheet", "record"],
        default_config: json!({ "table": "", "key": "", "values": [{ "name": "", "value": "" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::Once,
        promise_text: ONCE,
        has_error_port: true,
        example: Example {
            config: json!({
                "table": "Companies", "key": "domain",
                "values": [
                    { "name": "domain", "value": "{{ trigger.body.domain }}" },
                    { "name": "last_seen", "value": "2026-01-31" },
                ],
            }),
            context: json!({ "trigger": { "body": { "domain": "analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "row": { "id": "01890000-0000-7000-8000-000000000001", "domain": "analytical.example" },
            "created": false, "count": 1, "changed": 1,
        }),
        summary_template: "in {table} by {key}",
    })
}

const HELP: &str = r"
Looks for the row whose column holds the given value. When it is there, the other values are written into it; when there is
none, a row is added. Two runs at the same moment never make two rows. When several rows hold the value, all of them are
changed, up to 200.

The output holds the `row`, whether it was `created`, how many rows were found (`count`) and how many of them are different
now (`changed`). When nothing was given for the column that rows are found by, the step fails rather than adding a row that
nobody finds again.
";

impl Step for UpsertRow {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let operation = TableOperation::UpsertRow(Asked {
            table: self.table.text(context.scope)?,
            key: self.key.trim().to_owned(),
            values: values(&self.values, context.scope)?,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = table_problem(&self.table).into_iter().collect();
        if self.key.trim().is_empty() {
            problems.push(problem(
                "/key",
                "no column is named",
                "Name the column by which the row is found.",
            ));
        } else if !names(&self.values, &self.key) {
            let message =
                format!("the column {} gets no value, so no row can be found by it", self.key.trim());
            problems.push(problem("/values", message, "Add the column and its value."));
        }
        problems.extend(value_problems(&self.values));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;

    #[test]
    fn it_asks_for_the_row_by_its_key() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let TableOperation::UpsertRow(upsert) = asked(&kind, &example.config, &example.context).unwrap()
        else {
            panic!("not a row");
        };
        assert_eq!((upsert.key.as_str(), &upsert.values["domain"]), ("domain", &json!("analytical.example")));
    }

    #[test]
    fn the_key_needs_a_value() {
        let config = json!({ "table": "T", "key": "email", "values": [{ "name": "name", "value": "x" }] });
        assert_eq!(problems(&kind(), &config), ["/values"]);
        let config = json!({ "table": "T", "key": "", "values": [{ "name": "name", "value": "x" }] });
        assert_eq!(problems(&kind(), &config), ["/key"]);
    }
}
