//! Owners, rules of pools, and counters that a person puts right.

use crate::columns::{Columns, from_json, micros, to_json};
use crate::error::Error;
use crate::ports::{Adjust, Adjustment, Answer, MemberRule, Named, Owner, RoutingDesk, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::member;
use crate::sqlite::Sqlite;
use trunkline_leads::routing::PoolRules;
use trunkline_leads::{Counter, Member, Pool};
use uuid::Uuid;

/// The members of a pool with their counters.
const MEMBERS: &str = "SELECT p.id, p.name, p.rules, o.id AS owner, o.name AS owner_name, o.email, o.work, m.weight, \
    m.active, m.credit, m.assigned, m.last_turn, m.tallies FROM pool p JOIN pool_member m ON m.pool = p.id \
    JOIN owner o ON o.id = m.owner WHERE p.workspace = $1 AND p.id = $2 ORDER BY m.place, o.id";

macro_rules! desk {
    ($backend:ty, $pools:path) => {
        impl RoutingDesk for $backend {
            fn change_owner(&self, workspace: WorkspaceId, owner: Owner) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let work = owner.work.as_ref().map(to_json).transpose()?;
                        let sql = "UPDATE owner SET name = $3, email = $4, work = $5 WHERE workspace = $1 AND id = $2";
                        let changed = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(owner.id)
                            .bind(owner.name)
                            .bind(owner.email)
                            .bind(work)
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming("an owner with this e-mail address"))?;
                        if changed.rows_affected() == 0 { Err(Error::NotFound("an owner")) } else { Ok(()) }
                    })
                }))
            }

            fn set_pool(
                &self,
                workspace: WorkspaceId,
                pool: Named,
                rules: PoolRules,
                members: Vec<MemberRule>,
            ) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let id = pool.id;
                        $pools(&mut *connection, workspace, pool, members).await?;
                        sqlx::query("UPDATE pool SET rules = $3 WHERE workspace = $1 AND id = $2")
                            .bind(workspace.0)
                            .bind(id)
                            .bind(to_json(&rules)?)
                            .execute(connection)
                            .await?;
                        Ok(())
                    })
                }))
            }

            fn adjust(&self, workspace: WorkspaceId, asked: Adjust) -> Answer<'_, Adjustment> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let rows = sqlx::query(MEMBERS)
                            .bind(workspace.0)
                            .bind(asked.pool)
                            .fetch_all(&mut *connection)
                            .await?;
                        let mut members = Vec::with_capacity(rows.len());
                        for row in &rows {
                            members.extend(member(row)?);
                        }
                        let (pool, done) = adjusted(members, asked)?;
                        for counter in pool.counters() {
                            let Counter { pool_id, owner_id, credit, assigned, last_turn, tallies } = counter;
                            let sql = "UPDATE pool_member SET credit = $3, assigned = $4, last_turn = $5, tallies = $6 \
                                WHERE pool = $1 AND owner = $2";
                            sqlx::query(sql)
                                .bind(pool_id)
                                .bind(owner_id)
                                .bind(credit)
                                .bind(i64::try_from(assigned).unwrap_or(i64::MAX))
                                .bind(i64::try_from(last_turn).unwrap_or(i64::MAX))
                                .bind(to_json(&tallies)?)
                                .execute(&mut *connection)
                                .await?;
                        }
                        let sql = "INSERT INTO pool_adjustment (id, workspace, pool, owner, at, by_name, why, change) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
                        sqlx::query(sql)
                            .bind(done.id)
                            .bind(workspace.0)
                            .bind(pool.id)
                            .bind(done.owner.id)
                            .bind(micros(done.at))
                            .bind(done.by.clone())
                            .bind(done.why.clone())
                            .bind(done.change.clone())
                            .execute(connection)
                            .await?;
                        Ok(done)
                    })
                }))
            }

            fn adjustments(&self, workspace: WorkspaceId, pool: Uuid) -> Answer<'_, Vec<Adjustment>> {
                Box::pin(async move {
                    let sql = "SELECT a.id, a.owner, o.name AS owner_name, a.at, a.by_name, a.why, a.change \
                        FROM pool_adjustment a JOIN owner o ON o.id = a.owner \
                        WHERE a.workspace = $1 AND a.pool = $2 ORDER BY a.id DESC LIMIT 200";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(pool).fetch_all(&self.readers).await?;
                    rows.iter().map(adjustment).collect()
                })
            }
        }
    };
}

desk!(Sqlite, crate::sqlite::change_pool);
desk!(Postgres, crate::postgres::change_pool);

fn adjustment(row: &impl Columns) -> Result<Adjustment, Error> {
    Ok(Adjustment {
        id: row.id("id")?,
        owner: Named { id: row.id("owner")?, name: row.string("owner_name")? },
        at: row.moment("at")?,
        by: row.string("by_name")?,
        why: row.string("why")?,
        change: row.string("change")?,
    })
}

/// The rules in the column `rules`; without any the usual ones.
pub(crate) fn rules(row: &impl Columns) -> Result<PoolRules, Error> {
    row.maybe_text("rules")?.map_or_else(|| Ok(PoolRules::default()), |text| from_json("rules", text))
}

/// A pool of `members` with the counters that `asked` sets, and what was changed. Credits go on adding up to nothing.
fn adjusted(members: Vec<Member>, asked: Adjust) -> Result<(Pool, Adjustment), Error> {
    let mut pool = Pool { id: asked.pool, name: String::new(), members, rules: PoolRules::default() };
    let place = pool.members.iter().position(|member| member.owner.id == asked.owner);
    let place = place.ok_or(Error::NotFound("a member of the pool"))?;
    let mut said = Vec::new();
    let owner = Named { id: asked.owner, name: pool.members[place].owner.name.clone() };
    if let Some(assigned) = asked.assigned {
        let member = &mut pool.members[place];
        said.push(format!("leads given from {} to {assigned}", member.assigned));
        member.assigned = assigned;
    }
    if let Some(credit) = asked.credit {
        said.push(format!("credit from {} to {credit}", pool.members[place].credit));
        let mut owed = credit - pool.members[place].credit;
        pool.members[place].credit = credit;
        let mut others: Vec<&mut Member> = pool
            .members
            .iter_mut()
            .filter(|member| member.takes_part() && member.owner.id != asked.owner)
            .collect();
        let count = i64::try_from(others.len()).unwrap_or(i64::MAX);
        for (left, other) in (1..=count).rev().zip(&mut others) {
            let share = owed / left;
            other.credit -= share;
            owed -= share;
        }
    }
    if asked.clear_caps {
        said.push("what counts towards caps starts at nothing".into());
        pool.members[place].tallies.clear();
    }
    let change = said.join(", ");
    let Adjust { id, at, by, why, .. } = asked;
    Ok((pool, Adjustment { id, owner, at, by, why, change }))
}
