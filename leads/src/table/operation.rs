//! What steps and people ask of tables and counters, as data. A run journals the answer; the operation is performed once.

use super::{Condition, failures};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{self, Access, Performer, Promise};
use trunkline_engine::run::Target;
use uuid::Uuid;

/// Something to do with a table or a counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum TableOperation {
    /// Find rows.
    FindRows(FindRows),
    /// Add a row.
    InsertRow(InsertRow),
    /// Change the rows that fit.
    UpdateRows(UpdateRows),
    /// Change the rows that have a value, or add one that has it.
    UpsertRow(UpsertRow),
    /// Delete the rows that fit.
    DeleteRows(DeleteRows),
    /// Change one row, as people do on the page of the table.
    EditRow(EditRow),
    /// Delete these rows, as people do on the page of the table.
    RemoveRows(RemoveRows),
    /// Add to a counter.
    AddToCounter(AddToCounter),
    /// Read a counter.
    ReadCounter(ReadCounter),
    /// Set a counter.
    SetCounter(SetCounter),
    /// Put parts back to what they were.
    PutBackTables(PutBackTables),
}

/// See [`TableOperation::FindRows`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindRows {
    /// Name or id of the table.
    pub table: String,
    /// What has to hold, all of it.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// The column that says the order; the order in which rows were made without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// Whether the order is turned round.
    #[serde(default)]
    pub descending: bool,
    /// Most rows (1 to 1,000).
    pub limit: u32,
}

/// See [`TableOperation::InsertRow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InsertRow {
    /// Name or id of the table.
    pub table: String,
    /// What stands in its cells, by column.
    pub values: Map<String, Value>,
}

/// See [`TableOperation::UpdateRows`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateRows {
    /// Name or id of the table.
    pub table: String,
    /// What has to hold, all of it.
    pub conditions: Vec<Condition>,
    /// What is to stand in the cells, by column; `null` empties one.
    pub values: Map<String, Value>,
}

/// See [`TableOperation::UpsertRow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpsertRow {
    /// Name or id of the table.
    pub table: String,
    /// The column by which the row is found.
    pub key: String,
    /// What is to stand in the cells, by column, that of `key` among them.
    pub values: Map<String, Value>,
}

/// See [`TableOperation::DeleteRows`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeleteRows {
    /// Name or id of the table.
    pub table: String,
    /// What has to hold, all of it.
    pub conditions: Vec<Condition>,
}

/// See [`TableOperation::EditRow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditRow {
    /// Name or id of the table.
    pub table: String,
    /// Which row.
    pub row: Uuid,
    /// What is to stand in the cells that change, by column; `null` empties one.
    pub values: Map<String, Value>,
}

/// See [`TableOperation::RemoveRows`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveRows {
    /// Name or id of the table.
    pub table: String,
    /// Which rows; those that are gone count as deleted.
    pub rows: Vec<Uuid>,
}

/// See [`TableOperation::AddToCounter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddToCounter {
    /// Its name.
    pub counter: String,
    /// What it counts for within that name.
    #[serde(default)]
    pub key: String,
    /// How much; negative to take away.
    pub by: i64,
}

/// See [`TableOperation::ReadCounter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCounter {
    /// Its name.
    pub counter: String,
    /// What it counts for within that name.
    #[serde(default)]
    pub key: String,
}

/// See [`TableOperation::SetCounter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCounter {
    /// Its name.
    pub counter: String,
    /// What it counts for within that name.
    #[serde(default)]
    pub key: String,
    /// The value it gets.
    pub to: i64,
}

/// See [`TableOperation::PutBackTables`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutBackTables {
    /// The parts, each at most once.
    pub parts: Vec<PutBackPart>,
}

/// A part of a table, or a counter, that goes back to what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutBackPart {
    /// Where, as [`TablePlace`](super::TablePlace) names it.
    pub target: Target,
    /// What people call it.
    pub label: String,
    /// What the run left there. What holds something else by now stays.
    pub now: Value,
    /// What was there before.
    pub back_to: Value,
}

impl TableOperation {
    /// Reads what a step asked for.
    ///
    /// # Errors
    /// `TABLE-0004` when the action is not known or its input cannot be read.
    pub fn read(action: &str, input: &Value) -> Result<Self, Failure> {
        fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, Failure> {
            T::deserialize(input).map_err(|error| failures::unreadable(&error.to_string()))
        }
        match action {
            "find_rows" => parse(input).map(Self::FindRows),
            "insert_row" => parse(input).map(Self::InsertRow),
            "update_rows" => parse(input).map(Self::UpdateRows),
            "upsert_row" => parse(input).map(Self::UpsertRow),
            "delete_rows" => parse(input).map(Self::DeleteRows),
            "edit_row" => parse(input).map(Self::EditRow),
            "remove_rows" => parse(input).map(Self::RemoveRows),
            "add_to_counter" => parse(input).map(Self::AddToCounter),
            "read_counter" => parse(input).map(Self::ReadCounter),
            "set_counter" => parse(input).map(Self::SetCounter),
            "put_back_tables" => parse(input).map(Self::PutBackTables),
            other => Err(failures::unreadable(&format!("there is no action called {other}"))),
        }
    }

    /// Its name.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::FindRows(_) => "find_rows",
            Self::InsertRow(_) => "insert_row",
            Self::UpdateRows(_) => "update_rows",
            Self::UpsertRow(_) => "upsert_row",
            Self::DeleteRows(_) => "delete_rows",
            Self::EditRow(_) => "edit_row",
            Self::RemoveRows(_) => "remove_rows",
            Self::AddToCounter(_) => "add_to_counter",
            Self::ReadCounter(_) => "read_counter",
            Self::SetCounter(_) => "set_counter",
            Self::PutBackTables(_) => "put_back_tables",
        }
    }

    /// Whether it only looks.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self, Self::FindRows(_) | Self::ReadCounter(_))
    }

    /// The effect a step asks the gate for.
    #[must_use]
    pub fn effect(&self) -> kind::Operation {
        let mut input = serde_json::to_value(self).expect("an operation holds nothing that JSON cannot");
        if let Some(fields) = input.as_object_mut() {
            fields.remove("action");
        }
        let (access, promise) =
            if self.is_read() { (Access::Read, Promise::None) } else { (Access::Write, Promise::Once) };
        kind::Operation {
            performer: Performer::Tables,
            action: Cow::Borrowed(self.action()),
            input,
            access,
            promise,
            sends_to: None,
        }
    }
}
