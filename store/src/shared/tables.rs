//! Data tables and counters: the port, and what the writer needs of a connection.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, CounterPage, CounterQuery, DataTables, RowPage, RowQuery, TableRow, WorkspaceId};
use crate::postgres::{self, Postgres, plain};
use crate::records::{counter, data_row, data_table};
use crate::sqlite::{self, Sqlite};
use crate::writer::{Shelves, shelves};
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::table::{
    self, Changes, CounterKey, MOST_LOOKED_AT, Need, Row, RowChange, Search, Table, TableOperation,
};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 1000;
/// Most tables of a list.
const MOST_TABLES: i64 = 1000;
/// Most rows of a page.
const MOST_ROWS: u32 = 1000;
/// Most counters of a page.
const MOST_COUNTERS: u32 = 500;
/// One more row than a shelf looks through.
const LOOK: i64 = MOST_LOOKED_AT as i64 + 1;
/// The columns of a [`TableRow`].
const TABLE: &str = "SELECT id, name, layout, row_count, updated_at FROM data_table ";
/// The columns of a [`Row`].
const ROW: &str = "SELECT id, record, created_at, updated_at FROM data_row ";

/// `text` as a pattern of `LIKE` that finds it anywhere; the escape is a backslash.
pub(super) fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in plain(text).to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

