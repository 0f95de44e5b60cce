//! Installed connectors, their editions, and documents that are being imported.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{
    Answer, Connector, ConnectorImport, ConnectorUse, Connectors, Edition, Install, WorkspaceId,
};
use crate::postgres::Postgres;
use crate::records::{connector, connector_import, connector_use, edition, unpressed};
use crate::sqlite::Sqlite;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use trunkline_engine::document::{Document, Steps};
use uuid::Uuid;

/// What a connector with its manifest is read with.
macro_rules! whole {
    ($rest:literal) => {
        concat!(
            "SELECT c.workspace, c.name, c.edition, c.enabled, c.origin, c.created_at, c.updated_at, e.manifest \
                FROM connector c JOIN connector_edition e ON e.id = c.edition ",
            $rest,
            " ORDER BY c.workspace, c.name"
        )
    };
}

/// Steps name their kind `name.action`: a search in the text of documents finds uses. $2 is that text, $3 is the record of
/// editions with this name, $4 the name.
const USED_BY: &str = "SELECT * FROM (SELECT 'live' AS kind, w.id, w.name FROM workflow w \
        JOIN workflow_version v ON v.id = w.published \
        WHERE w.workspace = $1 AND w.deleted_at IS NULL AND v.document LIKE $2 ESCAPE '!' ORDER BY w.name, w.id LIMIT 500) l \
    UNION ALL SELECT * FROM (SELECT 'draft' AS kind, w.id, w.name FROM workflow w \
        LEFT JOIN workflow_version v ON v.id = w.published \
        WHERE w.workspace = $1 AND w.deleted_at IS NULL AND w.draft LIKE $2 ESCAPE '!' \
        AND (v.document IS NULL OR v.document NOT LIKE $2 ESCAPE '!') ORDER BY w.name, w.id LIMIT 500) d \
    UNION ALL SELECT * FROM (SELECT DISTINCT 'runs' AS kind, w.id, w.name FROM run r \
        JOIN workflow_version v ON v.id = r.version JOIN workflow w ON w.id = r.workflow \
        WHERE w.workspace = $1 AND r.finished_at IS NULL AND v.editions LIKE $3 ESCAPE '!' \
        AND (w.published IS NULL OR w.published <> v.id OR w.deleted_at IS NOT NULL) LIMIT 500) r \
    UNION ALL SELECT * FROM (SELECT 'connection' AS kind, id, name FROM connection \
        WHERE workspace = $1 AND app = $4 ORDER BY name LIMIT 500) c";

fn kinds(name: &str) -> String {
    format!("%\"kind\":\"{}.%", name.replace('_', "!_"))
}

fn frozen(name: &str) -> String {
    format!("%\"{}\":%", name.replace('_', "!_"))
}

/// The apps whose steps `document` has, by the names before the dots of its kinds.
pub(crate) fn apps_of(document: &Document) -> BTreeSet<&str> {
    fn walk<'d>(steps: &'d Steps, into: &mut BTreeSet<&'d str>) {
        for step in steps.values() {
            into.extend(step.kind.split_once('.').map(|(app, _)| app));
            step.body.iter().for_each(|body| walk(&body.steps, into));
        }
    }
    let mut apps = BTreeSet::new();
    walk(&document.steps, &mut apps);
    apps
}

/// Those of `rows` (name and edition) that are among `apps`, as a frozen document keeps them.
pub(crate) fn frozen_with(apps: &BTreeSet<&str>, rows: &[impl Columns]) -> Result<Option<String>, Error> {
    let mut editions = BTreeMap::new();
    for row in rows {
        let name = row.string("name")?;
        if apps.contains(name.as_str()) {
            editions.insert(name, row.number("edition")?);
        }
    }
    Ok(if editions.is_empty() { None } else { Some(to_json(&editions)?) })
}

fn pressed(text: &str) -> Result<Vec<u8>, Error> {
    zstd::bulk::compress(text.as_bytes(), 3).map_err(|error| Error::Io(error.to_string()))
}

