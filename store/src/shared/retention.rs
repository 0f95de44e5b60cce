//! What the sweep does to runs in either database: deleting them whole, and thinning them out.

use crate::columns::{Columns, first_id_at, micros};
use crate::error::Error;
use crate::payloads::{Payloads, Reference};
use crate::shared::payloads::PayloadUse;
use crate::writer::{PayloadTables, encode_journal};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use trunkline_engine::run::{Event, RunId};
use uuid::Uuid;

/// Runs in one statement.
const PIECE: usize = 1000;
/// Journals in files that are thinned out in one slice: each may mean a file to be written.
const FILES: usize = 32;

/// Making runs smaller, or none.
pub(crate) trait Retention: Send {
    /// Deletes runs and everything that is kept of them alone.
    fn delete_runs(&mut self, runs: &[RunId]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Leaves of runs how they began, which is `journals`, and how they ended, which is in their row. What is too large
    /// goes to `payloads`.
    fn replace_journals(
        &mut self,
        journals: Vec<(RunId, Vec<u8>)>,
        now: DateTime<Utc>,
        payloads: &Payloads,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Thins out one slice of completed runs whose workflow wants it; answers how many, and whether more are due.
    fn thin(
        &mut self,
        now: DateTime<Utc>,
        slice: u32,
        payloads: &Payloads,
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
                self.loosen(runs).await?;
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
                mut journals: Vec<(RunId, Vec<u8>)>,
                now: DateTime<Utc>,
                payloads: &Payloads,
            ) -> Result<(), Error> {
                let runs: Vec<RunId> = journals.iter().map(|(run, _)| *run).collect();
                self.loosen(&runs).await?;
                let columns = journals.iter_mut().map(|(run, column)| (*run, 0, column)).collect();
                let spilled = payloads.spill(columns).await?;
                if !spilled.is_empty() {
                    self.add_payloads(spilled).await?;
                }
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

            async fn thin(
                &mut self,
                now: DateTime<Utc>,
                slice: u32,
                payloads: &Payloads,
            ) -> Result<(u64, bool), Error> {
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
                    more |= rows.len() >= slice as usize;
                    let mut journals = Vec::with_capacity(rows.len());
                    let (mut to, mut spilled) = (None, 0);
                    for row in &rows {
                        if spilled >= FILES {
                            more = true;
                            break;
                        }
                        to = Some(row.id("id")?);
                        let is_over = row.maybe_number("finished_at")?.is_some_and(|at| at < micros(before));
                        if is_over
                            && row.text("status")? == "completed"
                            && row.maybe_number("thinned_at")?.is_none()
                        {
                            let column = row.bytes("journal")?;
                            spilled += usize::from(Reference::read(column).is_some());
                            match payloads.events(column).await {
                                Ok(events) => {
                                    journals.push((row.id("id")?, encode_journal(&beginning(events))?))
                                }
                                // It stays as it is until it goes.
                                Err(error) if error.is_of_one_run() => {}
                                Err(error) => return Err(error),
                            }
                        }
                    }
                    count += journals.len() as u64;
                    self.replace_journals(journals, now, payloads).await?;
                    let Some(to) = to else { continue };
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
