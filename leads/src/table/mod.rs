//! Data tables and counters: what a workspace keeps beside its leads, such as price lists, territories or quotas.
//!
//! A table has typed columns and rows that people edit like a sheet and workflows read and write; a counter is a number
//! under a name, and a key where one name counts for many things. Both are written through a [`Shelf`], in the
//! transaction that journals the run, so that every change happens exactly once.
//!
//! What this module must never do: know how a table is stored, read more rows than it says beforehand, or change
//! something by half. A lead is no row: nothing here touches leads.

mod column;
mod condition;
mod failures;
pub mod operation;
mod place;
mod shelf;
pub mod steps;

pub use column::{Column, ColumnKind};
pub use condition::{Condition, Test};
pub use failures::{bad_definition, no_such_row, no_such_table, wrong_value};
pub use operation::TableOperation;
pub use place::TablePlace;
pub use shelf::{Answer, Changes, CounterChange, Need, RowChange, Search, Shelf};

use crate::table::column::cell;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// Most columns of a table.
pub const MAX_COLUMNS: usize = 100;
/// Most rows of a table.
pub const MAX_ROWS: u64 = 200_000;
/// Most bytes of a row, as JSON.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Longest text in a cell, in characters.
pub const MAX_TEXT: usize = 10_000;
/// Longest name of a table, a column or a counter, in characters.
pub const MAX_NAME: usize = 80;
/// Longest key within a counter, in characters.
pub const MAX_COUNTER_KEY: usize = 200;
/// Most rows that one step looks through.
pub const MOST_LOOKED_AT: usize = 10_000;
/// Most rows that one step finds.
pub const MOST_FOUND: u32 = 1_000;
/// Most rows that one step changes; each of them stands in the journal with what it was before.
pub const MOST_CHANGED: usize = 200;

/// A table as people define it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its id.
    pub id: Uuid,
    /// What people call it; unique in the workspace.
    pub name: String,
    /// Its columns, from left to right.
    pub columns: Vec<Column>,
}

impl Table {
    /// Whether the name and the columns can be used.
    ///
    /// # Errors
    /// `TABLE-0011`.
    pub fn check(&self) -> Result<(), Failure> {
        let is_name = |name: &str| !name.trim().is_empty() && name.chars().nth(MAX_NAME).is_none();
        if !is_name(&self.name) || Uuid::try_parse(self.name.trim()).is_ok() {
            return Err(bad_definition(&format!("its name has to have 1 to {MAX_NAME} characters")));
        }
        if self.columns.is_empty() || self.columns.len() > MAX_COLUMNS {
            return Err(bad_definition(&format!("it needs 1 to {MAX_COLUMNS} columns")));
        }
        let mut taken = HashSet::new();
        for column in &self.columns {
            if !is_name(&column.label) {
                return Err(bad_definition(&format!(
                    "the name of every column has to have 1 to {MAX_NAME} characters"
                )));
            }
            if !Column::is_key(&column.key) || column.key == "id" {
                let key = &column.key;
                return Err(bad_definition(&format!("\"{key}\" cannot be the technical name of a column")));
            }
            if !taken.insert(column.key.as_str())
                || !taken.insert(&column.label) && column.label != column.key
            {
                return Err(bad_definition(&format!("two columns are called {}", column.label)));
            }
        }
        Ok(())
    }

    /// The column with this technical name, or with this name as people read it.
    ///
    /// # Errors
    /// `TABLE-0002`.
    pub fn column(&self, name: &str) -> Result<&Column, Failure> {
        let name = name.trim();
        let by_key = self.columns.iter().find(|column| column.key == name);
        by_key
            .or_else(|| self.columns.iter().find(|column| column.label.eq_ignore_ascii_case(name)))
            .ok_or_else(|| failures::no_such_column(self, name))
    }

    /// `values` as a row of this table holds them: each of its column's type, blanks left out.
    ///
    /// # Errors
    /// `TABLE-0002` for a column that is not there, `TABLE-0003` for a value that does not fit, `TABLE-0007` for what is
    /// too long.
    pub fn read(&self, values: &Map<String, Value>) -> Result<Vec<(&Column, Value)>, Failure> {
        let mut read = Vec::with_capacity(values.len());
        for (name, value) in values {
            let column = self.column(name)?;
            read.push((column, column.read(value)?));
        }
        Ok(read)
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its id; rows stand in the order of their ids, which is the order in which they were made.
    pub id: Uuid,
    /// What stands in its cells, by the technical names of the columns; empty cells are left out.
    pub values: Map<String, Value>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Row {
    /// The row as expressions see it: its id and every column of `table`, empty ones as `null`.
    #[must_use]
    pub fn record(&self, table: &Table) -> Value {
        let mut record = Map::with_capacity(table.columns.len() + 1);
        record.insert("id".into(), self.id.to_string().into());
        for column in &table.columns {
            record.insert(column.key.clone(), self.values.get(&column.key).cloned().unwrap_or_default());
        }
        Value::Object(record)
    }

    /// What rows of `table` are found by: the technical name of a column and what stands there, written so that equal
    /// values are the same text.
    #[must_use]
    pub fn cells(&self, table: &Table) -> Vec<(String, String)> {
        let of = |column: &Column| {
            let value = self.values.get(&column.key)?;
            Some((column.key.clone(), cell(column.kind, value)?))
        };
        table.columns.iter().filter_map(of).collect()
    }

    /// What the search on the page of a table looks in: every cell, in small letters.
    #[must_use]
    pub fn search_text(&self) -> String {
        let mut text = String::new();
        for value in self.values.values() {
            text.push_str(&column::shown(value).to_lowercase());
            text.push('\n');
        }
        text
    }

    /// What stands in the column.
    #[must_use]
    pub fn get(&self, column: &Column) -> &Value {
        self.values.get(&column.key).unwrap_or(&Value::Null)
    }

    /// Puts `value` into the column; `null` empties it.
    pub(crate) fn set(&mut self, column: &Column, value: Value) {
        if value.is_null() {
            self.values.remove(&column.key);
        } else {
            self.values.insert(column.key.clone(), value);
        }
    }
}

/// Names a counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CounterKey {
    /// What people call it.
    pub counter: String,
    /// What it counts for within that name; empty when it counts for one thing.
    #[serde(default)]
    pub key: String,
}

impl CounterKey {
    /// The counter of this name and key, blanks around them left out.
    ///
    /// # Errors
    /// `TABLE-0008` when they are empty or too long.
    pub fn read(counter: &str, key: &str) -> Result<Self, Failure> {
        let (counter, key) = (counter.trim(), key.trim());
        let is_usable = !counter.is_empty()
            && counter.chars().nth(MAX_NAME).is_none()
            && key.chars().nth(MAX_COUNTER_KEY).is_none();
        if is_usable {
            Ok(Self { counter: counter.to_owned(), key: key.to_owned() })
        } else {
            Err(failures::counter_name())
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(&self) -> String {
        match self.key.as_str() {
            "" => format!("Counter {}", self.counter),
            key => format!("Counter {} for {key}", self.counter),
        }
    }
}
