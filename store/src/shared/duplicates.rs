//! Pairs that may be one person, and merges, as people look at them.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{
    Answer, AnsweredPair, Decision, Duplicates, MAX_PAIRS_PUT, MergeQuery, MergeRow, NewPair, PairPage,
    PairQuery, PairRow, PairState, WorkspaceId,
};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::writer::{Likenesses as _, MergeTables as _};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::QueryBuilder;
use std::collections::HashSet;
use trunkline_leads::Lead;
use trunkline_leads::linkage::{Alike, Probe};
use uuid::Uuid;

/// Most rows of a page.
const MAX_PAGE: u32 = 200;
/// Pairs with both leads; a pair of which one is gone is not shown.
const PAIRS: &str = "SELECT p.id, p.probability, p.reasons, p.state, p.found_at, p.decided_at, p.decided_by, \
    a.record AS left_record, b.record AS right_record FROM duplicate_pair p \
    JOIN lead a ON a.id = p.left_lead JOIN lead b ON b.id = p.right_lead WHERE p.workspace = ";

macro_rules! duplicates {
    ($backend:ty, $database:ty) => {
        impl Duplicates for $backend {
            fn scan(&self, workspace: WorkspaceId, after: Uuid, limit: u32) -> Answer<'_, Vec<Lead>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM lead WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(after).bind(i64::from(limit));
                    rows.fetch_all(&self.readers).await?.iter().map(|row| row.json("record")).collect()
                })
            }

            fn put(&self, workspace: WorkspaceId, pairs: Vec<NewPair>) -> Answer<'_, u64> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        if pairs.is_empty() {
                            return Ok(0);
                        }
                        let mut rows = Vec::with_capacity(pairs.len().min(MAX_PAIRS_PUT));
                        for pair in pairs.into_iter().take(MAX_PAIRS_PUT) {
                            let reasons = to_json(&pair.reasons)?;
                            rows.push((pair, reasons));
                        }
                        let sql = "SELECT count(*) AS n FROM duplicate_pair WHERE workspace = $1";
                        let before =
                            sqlx::query(sql).bind(workspace.0).fetch_one(&mut *connection).await?.count("n")?;
                        let mut insert = QueryBuilder::<$database>::new(
                            "INSERT INTO duplicate_pair (id, workspace, left_lead, right_lead, probability, bits, \
                            reasons, state, found_at, seen_at) ",
                        );
                        insert.push_values(rows, |mut row, (pair, reasons)| {
                            row.push_bind(pair.id).push_bind(workspace.0).push_bind(pair.left);
                            row.push_bind(pair.right).push_bind(pair.probability).push_bind(pair.bits).push_bind(reasons);
                            row.push_bind(PairState::Waiting.as_str()).push_bind(micros(pair.at)).push_bind(micros(pair.at));
                        });
                        insert.push(
                            " ON CONFLICT (workspace, left_lead, right_lead) DO UPDATE SET \
                            probability = excluded.probability, bits = excluded.bits, reasons = excluded.reasons, \
                            seen_at = excluded.seen_at \
                            WHERE duplicate_pair.state = 'waiting'",
                        );
                        insert.build().execute(&mut *connection).await?;
                        let after =
                            sqlx::query(sql).bind(workspace.0).fetch_one(&mut *connection).await?.count("n")?;
                        Ok(after - before)
                    })
                }))
            }

            fn list(&self, workspace: WorkspaceId, query: PairQuery) -> Answer<'_, PairPage> {
                Box::pin(async move {
                    let limit = query.limit.clamp(1, MAX_PAGE);
                    let mut snapshot = self.readers.begin().await?;
                    let sql = "SELECT count(*) AS n FROM duplicate_pair p JOIN lead a ON a.id = p.left_lead \
                        JOIN lead b ON b.id = p.right_lead WHERE p.workspace = $1 AND p.state = $2";
                    let total = sqlx::query(sql).bind(workspace.0).bind(query.state.as_str());
                    let total = total.fetch_one(&mut *snapshot).await?.count("n")?;
                    let mut sql = QueryBuilder::<$database>::new(PAIRS);
                    sql.push_bind(workspace.0).push(" AND p.state = ").push_bind(query.state.as_str());
                    if let Some(after) = query.after {
                        sql.push(" AND (p.probability, p.id) < (SELECT probability, id FROM duplicate_pair WHERE id = ");
                        sql.push_bind(after).push(")");
                    }
                    // One more than asked for tells whether there is another page.
                    sql.push(" ORDER BY p.probability DESC, p.id DESC LIMIT ").push_bind(i64::from(limit) + 1);
                    let rows = sql.build().fetch_all(&mut *snapshot).await?;
                    let mut items = rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
                    let more = items.len() > limit as usize;
                    items.truncate(limit as usize);
                    let next = if more { items.last().map(|row| row.id) } else { None };
                    Ok(PairPage { items, next, total })
                })
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<PairRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(PAIRS);
                    sql.push_bind(workspace.0).push(" AND p.id = ").push_bind(id);
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(pair).transpose()
                })
            }

            fn decide(&self, workspace: WorkspaceId, id: Uuid, decision: Decision) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "UPDATE duplicate_pair SET state = $3, decided_at = $4, decided_by = $5 \
                            WHERE workspace = $1 AND id = $2";
                        let done = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(id)
                            .bind(decision.state.as_str())
                            .bind(micros(decision.at))
                            .bind(decision.by)
                            .execute(connection)
                            .await?;
                        if done.rows_affected() == 0 { Err(Error::NotFound("the pair")) } else { Ok(()) }
                    })
                }))
            }

            fn forget_waiting(&self, workspace: WorkspaceId, moment: DateTime<Utc>) -> Answer<'_, u64> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "DELETE FROM duplicate_pair WHERE workspace = $1 AND state = 'waiting' \
                            AND coalesce(seen_at, 0) < $2";
                        let done = sqlx::query(sql).bind(workspace.0).bind(micros(moment));
                        Ok(done.execute(connection).await?.rows_affected())
                    })
                }))
            }

            fn answers(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<AnsweredPair>> {
                Box::pin(async move {
                    let sql = "SELECT id, bits, reasons, state FROM duplicate_pair WHERE workspace = $1 \
                        AND state IN ('merged', 'different') AND decided_by IS NOT NULL AND bits IS NOT NULL \
                        ORDER BY decided_at DESC, id DESC LIMIT $2";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(i64::from(limit));
                    let rows = rows.fetch_all(&self.readers).await?;
                    let answer = |row: &<$database as sqlx::Database>::Row| {
                        Ok(AnsweredPair {
                            id: row.id("id")?,
                            bits: row.number("bits")?,
                            reasons: row.json("reasons")?,
                            is_one: row.text("state")? == PairState::Merged.as_str(),
                        })
                    };
                    rows.iter().map(answer).collect()
                })
            }

            fn keep_model(
                &self,
                workspace: WorkspaceId,
                model: Value,
                people: u64,
                at: DateTime<Utc>,
            ) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO linkage_model (workspace, record, people, at) VALUES ($1, $2, $3, $4) \
                            ON CONFLICT (workspace) DO UPDATE SET record = excluded.record, \
                            people = excluded.people, at = excluded.at";
                        let people = i64::try_from(people).unwrap_or(i64::MAX);
                        let query = sqlx::query(sql).bind(workspace.0).bind(to_json(&model)?).bind(people);
                        query.bind(micros(at)).execute(connection).await?;
                        Ok(())
                    })
                }))
            }

            fn waiting_above(&self, workspace: WorkspaceId, thresholds: Vec<i64>) -> Answer<'_, Vec<u64>> {
                Box::pin(async move {
                    let mut counts = Vec::with_capacity(thresholds.len());
                    for threshold in thresholds {
                        let sql = "SELECT count(*) AS n FROM duplicate_pair p JOIN lead a ON a.id = p.left_lead \
                            JOIN lead b ON b.id = p.right_lead \
                            WHERE p.workspace = $1 AND p.state = 'waiting' AND p.probability >= $2";
                        let row = sqlx::query(sql).bind(workspace.0).bind(threshold);
                        counts.push(row.fetch_one(&self.readers).await?.count("n")?);
                    }
                    Ok(counts)
                })
            }

            fn merges(&self, workspace: WorkspaceId, query: MergeQuery) -> Answer<'_, Vec<MergeRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT m.record, m.undone_at, l.record AS lead FROM lead_merge m \
                        LEFT JOIN lead l ON l.id = m.survivor WHERE m.workspace = ",
                    );
                    sql.push_bind(workspace.0);
                    if let Some(survivor) = query.survivor {
                        sql.push(" AND m.survivor = ").push_bind(survivor);
                    }
                    if let Some(before) = query.before {
                        sql.push(" AND m.id < ").push_bind(before);
                    }
                    sql.push(" ORDER BY m.id DESC LIMIT ").push_bind(i64::from(query.limit.clamp(1, MAX_PAGE)));
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    rows.iter().map(merge).collect()
                })
            }

            fn alike(&self, workspace: WorkspaceId, lead: Option<Uuid>, probe: Probe) -> Answer<'_, Alike> {
                Box::pin(async move {
                    let mut snapshot = self.snapshot().await?;
                    snapshot.alike(workspace, lead, &probe).await
                })
            }

            fn redirect(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Option<Uuid>> {
                Box::pin(async move {
                    let mut connection = self.readers.acquire().await?;
                    let found = connection.redirects(workspace, &HashSet::from([lead])).await?;
                    Ok(found.get(&lead).copied())
                })
            }
        }
    };
}

duplicates!(Sqlite, sqlx::Sqlite);
duplicates!(Postgres, sqlx::Postgres);

fn pair(row: &impl Columns) -> Result<PairRow, Error> {
    let state = row.text("state")?;
    let state: PairState = state.parse().map_err(|_| Error::Corrupt(format!("pair state {state}").into()))?;
    Ok(PairRow {
        id: row.id("id")?,
        left: row.json("left_record")?,
        right: row.json("right_record")?,
        probability: row.number("probability")?,
        reasons: row.json("reasons")?,
        state,
        found_at: row.moment("found_at")?,
        decided_at: row.maybe_moment("decided_at")?,
        decided_by: row.maybe_string("decided_by")?,
    })
}

fn merge(row: &impl Columns) -> Result<MergeRow, Error> {
    let survivor =
        row.maybe_text("lead")?.map(|text| crate::columns::from_json("a lead", text)).transpose()?;
    Ok(MergeRow { merge: row.json("record")?, survivor, undone_at: row.maybe_moment("undone_at")? })
}
