//! Data tables and counters.

use super::Memory;
use super::tables::Tables;
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{
    Answer, CounterPage, CounterQuery, CounterRow, DataTables, RowPage, RowQuery, TableRow, WorkspaceId,
};
use crate::shared::tables::{gone_columns, without};
use crate::writer::{Shelves, shelves};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::table::{
    self, Changes, CounterKey, MOST_LOOKED_AT, Need, Row, Search, Table, TableOperation,
};
use uuid::Uuid;

/// Most rows of a page.
const MAX_PAGE: u32 = 1000;

impl Shelves for Transaction {
    async fn tables(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, (Arc<Table>, u64)>, Error> {
        let tables = self.look();
        let find = |asked: &String| {
            let of_workspace = || tables.data_tables.values().filter(|(of, ..)| *of == workspace);
            let (_, table, _) = of_workspace()
                .find(|(_, table, _)| table.name == *asked)
                .or_else(|| of_workspace().find(|(_, table, _)| Uuid::try_parse(asked) == Ok(table.id)))?;
            Some((asked.clone(), (Arc::clone(table), count(tables, table.id))))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn rows(
        &mut self,
        asked: &HashSet<(Uuid, Search)>,
    ) -> Result<HashMap<(Uuid, Search), Vec<Row>>, Error> {
        let tables = self.look();
        let find = |asked: &(Uuid, Search)| {
            let (id, search) = asked;
            let (_, table, _) = tables.data_tables.get(id)?;
            let fits = |row: &&Arc<Row>| match search {
                Search::All => true,
                Search::Row(id) => row.id == *id,
                Search::Cell { column, cell } => row.cells(table).contains(&(column.clone(), cell.clone())),
            };
            let found = of_table(tables, *id).filter(fits).take(MOST_LOOKED_AT + 1);
            Some((asked.clone(), found.map(|row| (**row).clone()).collect()))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn counters(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<CounterKey>,
    ) -> Result<HashMap<CounterKey, i64>, Error> {
        let tables = self.look();
        let find = |asked: &CounterKey| {
            let (value, _) = tables.counters.get(&(workspace, asked.clone()))?;
            Some((asked.clone(), *value))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn write_tables(
        &mut self,
        workspace: WorkspaceId,
        changes: Changes,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let tables = self.writing().await?;
        let rows = Arc::make_mut(&mut tables.data_rows);
        for change in changes.rows {
            let place = (change.table.id, change.id);
            match change.row {
                Some(row) => drop(rows.insert(place, Arc::new(row))),
                None => drop(rows.remove(&place)),
            }
            if let Some((.., updated_at)) = Arc::make_mut(&mut tables.data_tables).get_mut(&change.table.id) {
                *updated_at = at;
            }
        }
        let counters = Arc::make_mut(&mut tables.counters);
        for change in changes.counters {
            counters.insert((workspace, change.counter), (change.value, at));
        }
        Ok(())
    }
}

impl DataTables for Memory {
    fn list(&self, workspace: WorkspaceId) -> Answer<'_, Vec<TableRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_workspace = tables.data_tables.values().filter(|(of, ..)| *of == workspace);
            let mut rows: Vec<TableRow> = of_workspace.map(|table| row(&tables, table)).collect();
            rows.sort_by(|a, b| a.table.name.cmp(&b.table.name));
            Ok(rows)
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<TableRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let found = tables.data_tables.get(&id).filter(|(of, ..)| *of == workspace);
            Ok(found.map(|table| row(&tables, table)))
        })
    }

    fn create(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()> {
        let at = self.sources.now();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { put(connection.tables()?, workspace, table, at) })
        }))
    }

    fn change(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()> {
        let at = self.sources.now();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                let known = tables.data_tables.get(&table.id).filter(|(of, ..)| *of == workspace);
                let (_, old, _) = known.ok_or(Error::NotFound("the table"))?.clone();
                put(tables, workspace, table.clone(), at)?;
                let gone = gone_columns(&old, &table);
                let rows = of_table(tables, table.id).map(|row| (**row).clone()).collect();
                let changes = without(&Arc::new(table), rows, &gone);
                connection.write_tables(workspace, changes, at).await
            })
        }))
    }

    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                if tables.data_tables.get(&id).is_none_or(|(of, ..)| *of != workspace) {
                    return Err(Error::NotFound("the table"));
                }
                Arc::make_mut(&mut tables.data_tables).remove(&id);
                Arc::make_mut(&mut tables.data_rows).retain(|(table, _), _| *table != id);
                Ok(())
            })
        }))
    }

    fn rows(&self, workspace: WorkspaceId, table: Uuid, query: RowQuery) -> Answer<'_, RowPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            if tables.data_tables.get(&table).is_none_or(|(of, ..)| *of != workspace) {
                return Err(Error::NotFound("the table"));
            }
            let text = query.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
            let fits = |row: &&Arc<Row>| {
                query.after.is_none_or(|after| row.id > after)
                    && query.until.is_none_or(|until| row.id <= until)
                    && (text.is_empty() || row.search_text().contains(&text))
            };
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let found = of_table(&tables, table).filter(fits).take(limit + 1);
            let mut items: Vec<Row> = found.map(|row| (**row).clone()).collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|row| row.id) } else { None };
            let last = of_table(&tables, table).next_back().map(|row| row.id);
            Ok(RowPage { items, next, last })
        })
    }

    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<TableOperation>,
    ) -> Answer<'_, Vec<Result<Performed, Failure>>> {
        let sources = self.sources.clone();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { shelves::perform(connection, workspace, &operations, &sources).await })
        }))
    }

    fn look_up(&self, workspace: WorkspaceId, needs: Vec<Need>) -> Answer<'_, Vec<table::Answer>> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { shelves::answer(connection, workspace, needs).await })
        }))
    }

    fn counters(&self, workspace: WorkspaceId, query: CounterQuery) -> Answer<'_, CounterPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let text = query.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
            let fits = |counter: &CounterKey| {
                query.after.as_ref().is_none_or(|after| counter > after)
                    && (counter.counter.to_lowercase().contains(&text)
                        || counter.key.to_lowercase().contains(&text))
            };
            let of_workspace =
                tables.counters.iter().filter(|((of, counter), _)| *of == workspace && fits(counter));
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let row = |((_, counter), (value, updated_at)): (&(_, CounterKey), &(i64, DateTime<Utc>))| {
                CounterRow { counter: counter.clone(), value: *value, updated_at: *updated_at }
            };
            let mut items: Vec<CounterRow> = of_workspace.take(limit + 1).map(row).collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|row| row.counter.clone()) } else { None };
            Ok(CounterPage { items, next })
        })
    }

    fn remove_counter(&self, workspace: WorkspaceId, counter: CounterKey) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let counters = Arc::make_mut(&mut connection.tables()?.counters);
                counters.remove(&(workspace, counter)).map(drop).ok_or(Error::NotFound("the counter"))
            })
        }))
    }
}

fn put(tables: &mut Tables, workspace: WorkspaceId, table: Table, at: DateTime<Utc>) -> Result<(), Error> {
    let mut others =
        tables.data_tables.values().filter(|(of, other, _)| *of == workspace && other.id != table.id);
    if others.any(|(_, other, _)| other.name == table.name) {
        return Err(Error::Conflict("a table with this name"));
    }
    Arc::make_mut(&mut tables.data_tables).insert(table.id, (workspace, Arc::new(table), at));
    Ok(())
}

fn of_table(tables: &Tables, table: Uuid) -> impl DoubleEndedIterator<Item = &Arc<Row>> {
    tables.data_rows.range((table, Uuid::nil())..=(table, Uuid::max())).map(|(_, row)| row)
}

fn count(tables: &Tables, table: Uuid) -> u64 {
    of_table(tables, table).count() as u64
}

fn row(tables: &Tables, (_, table, updated_at): &(WorkspaceId, Arc<Table>, DateTime<Utc>)) -> TableRow {
    TableRow { table: (**table).clone(), rows: count(tables, table.id), updated_at: *updated_at }
}
