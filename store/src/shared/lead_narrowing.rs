//! Which index makes a question for leads small: all that fit are among the leads of one owner, of one stage, of one list.

use crate::columns::{Columns, first_id_at, micros};
use crate::error::Error;
use crate::ports::{LeadQuery, OwnerFilter, WorkspaceId};
use chrono::TimeDelta;
use sqlx::QueryBuilder;
use uuid::Uuid;

/// Most leads of a set that is gone through whole for each page.
const FEW: usize = 5_000;
/// How far the moment in a lead's id may be from the one at which it was first seen: clocks are put right.
const ASTRAY: TimeDelta = TimeDelta::days(2);

/// Looking for the smallest set, through a connection of either database.
pub(crate) trait Narrowing: Send {
    /// Leads among which are all that fit, when an index says that they are few; `None` when none does.
    fn narrowed(
        &mut self,
        workspace: WorkspaceId,
        query: &LeadQuery,
    ) -> impl Future<Output = Result<Option<Vec<Uuid>>, Error>> + Send;
}

macro_rules! narrowing {
    ($database:ty, $connection:ty) => {
        impl Narrowing for $connection {
            async fn narrowed(
                &mut self,
                workspace: WorkspaceId,
                query: &LeadQuery,
            ) -> Result<Option<Vec<Uuid>>, Error> {
                for mut sql in sets(workspace, query) {
                    sql.push(" LIMIT ").push_bind(FEW as i64 + 1);
                    let rows = sql.build().fetch_all(&mut *self).await?;
                    if rows.len() <= FEW {
                        return rows.iter().map(|row| row.id("id")).collect::<Result<_, _>>().map(Some);
                    }
                }
                return Ok(None);

                /// Questions of which each has an index and whose answers hold all that fit.
                fn sets(workspace: WorkspaceId, query: &LeadQuery) -> Vec<QueryBuilder<$database>> {
                    let mut sets = Vec::new();
                    let of = |text: &str| QueryBuilder::<$database>::new(text.to_owned());
                    let lead = "SELECT id FROM lead WHERE workspace = ";
                    if let Some(list) = query.list {
                        let mut sql = of("SELECT lead AS id FROM list_member WHERE list = ");
                        sql.push_bind(list);
                        sets.push(sql);
                    }
                    if let Some(import) = query.import {
                        let mut sql = of("SELECT lead AS id FROM import_lead WHERE import = ");
                        sql.push_bind(import);
                        sets.push(sql);
                    }
                    if let Some(segment) = &query.segment {
                        let mut sql = of("SELECT lead AS id FROM segment_member WHERE workspace = ");
                        sql.push_bind(workspace.0).push(" AND segment = ").push_bind(segment.clone());
                        sets.push(sql);
                    }
                    if let Some(account) = query.account {
                        let mut sql = of("SELECT id FROM lead WHERE account = ");
                        sql.push_bind(account);
                        sets.push(sql);
                    }
                    if let Some(owner) = query.owner {
                        let mut sql = of(lead);
                        sql.push_bind(workspace.0);
                        match owner {
                            OwnerFilter::Is(owner) => drop(sql.push(" AND owner = ").push_bind(owner)),
                            OwnerFilter::Nobody => drop(sql.push(" AND owner IS NULL")),
                        }
                        sets.push(sql);
                    }
                    if let Some(stage) = &query.stage {
                        let mut sql = of(lead);
                        sql.push_bind(workspace.0).push(" AND stage = ").push_bind(stage.clone());
                        sets.push(sql);
                    }
                    if query.score_from.is_some() || query.score_to.is_some() {
                        let mut sql = of(lead);
                        sql.push_bind(workspace.0);
                        if let Some(least) = query.score_from {
                            sql.push(" AND score_order >= ").push_bind(least);
                        }
                        if let Some(most) = query.score_to {
                            sql.push(" AND score_order <= ").push_bind(most);
                        }
                        sets.push(sql);
                    }
                    if let Some(since) = query.updated_since {
                        let mut sql = of(lead);
                        sql.push_bind(workspace.0).push(" AND updated_at >= ").push_bind(micros(since));
                        sets.push(sql);
                    }
                    let (from, to) = query.created;
                    if from.is_some() || to.is_some() {
                        let mut sql = of(lead);
                        sql.push_bind(workspace.0);
                        if let Some(from) = from {
                            sql.push(" AND id >= ").push_bind(first_id_at(from - ASTRAY));
                        }
                        if let Some(to) = to {
                            sql.push(" AND id < ").push_bind(first_id_at(to + ASTRAY));
                        }
                        sets.push(sql);
                    }
                    sets
                }
            }
        }
    };
}

narrowing!(sqlx::Sqlite, sqlx::sqlite::SqliteConnection);
narrowing!(sqlx::Postgres, sqlx::postgres::PgConnection);
