//! Where leads stand.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, StageStays, Standing, Unsettled, Walked, WorkspaceId};
use crate::postgres::Postgres;
use crate::shared::customers;
use crate::sqlite::Sqlite;
use crate::writer::{MergeTables as _, gathered};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use trunkline_leads::Lead;
use trunkline_leads::account::Profile;
use trunkline_leads::criteria::Trace;
use uuid::Uuid;

/// Most rows of an answer.
const MOST: u32 = 1_000;

macro_rules! standing {
    ($backend:ty, $database:ty, $traces:path, $customers:ident, $walked:ident, $connection:ty) => {
        /// Leads with what they did of `kinds`, theirs and what came with merged ones, and with their accounts.
        pub(crate) async fn $walked(
            connection: &mut $connection,
            workspace: WorkspaceId,
            leads: Vec<Lead>,
            kinds: &BTreeSet<&'static str>,
        ) -> Result<Vec<Walked>, Error> {
            let ids: HashSet<Uuid> = leads.iter().map(|lead| lead.id).collect();
            let parts = connection.parts(workspace, &ids).await?;
            let traces = $traces(&mut *connection, &with_parts(ids, &parts), kinds).await?;
            let accounts = accounts_of(&leads);
            let accounts = customers::$customers::profiles(connection, workspace, &accounts).await?;
            Ok(joined(leads, traces, &parts, accounts))
        }

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
                    $walked(&mut snapshot, workspace, leads, &kinds).await
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
                    let ids = HashSet::from([lead]);
                    let parts = snapshot.parts(workspace, &ids).await?;
                    let traces = $traces(&mut snapshot, &with_parts(ids, &parts), &kinds).await?;
                    let leads = vec![row.json("record")?];
                    let accounts = customers::$customers::profiles(&mut snapshot, workspace, &accounts_of(&leads)).await?;
                    Ok(joined(leads, traces, &parts, accounts).pop())
                })
            }

            fn unsettled(&self, limit: u32) -> Answer<'_, Vec<Unsettled>> {
                Box::pin(async move {
                    let sql = "SELECT account, workspace, at, reached FROM unsettled_account ORDER BY at, account LIMIT $1";
                    let rows =
                        sqlx::query(sql).bind(i64::from(limit.clamp(1, MOST))).fetch_all(&self.readers).await?;
                    rows.iter().map(unsettled).collect()
                })
            }

            fn leads_to_settle(&self, account: Unsettled, limit: u32) -> Answer<'_, Vec<Uuid>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT id FROM lead WHERE account IN (SELECT id FROM account WHERE id = ",
                    );
                    sql.push_bind(account.account).push(" OR parent = ").push_bind(account.account).push(")");
                    if let Some(reached) = account.reached {
                        sql.push(" AND id > ").push_bind(reached);
                    }
                    sql.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    rows.iter().map(|row| row.id("id")).collect()
                })
            }

            fn settle(&self, account: Unsettled, reached: Option<Uuid>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = match reached {
                            Some(_) => "UPDATE unsettled_account SET reached = $3 WHERE account = $1 AND at = $2",
                            None => "DELETE FROM unsettled_account WHERE account = $1 AND at = $2",
                        };
                        let mut query = sqlx::query(sql).bind(account.account).bind(micros(account.at));
                        if let Some(reached) = reached {
                            query = query.bind(reached);
                        }
                        query.execute(connection).await?;
                        Ok(())
                    })
                }))
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

standing!(
    Sqlite,
    sqlx::Sqlite,
    crate::sqlite::traces,
    in_sqlite,
    walked_in_sqlite,
    sqlx::sqlite::SqliteConnection
);
standing!(
    Postgres,
    sqlx::Postgres,
    crate::postgres::traces,
    in_postgres,
    walked_in_postgres,
    sqlx::postgres::PgConnection
);

fn unsettled(row: &impl Columns) -> Result<Unsettled, Error> {
    Ok(Unsettled {
        workspace: WorkspaceId(row.number("workspace")?),
        account: row.id("account")?,
        at: row.moment("at")?,
        reached: row.maybe_id("reached")?,
    })
}

/// The accounts of `leads`, each once.
fn accounts_of(leads: &[Lead]) -> Vec<Uuid> {
    let accounts: BTreeSet<Uuid> = leads.iter().filter_map(|lead| lead.account_id).collect();
    accounts.into_iter().collect()
}

/// `leads` and those that went into them.
fn with_parts(mut leads: HashSet<Uuid>, parts: &[(Uuid, Uuid)]) -> Vec<Uuid> {
    leads.extend(parts.iter().map(|(_, went)| *went));
    leads.into_iter().collect()
}

/// Each lead with those of `traces` that are its own or came with another, and with its own of `accounts`.
fn joined(
    leads: Vec<Lead>,
    traces: Vec<(Uuid, Trace)>,
    parts: &[(Uuid, Uuid)],
    accounts: Vec<Profile>,
) -> Vec<Walked> {
    let mut own: HashMap<Uuid, Vec<Trace>> = HashMap::new();
    for (lead, trace) in traces {
        own.entry(lead).or_default().push(trace);
    }
    let traces = gathered(leads.iter().map(|lead| (lead.id, None)), parts, &own);
    let accounts: HashMap<Uuid, Arc<Profile>> =
        accounts.into_iter().map(|profile| (profile.account.id, Arc::new(profile))).collect();
    let with = |(lead, traces): (Lead, Vec<Trace>)| {
        let account = lead.account_id.and_then(|account| accounts.get(&account).cloned());
        Walked { lead, traces, account }
    };
    leads.into_iter().zip(traces).map(with).collect()
}

/// An activity in a row, and whose it is.
pub(crate) fn trace(row: &impl Columns) -> Result<(Uuid, Trace), Error> {
    let kind = row.text("kind")?;
    let kind = kind.parse().map_err(|_| Error::Corrupt(format!("activity kind {kind}").into()))?;
    let touch = row.maybe_string("touch")?;
    Ok((row.id("lead")?, Trace { kind, title: row.string("title")?, touch, at: row.moment("at")? }))
}
