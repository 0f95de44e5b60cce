//! Data tables and counters: what the writer needs of a connection, and performing operations on it.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::settings::Sources;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::Occasion;
use trunkline_leads::table::{Answer, Changes, CounterKey, Need, Row, Search, Shelf, Table, TableOperation};
use uuid::Uuid;

/// Tables and counters of a database. Look-ups leave out what is not there.
pub(crate) trait Shelves: Send {
    /// Tables by name or, when no table has that name, by id in text, with how many rows each has; under the text that
    /// was asked for.
    fn tables(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> impl Future<Output = Result<HashMap<String, (Arc<Table>, u64)>, Error>> + Send;

    /// Rows of tables of the workspace; of each search one more than a shelf looks through at most.
    fn rows(
        &mut self,
        asked: &HashSet<(Uuid, Search)>,
    ) -> impl Future<Output = Result<HashMap<(Uuid, Search), Vec<Row>>, Error>> + Send;

    /// The values of counters.
    fn counters(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<CounterKey>,
    ) -> impl Future<Output = Result<HashMap<CounterKey, i64>, Error>> + Send;

    /// Writes what a batch changed at `at`.
    fn write_tables(
        &mut self,
        workspace: WorkspaceId,
        changes: Changes,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Answers `needs`, one question per sort.
pub(crate) async fn answer<C: Shelves>(
    connection: &mut C,
    workspace: WorkspaceId,
    needs: impl IntoIterator<Item = Need>,
) -> Result<Vec<Answer>, Error> {
    let (mut tables, mut rows, mut counters) = (HashSet::new(), HashSet::new(), HashSet::new());
    for need in needs {
        match need {
            Need::Table(asked) => drop(tables.insert(asked)),
            Need::Rows { table, search } => drop(rows.insert((table, search))),
            Need::Counter(counter) => drop(counters.insert(counter)),
        }
    }
    let mut answers = Vec::with_capacity(tables.len() + rows.len() + counters.len());
    if !tables.is_empty() {
        let mut found = connection.tables(workspace, &tables).await?;
        answers.extend(tables.into_iter().map(|asked| {
            let table = found.remove(&asked);
            Answer::Table(asked, table)
        }));
    }
    if !rows.is_empty() {
        let mut found = connection.rows(&rows).await?;
        answers.extend(rows.into_iter().map(|asked| {
            let rows = found.remove(&asked).unwrap_or_default();
            Answer::Rows { table: asked.0, search: asked.1, rows }
        }));
    }
    if !counters.is_empty() {
        let found = connection.counters(workspace, &counters).await?;
        answers.extend(counters.into_iter().map(|counter| {
            let value = found.get(&counter).copied().unwrap_or(0);
            Answer::Counter(counter, value)
        }));
    }
    Ok(answers)
}

/// Performs `operations` for a person, within a transaction that is open.
pub(crate) async fn perform<C: Shelves>(
    connection: &mut C,
    workspace: WorkspaceId,
    operations: &[TableOperation],
    sources: &Sources,
) -> Result<Vec<Result<Performed, Failure>>, Error> {
    let mut shelf = Shelf::default();
    loop {
        let needs: HashSet<Need> = operations.iter().flat_map(|operation| shelf.needs(operation)).collect();
        if needs.is_empty() {
            break;
        }
        shelf.supply(answer(connection, workspace, needs).await?);
    }
    let at = sources.now();
    let mut results = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut new_id = || sources.new_id();
        results.push(
            shelf
                .perform(operation, Occasion { at, run_id: None, step: None, by: None, new_id: &mut new_id }),
        );
    }
    let changes = shelf.take_changes();
    if !changes.is_empty() {
        connection.write_tables(workspace, changes, at).await?;
    }
    Ok(results)
}
