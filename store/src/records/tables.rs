//! Data tables, their rows, and counters.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{CounterRow, TableRow};
use trunkline_leads::table::{CounterKey, Row, Table};

/// A table and how large it is.
pub(crate) fn data_table(row: &impl Columns) -> Result<TableRow, Error> {
    let table = Table { id: row.id("id")?, name: row.string("name")?, columns: row.json("layout")? };
    Ok(TableRow { table, rows: row.count("row_count")?, updated_at: row.moment("updated_at")? })
}

/// A row of a table.
pub(crate) fn data_row(row: &impl Columns) -> Result<Row, Error> {
    Ok(Row {
        id: row.id("id")?,
        values: row.json("record")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// A counter.
pub(crate) fn counter(row: &impl Columns) -> Result<CounterRow, Error> {
    Ok(CounterRow {
        counter: CounterKey { counter: row.string("name")?, key: row.string("key")? },
        value: row.number("value")?,
        updated_at: row.moment("updated_at")?,
    })
}
