//! Where leads stand.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, StageStays, Standing, Walked, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use trunkline_leads::Lead;
use trunkline_leads::criteria::Trace;
use uuid::Uuid;

/// Most rows of an answer.
const MOST: u32 = 1_000;

macro_rules! standing {
    ($backend:ty, $database:ty, $traces:path) => {
        impl Standing for $backend {
            fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid)>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT workspace, id FROM lead WHERE look_again_at IS NOT NULL AND look_again_at <= ",
                    );
                    sql.push_bind(micros(now)).push(" ORDER BY look_again_at LIMIT ");
                    sql.push_bind(i64::from(limit.clamp(1, MOST)));
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((WorkspaceId(row.number("workspace")?), row.id("id")?))).collect()
                })
            }

            fn walk(
                &self,
                workspace: WorkspaceId,
                after: Option<Uuid>,
                kinds: BTreeSet<&'static str>,
                limit: u32,
            ) -> Answer<'_, Vec<Walked>> {
                Box::pin(async move {
                    let mut snapshot = self.readers.begin().await?;
                    let mut sql = QueryBuilder::<$database>::new("SELECT record FROM lead WHERE workspace = ");
                    sql.push_bind(workspace.0);
                    if let Some(after) = after {
                        sql.push(" AND id > ").push_bind(after);
                    }
                    sql.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    let rows = sql.build().fetch_all(&mut *snapshot).await?;
                    let leads: Vec<Lead> = rows.iter().map(|row| row.json("record")).collect::<Result<_, _>>()?;
                    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id).collect();
                    let traces = $traces(&mut snapshot, &ids, &kinds).await?;
                    Ok(joined(leads, traces))
                })
            }

            fn look_at(
                &self,
                workspace: WorkspaceId,
                lead: Uuid,
                kinds: BTreeSet<&'static str>,
            ) -> Answer<'_, Option<Walked>> {
                Box::pin(async move {
                    let mut snapshot = self.readers.begin().await?;
                    let mut sql = QueryBuilder::<$database>::new("SELECT record FROM lead WHERE workspace = ");
                    sql.push_bind(workspace.0).push(" AND id = ").push_bind(lead);
                    let Some(row) = sql.build().fetch_optional(&mut *snapshot).await? else { return Ok(None) };
                    let traces = $traces(&mut snapshot, &[lead], &kinds).await?;
                    Ok(joined(vec![row.json("record")?], traces).pop())
                })
            }

            fn segment_counts(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(String, u64)>> {
                Box::pin(async move {
                    let sql = "SELECT segment, count(*) AS n FROM segment_member WHERE workspace = $1 \
                        GROUP BY segment ORDER BY segment";
                    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((row.string("segment")?, row.count("n")?))).collect()
                })
            }

            fn stays(&self, workspace: WorkspaceId, since: DateTime<Utc>) -> Answer<'_, Vec<StageStays>> {
                Box::pin(async move {
                    let mut snapshot = self.readers.begin().await?;
                    let medians = "SELECT stage, lasted FROM (SELECT stage, left_at - entered_at AS lasted, \
                        row_number() OVER (PARTITION BY stage ORDER BY left_at - entered_at) AS place, \
                        count(*) OVER (PARTITION BY stage) AS n FROM stage_stay \
                        WHERE workspace = $1 AND left_at >= $2) v WHERE place = (n + 1) / 2";
                    let rows =
                        sqlx::query(medians).bind(workspace.0).bind(micros(since)).fetch_all(&mut *snapshot).await?;
                    let mut stays: BTreeMap<String, StageStays> = BTreeMap::new();
                    for row in &rows {
                        let stage = row.string("stage")?;
                        let median = TimeDelta::microseconds(row.number("lasted")?);
                        stays.insert(stage.clone(), StageStays { stage, ended: 0, median, next: Vec::new() });
                    }
                    let moves = "SELECT stage, next, count(*) AS n FROM stage_stay \
                        WHERE workspace = $1 AND left_at >= $2 GROUP BY stage, next ORDER BY n DESC, next";
                    let rows =
                        sqlx::query(moves).bind(workspace.0).bind(micros(since)).fetch_all(&mut *snapshot).await?;
                    for row in &rows {
                        let Some(stage) = stays.get_mut(row.text("stage")?) else { continue };
                        let count = row.count("n")?;
                        stage.ended += count;
                        stage.next.push((row.string("next")?, count));
                    }
                    Ok(stays.into_values().collect())
                })
            }
        }
    };
}

standing!(Sqlite, sqlx::Sqlite, crate::sqlite::traces);
standing!(Postgres, sqlx::Postgres, crate::postgres::traces);

/// Each lead with its own of `traces`.
fn joined(leads: Vec<Lead>, traces: Vec<(Uuid, Trace)>) -> Vec<Walked> {
    let mut by_lead: HashMap<Uuid, Vec<Trace>> = HashMap::new();
    for (lead, trace) in traces {
        by_lead.entry(lead).or_default().push(trace);
    }
    let with = |lead: Lead| {
        let traces = by_lead.remove(&lead.id).unwrap_or_default();
        Walked { lead, traces }
    };
    leads.into_iter().map(with).collect()
}

/// An activity in a row, and whose it is.
pub(crate) fn trace(row: &impl Columns) -> Result<(Uuid, Trace), Error> {
    let kind = row.text("kind")?;
    let kind = kind.parse().map_err(|_| Error::Corrupt(format!("activity kind {kind}").into()))?;
    let touch = row.maybe_string("touch")?;
    Ok((row.id("lead")?, Trace { kind, title: row.string("title")?, touch, at: row.moment("at")? }))
}