macro_rules! connection {
    ($connection:ty, $database:ty, $by_cell:path) => {
        impl Shelves for $connection {
            async fn tables(
                &mut self,
                workspace: WorkspaceId,
                asked: &HashSet<String>,
            ) -> Result<HashMap<String, (Arc<Table>, u64)>, Error> {
                let asked: Vec<&String> = asked.iter().collect();
                let mut found: Vec<(Arc<Table>, u64)> = Vec::new();
                for piece in asked.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(TABLE);
                    sql.push("WHERE workspace = ").push_bind(workspace.0).push(" AND (name IN (");
                    let mut list = sql.separated(", ");
                    for name in piece {
                        list.push_bind(plain(name).into_owned());
                    }
                    list.push_unseparated(")");
                    let ids: Vec<Uuid> = piece.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
                    if !ids.is_empty() {
                        let mut list = sql.push(" OR id IN (").separated(", ");
                        for id in ids {
                            list.push_bind(id);
                        }
                        list.push_unseparated(")");
                    }
                    sql.push(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let TableRow { table, rows, .. } = data_table(row)?;
                        found.push((Arc::new(table), rows));
                    }
                }
                let named = |asked: &str| found.iter().find(|(table, _)| table.name == plain(asked));
                let find = |asked: &&String| {
                    let by_id = || found.iter().find(|(table, _)| Uuid::try_parse(asked) == Ok(table.id));
                    Some(((*asked).clone(), named(asked).or_else(by_id)?.clone()))
                };
                Ok(asked.iter().filter_map(find).collect())
            }

            async fn rows(
                &mut self,
                asked: &HashSet<(Uuid, Search)>,
            ) -> Result<HashMap<(Uuid, Search), Vec<Row>>, Error> {
                let mut found: HashMap<(Uuid, Search), Vec<Row>> = HashMap::new();
                let (mut cells, mut ids) = (Vec::new(), Vec::new());
                for asked @ (table, search) in asked {
                    match search {
                        Search::Cell { column, cell } => cells.push((asked, table, column, cell)),
                        Search::Row(id) => ids.push((*table, *id)),
                        // A statement for each table that is looked through: they are few in a batch.
                        Search::All => {
                            let mut sql = QueryBuilder::<$database>::new(ROW);
                            sql.push("WHERE data_table = ").push_bind(*table);
                            sql.push(" ORDER BY id LIMIT ").push_bind(LOOK);
                            let rows = sql.build().fetch_all(&mut *self).await?;
                            let rows = rows.iter().map(data_row).collect::<Result<_, _>>()?;
                            found.insert(asked.clone(), rows);
                        }
                    }
                }
                for piece in cells.chunks(PIECE) {
                    let [before, between, after] = $by_cell;
                    let mut sql = QueryBuilder::<$database>::new(before);
                    sql.push_values((0_i64..).zip(piece), |mut row, (place, (_, table, column, cell))| {
                        row.push_bind(place)
                            .push_bind(**table)
                            .push_bind(column.as_str())
                            .push_bind(plain(cell).into_owned());
                    });
                    sql.push(between).push_bind(LOOK).push(after);
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let place = usize::try_from(row.number("place")?).unwrap_or(usize::MAX);
                        let asked =
                            piece.get(place).ok_or(Error::Corrupt("an answer nobody asked for".into()))?;
                        found.entry(asked.0.clone()).or_default().push(data_row(row)?);
                    }
                }
                for piece in ids.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT data_table, id, record, created_at, updated_at FROM data_row \
                        WHERE (data_table, id) IN (",
                    );
                    sql.push_values(piece, |mut row, (table, id)| {
                        row.push_bind(*table).push_bind(*id);
                    });
                    sql.push(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let asked = (row.id("data_table")?, Search::Row(row.id("id")?));
                        found.insert(asked, vec![data_row(row)?]);
                    }
                }
                Ok(found)
            }

            async fn counters(
                &mut self,
                workspace: WorkspaceId,
                asked: &HashSet<CounterKey>,
            ) -> Result<HashMap<CounterKey, i64>, Error> {
                let asked: Vec<_> = asked.iter().collect();
                let mut found = HashMap::new();
                for piece in asked.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT name, key, value, updated_at FROM counter WHERE (workspace, name, key) IN (",
                    );
                    sql.push_values(piece, |mut row, asked| {
                        row.push_bind(workspace.0)
                            .push_bind(plain(&asked.counter).into_owned())
                            .push_bind(plain(&asked.key).into_owned());
                    });
                    sql.push(")");
                    let mut values = HashMap::new();
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let row = counter(row)?;
                        values.insert(row.counter, row.value);
                    }
                    for asked in piece {
                        let kept = CounterKey {
                            counter: plain(&asked.counter).into_owned(),
                            key: plain(&asked.key).into_owned(),
                        };
                        found.extend(values.get(&kept).map(|value| ((*asked).clone(), *value)));
                    }
                }
                Ok(found)
            }

            async fn write_tables(
                &mut self,
                workspace: WorkspaceId,
                changes: Changes,
                at: DateTime<Utc>,
            ) -> Result<(), Error> {
                let Changes { rows, counters } = changes;
                let stored: Vec<Uuid> = rows.iter().filter(|row| row.was_stored).map(|row| row.id).collect();
                for piece in stored.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM data_cell WHERE row_id IN (");
                    let mut list = sql.separated(", ");
                    for id in piece {
                        list.push_bind(*id);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                let gone: Vec<Uuid> = rows.iter().filter(|row| row.row.is_none()).map(|row| row.id).collect();
                for piece in gone.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM data_row WHERE id IN (");
                    let mut list = sql.separated(", ");
                    for id in piece {
                        list.push_bind(*id);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                let mut kept = Vec::with_capacity(rows.len());
                let mut cells = Vec::new();
                for RowChange { table, row, .. } in &rows {
                    let Some(row) = row else { continue };
                    cells.extend(row.cells(table).into_iter().map(|cell| (table.id, cell, row.id)));
                    kept.push((table.id, row, to_json(&row.values)?));
                }
                for piece in kept.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO data_row (id, data_table, search, record, created_at, updated_at) ",
                    );
                    sql.push_values(piece, |mut values, (table, row, record)| {
                        values
                            .push_bind(row.id)
                            .push_bind(*table)
                            .push_bind(plain(&row.search_text()).into_owned())
                            .push_bind(record.as_str())
                            .push_bind(micros(row.created_at))
                            .push_bind(micros(row.updated_at));
                    });
                    sql.push(
                        " ON CONFLICT (id) DO UPDATE SET search = excluded.search, record = excluded.record, \
                        updated_at = excluded.updated_at",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                for piece in cells.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO data_cell (data_table, column_key, value, row_id) ",
                    );
                    sql.push_values(piece, |mut values, (table, (column, cell), row)| {
                        values
                            .push_bind(*table)
                            .push_bind(column.as_str())
                            .push_bind(plain(cell).into_owned())
                            .push_bind(*row);
                    });
                    sql.push(" ON CONFLICT DO NOTHING");
                    sql.build().execute(&mut *self).await?;
                }
                // Few tables change in one batch, however many rows do.
                for (table, more) in growth(&rows) {
                    let sql =
                        "UPDATE data_table SET row_count = row_count + $1, updated_at = $2 WHERE id = $3";
                    sqlx::query(sql).bind(more).bind(micros(at)).bind(table).execute(&mut *self).await?;
                }
                for piece in counters.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO counter (workspace, name, key, value, updated_at) ",
                    );
                    sql.push_values(piece, |mut values, change| {
                        values
                            .push_bind(workspace.0)
                            .push_bind(plain(&change.counter.counter).into_owned())
                            .push_bind(plain(&change.counter.key).into_owned())
                            .push_bind(change.value)
                            .push_bind(micros(at));
                    });
                    sql.push(
                        " ON CONFLICT (workspace, name, key) DO UPDATE SET value = excluded.value, \
                        updated_at = excluded.updated_at",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }
    };
}

