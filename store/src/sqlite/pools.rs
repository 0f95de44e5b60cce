//! Owners, pools and stages, as people set them up.

use super::codec::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{MemberRule, Named, Owner, WorkspaceId};
use crate::records::{member, owner, stage};
use crate::shared::desk::rules;
use chrono::Utc;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::collections::HashSet;
use trunkline_leads::{Pool, Stage};
use uuid::Uuid;

const POOL: &str = "a pool";
const SAME_POOL: &str = "a pool with this name";

/// Everybody who can own leads, by name.
pub(super) async fn owners(readers: &SqlitePool, workspace: WorkspaceId) -> Result<Vec<Owner>, Error> {
    let sql = "SELECT id, name, email, work FROM owner WHERE workspace = ?1 ORDER BY name, id";
    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(readers).await?;
    rows.iter().map(owner).collect()
}

/// Adds somebody who can own leads.
pub(super) async fn add_owner(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    owner: Owner,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO owner (id, workspace, name, email, created_at, work) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    sqlx::query(sql)
        .bind(owner.id)
        .bind(workspace.0)
        .bind(owner.name)
        .bind(owner.email)
        .bind(micros(Utc::now()))
        .bind(owner.work.as_ref().map(to_json).transpose()?)
        .execute(connection)
        .await
        .map_err(|error| Error::from(error).naming("an owner with this e-mail address"))?;
    Ok(())
}

/// All pools, by name, with their members.
pub(super) async fn all(readers: &SqlitePool, workspace: WorkspaceId) -> Result<Vec<Pool>, Error> {
    let sql = "SELECT p.id, p.name, p.rules, o.id AS owner, o.name AS owner_name, o.email, o.work, \
        m.weight, m.active, m.credit, m.assigned, m.last_turn, m.tallies \
        FROM pool p LEFT JOIN pool_member m ON m.pool = p.id LEFT JOIN owner o ON o.id = m.owner \
        WHERE p.workspace = ?1 ORDER BY p.name, p.id, m.place, o.id";
    let mut pools: Vec<Pool> = Vec::new();
    for row in sqlx::query(sql).bind(workspace.0).fetch_all(readers).await? {
        let id = row.id("id")?;
        if pools.last().is_none_or(|pool| pool.id != id) {
            pools.push(Pool { id, name: row.string("name")?, members: Vec::new(), rules: rules(&row)? });
        }
        let pool = pools.last_mut().expect("one was pushed when there was none");
        pool.members.extend(member(&row)?);
    }
    Ok(pools)
}

/// Adds an empty pool.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    pool: Named,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO pool (id, workspace, name, created_at) VALUES (?1, ?2, ?3, ?4)")
        .bind(pool.id)
        .bind(workspace.0)
        .bind(pool.name)
        .bind(micros(Utc::now()))
        .execute(connection)
        .await
        .map_err(|error| Error::from(error).naming(SAME_POOL))?;
    Ok(())
}

/// Renames a pool and sets its members; those that stay keep their counters.
pub(crate) async fn change(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    pool: Named,
    members: Vec<MemberRule>,
) -> Result<(), Error> {
    let renamed = sqlx::query("UPDATE pool SET name = ?3 WHERE workspace = ?1 AND id = ?2")
        .bind(workspace.0)
        .bind(pool.id)
        .bind(pool.name)
        .execute(&mut *connection)
        .await
        .map_err(|error| Error::from(error).naming(SAME_POOL))?;
    if renamed.rows_affected() == 0 {
        return Err(Error::NotFound(POOL));
    }
    let stay: HashSet<Uuid> = members.iter().map(|member| member.owner).collect();
    let old: Vec<Uuid> = sqlx::query_scalar("SELECT owner FROM pool_member WHERE pool = ?1")
        .bind(pool.id)
        .fetch_all(&mut *connection)
        .await?;
    for owner in old.into_iter().filter(|owner| !stay.contains(owner)) {
        let sql = "DELETE FROM pool_member WHERE pool = ?1 AND owner = ?2";
        sqlx::query(sql).bind(pool.id).bind(owner).execute(&mut *connection).await?;
    }
    for (place, member) in (0_i64..).zip(&members) {
        // The sub-query refuses an owner of another workspace.
        let sql = "INSERT INTO pool_member (pool, owner, place, weight, active) \
            SELECT ?1, id, ?4, ?5, ?6 FROM owner WHERE id = ?2 AND workspace = ?3 \
            ON CONFLICT (pool, owner) DO UPDATE SET place = excluded.place, weight = excluded.weight, \
            active = excluded.active";
        let done = sqlx::query(sql)
            .bind(pool.id)
            .bind(member.owner)
            .bind(workspace.0)
            .bind(place)
            .bind(member.weight)
            .bind(member.active)
            .execute(&mut *connection)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::NotFound("an owner"));
        }
    }
    Ok(())
}

/// Deletes a pool.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    id: Uuid,
) -> Result<(), Error> {
    let sql = "DELETE FROM pool WHERE workspace = ?1 AND id = ?2";
    let done = sqlx::query(sql).bind(workspace.0).bind(id).execute(connection).await?;
    if done.rows_affected() == 0 { Err(Error::NotFound(POOL)) } else { Ok(()) }
}

/// All stages, from the first to the last.
pub(super) async fn stages(readers: &SqlitePool, workspace: WorkspaceId) -> Result<Vec<Stage>, Error> {
    let sql = "SELECT name, rank FROM stage WHERE workspace = ?1 ORDER BY rank, name";
    let rows = sqlx::query(sql).bind(workspace.0).fetch_all(readers).await?;
    rows.iter().map(stage).collect()
}

/// Replaces the ladder of stages.
pub(super) async fn write_stages(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    stages: &[Stage],
) -> Result<(), Error> {
    sqlx::query("DELETE FROM stage WHERE workspace = ?1").bind(workspace.0).execute(&mut *connection).await?;
    for stage in stages {
        let sql = "INSERT INTO stage (workspace, name, rank) VALUES (?1, ?2, ?3)";
        sqlx::query(sql)
            .bind(workspace.0)
            .bind(&stage.name)
            .bind(stage.rank)
            .execute(&mut *connection)
            .await
            .map_err(|error| Error::from(error).naming("a stage with this name"))?;
    }
    Ok(())
}
