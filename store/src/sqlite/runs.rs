//! Reading runs: one by one, page by page, and those that must go on.

use super::Sqlite;
use super::codec::{Columns, hex, micros, moment};
use super::search;
use crate::error::Error;
use crate::ports::{
    Answer, History, Page, RunQuery, RunRow, RunStatus, Runs, Settled, Stored, Turn, WorkspaceId,
};
use crate::records::search::Found;
use crate::records::{header, run_row, state};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Row, Sqlite as Database};
use trunkline_engine::run::{EffectKey, Event, RunId};

/// Most rows of a page.
pub(super) const MAX_PAGE: u32 = 500;

/// The columns of a [`RunRow`]; the subject is the lead's name once there is a lead.
const ROW: &str = "SELECT r.id, r.workflow, w.name AS workflow_name, r.version, v.number, r.subject, r.trigger_kind, \
    r.started_at, r.status, r.lead, r.finished_at, r.wake_at, r.resume, r.error_step, r.error, r.thinned_at, l.record AS lead_record \
    FROM run r JOIN workflow w ON w.id = r.workflow JOIN workflow_version v ON v.id = r.version \
    LEFT JOIN lead l ON l.id = r.lead ";

/// The columns of a [`Stored`].
const STORED: &str = "SELECT r.id, r.workspace, r.workflow, r.version, r.subject, r.trigger_kind, r.started_at, \
    r.event_key, r.parent, r.parent_key, r.status, r.lead, r.finished_at, r.wake_at, r.resume, r.error_step, r.error, \
    r.journal, (SELECT coalesce(max(seq), 0) FROM journal WHERE run = r.id) AS last_seq, u.space, u.key, \
    u.most_at_once, u.priority, u.burst, u.burst_until, u.held, \
    (SELECT count(*) FROM run_wait WHERE run = r.id) AS waits FROM run r LEFT JOIN run_rule u ON u.run = r.id ";

impl Runs for Sqlite {
    fn turn(&self, turn: Turn) -> Answer<'_, Settled> {
        Box::pin(self.writer.turn(turn))
    }

    fn list(&self, workspace: WorkspaceId, query: RunQuery) -> Answer<'_, Page<RunRow>> {
        Box::pin(self.list_runs(workspace, query))
    }

    fn get(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<RunRow>> {
        Box::pin(async move {
            let mut sql = QueryBuilder::<Database>::new(ROW);
            sql.push("WHERE r.workspace = ").push_bind(workspace.0).push(" AND r.id = ").push_bind(id);
            sql.build().fetch_optional(&self.readers).await?.as_ref().map(run_row).transpose()
        })
    }

    fn history(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<History>> {
        Box::pin(async move {
            match self.read_history(workspace, id).await {
                // The sweep may have taken the run between its row and its file.
                Err(Error::Lost(_)) => self.read_history(workspace, id).await,
                answer => answer,
            }
        })
    }

    fn unfinished(&self, after: Option<RunId>, limit: u32) -> Answer<'_, Vec<Stored>> {
        Box::pin(async move {
            let mut after = after;
            loop {
                let mut sql = QueryBuilder::<Database>::new(STORED);
                sql.push("WHERE r.resume = 1");
                if let Some(after) = after {
                    sql.push(" AND r.id > ").push_bind(after);
                }
                sql.push(" ORDER BY r.id LIMIT ").push_bind(limit);
                let Read { found, damaged } = self.stored_by(sql).await?;
                let last = damaged.last().map(|(run, _)| *run);
                self.put_off(damaged.into_iter().map(|(run, _)| run).collect()).await?;
                if !found.is_empty() || last.is_none() {
                    return Ok(found);
                }
                after = last;
            }
        })
    }

    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<Stored>> {
        Box::pin(async move {
            loop {
                let mut sql = QueryBuilder::<Database>::new(STORED);
                sql.push("WHERE r.wake_at IS NOT NULL AND r.wake_at <= ").push_bind(micros(now));
                sql.push(" ORDER BY r.wake_at LIMIT ").push_bind(limit);
                let Read { found, damaged } = self.stored_by(sql).await?;
                let is_whole = damaged.is_empty();
                self.put_off(damaged.into_iter().map(|(run, _)| run).collect()).await?;
                if is_whole || !found.is_empty() {
                    return Ok(found);
                }
            }
        })
    }

    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(async move {
            let sql = "SELECT min(wake_at) FROM run WHERE wake_at IS NOT NULL";
            let soonest: Option<i64> = sqlx::query_scalar(sql).fetch_one(&self.readers).await?;
            soonest.map(moment).transpose()
        })
    }

    fn stored(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        Box::pin(async move {
            let mut sql = QueryBuilder::<Database>::new(STORED);
            sql.push("WHERE r.id = ").push_bind(id);
            let Read { mut found, mut damaged } = self.stored_by(sql).await?;
            let damaged = damaged.pop();
            match damaged {
                Some((_, error)) => Err(error),
                None => Ok(found.pop()),
            }
        })
    }

    fn outline(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        Box::pin(async move {
            let mut sql = QueryBuilder::<Database>::new(STORED);
            sql.push("WHERE r.id = ").push_bind(id);
            let Some(row) = sql.build().fetch_optional(&self.readers).await? else { return Ok(None) };
            let header = header(&row, row.number("last_seq")? + 1)?;
            Ok(Some(Stored { header, events: Vec::new(), state: state(&row)? }))
        })
    }

    fn child(&self, parent: RunId, key: EffectKey) -> Answer<'_, Option<RunRow>> {
        Box::pin(async move {
            let mut sql = QueryBuilder::<Database>::new(ROW);
            sql.push("WHERE r.parent = ").push_bind(parent);
            sql.push(" AND r.parent_key = ").push_bind(key.to_string());
            sql.build().fetch_optional(&self.readers).await?.as_ref().map(run_row).transpose()
        })
    }
}

