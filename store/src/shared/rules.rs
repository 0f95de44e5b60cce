//! What the writer keeps of rules of runs, and of events seen lately.

use crate::columns::{Columns, micros, moment};
use crate::error::Error;
use crate::ports::{OrderKey, WorkspaceId};
use crate::records::held_for;
use crate::writer::{BurstRow, NewRule, RuleRow, RuleTables, SeenKey, SeenRow};
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::{HeldFor, RunId};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 1000;
/// The columns of a [`RuleRow`].
const RULE: &str =
    "SELECT u.run, u.workspace, u.workflow, u.space, u.key, u.most_at_once, u.held FROM run_rule u ";

macro_rules! rules {
    ($connection:ty, $database:ty) => {
        impl RuleTables for $connection {
            async fn first_of_keys(
                &mut self,
                keys: &HashSet<(WorkspaceId, OrderKey)>,
            ) -> Result<Vec<RuleRow>, Error> {
                let keys: Vec<_> = keys.iter().collect();
                let mut found = Vec::new();
                for piece in keys.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(RULE);
                    sql.push(
                        "WHERE u.place IN (SELECT (SELECT v.place FROM run_rule v WHERE v.key IS NOT NULL \
                        AND v.workspace = k.column1 AND v.space = k.column2 AND v.key = k.column3 \
                        AND (v.held IS NULL OR v.held <> 'burst') ORDER BY (v.held IS NOT NULL), v.place LIMIT 1) FROM (",
                    );
                    sql.push_values(piece, |mut row, (workspace, order)| {
                        row.push_bind(workspace.0)
                            .push_bind(order.space.as_str())
                            .push_bind(order.key.as_str());
                    });
                    sql.push(") k) ORDER BY u.place");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(rule(row)?);
                    }
                }
                Ok(found)
            }

            async fn under_way(&mut self, workflows: &HashSet<Uuid>) -> Result<HashMap<Uuid, u64>, Error> {
                let workflows: Vec<_> = workflows.iter().collect();
                let mut found = HashMap::new();
                for piece in workflows.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT workflow, count(*) AS n FROM run_rule \
                        WHERE most_at_once IS NOT NULL AND held IS NULL AND workflow IN (",
                    );
                    let mut list = sql.separated(", ");
                    for workflow in piece {
                        list.push_bind(**workflow);
                    }
                    list.push_unseparated(") GROUP BY workflow");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.insert(row.id("workflow")?, row.count("n")?);
                    }
                }
                Ok(found)
            }

            async fn held_by_limit(
                &mut self,
                workflows: &HashSet<Uuid>,
                most: u32,
            ) -> Result<Vec<RuleRow>, Error> {
                let mut found = Vec::new();
                // One statement for each: workflows with a limit are few in a batch, runs that wait for one may be many.
                for workflow in workflows {
                    let mut sql = QueryBuilder::<$database>::new(RULE);
                    sql.push("WHERE u.most_at_once IS NOT NULL AND u.held = 'limit' AND u.workflow = ");
                    sql.push_bind(*workflow).push(" ORDER BY u.place LIMIT ").push_bind(i64::from(most));
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(rule(row)?);
                    }
                }
                Ok(found)
            }

            async fn bursts(&mut self, asked: &HashSet<(Uuid, String)>) -> Result<Vec<BurstRow>, Error> {
                let asked: Vec<_> = asked.iter().collect();
                let mut found = Vec::new();
                for piece in asked.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT u.workflow, u.burst, u.run, u.burst_until, \
                        1 + (SELECT coalesce(max(seq), 0) FROM journal WHERE journal.run = u.run) AS next_seq \
                        FROM run_rule u WHERE u.held = 'burst' AND (u.workflow, u.burst) IN (",
                    );
                    sql.push_values(piece, |mut row, (workflow, burst)| {
                        row.push_bind(*workflow).push_bind(burst.as_str());
                    });
                    sql.push(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(BurstRow {
                            workflow: row.id("workflow")?,
                            burst: row.string("burst")?,
                            run: row.id("run")?,
                            next_seq: row.number("next_seq")?,
                            until: row.moment("burst_until")?,
                        });
                    }
                }
                Ok(found)
            }

            async fn seen(
                &mut self,
                asked: &HashSet<SeenKey>,
            ) -> Result<HashMap<SeenKey, (RunId, DateTime<Utc>)>, Error> {
                let asked: Vec<_> = asked.iter().collect();
                let mut found = HashMap::new();
                for piece in asked.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT workflow, digest, run, at FROM seen WHERE (workflow, digest) IN (",
                    );
                    sql.push_values(piece, |mut row, (workflow, digest)| {
                        row.push_bind(*workflow).push_bind(digest.to_vec());
                    });
                    sql.push(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let digest = row.bytes("digest")?.try_into();
                        let digest = digest.map_err(|_| Error::Corrupt("a digest of another length".into()))?;
                        found.insert((row.id("workflow")?, digest), (row.id("run")?, moment(row.number("at")?)?));
                    }
                }
                Ok(found)
            }

            async fn note_seen(&mut self, rows: Vec<SeenRow>) -> Result<(), Error> {
                for piece in rows.chunks(PIECE) {
                    let mut sql =
                        QueryBuilder::<$database>::new("INSERT INTO seen (workflow, digest, run, at, until) ");
                    sql.push_values(piece, |mut row, seen| {
                        row.push_bind(seen.key.0)
                            .push_bind(seen.key.1.to_vec())
                            .push_bind(seen.run)
                            .push_bind(micros(seen.at))
                            .push_bind(micros(seen.until));
                    });
                    sql.push(
                        " ON CONFLICT (workflow, digest) DO UPDATE SET run = excluded.run, at = excluded.at, \
                        until = excluded.until",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn add_rules(&mut self, rows: Vec<NewRule>) -> Result<(), Error> {
                for piece in rows.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO run_rule (run, workspace, workflow, space, key, most_at_once, priority, burst, \
                        burst_until, held) ",
                    );
                    sql.push_values(piece, |mut row, new| {
                        let order = new.rules.order.as_ref();
                        let debounce = new.rules.debounce.as_ref();
                        row.push_bind(new.run)
                            .push_bind(new.workspace.0)
                            .push_bind(new.workflow)
                            .push_bind(order.map(|order| order.space.as_str()))
                            .push_bind(order.map(|order| order.key.as_str()))
                            .push_bind(new.rules.most_at_once.map(i64::from))
                            .push_bind(new.rules.priority.as_str())
                            .push_bind(debounce.map(|debounce| debounce.key.as_str()))
                            .push_bind(debounce.map(|debounce| micros(debounce.until)))
                            .push_bind(new.held.map(word));
                    });
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn remove_rules(&mut self, runs: Vec<RunId>) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM run_rule WHERE run IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn set_held(&mut self, held: Option<HeldFor>, runs: Vec<RunId>) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("UPDATE run_rule SET held = ");
                    sql.push_bind(held.map(word)).push(" WHERE run IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn extend_bursts(&mut self, bursts: Vec<(RunId, DateTime<Utc>)>) -> Result<(), Error> {
                for (set, by) in
                    [("UPDATE run_rule SET burst_until", "run_rule.run"), ("UPDATE run SET wake_at", "run.id")]
                {
                    for piece in bursts.chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new(set);
                        sql.push(" = v.column2 FROM (");
                        sql.push_values(piece, |mut row, (run, until)| {
                            row.push_bind(*run).push_bind(micros(*until));
                        });
                        sql.push(") v WHERE ").push(by).push(" = v.column1");
                        sql.build().execute(&mut *self).await?;
                    }
                }
                Ok(())
            }
        }
    };
}

rules!(SqliteConnection, sqlx::Sqlite);
rules!(PgConnection, sqlx::Postgres);

fn rule(row: &impl Columns) -> Result<RuleRow, Error> {
    let order = match (row.maybe_string("space")?, row.maybe_string("key")?) {
        (Some(space), Some(key)) => Some(OrderKey { space, key }),
        _ => None,
    };
    Ok(RuleRow {
        run: row.id("run")?,
        workspace: WorkspaceId(row.number("workspace")?),
        workflow: row.id("workflow")?,
        order,
        most_at_once: row.maybe_small("most_at_once")?,
        held: row.maybe_text("held")?.map(held_for).transpose()?,
    })
}

/// The word for `why` in the database.
fn word(why: HeldFor) -> &'static str {
    match why {
        HeldFor::Order => "order",
        HeldFor::Limit => "limit",
        HeldFor::Burst => "burst",
    }
}