const CONNECTOR: &str = "the connector";

macro_rules! connectors {
    ($backend:ty) => {
        impl Connectors for $backend {
            fn all(&self) -> Answer<'_, Vec<(Connector, String)>> {
                Box::pin(async move {
                    let rows = sqlx::query(whole!("")).fetch_all(&self.readers).await?;
                    rows.iter().map(connector).collect()
                })
            }

            fn of(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(Connector, String)>> {
                Box::pin(async move {
                    let rows = sqlx::query(whole!("WHERE c.workspace = $1")).bind(workspace.0);
                    rows.fetch_all(&self.readers).await?.iter().map(connector).collect()
                })
            }

            fn edition(&self, workspace: WorkspaceId, id: i64) -> Answer<'_, Option<(String, String)>> {
                Box::pin(async move {
                    let sql = "SELECT name, manifest FROM connector_edition WHERE workspace = $1 AND id = $2";
                    let row = sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(&self.readers).await?;
                    row.map(|row| Ok((row.string("name")?, unpressed(&row, "manifest")?))).transpose()
                })
            }

            fn editions(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<Edition>> {
                Box::pin(async move {
                    let sql = "SELECT e.id, e.version, e.changes, e.created_at, u.email FROM connector_edition e \
                        LEFT JOIN \"user\" u ON u.id = e.installed_by \
                        WHERE e.workspace = $1 AND e.name = $2 ORDER BY e.id DESC LIMIT 100";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(name);
                    rows.fetch_all(&self.readers).await?.iter().map(edition).collect()
                })
            }

            fn newest(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<String>> {
                Box::pin(async move {
                    let sql = "SELECT version FROM plugin_newest WHERE workspace = $1 AND name = $2";
                    let found = sqlx::query_scalar(sql).bind(workspace.0).bind(noted_as(&name));
                    Ok(found.fetch_optional(&self.readers).await?)
                })
            }

            fn install(&self, workspace: WorkspaceId, new: Install) -> Answer<'_, i64> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "SELECT edition FROM connector WHERE workspace = $1 AND name = $2";
                        let known = sqlx::query(sql).bind(workspace.0).bind(&new.name);
                        let known = known.fetch_optional(&mut *transaction).await?;
                        let known = known.map(|row| row.number("edition")).transpose()?;
                        match (known, new.base) {
                            (Some(_), None) => return Err(Error::Conflict("a connector with this name")),
                            (None, Some(_)) => return Err(Error::NotFound(CONNECTOR)),
                            (Some(current), Some(base)) if current != base => {
                                return Err(Error::Stale { current });
                            }
                            _ => {}
                        }
                        let sql = "INSERT INTO connector_edition \
                            (workspace, name, version, manifest, changes, installed_by, created_at) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
                        let edition: i64 = sqlx::query_scalar(sql)
                            .bind(workspace.0)
                            .bind(&new.name)
                            .bind(&new.version)
                            .bind(pressed(&new.manifest)?)
                            .bind(to_json(&new.changes)?)
                            .bind(new.by)
                            .bind(micros(new.at))
                            .fetch_one(&mut *transaction)
                            .await?;
                        let sql = match known {
                            None => {
                                "INSERT INTO connector \
                                    (workspace, name, edition, origin, updated_at, created_at, enabled) \
                                    VALUES ($1, $2, $3, $4, $5, $5, 1 = 1)"
                            }
                            Some(_) => {
                                "UPDATE connector SET edition = $3, origin = $4, updated_at = $5 \
                                    WHERE workspace = $1 AND name = $2"
                            }
                        };
                        sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(&new.name)
                            .bind(edition)
                            .bind(to_json(&new.origin)?)
                            .bind(micros(new.at))
                            .execute(&mut *transaction)
                            .await?;
                        let sql = "DELETE FROM connector_edition WHERE workspace = $1 AND name = $2 AND id <> $3 \
                            AND NOT EXISTS (SELECT 1 FROM workflow_version v JOIN workflow w ON w.id = v.workflow \
                            WHERE w.workspace = $1 AND v.editions IS NOT NULL \
                            AND (v.editions LIKE '%:' || connector_edition.id || ',%' \
                            OR v.editions LIKE '%:' || connector_edition.id || '}%'))";
                        let old = sqlx::query(sql).bind(workspace.0).bind(&new.name).bind(edition);
                        old.execute(&mut *transaction).await?;
                        if new.is_newest {
                            let sql = "INSERT INTO plugin_newest (workspace, name, version) VALUES ($1, $2, $3) \
                                ON CONFLICT (workspace, name) DO UPDATE SET version = excluded.version";
                            let name = noted_as(&new.name);
                            let note = sqlx::query(sql).bind(workspace.0).bind(name).bind(&new.version);
                            note.execute(transaction).await?;
                        }
                        Ok(edition)
                    })
                }))
            }

            fn switch(&self, workspace: WorkspaceId, name: String, enabled: bool) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "UPDATE connector SET enabled = $3, updated_at = $4 \
                            WHERE workspace = $1 AND name = $2";
                        let done = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(name)
                            .bind(enabled)
                            .bind(micros(Utc::now()))
                            .execute(transaction)
                            .await?;
                        match done.rows_affected() {
                            0 => Err(Error::NotFound(CONNECTOR)),
                            _ => Ok(()),
                        }
                    })
                }))
            }

            fn remove(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<ConnectorUse>> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let uses = sqlx::query(USED_BY).bind(workspace.0).bind(kinds(&name));
                        let uses = uses.bind(frozen(&name)).bind(&name).fetch_all(&mut *transaction).await?;
                        if !uses.is_empty() {
                            return uses.iter().map(connector_use).collect();
                        }
                        let sql = "DELETE FROM connector WHERE workspace = $1 AND name = $2";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(&name);
                        if gone.execute(&mut *transaction).await?.rows_affected() == 0 {
                            return Err(Error::NotFound(CONNECTOR));
                        }
                        let sql = "DELETE FROM connector_edition WHERE workspace = $1 AND name = $2";
                        sqlx::query(sql).bind(workspace.0).bind(&name).execute(transaction).await?;
                        Ok(Vec::new())
                    })
                }))
            }

            fn used_by(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<ConnectorUse>> {
                Box::pin(async move {
                    let rows = sqlx::query(USED_BY).bind(workspace.0).bind(kinds(&name));
                    let rows = rows.bind(frozen(&name)).bind(&name).fetch_all(&self.readers).await?;
                    rows.iter().map(connector_use).collect()
                })
            }

            fn keep_import(
                &self,
                workspace: WorkspaceId,
                new: ConnectorImport,
                before: DateTime<Utc>,
            ) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "INSERT INTO connector_import (id, workspace, source, loaded, body, created_at) \
                            VALUES ($1, $2, $3, $4, $5, $6)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.source)
                            .bind(new.loaded)
                            .bind(pressed(&new.text)?)
                            .bind(micros(new.created_at))
                            .execute(&mut *transaction)
                            .await?;
                        let sql = "DELETE FROM connector_import WHERE workspace = $1 AND (created_at < $2 OR id NOT IN \
                            (SELECT id FROM connector_import WHERE workspace = $1 ORDER BY created_at DESC, id DESC LIMIT 20))";
                        sqlx::query(sql).bind(workspace.0).bind(micros(before)).execute(transaction).await?;
                        Ok(())
                    })
                }))
            }

            fn import(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<ConnectorImport>> {
                Box::pin(async move {
                    let sql = "SELECT id, source, loaded, body, created_at FROM connector_import \
                        WHERE workspace = $1 AND id = $2";
                    let row = sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(&self.readers).await?;
                    row.as_ref().map(connector_import).transpose()
                })
            }
        }
    };
}

/// What a connector is called among the versions that were ever approved: plugins have no dots in their names.
fn noted_as(name: &str) -> String {
    format!("connector.{name}")
}

connectors!(Sqlite);
connectors!(Postgres);