/// By how many rows each table grew.
fn growth(rows: &[RowChange]) -> BTreeMap<Uuid, i64> {
    let mut growth = BTreeMap::new();
    for change in rows {
        *growth.entry(change.table.id).or_default() +=
            i64::from(change.row.is_some()) - i64::from(change.was_stored);
    }
    growth
}

connection!(SqliteConnection, sqlx::Sqlite, sqlite::ROWS_BY_CELL);
connection!(PgConnection, sqlx::Postgres, postgres::ROWS_BY_CELL);

macro_rules! port {
    ($backend:ty, $database:ty) => {
        impl DataTables for $backend {
            fn list(&self, workspace: WorkspaceId) -> Answer<'_, Vec<TableRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(TABLE);
                    sql.push("WHERE workspace = ").push_bind(workspace.0);
                    sql.push(" ORDER BY name LIMIT ").push_bind(MOST_TABLES);
                    sql.build().fetch_all(&self.readers).await?.iter().map(data_table).collect()
                })
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<TableRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(TABLE);
                    sql.push("WHERE workspace = ").push_bind(workspace.0).push(" AND id = ").push_bind(id);
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(data_table).transpose()
                })
            }

            fn create(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()> {
                let sources = self.sources.clone();
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO data_table (id, workspace, name, layout, row_count, created_at, \
                            updated_at) VALUES ($1, $2, $3, $4, 0, $5, $5)";
                        sqlx::query(sql)
                            .bind(table.id)
                            .bind(workspace.0)
                            .bind(plain(&table.name).into_owned())
                            .bind(to_json(&table.columns)?)
                            .bind(micros(sources.now()))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming(SAME_NAME))?;
                        Ok(())
                    })
                }))
            }

            fn change(&self, workspace: WorkspaceId, table: Table) -> Answer<'_, ()> {
                let sources = self.sources.clone();
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let at = sources.now();
                        let asked = HashSet::from([table.id.to_string()]);
                        let found = connection.tables(workspace, &asked).await?;
                        let (old, _) = found.into_values().next().ok_or(Error::NotFound("the table"))?;
                        let sql = "UPDATE data_table SET name = $1, layout = $2, updated_at = $3 WHERE id = $4";
                        sqlx::query(sql)
                            .bind(plain(&table.name).into_owned())
                            .bind(to_json(&table.columns)?)
                            .bind(micros(at))
                            .bind(table.id)
                            .execute(&mut *connection)
                            .await
                            .map_err(|error| Error::from(error).naming(SAME_NAME))?;
                        let table = Arc::new(table);
                        let gone = gone_columns(&old, &table);
                        let mut after = Uuid::nil();
                        while !gone.is_empty() {
                            let mut sql = QueryBuilder::<$database>::new(ROW);
                            sql.push("WHERE data_table = ").push_bind(table.id);
                            sql.push(" AND id > ").push_bind(after);
                            sql.push(" ORDER BY id LIMIT ").push_bind(i64::from(MOST_ROWS));
                            let rows = sql.build().fetch_all(&mut *connection).await?;
                            let rows = rows.iter().map(data_row).collect::<Result<Vec<_>, _>>()?;
                            let Some(last) = rows.last() else { break };
                            after = last.id;
                            let changes = without(&table, rows, &gone);
                            connection.write_tables(workspace, changes, at).await?;
                        }
                        Ok(())
                    })
                }))
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "SELECT count(*) AS n FROM data_table WHERE workspace = $1 AND id = $2";
                        let found = sqlx::query(sql).bind(workspace.0).bind(id);
                        if found.fetch_one(&mut *connection).await?.count("n")? == 0 {
                            return Err(Error::NotFound("the table"));
                        }
                        for sql in [
                            "DELETE FROM data_cell WHERE data_table = $1",
                            "DELETE FROM data_row WHERE data_table = $1",
                            "DELETE FROM data_table WHERE id = $1",
                        ] {
                            sqlx::query(sql).bind(id).execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                }))
            }

            fn rows(&self, workspace: WorkspaceId, table: Uuid, query: RowQuery) -> Answer<'_, RowPage> {
                Box::pin(async move {
                    let sql = "SELECT count(*) AS n FROM data_table WHERE workspace = $1 AND id = $2";
                    let found = sqlx::query(sql).bind(workspace.0).bind(table);
                    if found.fetch_one(&self.readers).await?.count("n")? == 0 {
                        return Err(Error::NotFound("the table"));
                    }
                    let limit = query.limit.clamp(1, MOST_ROWS);
                    let mut sql = QueryBuilder::<$database>::new(ROW);
                    sql.push("WHERE data_table = ").push_bind(table);
                    if let Some(after) = query.after {
                        sql.push(" AND id > ").push_bind(after);
                    }
                    if let Some(until) = query.until {
                        sql.push(" AND id <= ").push_bind(until);
                    }
                    let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
                    if let Some(text) = text {
                        sql.push(" AND search LIKE ").push_bind(anywhere(text)).push(r" ESCAPE '\'");
                    }
                    // One more than asked for tells whether there is another page.
                    sql.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit) + 1);
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    let mut items = rows.iter().map(data_row).collect::<Result<Vec<_>, _>>()?;
                    let more = items.len() > limit as usize;
                    items.truncate(limit as usize);
                    let next = if more { items.last().map(|row| row.id) } else { None };
                    let sql = "SELECT id FROM data_row WHERE data_table = $1 ORDER BY id DESC LIMIT 1";
                    let last = sqlx::query(sql).bind(table).fetch_optional(&self.readers).await?;
                    let last = last.map(|row| row.id("id")).transpose()?;
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
                    Box::pin(async move {
                        shelves::perform(connection, workspace, &operations, &sources).await
                    })
                }))
            }

            fn look_up(&self, workspace: WorkspaceId, needs: Vec<Need>) -> Answer<'_, Vec<table::Answer>> {
                Box::pin(async move {
                    let mut connection = self.readers.acquire().await?;
                    shelves::answer(&mut *connection, workspace, needs).await
                })
            }

            fn counters(&self, workspace: WorkspaceId, query: CounterQuery) -> Answer<'_, CounterPage> {
                Box::pin(async move {
                    let limit = query.limit.clamp(1, MOST_COUNTERS);
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT name, key, value, updated_at FROM counter WHERE workspace = ",
                    );
                    sql.push_bind(workspace.0);
                    if let Some(after) = &query.after {
                        sql.push(" AND (name, key) > (").push_bind(after.counter.as_str());
                        sql.push(", ").push_bind(after.key.as_str()).push(")");
                    }
                    let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
                    if let Some(text) = text {
                        let pattern = anywhere(text);
                        sql.push(" AND (lower(name) LIKE ").push_bind(pattern.clone()).push(r" ESCAPE '\'");
                        sql.push(" OR lower(key) LIKE ").push_bind(pattern).push(r" ESCAPE '\')");
                    }
                    sql.push(" ORDER BY name, key LIMIT ").push_bind(i64::from(limit) + 1);
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    let mut items = rows.iter().map(counter).collect::<Result<Vec<_>, _>>()?;
                    let more = items.len() > limit as usize;
                    items.truncate(limit as usize);
                    let next = if more { items.last().map(|row| row.counter.clone()) } else { None };
                    Ok(CounterPage { items, next })
                })
            }

            fn remove_counter(&self, workspace: WorkspaceId, counter: CounterKey) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "DELETE FROM counter WHERE workspace = $1 AND name = $2 AND key = $3";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(counter.counter).bind(counter.key);
                        match gone.execute(connection).await?.rows_affected() {
                            0 => Err(Error::NotFound("the counter")),
                            _ => Ok(()),
                        }
                    })
                }))
            }
        }
    };
}

port!(Sqlite, sqlx::Sqlite);
port!(Postgres, sqlx::Postgres);

/// What a taken name is called.
const SAME_NAME: &str = "a table with this name";

/// The technical names of columns that `new` does not have any more.
pub(crate) fn gone_columns(old: &Table, new: &Table) -> Vec<String> {
    let is_gone = |key: &&str| !new.columns.iter().any(|column| column.key == **key);
    old.columns.iter().map(|column| column.key.as_str()).filter(is_gone).map(str::to_owned).collect()
}

/// `rows` without what stands in the columns `gone`.
pub(crate) fn without(table: &Arc<Table>, rows: Vec<Row>, gone: &[String]) -> Changes {
    let change = |mut row: Row| {
        row.values.retain(|key, _| !gone.contains(key));
        RowChange { table: Arc::clone(table), id: row.id, row: Some(row), was_stored: true }
    };
    Changes { rows: rows.into_iter().map(change).collect(), counters: Vec::new() }
}
