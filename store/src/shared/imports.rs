//! Imports, and what became of their rows.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{
    Answer, DoneStretch, Import, ImportChange, ImportStatus, Imports, NewImport, WorkspaceId,
};
use crate::postgres::Postgres;
use crate::records::{done_stretch, import};
use crate::sqlite::Sqlite;
use serde_json::Value;
use sqlx::QueryBuilder;
use std::collections::HashSet;
use trunkline_leads::importing::{Counts, RowOutcome, Stretch};
use trunkline_leads::{Key, Lead};
use uuid::Uuid;

/// Most rows of an answer.
const MOST: u32 = 500;
/// Most keys looked up by one statement.
const KEYS: usize = 20_000;
/// The columns of an [`Import`].
const IMPORT: &str = "SELECT id, name, file, status, source, total, found, settings, preview, job, run, created_by, \
    created_at, finished_at, error FROM import ";

macro_rules! imports {
    ($backend:ty, $database:ty, $known:path) => {
        impl Imports for $backend {
            fn create(&self, workspace: WorkspaceId, new: NewImport) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO import (id, workspace, name, file, status, created_by, created_at) \
                            VALUES ($1, $2, $3, $4, 'reading', $5, $6)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.name)
                            .bind(new.file)
                            .bind(new.by)
                            .bind(micros(new.created_at))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming("an import with this id"))?;
                        Ok(())
                    })
                }))
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Import>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(IMPORT);
                    sql.push("WHERE workspace = ").push_bind(workspace.0).push(" AND id = ").push_bind(id);
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(import).transpose()
                })
            }

            fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Import>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(IMPORT);
                    sql.push("WHERE workspace = ").push_bind(workspace.0);
                    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    sql.build().fetch_all(&self.readers).await?.iter().map(import).collect()
                })
            }

            fn latest_of(&self, workspace: WorkspaceId, source: String) -> Answer<'_, Option<Import>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(IMPORT);
                    sql.push("WHERE workspace = ").push_bind(workspace.0);
                    sql.push(" AND source = ").push_bind(source).push(" AND status NOT IN ('reading', 'ready')");
                    sql.push(" ORDER BY id DESC LIMIT 1");
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(import).transpose()
                })
            }

            fn change(
                &self,
                workspace: WorkspaceId,
                id: Uuid,
                from: Vec<ImportStatus>,
                change: ImportChange,
            ) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let json = |value: Option<Value>| value.map(|value| to_json(&value)).transpose();
                        let mut sql = QueryBuilder::<$database>::new("UPDATE import SET status = coalesce(");
                        sql.push_bind(change.status.map(ImportStatus::as_str)).push(", status), source = coalesce(");
                        sql.push_bind(change.source).push(", source), total = coalesce(");
                        sql.push_bind(change.total.map(signed)).push(", total), found = coalesce(");
                        sql.push_bind(json(change.found)?).push(", found), settings = coalesce(");
                        sql.push_bind(json(change.settings)?).push(", settings), preview = coalesce(");
                        sql.push_bind(json(change.preview)?).push(", preview), job = coalesce(");
                        sql.push_bind(change.job).push(", job), run = coalesce(");
                        sql.push_bind(change.run).push(", run), finished_at = coalesce(");
                        sql.push_bind(change.finished_at.map(micros)).push(", finished_at), error = coalesce(");
                        sql.push_bind(change.error).push(", error) WHERE workspace = ");
                        sql.push_bind(workspace.0).push(" AND id = ").push_bind(id).push(" AND status IN (");
                        let mut words = sql.separated(", ");
                        for status in from {
                            words.push_bind(status.as_str());
                        }
                        sql.push(")");
                        match sql.build().execute(connection).await?.rows_affected() {
                            0 => Err(Error::Conflict("an import at this step")),
                            _ => Ok(()),
                        }
                    })
                }))
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let removed = sqlx::query("DELETE FROM import WHERE workspace = $1 AND id = $2")
                            .bind(workspace.0)
                            .bind(id)
                            .execute(&mut *connection)
                            .await?
                            .rows_affected();
                        if removed == 0 {
                            return Err(Error::NotFound("an import"));
                        }
                        sqlx::query("DELETE FROM import_lead WHERE import = $1").bind(id).execute(connection).await?;
                        Ok(())
                    })
                }))
            }

            fn counts(&self, id: Uuid) -> Answer<'_, Counts> {
                Box::pin(async move {
                    let sql = "SELECT created, updated, unchanged, duplicate, skipped, failed \
                        FROM import_stretch WHERE import = $1";
                    let mut counts = Counts::default();
                    for row in sqlx::query(sql).bind(id).fetch_all(&self.readers).await? {
                        counts = counts.plus(Counts {
                            created: row.count("created")?,
                            updated: row.count("updated")?,
                            unchanged: row.count("unchanged")?,
                            duplicate: row.count("duplicate")?,
                            skipped: row.count("skipped")?,
                            failed: row.count("failed")?,
                        });
                    }
                    Ok(counts)
                })
            }

            fn stretches(&self, id: Uuid, after: Option<u64>, limit: u32) -> Answer<'_, Vec<DoneStretch>> {
                Box::pin(async move {
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT first, body FROM import_stretch WHERE import = ");
                    sql.push_bind(id);
                    if let Some(after) = after {
                        sql.push(" AND first > ").push_bind(signed(after));
                    }
                    sql.push(" ORDER BY first LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    sql.build().fetch_all(&self.readers).await?.iter().map(done_stretch).collect()
                })
            }

            fn known(&self, workspace: WorkspaceId, keys: HashSet<Key>) -> Answer<'_, Vec<(Key, Box<Lead>)>> {
                Box::pin(async move {
                    let mut connection = self.readers.acquire().await?;
                    let mut known = Vec::new();
                    let all: Vec<Key> = keys.into_iter().collect();
                    for piece in all.chunks(KEYS) {
                        let piece = piece.iter().cloned().collect();
                        known.extend($known(&mut connection, workspace, &piece).await?);
                    }
                    Ok(known)
                })
            }
        }
    };
}

imports!(Sqlite, sqlx::Sqlite, crate::sqlite::leads_with_keys);
imports!(Postgres, sqlx::Postgres, crate::postgres::leads_with_keys);

/// What became of the rows of a stretch, as its column holds it.
pub(crate) fn packed(stretch: &Stretch) -> Result<Vec<u8>, Error> {
    packed_rows(&stretch.rows)
}

/// The same, of its rows.
pub(super) fn packed_rows(rows: &[RowOutcome]) -> Result<Vec<u8>, Error> {
    let text = to_json(&rows)?;
    zstd::bulk::compress(text.as_bytes(), 1).map_err(|error| Error::Io(error.to_string()))
}

/// A count as its column holds it.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
