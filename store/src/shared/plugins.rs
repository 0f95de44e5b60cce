//! Installed plugins, and what they keep.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, Keeping, Plugin, PluginChange, PluginFile, PluginUse, Plugins, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::{plugin, plugin_use};
use crate::sqlite::Sqlite;
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

const FIELDS: &str = "SELECT id, workspace, name, enabled, live, pending, approved, limits, revision, created_at, \
    updated_at FROM plugin ";

/// Documents name a step by its kind, in quotation marks: a search in the text finds its uses.
const USED_BY: &str = "SELECT w.id, w.name, \
    coalesce(v.document LIKE $2 ESCAPE '!', 1 = 0) OR EXISTS (SELECT 1 FROM workflow_version o \
        WHERE o.workflow = w.id AND o.document LIKE $2 ESCAPE '!' \
        AND EXISTS (SELECT 1 FROM run r WHERE r.workflow = w.id AND r.version = o.id AND r.finished_at IS NULL)) AS live \
    FROM workflow w LEFT JOIN workflow_version v ON v.id = w.published \
    WHERE w.workspace = $1 AND ((w.deleted_at IS NULL AND (w.draft LIKE $2 ESCAPE '!' OR v.document LIKE $2 ESCAPE '!')) \
        OR EXISTS (SELECT 1 FROM workflow_version o WHERE o.workflow = w.id AND o.document LIKE $2 ESCAPE '!' \
        AND EXISTS (SELECT 1 FROM run r WHERE r.workflow = w.id AND r.version = o.id AND r.finished_at IS NULL))) \
    ORDER BY w.name, w.id LIMIT 500";

/// How long what came of a call is kept: a run that was cut off is taken up at the next start.
const CALLS_KEPT: TimeDelta = TimeDelta::days(30);

fn mentions(kind: &str) -> String {
    format!("%\"{}\"%", kind.replace('!', "!!").replace('_', "!_").replace('%', "!%"))
}

/// One statement of two texts, both of which are ours.
fn joined(fields: &str, rest: &str) -> String {
    format!("{fields}{rest}")
}

