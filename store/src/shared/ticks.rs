//! Moments of schedules: the port, and what the writer notes of them.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, KEPT_TICKS, Tick, TickOutcome, Ticks};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::writer::TickTables;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use trunkline_engine::document::StepId;
use trunkline_engine::run::RunId;
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 1000;

macro_rules! ports {
    ($backend:ty) => {
        impl Ticks for $backend {
            fn note(&self, workflow: Uuid, step: StepId, ticks: Vec<Tick>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move { connection.note_ticks(workflow, &step, &ticks).await })
                }))
            }

            fn between(
                &self,
                workflow: Uuid,
                from: DateTime<Utc>,
                until: DateTime<Utc>,
            ) -> Answer<'_, Vec<(StepId, Tick)>> {
                Box::pin(async move {
                    let sql = "SELECT step, at, outcome, run FROM tick \
                        WHERE workflow = $1 AND at >= $2 AND at < $3 ORDER BY at, step";
                    let rows = sqlx::query(sql).bind(workflow).bind(micros(from)).bind(micros(until));
                    let rows = rows.fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((row.string("step")?, tick(row)?))).collect()
                })
            }

            fn last_run(&self, workflow: Uuid, step: StepId) -> Answer<'_, Option<RunId>> {
                Box::pin(async move {
                    let sql = "SELECT run FROM tick WHERE workflow = $1 AND step = $2 AND run IS NOT NULL \
                        ORDER BY at DESC LIMIT 1";
                    Ok(sqlx::query_scalar(sql)
                        .bind(workflow)
                        .bind(step)
                        .fetch_optional(&self.readers)
                        .await?)
                })
            }

            fn queued(&self, workflow: Uuid, step: StepId, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>> {
                Box::pin(async move {
                    let sql = "SELECT at FROM tick WHERE outcome = 'queued' AND workflow = $1 AND step = $2 \
                        ORDER BY at LIMIT $3";
                    let rows = sqlx::query(sql).bind(workflow).bind(step).bind(i64::from(limit));
                    rows.fetch_all(&self.readers).await?.iter().map(|row| row.moment("at")).collect()
                })
            }
        }
    };
}

macro_rules! tables {
    ($connection:ty, $database:ty) => {
        impl TickTables for $connection {
            async fn note_ticks(&mut self, workflow: Uuid, step: &str, ticks: &[Tick]) -> Result<(), Error> {
                for piece in ticks.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO tick (workflow, step, at, outcome, run) ",
                    );
                    sql.push_values(piece, |mut row, tick| {
                        row.push_bind(workflow)
                            .push_bind(step)
                            .push_bind(micros(tick.at))
                            .push_bind(tick.outcome.as_str())
                            .push_bind(tick.run);
                    });
                    sql.push(
                        " ON CONFLICT (workflow, step, at) DO UPDATE \
                        SET outcome = excluded.outcome, run = excluded.run WHERE tick.run IS NULL",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                let Some(last) = ticks.iter().map(|tick| tick.at).max() else { return Ok(()) };
                let sql = "INSERT INTO schedule (workflow, step, last_fired) VALUES ($1, $2, $3) \
                    ON CONFLICT (workflow, step) DO UPDATE SET last_fired = excluded.last_fired \
                    WHERE schedule.last_fired < excluded.last_fired";
                sqlx::query(sql).bind(workflow).bind(step).bind(micros(last)).execute(&mut *self).await?;
                let sql = "DELETE FROM tick WHERE workflow = $1 AND step = $2 AND at < $3";
                let oldest = micros(last - KEPT_TICKS);
                sqlx::query(sql).bind(workflow).bind(step).bind(oldest).execute(&mut *self).await?;
                Ok(())
            }
        }
    };
}

ports!(Sqlite);
ports!(Postgres);
tables!(SqliteConnection, sqlx::Sqlite);
tables!(PgConnection, sqlx::Postgres);

fn tick(row: &impl Columns) -> Result<Tick, Error> {
    let outcome = TickOutcome::parse(row.text("outcome")?)
        .ok_or_else(|| Error::Corrupt("an unknown outcome of a tick".into()))?;
    Ok(Tick { at: row.moment("at")?, outcome, run: row.maybe_id("run")? })
}
