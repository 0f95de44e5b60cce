//! The routing table as people write it: columns, rows, and what comes before and after them.

use super::cell::{Cell, ColumnKind};
use super::criterion::look_up;
use super::decision::PassedRow;
use super::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// Most columns of a table.
pub(super) const MAX_COLUMNS: usize = 20;
/// Most rows of a decision that are told as passed over.
pub(super) const MAX_PASSED: usize = 50;
/// Most rows of a table.
pub(super) const MAX_ROWS: usize = 2_000;

/// Where leads go. The first row that a lead meets decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingTable {
    /// What people read about it.
    pub description: String,
    /// What is looked at before the rows.
    pub first: First,
    /// What rows look at.
    pub columns: Vec<Column>,
    /// From the first that is tried to the last.
    pub rows: Vec<Row>,
    /// Name, e-mail address or id of the owner who takes a lead that nobody else can take.
    pub fallback: String,
}

/// What is looked at before the rows, in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct First {
    /// A lead that has an owner stays with them.
    pub keep_owner: bool,
    /// A lead of an account goes to the owner of the account.
    pub account_owner: bool,
    /// A lead goes to whoever owns the latest other lead of its account.
    pub same_account: bool,
}

/// What rows look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its id within the table, which never changes.
    pub id: String,
    /// What people call it; empty for the field's own name.
    #[serde(default)]
    pub title: String,
    /// The field: of the lead (`country`), of its account (`account.region`), or one of the workspace's own (`plan`).
    pub field: String,
    /// How its values are compared.
    #[serde(default)]
    pub kind: ColumnKind,
}

/// What a lead has to be, and where it goes then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id within the table, which never changes.
    pub id: String,
    /// What it asks of each column, by the column's id; a column left out may be anything.
    #[serde(default)]
    pub cells: BTreeMap<String, String>,
    /// Where the lead goes.
    pub to: Target,
    /// What people read about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whether it is left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// Where a lead goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// To this owner.
    Owner {
        /// Name, e-mail address or id.
        name: String,
    },
    /// To the next member of this pool.
    Pool {
        /// Name or id.
        name: String,
    },
    /// To whoever of this team is at work and has the fewest open leads.
    Team {
        /// Name, as owners have it.
        name: String,
    },
    /// To the owner of the lead's account; without one the next rows are tried.
    AccountOwner,
    /// Onto this list, without an owner.
    List {
        /// Name or id.
        name: String,
    },
}

impl Target {
    /// The name it says, of a pool, an owner, a team or a list.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Owner { name } | Self::Pool { name } | Self::Team { name } | Self::List { name } => {
                Some(name.trim())
            }
            Self::AccountOwner => None,
        }
    }
}

impl Column {
    /// What people call it.
    #[must_use]
    pub fn called(&self) -> String {
        match self.title.trim() {
            "" => words::field(&self.field),
            title => title.to_owned(),
        }
    }
}

impl Row {
    /// Whether it asks for nothing.
    pub(super) fn is_catch_all(&self, columns: &[Column]) -> bool {
        columns.iter().all(|column| matches!(self.cell(column), Ok(Cell::Any)))
    }

    pub(super) fn cell(&self, column: &Column) -> Result<Cell, super::cell::CellError> {
        Cell::read(self.cells.get(&column.id).map_or("", String::as_str), column.kind)
    }
}

