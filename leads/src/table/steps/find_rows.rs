//! Find rows: looks something up in a table.

use super::READS;
use super::settings::{RowCondition, condition_problems, conditions, problem, table_problem};
use crate::table::MOST_FOUND;
use crate::table::operation::{FindRows as Asked, TableOperation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_engine::expression::Template;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};

/// Settings of `find_rows`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindRows {
    /// The table to look in.
    #[schemars(title = "Table", extend("x-ui" = "table"))]
    table: Template,
    /// What has to hold of a row, all of it. Without a condition every row fits.
    #[serde(default)]
    #[schemars(title = "Rows for which")]
    conditions: Vec<RowCondition>,
    /// The column that says the order; without one, rows come in the order in which they were made.
    #[serde(default)]
    #[schemars(title = "Sorted by", extend("x-advanced" = true))]
    sort_by: String,
    /// Which rows come first.
    #[serde(default)]
    #[schemars(
        title = "Order",
        extend("x-labels" = {"ascending": "Smallest or oldest first", "descending": "Greatest or newest first"}, "x-advanced" = true)
    )]
    order: Order,
    /// Most rows that are given, 1 to 1,000.
    #[serde(default = "hundred")]
    #[schemars(title = "At most", range(min = 1, max = 1000), extend("x-advanced" = true))]
    limit: u32,
}

/// Which rows come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The smallest.
    #[default]
    Ascending,
    /// The greatest.
    Descending,
}

fn hundred() -> u32 {
    100
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<FindRows>(About {
        kind: "find_rows",
        title: "Find rows",
        summary: "Looks rows up in one of your tables.",
        help: HELP,
        icon: "search",
        category: Category::Data,
        keywords: &["table", "lookup", "sheet", "database", "query", "select", "vlookup"],
        default_config: json!({ "table": "", "conditions": [{ "column": "", "test": "equals", "value": "" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: READS,
        has_error_port: true,
        example: Example {
            config: json!({
                "table": "Territories",
                "conditions": [{ "column": "country", "test": "equals", "value": "{{ trigger.body.country }}" }],
            }),
            context: json!({ "trigger": { "body": { "country": "DE" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "rows": [{ "id": "01890000-0000-7000-8000-000000000001", "country": "DE", "owner": "Ana" }],
            "first": { "id": "01890000-0000-7000-8000-000000000001", "country": "DE", "owner": "Ana" },
            "count": 1, "more": false,
        }),
        summary_template: "in {table}",
    })
}

const HELP: &str = r#"
Gives the rows of a table for which every condition holds. The output holds them as `rows`, the first of them as `first`
(nothing when no row fits), how many fit (`count`), and whether there are `more` than were given. A cell is reached by the
technical name of its column: `steps.find_rows.first.owner`.

A comparison with nothing fits no row: when a value is missing, nothing is found. Capitals make no difference.

A step looks through 10,000 rows at most. In a larger table, add a condition that a column *is* a value; such rows are found
at once however large the table is. To go through a whole table, use a loop over it.
"#;

impl Step for FindRows {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let sort_by = self.sort_by.trim();
        let operation = TableOperation::FindRows(Asked {
            table: self.table.text(context.scope)?,
            conditions: conditions(&self.conditions, context.scope)?,
            sort_by: (!sort_by.is_empty()).then(|| sort_by.to_owned()),
            descending: self.order == Order::Descending,
            limit: self.limit,
        });
        Ok(Outcome::Perform(operation.effect()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = table_problem(&self.table).into_iter().collect();
        problems.extend(condition_problems(&self.conditions));
        if !(1..=MOST_FOUND).contains(&self.limit) {
            problems.push(problem(
                "/limit",
                "1 to 1,000 rows can be given",
                "Choose a number of rows from 1 to 1,000.",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, problems};
    use super::*;
    use crate::table::Test;

    #[test]
    fn it_asks_for_rows_that_fit() {
        let kind = kind();
        let example = &kind.descriptor.example;
        let TableOperation::FindRows(find) = asked(&kind, &example.config, &example.context).unwrap() else {
            panic!("not a search");
        };
        assert_eq!((find.table.as_str(), find.limit), ("Territories", 100));
        assert_eq!((find.conditions[0].test, &find.conditions[0].value), (Test::Equals, &json!("DE")));
    }

    #[test]
    fn what_is_missing_is_said() {
        let config = json!({ "table": "", "conditions": [{ "column": "" }], "limit": 0 });
        assert_eq!(problems(&kind(), &config), ["/table", "/conditions/0/column", "/limit"]);
    }
}
