//! Accounts in other systems, and administrators who are away to allow access.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, Connection, ConnectionUse, Connections, Handshake, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::{connection, connection_use, handshake};
use crate::sqlite::Sqlite;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

const FIELDS: &str = "SELECT id, workspace, app, name, auth, settings, sealed, seal_key, pending, revision, expires_at, \
    renews, ends_at, warned_of, warned, account, tested_at, trouble, calls_day, calls, created_at, updated_at \
    FROM connection ";

/// Documents name a connection by its id, which stands nowhere else: a search in the text finds its uses.
const USED_BY: &str = "SELECT 'workflow' AS kind, w.id, w.name, coalesce(v.document LIKE $2, 1 = 0) AS live FROM workflow w \
    LEFT JOIN workflow_version v ON v.id = w.published \
    WHERE w.workspace = $1 AND w.deleted_at IS NULL AND (w.draft LIKE $2 OR v.document LIKE $2) \
    UNION ALL SELECT d.kind, d.id, d.name, coalesce(v.document LIKE $2, 1 = 0) FROM definition d \
    LEFT JOIN definition_version v ON v.definition = d.id AND v.number = d.published \
    WHERE d.workspace = $1 AND (d.draft LIKE $2 OR v.document LIKE $2) \
    ORDER BY name, id LIMIT 500";

fn mentions(id: Uuid) -> String {
    format!("%{id}%")
}

