//! The failures of tables and counters, one function per code; each code has a page under `docs/errors/`.

use super::{
    Column, MAX_COUNTER_KEY, MAX_NAME, MAX_ROW_BYTES, MAX_ROWS, MAX_TEXT, MOST_CHANGED, MOST_LOOKED_AT, Table,
};
use serde_json::Value;
use trunkline_engine::failure::{Failure, FailureKind};
use uuid::Uuid;

/// There is no table of this name or id.
#[must_use]
pub fn no_such_table(asked: &str) -> Failure {
    Failure::bad_input(
        "TABLE-0001",
        format!("There is no table called \"{asked}\"."),
        "Choose a table that exists in the step, or create this one under Tables.",
    )
}

pub(super) fn no_such_column(table: &Table, asked: &str) -> Failure {
    let known: Vec<&str> = table.columns.iter().map(|column| column.key.as_str()).collect();
    Failure::bad_input(
        "TABLE-0002",
        format!("The table {} has no column \"{asked}\".", table.name),
        format!("Use one of its columns: {}.", known.join(", ")),
    )
}

/// A value that its column cannot hold.
#[must_use]
pub fn wrong_value(column: &Column, value: &Value) -> Failure {
    let shown: String = value.to_string().chars().take(60).collect();
    Failure::bad_input(
        "TABLE-0003",
        format!("The column {} holds {}, and {shown} is not.", column.label, column.kind.label()),
        "Give the column a value of its type; dates are written like 2026-01-31.",
    )
}

pub(super) fn no_key(column: &Column) -> Failure {
    Failure::bad_input(
        "TABLE-0003",
        format!("The row is to be found by {}, and nothing was given for it.", column.label),
        "Give a value for the column that rows are found by.",
    )
}

pub(super) fn unreadable(detail: &str) -> Failure {
    Failure::bad_input(
        "TABLE-0004",
        format!("The tables cannot read what the step asked for: {detail}."),
        "Open the step, correct its settings and publish again.",
    )
}

pub(super) fn too_many_to_look_at(table: &Table) -> Failure {
    Failure::bad_input(
        "TABLE-0005",
        format!("More than {MOST_LOOKED_AT} rows of {} would have to be looked through.", table.name),
        "Add a condition that a column equals a value which few rows have, or work through the table with a loop.",
    )
}

pub(super) fn too_many_to_change(table: &Table, found: usize) -> Failure {
    Failure::bad_input(
        "TABLE-0006",
        format!("{found} rows of {} fit, and one step changes {MOST_CHANGED} at most.", table.name),
        "Add a condition, or work through the table with a loop.",
    )
}

pub(super) fn text_too_long(column: &Column) -> Failure {
    Failure::bad_input(
        "TABLE-0007",
        format!("What is to stand in {} is longer than {MAX_TEXT} characters.", column.label),
        "Shorten the value before this step, for example with the truncate filter.",
    )
}

pub(super) fn row_too_big(table: &Table) -> Failure {
    Failure::bad_input(
        "TABLE-0007",
        format!("The row of {} would take more than {} KiB.", table.name, MAX_ROW_BYTES / 1024),
        "Store fewer or smaller values in it.",
    )
}

pub(super) fn table_full(table: &Table) -> Failure {
    Failure::bad_input(
        "TABLE-0009",
        format!("The table {} has {MAX_ROWS} rows, and that is the most a table holds.", table.name),
        "Delete rows that nobody needs any more, or use a second table.",
    )
}

pub(super) fn counter_name() -> Failure {
    Failure::bad_input(
        "TABLE-0008",
        format!(
            "The name of a counter has 1 to {MAX_NAME} characters, and its key at most {MAX_COUNTER_KEY}."
        ),
        "Write a short name, and give a short key such as a country or an e-mail address.",
    )
}

pub(super) fn counter_range(label: &str) -> Failure {
    Failure::bad_input(
        "TABLE-0012",
        format!("{label} would leave the range of whole numbers."),
        "Reset the counter, or add a smaller number.",
    )
}

pub(super) fn not_supplied(what: &str) -> Failure {
    Failure::new(
        "TABLE-0010",
        FailureKind::Fatal,
        format!("The tables were asked to work without having loaded {what}."),
        "This is a fault in Trunkline; please report it with the id of the run.",
    )
}

/// A table that cannot be as it was defined.
#[must_use]
pub fn bad_definition(why: &str) -> Failure {
    Failure::bad_input(
        "TABLE-0011",
        format!("The table cannot be like this: {why}."),
        "Correct it and save again.",
    )
}

/// There is no such row.
#[must_use]
pub fn no_such_row(table: &Table, id: Uuid) -> Failure {
    Failure::bad_input(
        "TABLE-0013",
        format!("The table {} has no row with the id {id}.", table.name),
        "Reload the table; somebody may have deleted the row.",
    )
}