macro_rules! plugins {
    ($backend:ty) => {
        impl Plugins for $backend {
            fn add(&self, workspace: WorkspaceId, new: Plugin, file: PluginFile) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "INSERT INTO plugin (id, workspace, name, enabled, live, pending, approved, limits, \
                            revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.name)
                            .bind(new.enabled)
                            .bind(new.live.as_ref().map(to_json).transpose()?)
                            .bind(new.pending.as_ref().map(to_json).transpose()?)
                            .bind(to_json(&new.approved)?)
                            .bind(to_json(&new.limits)?)
                            .bind(new.revision)
                            .bind(micros(new.created_at))
                            .bind(micros(new.updated_at))
                            .execute(&mut *transaction)
                            .await
                            .map_err(|error| Error::from(error).naming("a plugin with this name"))?;
                        let sql = "INSERT INTO plugin_file (plugin, sha256, file) VALUES ($1, $2, $3)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(file.sha256.to_vec())
                            .bind(file.file)
                            .execute(transaction)
                            .await?;
                        Ok(())
                    })
                }))
            }

            fn all(&self) -> Answer<'_, Vec<(WorkspaceId, Plugin)>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "ORDER BY name, workspace LIMIT 1000");
                    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((WorkspaceId(row.number("workspace")?), plugin(row)?))).collect()
                })
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Plugin>> {
                Box::pin(async move {
                    let sql = joined(FIELDS, "WHERE workspace = $1 AND id = $2");
                    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(workspace.0).bind(id);
                    row.fetch_optional(&self.readers).await?.as_ref().map(plugin).transpose()
                })
            }

            fn change(&self, workspace: WorkspaceId, revision: i64, change: PluginChange) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let PluginChange { plugin: now, file, wanted, newest } = change;
                        let sql = "UPDATE plugin SET enabled = $4, live = $5, pending = $6, approved = $7, limits = $8, \
                            updated_at = $9, revision = revision + 1 \
                            WHERE workspace = $1 AND id = $2 AND revision = $3";
                        let changed = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(now.id)
                            .bind(revision)
                            .bind(now.enabled)
                            .bind(now.live.as_ref().map(to_json).transpose()?)
                            .bind(now.pending.as_ref().map(to_json).transpose()?)
                            .bind(to_json(&now.approved)?)
                            .bind(to_json(&now.limits)?)
                            .bind(micros(now.updated_at))
                            .execute(&mut *transaction)
                            .await?;
                        if changed.rows_affected() == 0 {
                            let sql = "SELECT revision FROM plugin WHERE workspace = $1 AND id = $2";
                            let row = sqlx::query(sql).bind(workspace.0).bind(now.id);
                            return match row.fetch_optional(transaction).await? {
                                Some(row) => Err(Error::Stale { current: row.number("revision")? }),
                                None => Err(Error::NotFound("the plugin")),
                            };
                        }
                        if let Some(file) = file {
                            let sql = "INSERT INTO plugin_file (plugin, sha256, file) VALUES ($1, $2, $3) \
                                ON CONFLICT (plugin, sha256) DO NOTHING";
                            let new = sqlx::query(sql).bind(now.id).bind(file.sha256.to_vec()).bind(file.file);
                            new.execute(&mut *transaction).await?;
                        }
                        let sql = "SELECT sha256 FROM plugin_file WHERE plugin = $1";
                        let kept = sqlx::query(sql).bind(now.id).fetch_all(&mut *transaction).await?;
                        for row in &kept {
                            let sha256 = row.bytes("sha256")?.to_vec();
                            if !wanted.iter().any(|wanted| wanted.as_slice() == sha256) {
                                let sql = "DELETE FROM plugin_file WHERE plugin = $1 AND sha256 = $2";
                                sqlx::query(sql).bind(now.id).bind(sha256).execute(&mut *transaction).await?;
                            }
                        }
                        if let Some(newest) = newest {
                            let sql = "INSERT INTO plugin_newest (workspace, name, version) VALUES ($1, $2, $3) \
                                ON CONFLICT (workspace, name) DO UPDATE SET version = excluded.version";
                            let note = sqlx::query(sql).bind(workspace.0).bind(now.name).bind(newest);
                            note.execute(transaction).await?;
                        }
                        Ok(())
                    })
                }))
            }

            fn file(&self, plugin: Uuid, sha256: [u8; 32]) -> Answer<'_, Option<Vec<u8>>> {
                Box::pin(async move {
                    let sql = "SELECT file FROM plugin_file WHERE plugin = $1 AND sha256 = $2";
                    let row = sqlx::query(sql).bind(plugin).bind(sha256.to_vec());
                    let row = row.fetch_optional(&self.readers).await?;
                    row.map(|row| Ok(row.bytes("file")?.to_vec())).transpose()
                })
            }

            fn newest(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<String>> {
                Box::pin(async move {
                    let sql = "SELECT version FROM plugin_newest WHERE workspace = $1 AND name = $2";
                    let row = sqlx::query(sql).bind(workspace.0).bind(name);
                    row.fetch_optional(&self.readers).await?.map(|row| row.string("version")).transpose()
                })
            }

            fn remove(
                &self,
                workspace: WorkspaceId,
                id: Uuid,
                kinds: Vec<String>,
            ) -> Answer<'_, Vec<PluginUse>> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let mut uses = BTreeMap::new();
                        for kind in &kinds {
                            let rows = sqlx::query(USED_BY).bind(workspace.0).bind(mentions(kind));
                            gather(&mut uses, rows.fetch_all(&mut *transaction).await?.iter().map(plugin_use))?;
                        }
                        if !uses.is_empty() {
                            return Ok(uses.into_values().collect());
                        }
                        let sql = "DELETE FROM plugin WHERE workspace = $1 AND id = $2";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(id).execute(transaction).await?;
                        match gone.rows_affected() {
                            0 => Err(Error::NotFound("the plugin")),
                            _ => Ok(Vec::new()),
                        }
                    })
                }))
            }

            fn used_by(&self, workspace: WorkspaceId, kinds: Vec<String>) -> Answer<'_, Vec<PluginUse>> {
                Box::pin(async move {
                    let mut uses = BTreeMap::new();
                    for kind in &kinds {
                        let rows = sqlx::query(USED_BY).bind(workspace.0).bind(mentions(kind));
                        gather(&mut uses, rows.fetch_all(&self.readers).await?.iter().map(plugin_use))?;
                    }
                    Ok(uses.into_values().collect())
                })
            }

            fn kept(&self, plugin: Uuid, workflow: String, key: String) -> Answer<'_, Option<String>> {
                Box::pin(async move {
                    let sql = "SELECT value FROM plugin_state WHERE plugin = $1 AND workflow = $2 AND key = $3";
                    let row = sqlx::query(sql).bind(plugin).bind(workflow).bind(key);
                    row.fetch_optional(&self.readers).await?.map(|row| row.string("value")).transpose()
                })
            }

            fn result_of(&self, plugin: Uuid, call: [u8; 32]) -> Answer<'_, Option<Value>> {
                Box::pin(async move {
                    let sql = "SELECT result FROM plugin_call WHERE plugin = $1 AND key = $2";
                    let row = sqlx::query(sql).bind(plugin).bind(call.to_vec());
                    row.fetch_optional(&self.readers).await?.map(|row| row.json("result")).transpose()
                })
            }

            fn keep(&self, workspace: WorkspaceId, keep: Keeping, most: u64) -> Answer<'_, bool> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let Keeping { plugin, workflow, call, result, values, at } = keep;
                        let at_micros = micros(at);
                        let sql = "SELECT count(*) FROM plugin_call WHERE plugin = $1 AND key = $2";
                        let before: i64 = sqlx::query_scalar(sql)
                            .bind(plugin)
                            .bind(call.to_vec())
                            .fetch_one(&mut *transaction)
                            .await?;
                        if before > 0 {
                            return Ok(true);
                        }
                        let sql = "SELECT count(*) FROM plugin_state WHERE plugin = $1 AND workflow = $2";
                        let held: i64 = sqlx::query_scalar(sql)
                            .bind(plugin)
                            .bind(workflow.clone())
                            .fetch_one(&mut *transaction)
                            .await?;
                        let new = values.iter().filter(|(_, value)| value.is_some()).count() as u64;
                        if u64::try_from(held).unwrap_or(0) + new > most && new > 0 {
                            return Ok(false);
                        }
                        for (key, value) in values {
                            match value {
                                Some(value) => {
                                    let sql = "INSERT INTO plugin_state (plugin, workspace, workflow, key, value, updated_at) \
                                        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (plugin, workflow, key) \
                                        DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
                                    sqlx::query(sql)
                                        .bind(plugin)
                                        .bind(workspace.0)
                                        .bind(workflow.clone())
                                        .bind(key)
                                        .bind(value)
                                        .bind(at_micros)
                                        .execute(&mut *transaction)
                                        .await?;
                                }
                                None => {
                                    let sql = "DELETE FROM plugin_state WHERE plugin = $1 AND workflow = $2 AND key = $3";
                                    let gone = sqlx::query(sql).bind(plugin).bind(workflow.clone()).bind(key);
                                    gone.execute(&mut *transaction).await?;
                                }
                            }
                        }
                        let sql = "INSERT INTO plugin_call (plugin, workspace, key, result, at) VALUES ($1, $2, $3, $4, $5)";
                        sqlx::query(sql)
                            .bind(plugin)
                            .bind(workspace.0)
                            .bind(call.to_vec())
                            .bind(to_json(&result)?)
                            .bind(at_micros)
                            .execute(&mut *transaction)
                            .await?;
                        let sql = "DELETE FROM plugin_call WHERE at < $1";
                        sqlx::query(sql).bind(micros(at - CALLS_KEPT)).execute(transaction).await?;
                        Ok(true)
                    })
                }))
            }
        }
    };
}

/// Each workflow once, live when one of its kinds is.
fn gather(
    uses: &mut BTreeMap<(String, Uuid), PluginUse>,
    found: impl Iterator<Item = Result<PluginUse, Error>>,
) -> Result<(), Error> {
    for found in found {
        let found = found?;
        let known = uses.entry((found.name.clone(), found.workflow)).or_insert_with(|| found.clone());
        known.live |= found.live;
    }
    Ok(())
}

plugins!(Sqlite);
plugins!(Postgres);