impl Sqlite {
    async fn list_runs(&self, workspace: WorkspaceId, query: RunQuery) -> Result<Page<RunRow>, Error> {
        let found = match query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Some(search::find(&self.readers, workspace, text).await?),
            None => None,
        };
        if found.as_ref().is_some_and(|found| found.runs.is_none() && found.leads.is_empty()) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let limit = query.limit.clamp(1, MAX_PAGE);
        let mut sql = listing(workspace, &query, found);
        // One more than asked for tells whether there is another page.
        sql.push(" ORDER BY r.id DESC LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = sql.build().fetch_all(&self.readers).await?;
        let mut items = rows.iter().map(run_row).collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = if more { items.last().map(|run| run.id) } else { None };
        Ok(Page { items, next })
    }

    async fn read_history(&self, workspace: WorkspaceId, id: RunId) -> Result<Option<History>, Error> {
        // One transaction, so that the row and its journal are of the same moment.
        let mut snapshot = self.readers.begin().await?;
        let mut sql = QueryBuilder::<Database>::new(ROW);
        sql.push("WHERE r.workspace = ").push_bind(workspace.0).push(" AND r.id = ").push_bind(id);
        let Some(found) = sql.build().fetch_optional(&mut *snapshot).await? else { return Ok(None) };
        let row = run_row(&found)?;
        let document = sqlx::query("SELECT document FROM workflow_version WHERE id = ?1")
            .bind(row.version.0)
            .fetch_one(&mut *snapshot)
            .await?
            .json("document")?;
        let mut events = Vec::new();
        for column in read_columns(&mut snapshot, id).await? {
            events.extend(self.payloads.events(&column).await?);
        }
        Ok(Some(History { row, document, events, thinned_at: found.maybe_moment("thinned_at")? }))
    }

