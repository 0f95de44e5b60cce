//! Obeying a budget on a server that never makes a table smaller by itself.
//!
//! What is deleted leaves room inside the table's files, which new rows use; the files stay as large as they were. So the
//! oldest finished runs go in slices until as many are gone as the budget asks for, and then some; then the tables are
//! written anew once, which gives the room back to the disk. The tables are locked as long as that takes. The margin
//! keeps it rare.

use crate::columns::{Columns, from_json, micros, moment, to_json};
use crate::error::Error;
use crate::shared::payloads::PayloadUse;
use crate::shared::retention::Retention;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Executor;
use sqlx::postgres::PgConnection;

/// How much of the budget is left in use when room had to be made.
const FILL: f64 = 0.8;
/// At least this part of the finished runs goes, so that the tables are not written anew for a handful.
const LEAST: f64 = 0.05;
/// When tables that could not be written anew, for want of room on the server for instance, are tried again.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// The tables that finished runs fill.
const TABLES: &str = "run, journal, payload, payload_use";

/// Room that is being made.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Shrinking {
    /// Finished runs that are still to go.
    left: u64,
    /// When the tables may be written anew, in microseconds since 1970.
    not_before: i64,
}

/// What one slice did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// Runs deleted.
    pub(super) runs: u64,
    /// Whether more are to go.
    pub(super) more: bool,
    /// Whether the tables are to be written anew.
    pub(super) is_ready: bool,
}

/// Bytes of the tables and indexes, and of the files beside them.
pub(super) async fn bytes(connection: &mut PgConnection) -> Result<u64, Error> {
    let sql = "SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS BIGINT) AS n FROM pg_class \
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace";
    let tables = sqlx::query(sql).fetch_one(&mut *connection).await?.count("n")?;
    Ok(tables + connection.payload_bytes().await?)
}

/// Deletes the next finished runs, at most `most`, if `budget` is exceeded or room is being made.
pub(super) async fn step(
    connection: &mut PgConnection,
    budget: u64,
    now: DateTime<Utc>,
    most: u32,
) -> Result<Step, Error> {
    let mut shrinking = match read(connection).await? {
        Some(shrinking) => shrinking,
        None => match begin(connection, budget).await? {
            Some(shrinking) => shrinking,
            None => return Ok(Step::default()),
        },
    };
    let slice = u32::try_from(shrinking.left).unwrap_or(most).min(most);
    let oldest = if slice == 0 { Vec::new() } else { connection.oldest_over(slice).await? };
    connection.delete_runs(&oldest).await?;
    let gone = oldest.len() as u64;
    shrinking.left = if gone < u64::from(slice) { 0 } else { shrinking.left - gone };
    write(connection, shrinking).await?;
    let is_ready = shrinking.left == 0 && now >= moment(shrinking.not_before)?;
    Ok(Step { runs: gone, more: shrinking.left > 0, is_ready })
}

/// Writes the tables anew, which gives what is free in them back. Never inside a transaction.
pub(super) async fn rewrite(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<(), Error> {
    // Should this fail, it is not to be tried again at once.
    write(connection, Shrinking { left: 0, not_before: micros(now + AGAIN) }).await?;
    for table in TABLES.split(", ") {
        let sql = sqlx::AssertSqlSafe(format!("VACUUM (FULL, ANALYZE) {table}"));
        connection.execute(sqlx::raw_sql(sql)).await?;
    }
    sqlx::query("DELETE FROM store_setting WHERE name = 'shrinking'").execute(connection).await?;
    Ok(())
}

/// How many runs have to go; nothing when the budget is kept, or no finished run is left.
async fn begin(connection: &mut PgConnection, budget: u64) -> Result<Option<Shrinking>, Error> {
    let used = bytes(connection).await?;
    if used <= budget {
        return Ok(None);
    }
    let sql = "SELECT pg_total_relation_size('run') + pg_total_relation_size('journal') AS n, \
        (SELECT count(*) FROM run WHERE finished_at IS NOT NULL) AS runs";
    let row = sqlx::query(sql).fetch_one(&mut *connection).await?;
    let (tables, runs) = (row.count("n")?, row.count("runs")?);
    let of_runs = tables + connection.payload_bytes().await?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let left = {
        let room = (budget as f64 * FILL - used.saturating_sub(of_runs) as f64).max(0.0);
        let part = (1.0 - room / of_runs as f64).clamp(LEAST, 1.0);
        (runs as f64 * part).ceil() as u64
    };
    Ok((left > 0).then_some(Shrinking { left, not_before: 0 }))
}

async fn read(connection: &mut PgConnection) -> Result<Option<Shrinking>, Error> {
    let sql = "SELECT value FROM store_setting WHERE name = 'shrinking'";
    let row = sqlx::query(sql).fetch_optional(connection).await?;
    row.map(|row| from_json("how room is made", row.text("value")?)).transpose()
}

async fn write(connection: &mut PgConnection, shrinking: Shrinking) -> Result<(), Error> {
    let sql = "INSERT INTO store_setting (name, value) VALUES ('shrinking', $1) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(to_json(&shrinking)?).execute(connection).await?;
    Ok(())
}
