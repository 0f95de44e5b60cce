//! Retention: old finished runs go in small slices, so that events never wait long for it. Space inside the tables is
//! used again after the server's own vacuum; a budget gives it back to the disk, see [`super::budget`].

use super::budget;
use crate::columns::{Columns, first_id_at, micros};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::Swept;
use crate::shared::retention::Retention;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// Runs deleted in one slice: a few milliseconds of the writer's time.
const SLICE: u32 = 200;
/// How long the tally of ended runs is kept.
const KEEP_TALLY: TimeDelta = TimeDelta::days(400);
const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// Deletes snapshots of drafts a month after the last run that can have used them was due to go; a run that still
/// sleeps keeps its own.
const STALE_SNAPSHOTS: &str = "DELETE FROM workflow_version WHERE number IS NULL \
    AND created_at < $1 - 86400000000 * (30 + (SELECT keep_days FROM workflow WHERE id = workflow_version.workflow)) \
    AND NOT EXISTS (SELECT 1 FROM run WHERE run.workflow = workflow_version.workflow AND finished_at IS NULL \
    AND run.version = workflow_version.id)";

/// Deletes one slice of what is too old at `now`.
pub(super) async fn slice(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    payloads: &Payloads,
) -> Result<Slice, Error> {
    let (mut workflows, mut ids, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for row in sqlx::query("SELECT id, keep_days FROM workflow").fetch_all(&mut *connection).await? {
        let before = now - TimeDelta::days(row.number("keep_days")?);
        workflows.push(row.id("id")?);
        ids.push(first_id_at(before));
        ends.push(micros(before));
    }
    // Ids are ordered by time, so the oldest come first from the index; a run that slept for weeks counts from its end.
    let sql = "SELECT old.id FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS w (id, before, ended) \
        CROSS JOIN LATERAL (SELECT r.id FROM run r WHERE r.workflow = w.id AND r.id < w.before \
        AND r.finished_at < w.ended ORDER BY r.id LIMIT $4) old LIMIT $4";
    let runs: Vec<Uuid> = sqlx::query_scalar(sql)
        .bind(workflows)
        .bind(ids)
        .bind(ends)
        .bind(i64::from(SLICE))
        .fetch_all(&mut *connection)
        .await?;
    let mut more = runs.len() >= SLICE as usize;
    let mut count = runs.len() as u64;
    connection.delete_runs(&runs).await?;
    let (thinned, more_to_thin) = connection.thin(now, SLICE, payloads).await?;
    more |= more_to_thin;
    let mut is_ready = false;
    if let Some(budget) = connection.budget().await?
        && !more
    {
        let step = budget::step(connection, budget, now, SLICE).await?;
        count += step.runs;
        more = step.more || step.is_ready;
        is_ready = step.is_ready;
    }
    forget(connection, now).await?;
    Ok(Slice { swept: Swept { runs: count, thinned, more }, is_ready })
}

/// What a slice did.
pub(super) struct Slice {
    pub(super) swept: Swept,
    /// Whether the tables are to be written anew.
    pub(super) is_ready: bool,
}

/// Forgets what has expired, and what only runs that are gone needed.
async fn forget(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<(), Error> {
    const GONE: &str =
        "deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM run WHERE run.workflow = workflow.id)";
    let now_micros = micros(now);
    let oldest_hour = micros(now - KEEP_TALLY).div_euclid(MICROS_PER_HOUR);
    for (sql, bound) in [
        ("DELETE FROM session WHERE expires_at <= $1", now_micros),
        ("DELETE FROM setup_token WHERE expires_at <= $1", now_micros),
        ("DELETE FROM run_tally WHERE hour < $1", oldest_hour),
        ("DELETE FROM seen WHERE until <= $1", now_micros),
        ("DELETE FROM enrichment_answer WHERE keep_until <= $1", now_micros),
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
