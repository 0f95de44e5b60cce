//! What the sweep does to runs in either database: deleting them whole, and thinning them out.

use crate::columns::{Columns, first_id_at, micros};
use crate::error::Error;
use crate::writer::{decode_journal, encode_journal};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use trunkline_engine::run::{Event, RunId};
use uuid::Uuid;

/// Runs in one statement.
const PIECE: usize = 1000;

/// Making runs smaller, or none.
pub(crate) trait Retention: Send {
    /// Deletes runs and everything that is kept of them alone.
    fn delete_runs(&mut self, runs: &[RunId]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Leaves of runs how they began, which is `journals`, and how they ended, which is in their row.
    fn replace_journals(
        &mut self,
        journals: Vec<(RunId, Vec<u8>)>,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Thins out one slice of completed runs whose workflow wants it; answers how many, and whether more are due.
    fn thin(
        &mut self,
        now: DateTime<Utc>,
        slice: u32,
    ) -> impl Future<Output = Result<(u64, bool), Error>> + Send;

    /// The oldest runs that are over, at most `most`.
    fn oldest_over(&mut self, most: u32) -> impl Future<Output = Result<Vec<RunId>, Error>> + Send;

    /// The budget in bytes, if there is one.
    fn budget(&mut self) -> impl Future<Output = Result<Option<u64>, Error>> + Send;
}

macro_rules! retention {
    ($connection:ty, $database:ty) => {
        impl Retention for $connection {
            async fn delete_runs(&mut self, runs: &[RunId]) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    for start in [
                        "DELETE FROM journal WHERE run IN (",
                        "DELETE FROM letter WHERE run IN (",
                        "DELETE FROM run_wait WHERE run IN (",
                        "DELETE FROM run_rule WHERE run IN (",
                        "DELETE FROM run WHERE id IN (",
                    ] {
                        let mut sql = QueryBuilder::<$database>::new(start);
                        let mut list = sql.separated(", ");
                        for run in piece {
                            list.push_bind(*run);
                        }
                        list.push_unseparated(")");
                        sql.build().execute(&mut *self).await?;
                    }
                }
                Ok(())
            }

            async fn replace_journals(
                &mut self,
                journals: Vec<(RunId, Vec<u8>)>,
                now: DateTime<Utc>,
            ) -> Result<(), Error> {
                for piece in journals.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM journal WHERE run IN (");
                    let mut list = sql.separated(", ");
                    for (run, _) in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                    let mut sql =
                        QueryBuilder::<$database>::new("UPDATE run SET journal = v.column2, thinned_at = ");
                    sql.push_bind(micros(now)).push(" FROM (");
                    sql.push_values(piece, |mut row, (run, journal)| {
                        row.push_bind(*run).push_bind(journal.as_slice());
                    });
                    sql.push(") v WHERE run.id = v.column1");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn thin(&mut self, now: DateTime<Utc>, slice: u32) -> Result<(u64, bool), Error> {
                let wanting = sqlx::query(
                    "SELECT id, thin_after_days, thinned_to FROM workflow WHERE thin_after_days IS NOT NULL",
                )
                .fetch_all(&mut *self)
                .await?;
                let (mut count, mut more) = (0, false);
                for workflow in &wanting {
                    let id = workflow.id("id")?;
                    let before = now - TimeDelta::days(workflow.number("thin_after_days")?);
                    // From where the last slice ended. A run that was under way then stays whole until it goes.
                    let rows = sqlx::query(
                        "SELECT id, status, finished_at, thinned_at, journal FROM run \
                        WHERE workflow = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
                    )
                    .bind(id)
                    .bind(workflow.maybe_id("thinned_to")?.unwrap_or(Uuid::nil()))
                    .bind(first_id_at(before))
                    .bind(i64::from(slice))
                    .fetch_all(&mut *self)
                    .await?;
                    let Some(last) = rows.last() else { continue };
                    let to = last.id("id")?;
                    more |= rows.len() >= slice as usize;
                    let mut journals = Vec::with_capacity(rows.len());
                    for row in &rows {
                        let is_over = row.maybe_number("finished_at")?.is_some_and(|at| at < micros(before));
                        if is_over
                            && row.text("status")? == "completed"
                            && row.maybe_number("thinned_at")?.is_none()
                        {
                            let first = beginning(decode_journal(row.bytes("journal")?)?);
                            journals.push((row.id("id")?, encode_journal(&first)?));
                        }
                    }
                    count += journals.len() as u64;
                    self.replace_journals(journals, now).await?;
                    let sql = "UPDATE workflow SET thinned_to = $2 WHERE id = $1";
                    sqlx::query(sql).bind(id).bind(to).execute(&mut *self).await?;
                }
                Ok((count, more))
            }

            async fn oldest_over(&mut self, most: u32) -> Result<Vec<RunId>, Error> {
                let sql = "SELECT id FROM run WHERE finished_at IS NOT NULL ORDER BY id LIMIT $1";
                Ok(sqlx::query_scalar(sql).bind(i64::from(most)).fetch_all(self).await?)
            }

            async fn budget(&mut self) -> Result<Option<u64>, Error> {
                let sql = "SELECT value FROM store_setting WHERE name = 'budget_bytes'";
                let row = sqlx::query(sql).fetch_optional(self).await?;
                row.map(|row| row.json("value")).transpose()
            }
        }
    };
}

retention!(SqliteConnection, sqlx::Sqlite);
retention!(PgConnection, sqlx::Postgres);

/// What is left of a journal that is thinned out: the first event.
pub(crate) fn beginning(mut events: Vec<Event>) -> Vec<Event> {
    events.truncate(1);
    events
}