impl RoutingTable {
    /// What has to be mended before it can be published, each with the JSON Pointer of what it is about. Names of pools
    /// and owners are not looked up.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut add = |at: String, what: String| problems.push((at, what));
        if self.columns.len() > MAX_COLUMNS {
            add("/columns".into(), format!("a table has at most {MAX_COLUMNS} columns"));
        }
        if self.rows.len() > MAX_ROWS {
            add("/rows".into(), format!("a table has at most {MAX_ROWS} rows"));
        }
        let mut ids = HashSet::new();
        for (place, column) in self.columns.iter().enumerate() {
            if column.field.trim().is_empty() {
                add(format!("/columns/{place}"), format!("column {} looks at no field", place + 1));
            }
            if !ids.insert(column.id.as_str()) {
                add(format!("/columns/{place}"), "two columns have the same id".into());
            }
        }
        let mut ids = HashSet::new();
        for (place, row) in self.rows.iter().enumerate() {
            if !ids.insert(row.id.as_str()) {
                add(format!("/rows/{place}"), "two rows have the same id".into());
            }
            if row.to.name().is_some_and(str::is_empty) {
                add(format!("/rows/{place}/to"), format!("row {} does not say where leads go", place + 1));
            }
            for column in &self.columns {
                if let Err(error) = row.cell(column) {
                    let at = format!("/rows/{place}/cells/{}", column.id);
                    add(at, format!("row {}, {}: {error}", place + 1, column.called()));
                }
            }
        }
        let last = self.rows.iter().rfind(|row| !row.off);
        if !last.is_some_and(|row| row.is_catch_all(&self.columns) && row.to != Target::AccountOwner) {
            let what =
                "the last row has to take every lead: leave all its cells empty and choose where leads go";
            add("/rows".into(), what.into());
        }
        if self.fallback.trim().is_empty() {
            add("/fallback".into(), "no owner is chosen for leads that nobody else can take".into());
        }
        problems
    }

    /// Names of the pools that rows lead to.
    #[must_use]
    pub fn pools(&self) -> Vec<&str> {
        let named = self.rows.iter().filter(|row| !row.off).filter_map(|row| match &row.to {
            Target::Pool { name } => Some(name.trim()),
            _ => None,
        });
        let mut seen = HashSet::new();
        named.filter(|name| seen.insert(*name)).collect()
    }

    /// Names of the teams that rows lead to.
    #[must_use]
    pub fn teams(&self) -> Vec<&str> {
        let named = self.rows.iter().filter(|row| !row.off).filter_map(|row| match &row.to {
            Target::Team { name } => Some(name.trim()),
            _ => None,
        });
        let mut seen = HashSet::new();
        named.filter(|name| seen.insert(*name)).collect()
    }

    /// Names of the lists that rows lead to.
    #[must_use]
    pub fn lists(&self) -> Vec<&str> {
        let named = self.rows.iter().filter(|row| !row.off).filter_map(|row| match &row.to {
            Target::List { name } => Some(name.trim()),
            _ => None,
        });
        let mut seen = HashSet::new();
        named.filter(|name| seen.insert(*name)).collect()
    }

    /// Names of the owners that rows and the fallback lead to.
    #[must_use]
    pub fn owners(&self) -> Vec<&str> {
        let named = self.rows.iter().filter(|row| !row.off).filter_map(|row| match &row.to {
            Target::Owner { name } => Some(name.trim()),
            _ => None,
        });
        let fallback = Some(self.fallback.trim()).filter(|name| !name.is_empty());
        let mut seen = HashSet::new();
        named.chain(fallback).filter(|name| seen.insert(*name)).collect()
    }
}

/// A table whose cells are read, so that many leads can be tried against it.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The table.
    pub table: RoutingTable,
    /// Cells of each row in the order of the columns; none of a row that is switched off or cannot be read.
    cells: Vec<Option<Vec<Cell>>>,
}

impl<'de> Deserialize<'de> for Ready {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RoutingTable::deserialize(deserializer).map(Self::new)
    }
}

impl Ready {
    /// Reads the cells of `table`.
    #[must_use]
    pub fn new(table: RoutingTable) -> Self {
        let read = |row: &Row| -> Option<Vec<Cell>> {
            let cells = table.columns.iter().map(|column| row.cell(column).ok());
            if row.off { None } else { cells.collect() }
        };
        let cells = table.rows.iter().map(read).collect();
        Self { table, cells }
    }

    /// The first row from the place `from` on that `record` meets, with those passed over before it, of which
    /// the first `MAX_PASSED` are told. `None` for no row.
    pub(super) fn find(&self, record: &Value, from: usize, passed: &mut Vec<PassedRow>) -> Option<usize> {
        let columns = &self.table.columns;
        let values: Vec<&Value> = columns.iter().map(|column| look_up(record, &column.field)).collect();
        for (place, cells) in self.cells.iter().enumerate().skip(from) {
            let why = match cells {
                None => "the row is switched off".to_owned(),
                Some(cells) => match cells.iter().zip(&values).position(|(cell, value)| !cell.holds(value)) {
                    None => return Some(place),
                    // Telling why costs more than finding out; nobody reads about more than a few.
                    Some(_) if passed.len() >= MAX_PASSED => continue,
                    Some(column) => self.why_not(place, column, values[column]),
                },
            };
            if passed.len() < MAX_PASSED {
                passed.push(PassedRow { row: place + 1, why });
            }
        }
        None
    }

    fn why_not(&self, row: usize, column: usize, value: &Value) -> String {
        let column = &self.table.columns[column];
        let text = self.table.rows[row].cells.get(&column.id).map_or("", String::as_str);
        format!("{}, and here it is {}", words::cell(&column.called(), text, column.kind), shown(value))
    }
}

/// A value as it reads in a sentence.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "empty".into(),
        Value::String(text) if text.trim().is_empty() => "empty".into(),
        Value::String(text) => text.chars().take(60).collect(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::Array(items) if items.is_empty() => "empty".into(),
        Value::Array(items) => items.iter().take(5).map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(_) => "a record".into(),
        Value::Number(number) => number.to_string(),
    }
}
