//! Data tables and counters, as people look at them, define and edit them.
//!
//! Runs read and change them through [`Runs::turn`](super::Runs::turn), which commits the change with the run's journal;
//! people through [`DataTables::perform`], by the same rules.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::table::{self, CounterKey, Need, Row, Table, TableOperation};
use uuid::Uuid;

/// Data tables and counters as the server needs them.
pub trait DataTables: Debug + Send + Sync {
    /// All tables, by name, at most 1,000.
    fn list(&self, workspace: WorkspaceId) -> Answer<'_, Vec<TableRow>>;

    /// One table.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<TableRow>>;

    /// Adds an empty table.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn create(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()>;

    /// Renames a table and replaces its columns. What stood in a column that is gone is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown table,
    /// [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn change(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()>;

    /// Deletes a table with its rows.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;

    /// Rows of a table, in their order.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown table.
    fn rows(&self, workspace: WorkspaceId, table: Uuid, query: RowQuery) -> Answer<'_, RowPage>;

    /// Performs `operations` one after another in one transaction; one that fails changes nothing, and does not keep the
    /// others from being performed.
    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<TableOperation>,
    ) -> Answer<'_, Vec<Result<Performed, Failure>>>;

    /// Answers what a [`Shelf`](table::Shelf) outside of the store has to know, as of now.
    fn look_up(&self, workspace: WorkspaceId, needs: Vec<Need>) -> Answer<'_, Vec<table::Answer>>;

    /// Counters, by name and key.
    fn counters(&self, workspace: WorkspaceId, query: CounterQuery) -> Answer<'_, CounterPage>;

    /// Forgets a counter.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove_counter(&self, workspace: WorkspaceId, counter: CounterKey) -> Answer<'_, ()>;
}

/// A table and how large it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// The table.
    pub table: Table,
    /// How many rows it has.
    pub rows: u64,
    /// When its columns or rows changed last.
    pub updated_at: DateTime<Utc>,
}

/// Which rows to list.
#[derive(Debug, Clone, Default)]
pub struct RowQuery {
    /// Text that occurs in one of the cells.
    pub search: Option<String>,
    /// Only those after this row.
    pub after: Option<Uuid>,
    /// Only up to this row.
    pub until: Option<Uuid>,
    /// Most rows (1 to 1,000).
    pub limit: u32,
}

/// Rows of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowPage {
    /// The rows.
    pub items: Vec<Row>,
    /// After which row the next page begins; `None` on the last.
    pub next: Option<Uuid>,
    /// The last row of the table; `None` when it has none.
    pub last: Option<Uuid>,
}

/// Which counters to list.
#[derive(Debug, Clone, Default)]
pub struct CounterQuery {
    /// Text that occurs in the name or the key.
    pub search: Option<String>,
    /// Only those after this one.
    pub after: Option<CounterKey>,
    /// Most counters (1 to 500).
    pub limit: u32,
}

/// Counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CounterPage {
    /// The counters.
    pub items: Vec<CounterRow>,
    /// After which the next page begins; `None` on the last.
    pub next: Option<CounterKey>,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRow {
    /// Which.
    pub counter: CounterKey,
    /// How far it has counted.
    pub value: i64,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}