    /// The runs that `sql` finds, and those of them that cannot be read.
    async fn stored_by(&self, mut sql: QueryBuilder<Database>) -> Result<Read, Error> {
        let mut snapshot = self.readers.begin().await?;
        let rows = sql.build().fetch_all(&mut *snapshot).await?;
        let mut read = Read::default();
        for row in &rows {
            let last_seq: i64 = row.try_get("last_seq")?;
            let header = header(row, last_seq + 1)?;
            let later =
                if last_seq > 0 { later_columns(&mut snapshot, header.id).await? } else { Vec::new() };
            let columns = std::iter::once(row.bytes("journal")?).chain(later.iter().map(Vec::as_slice));
            match self.read_events(columns).await {
                Ok(events) => read.found.push(Stored { header, events, state: state(row)? }),
                Err(error) if error.is_of_one_run() => {
                    tracing::error!(%error, code = error.code(), run = %header.id, "a run cannot be read");
                    read.damaged.push((header.id, error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    async fn read_events(&self, columns: impl Iterator<Item = &[u8]>) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        for column in columns {
            events.extend(self.payloads.events(column).await?);
        }
        Ok(events)
    }
}

/// Runs as they were last written.
#[derive(Default)]
struct Read {
    found: Vec<Stored>,
    /// Those of which part is missing or damaged.
    damaged: Vec<(RunId, Error)>,
}

/// The rows of a page, unordered; `found` is what the search stands for.
pub(super) fn listing(
    workspace: WorkspaceId,
    query: &RunQuery,
    found: Option<Found>,
) -> QueryBuilder<Database> {
    let mut sql = QueryBuilder::<Database>::new(ROW);
    sql.push("WHERE r.workspace = ").push_bind(workspace.0);
    if let Some(Found { runs, leads }) = found {
        // A sub-query over two indexes; an OR on the rows themselves would read the whole history.
        sql.push(" AND r.id IN (");
        if let Some((first, last)) = runs {
            sql.push("SELECT id FROM run WHERE id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
            sql.push(" UNION ALL ");
        }
        let leads: Vec<String> = leads.into_iter().map(hex).collect();
        sql.push("SELECT id FROM run WHERE lead IN (SELECT unhex(value) FROM json_each(");
        sql.push_bind(serde_json::Value::from(leads).to_string()).push(")))");
    }
    if let Some(status) = query.status {
        // Written out: a bound value could not use the partial indexes.
        sql.push(match status {
            RunStatus::Failed => " AND r.status = 'failed'",
            RunStatus::Completed => " AND r.status = 'completed'",
            RunStatus::Cancelled => " AND r.status = 'cancelled'",
            RunStatus::Queued => " AND r.finished_at IS NULL AND r.status = 'queued'",
            RunStatus::Running => " AND r.finished_at IS NULL AND r.status = 'running'",
            RunStatus::Waiting => " AND r.finished_at IS NULL AND r.status = 'waiting'",
            RunStatus::Paused => " AND r.finished_at IS NULL AND r.status = 'paused'",
        });
    }
    if let Some(workflow) = query.workflow {
        // Of a rare outcome the few rows are walked, not all of the workflow's: the plus hides its index.
        let is_rare = matches!(query.status, Some(RunStatus::Failed | RunStatus::Cancelled));
        sql.push(if is_rare { " AND +r.workflow = " } else { " AND r.workflow = " }).push_bind(workflow);
    }
    if let Some(before) = query.before {
        sql.push(" AND r.id < ").push_bind(before);
    }
    sql
}

/// The turns of a run as their columns hold them, in order; none for an unknown one.
pub(super) async fn read_columns(
    connection: &mut SqliteConnection,
    id: RunId,
) -> Result<Vec<Vec<u8>>, Error> {
    let first = sqlx::query_scalar("SELECT journal FROM run WHERE id = ?1").bind(id);
    let Some(first) = first.fetch_optional(&mut *connection).await? else { return Ok(Vec::new()) };
    let mut columns: Vec<Vec<u8>> = vec![first];
    columns.extend(later_columns(connection, id).await?);
    Ok(columns)
}

async fn later_columns(connection: &mut SqliteConnection, id: RunId) -> Result<Vec<Vec<u8>>, Error> {
    let sql = "SELECT body FROM journal WHERE run = ?1 ORDER BY seq";
    Ok(sqlx::query_scalar(sql).bind(id).fetch_all(connection).await?)
}
