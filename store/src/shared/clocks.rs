//! Clocks of service levels: read by pages and by the task that wakes them, written with what leads changed.

use crate::columns::{Columns, micros, moment, to_json};
use crate::error::Error;
use crate::ports::{Answer, MOST_CLOCKS, SlaClocks, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashSet;
use trunkline_leads::sla::{Clock, ClockKind, PastRate};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 500;

/// What the writer keeps of clocks.
pub(crate) trait ClockTable {
    /// The open clocks of these leads.
    fn open_clocks(
        &mut self,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<Clock>, Error>> + Send;

    /// Who owns the latest lead of each of these accounts: account and owner.
    fn latest_owners(
        &mut self,
        workspace: WorkspaceId,
        accounts: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Uuid)>, Error>> + Send;

    /// Writes clocks that started or changed.
    fn write_clocks(
        &mut self,
        workspace: WorkspaceId,
        clocks: &[Clock],
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

macro_rules! clocks {
    ($backend:ty, $connection:ty, $database:ty) => {
        impl ClockTable for $connection {
            async fn open_clocks(&mut self, leads: &HashSet<Uuid>) -> Result<Vec<Clock>, Error> {
                let leads: Vec<_> = leads.iter().copied().collect();
                let mut found = Vec::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT record FROM sla_clock WHERE ended_at IS NULL AND lead IN (",
                    );
                    let mut list = sql.separated(", ");
                    for lead in piece {
                        list.push_bind(*lead);
                    }
                    list.push_unseparated(") ORDER BY id");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(row.json("record")?);
                    }
                }
                Ok(found)
            }

            async fn latest_owners(
                &mut self,
                workspace: WorkspaceId,
                accounts: &HashSet<Uuid>,
            ) -> Result<Vec<(Uuid, Uuid)>, Error> {
                let accounts: Vec<_> = accounts.iter().copied().collect();
                let mut found = Vec::new();
                for piece in accounts.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT l.account, l.owner FROM lead l WHERE l.id IN (SELECT (SELECT m.id FROM lead m \
                        WHERE m.account = k.column1 AND m.owner IS NOT NULL ORDER BY m.id DESC LIMIT 1) FROM (",
                    );
                    sql.push_values(piece, |mut row, account| {
                        row.push_bind(*account);
                    });
                    sql.push(") k) AND l.workspace = ").push_bind(workspace.0);
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push((row.id("account")?, row.id("owner")?));
                    }
                }
                Ok(found)
            }

            async fn write_clocks(&mut self, workspace: WorkspaceId, clocks: &[Clock]) -> Result<(), Error> {
                for piece in clocks.chunks(PIECE) {
                    let records = piece.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO sla_clock (id, workspace, lead, owner, kind, policy, state, started_at, due_at, \
                        wake_at, ended_at, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, (clock, record)| {
                        row.push_bind(clock.id)
                            .push_bind(workspace.0)
                            .push_bind(clock.lead_id)
                            .push_bind(clock.owner_id)
                            .push_bind(clock.kind.as_str())
                            .push_bind(clock.policy.as_str())
                            .push_bind(clock.state.as_str())
                            .push_bind(micros(clock.started_at))
                            .push_bind(clock.due_at.map(micros))
                            .push_bind(clock.wake_at().map(micros))
                            .push_bind(clock.ended_at.map(micros))
                            .push_bind(record);
                    });
                    sql.push(
                        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, wake_at = excluded.wake_at, \
                        ended_at = excluded.ended_at, record = excluded.record",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }

        impl SlaClocks for $backend {
            fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid, Uuid)>> {
                Box::pin(async move {
                    let sql = "SELECT workspace, lead, id FROM sla_clock WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2";
                    let rows = sqlx::query(sql)
                        .bind(micros(now))
                        .bind(i64::from(limit.clamp(1, MOST_CLOCKS)))
                        .fetch_all(&self.readers)
                        .await?;
                    rows.iter()
                        .map(|row| Ok((WorkspaceId(row.number("workspace")?), row.id("lead")?, row.id("id")?)))
                        .collect()
                })
            }

            fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>> {
                Box::pin(async move {
                    let sql = "SELECT min(wake_at) AS at FROM sla_clock WHERE wake_at IS NOT NULL";
                    let row = sqlx::query(sql).fetch_one(&self.readers).await?;
                    row.maybe_number("at")?.map(moment).transpose()
                })
            }

            fn open(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Clock>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM sla_clock WHERE workspace = $1 AND ended_at IS NULL \
                        ORDER BY due_at, id LIMIT $2";
                    let rows = sqlx::query(sql)
                        .bind(workspace.0)
                        .bind(i64::from(MOST_CLOCKS))
                        .fetch_all(&self.readers)
                        .await?;
                    rows.iter().map(|row| row.json("record")).collect()
                })
            }

            fn of_lead(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<Clock>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM sla_clock WHERE workspace = $1 AND lead = $2 \
                        ORDER BY id DESC LIMIT 100";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(lead).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| row.json("record")).collect()
                })
            }

            fn rates(&self, workspace: WorkspaceId, since: DateTime<Utc>) -> Answer<'_, Vec<PastRate>> {
                Box::pin(async move {
                    let sql = "SELECT policy, kind, sum(CASE WHEN state = 'met' THEN 1 ELSE 0 END) AS met, \
                        sum(CASE WHEN state = 'breached' THEN 1 ELSE 0 END) AS breached FROM sla_clock \
                        WHERE workspace = $1 AND ended_at >= $2 GROUP BY policy, kind ORDER BY policy, kind";
                    let rows =
                        sqlx::query(sql).bind(workspace.0).bind(micros(since)).fetch_all(&self.readers).await?;
                    rows.iter().map(rate).collect()
                })
            }
        }
    };
}

clocks!(Sqlite, SqliteConnection, sqlx::Sqlite);
clocks!(Postgres, PgConnection, sqlx::Postgres);

fn rate(row: &impl Columns) -> Result<PastRate, Error> {
    let word = row.text("kind")?;
    let kind = ClockKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    let kind = kind.ok_or_else(|| Error::Corrupt(format!("clock kind {word}").into()))?;
    Ok(PastRate {
        policy: row.string("policy")?,
        kind,
        met: row.count("met")?,
        breached: row.count("breached")?,
    })
}