macro_rules! connections {
    ($backend:ty) => {
        impl Connections for $backend {
            fn add(&self, workspace: WorkspaceId, new: Connection) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "INSERT INTO connection (id, workspace, app, name, auth, settings, sealed, seal_key, \
                            pending, revision, expires_at, renews, account, tested_at, trouble, created_at, updated_at, \
                            ends_at) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.app)
                            .bind(new.name)
                            .bind(new.auth)
                            .bind(to_json(&new.settings)?)
                            .bind(new.sealed)
                            .bind(new.seal_key)
                            .bind(new.pending)
                            .bind(new.revision)
                            .bind(new.expires_at.map(micros))
                            .bind(new.renews)
                            .bind(new.account)
                            .bind(new.tested_at.map(micros))
                            .bind(new.trouble.as_ref().map(to_json).transpose()?)
                            .bind(micros(new.created_at))
                            .bind(micros(new.updated_at))
                            .bind(new.ends_at.map(micros))
                            .execute(transaction)
                            .await
                            .map_err(|error| Error::from(error).naming("a connection with this name"))?;
                        Ok(())
                    })
                }))
            }

            fn list(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Connection>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "WHERE workspace = $1 ORDER BY name LIMIT 1000");
                    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(workspace.0);
                    rows.fetch_all(&self.readers).await?.iter().map(connection).collect()
                })
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Connection>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "WHERE workspace = $1 AND id = $2");
                    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(workspace.0).bind(id);
                    row.fetch_optional(&self.readers).await?.as_ref().map(connection).transpose()
                })
            }

            fn locate(&self, id: Uuid) -> Answer<'_, Option<(WorkspaceId, Connection)>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "WHERE id = $1");
                    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id);
                    let row = row.fetch_optional(&self.readers).await?;
                    row.map(|row| Ok((WorkspaceId(row.number("workspace")?), connection(&row)?))).transpose()
                })
            }

            fn change(&self, workspace: WorkspaceId, revision: i64, now: Connection) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "UPDATE connection SET name = $4, auth = $5, settings = $6, sealed = $7, \
                            seal_key = $8, pending = $9, revision = revision + 1, expires_at = $10, renews = $11, \
                            account = $12, tested_at = $13, trouble = $14, updated_at = $15, ends_at = $16 \
                            WHERE workspace = $1 AND id = $2 AND revision = $3";
                        let changed = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(now.id)
                            .bind(revision)
                            .bind(now.name)
                            .bind(now.auth)
                            .bind(to_json(&now.settings)?)
                            .bind(now.sealed)
                            .bind(now.seal_key)
                            .bind(now.pending)
                            .bind(now.expires_at.map(micros))
                            .bind(now.renews)
                            .bind(now.account)
                            .bind(now.tested_at.map(micros))
                            .bind(now.trouble.as_ref().map(to_json).transpose()?)
                            .bind(micros(now.updated_at))
                            .bind(now.ends_at.map(micros))
                            .execute(&mut *transaction)
                            .await
                            .map_err(|error| Error::from(error).naming("a connection with this name"))?;
                        if changed.rows_affected() == 1 {
                            return Ok(());
                        }
                        let sql = "SELECT revision FROM connection WHERE workspace = $1 AND id = $2";
                        let row = sqlx::query(sql).bind(workspace.0).bind(now.id);
                        match row.fetch_optional(transaction).await? {
                            Some(row) => Err(Error::Stale { current: row.number("revision")? }),
                            None => Err(Error::NotFound("the connection")),
                        }
                    })
                }))
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let uses = sqlx::query(USED_BY).bind(workspace.0).bind(mentions(id));
                        let uses = uses.fetch_all(&mut *transaction).await?;
                        if !uses.is_empty() {
                            return uses.iter().map(connection_use).collect();
                        }
                        let sql = "DELETE FROM connection WHERE workspace = $1 AND id = $2";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(id).execute(transaction).await?;
                        match gone.rows_affected() {
                            0 => Err(Error::NotFound("the connection")),
                            _ => Ok(Vec::new()),
                        }
                    })
                }))
            }

            fn used_by(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
                Box::pin(async move {
                    let rows = sqlx::query(USED_BY).bind(workspace.0).bind(mentions(id));
                    rows.fetch_all(&self.readers).await?.iter().map(connection_use).collect()
                })
            }

            fn count_calls(&self, id: Uuid, day: NaiveDate, calls: u64) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "UPDATE connection SET calls_day = $2, calls = $3 WHERE id = $1 \
                            AND (calls_day IS NULL OR calls_day < $2 OR (calls_day = $2 AND calls < $3))";
                        let calls = i64::try_from(calls).unwrap_or(i64::MAX);
                        sqlx::query(sql).bind(id).bind(day.to_string()).bind(calls).execute(transaction).await?;
                        Ok(())
                    })
                }))
            }

            fn sealed_otherwise(
                &self,
                seal_key: Vec<u8>,
                limit: u32,
            ) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "WHERE seal_key <> $1 ORDER BY id LIMIT $2");
                    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(seal_key).bind(i64::from(limit));
                    let rows = rows.fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((WorkspaceId(row.number("workspace")?), connection(row)?))).collect()
                })
            }

            fn ending(
                &self,
                before: DateTime<Utc>,
                after: Option<Uuid>,
                limit: u32,
            ) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
                Box::pin(async move {
                    let sql = joined(
                        FIELDS,
                        "WHERE pending = (1 = 0) AND id > $2 \
                            AND (ends_at <= $1 OR (expires_at <= $1 AND renews = (1 = 0))) ORDER BY id LIMIT $3",
                    );
                    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                        .bind(micros(before))
                        .bind(after.unwrap_or(Uuid::nil()))
                        .bind(i64::from(limit));
                    let rows = rows.fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((WorkspaceId(row.number("workspace")?), connection(row)?))).collect()
                })
            }

            fn note_warning(&self, id: Uuid, end: DateTime<Utc>, step: u8) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "UPDATE connection SET warned_of = $2, warned = $3 WHERE id = $1";
                        let noted = sqlx::query(sql).bind(id).bind(micros(end)).bind(i64::from(step));
                        noted.execute(transaction).await?;
                        Ok(())
                    })
                }))
            }

            fn begin_handshake(&self, new: Handshake, now: DateTime<Utc>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let old = sqlx::query("DELETE FROM handshake WHERE expires_at <= $1").bind(micros(now));
                        old.execute(&mut *transaction).await?;
                        let sql = "INSERT INTO handshake (state, connection, user_id, sealed, expires_at) \
                            VALUES ($1, $2, $3, $4, $5)";
                        sqlx::query(sql)
                            .bind(new.state.to_vec())
                            .bind(new.connection)
                            .bind(new.user)
                            .bind(new.sealed)
                            .bind(micros(new.expires_at))
                            .execute(transaction)
                            .await?;
                        Ok(())
                    })
                }))
            }

            fn take_handshake(
                &self,
                state: [u8; 32],
                now: DateTime<Utc>,
            ) -> Answer<'_, Option<(WorkspaceId, Handshake)>> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "SELECT h.state, h.connection, h.user_id, h.sealed, h.expires_at, c.workspace \
                            FROM handshake h JOIN connection c ON c.id = h.connection WHERE h.state = $1";
                        let row = sqlx::query(sql).bind(state.to_vec());
                        let Some(row) = row.fetch_optional(&mut *transaction).await? else { return Ok(None) };
                        let (workspace, taken) = (WorkspaceId(row.number("workspace")?), handshake(&row)?);
                        let gone = sqlx::query("DELETE FROM handshake WHERE state = $1").bind(state.to_vec());
                        gone.execute(transaction).await?;
                        Ok((taken.expires_at > now).then_some((workspace, taken)))
                    })
                }))
            }
        }
    };
}

/// One statement of two texts, both of which are ours.
fn joined(fields: &str, rest: &str) -> String {
    format!("{fields}{rest}")
}

connections!(Sqlite);
connections!(Postgres);
