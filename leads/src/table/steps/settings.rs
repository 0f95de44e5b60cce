//! Settings that several of these steps have.

use crate::table::{Condition, Test};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use trunkline_engine::expression::{Dynamic, Scope, Template};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::ConfigProblem;

/// A condition on rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RowCondition {
    /// The column that is looked at.
    #[schemars(title = "Column", extend("x-placeholder" = "country"))]
    column: String,
    /// How it is compared.
    #[serde(default)]
    #[schemars(
        title = "Test",
        extend("x-labels" = {
            "equals": "is", "differs": "is not", "contains": "contains", "starts_with": "begins with",
            "above": "is above or later than", "at_least": "is at least", "below": "is below or earlier than",
            "at_most": "is at most", "empty": "is empty", "filled": "is filled"
        })
    )]
    test: Test,
    /// What it is compared with. A comparison with nothing fits no row.
    #[serde(default)]
    #[schemars(title = "Value")]
    value: Dynamic,
}

/// A value for a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CellValue {
    /// Name of the column.
    name: String,
    /// What is to stand there; nothing empties the cell.
    #[serde(default)]
    value: Dynamic,
}

pub(super) fn conditions(settings: &[RowCondition], scope: &Scope) -> Result<Vec<Condition>, Failure> {
    let read = |setting: &RowCondition| {
        let value = setting.value.value(scope)?;
        Ok(Condition { column: setting.column.trim().to_owned(), test: setting.test, value })
    };
    settings.iter().map(read).collect()
}

pub(super) fn values(settings: &[CellValue], scope: &Scope) -> Result<Map<String, Value>, Failure> {
    let read = |setting: &CellValue| Ok((setting.name.trim().to_owned(), setting.value.value(scope)?));
    settings.iter().map(read).collect()
}

/// What is wrong with the setting `table`.
pub(super) fn table_problem(table: &Template) -> Option<ConfigProblem> {
    table.is_blank().then(|| problem("/table", "no table is chosen", "Choose a table."))
}

/// What is wrong with conditions.
pub(super) fn condition_problems(settings: &[RowCondition]) -> Vec<ConfigProblem> {
    let nameless = settings.iter().enumerate().filter(|(_, setting)| setting.column.trim().is_empty());
    nameless
        .map(|(place, _)| {
            let field = format!("/conditions/{place}/column");
            problem(field, "the condition names no column", "Name a column of the table.")
        })
        .collect()
}

/// What is wrong with the values of cells.
pub(super) fn value_problems(settings: &[CellValue]) -> Vec<ConfigProblem> {
    if settings.is_empty() {
        return vec![problem("/values", "no column gets a value", "Add a column and its value.")];
    }
    let nameless = settings.iter().enumerate().filter(|(_, setting)| setting.name.trim().is_empty());
    nameless
        .map(|(place, _)| {
            problem(
                format!("/values/{place}/name"),
                "the value names no column",
                "Name a column of the table.",
            )
        })
        .collect()
}

/// Whether a value names `column`.
pub(super) fn names(settings: &[CellValue], column: &str) -> bool {
    settings.iter().any(|setting| setting.name.trim().eq_ignore_ascii_case(column.trim()))
}

/// A setting that has no usable value.
pub(super) fn problem(field: impl Into<String>, message: impl Into<String>, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0007", field: field.into(), message: message.into(), action: action.into() }
}
