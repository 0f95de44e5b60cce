//! Retention: old finished runs go in small slices, so that events never wait long for it.

use super::codec::{Columns, first_id_at, micros};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::Swept;
use crate::shared::payloads::PayloadUse;
use crate::shared::retention::Retention;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

/// Runs deleted in one slice: a few milliseconds of the writer's time.
const SLICE: u32 = 200;
/// Gives back 256 free pages to the file system, 1 MiB.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(256)";
/// Gives back 8 MiB, while the file is larger than it may be.
const GIVE_MUCH_BACK: &str = "PRAGMA incremental_vacuum(2048)";
/// How long the tally of ended runs is kept.
const KEEP_TALLY: TimeDelta = TimeDelta::days(400);
const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// Deletes snapshots of drafts a month after the last run that can have used them was due to go; a run that still
/// sleeps keeps its own.
const STALE_SNAPSHOTS: &str = "DELETE FROM workflow_version WHERE number IS NULL \
    AND created_at < ?1 - 86400000000 * (30 + (SELECT keep_days FROM workflow WHERE id = workflow_version.workflow)) \
    AND NOT EXISTS (SELECT 1 FROM run WHERE run.workflow = workflow_version.workflow AND finished_at IS NULL \
    AND run.version = workflow_version.id)";

/// Deletes one slice of what is too old at `now`.
pub(super) async fn slice(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
    payloads: &Payloads,
) -> Result<Slice, Error> {
    let mut runs: Vec<Uuid> = Vec::new();
    for row in sqlx::query("SELECT id, keep_days FROM workflow").fetch_all(&mut *connection).await? {
        let room = SLICE - u32::try_from(runs.len()).unwrap_or(SLICE);
        if room == 0 {
            break;
        }
        let before = now - TimeDelta::days(row.try_get::<i64, _>("keep_days")?);
        // Ids are ordered by time, so the oldest come first from the index; a run that slept for weeks counts from
        // its end.
        let sql =
            "SELECT id FROM run WHERE workflow = ?1 AND id < ?2 AND finished_at < ?3 ORDER BY id LIMIT ?4";
        let found: Vec<Uuid> = sqlx::query_scalar(sql)
            .bind(row.try_get::<Uuid, _>("id")?)
            .bind(first_id_at(before))
            .bind(micros(before))
            .bind(room)
            .fetch_all(&mut *connection)
            .await?;
        runs.extend(found);
    }
    let mut given_back = 0;
    let mut more = runs.len() >= SLICE as usize;
    connection.delete_runs(&runs).await?;
    let (thinned, more_to_thin) = connection.thin(now, SLICE, payloads).await?;
    more |= more_to_thin;
    if let Some(budget) = connection.budget().await? {
        let (used, free) = pages(connection).await?;
        let files = connection.payload_bytes().await?;
        if used + files > budget && !more {
            let oldest = connection.oldest_over(SLICE).await?;
            connection.delete_runs(&oldest).await?;
            more = !oldest.is_empty();
            runs.extend(oldest);
        }
        // The file itself is to shrink, so what is free is given back at once, and in larger steps.
        if free > 0 && used + files + free > budget {
            // Each row it gives is a page given back, so all of them must be fetched.
            given_back += sqlx::query(GIVE_MUCH_BACK).fetch_all(&mut *connection).await?.len();
            more |= given_back > 0;
        }
    }
    forget(connection, now).await?;
    given_back += sqlx::query(GIVE_BACK).fetch_all(connection).await?.len();
    Ok(Slice { swept: Swept { runs: runs.len() as u64, thinned, more }, gave_back: given_back > 0 })
}

/// What a slice did.
pub(super) struct Slice {
    pub(super) swept: Swept,
    /// Whether pages were given back. The file gets shorter when the log is copied into it.
    pub(super) gave_back: bool,
}

/// Bytes of the file that are in use, and that are free.
async fn pages(connection: &mut SqliteConnection) -> Result<(u64, u64), Error> {
    let sql = "SELECT (SELECT page_count FROM pragma_page_count) AS pages, \
        (SELECT freelist_count FROM pragma_freelist_count) AS free, (SELECT page_size FROM pragma_page_size) AS size";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let (pages, free, size) = (row.count("pages")?, row.count("free")?, row.count("size")?);
    Ok((pages.saturating_sub(free) * size, free * size))
}

/// Forgets what has expired, and what only runs that are gone needed.
async fn forget(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<(), Error> {
    const GONE: &str =
        "deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM run WHERE run.workflow = workflow.id)";
    let now_micros = micros(now);
    let oldest_hour = micros(now - KEEP_TALLY).div_euclid(MICROS_PER_HOUR);
    for (sql, bound) in [
        ("DELETE FROM session WHERE expires_at <= ?1", now_micros),
        ("DELETE FROM setup_token WHERE expires_at <= ?1", now_micros),
        ("DELETE FROM run_tally WHERE hour < ?1", oldest_hour),
        ("DELETE FROM seen WHERE until <= ?1", now_micros),
        ("DELETE FROM enrichment_answer WHERE keep_until <= ?1", now_micros),
        (STALE_SNAPSHOTS, now_micros),
    ] {
        sqlx::query(sql).bind(bound).execute(&mut *connection).await?;
    }
    // Workflow and version point at one another, so the pointer goes first.
    for sql in [
        format!("UPDATE workflow SET published = NULL WHERE published IS NOT NULL AND {GONE}"),
        format!("DELETE FROM workflow_version WHERE workflow IN (SELECT id FROM workflow WHERE {GONE})"),
        format!("DELETE FROM workflow WHERE {GONE}"),
    ] {
        // Made of the constants above.
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}
