//! Definitions: drafts, versions, and which version is in force.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{
    Answer, DefinitionVersion, Definitions, Drafted, NewDefinition, PublishDefinition, SaveDefinition,
    WorkspaceId,
};
use crate::postgres::Postgres;
use crate::records::definition::{drafted, in_force, version};
use crate::sqlite::Sqlite;
use trunkline_leads::Definition;
use uuid::Uuid;

/// The columns of a [`Drafted`].
macro_rules! drafted {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, name, draft, revision, published, created_at, updated_at FROM definition ",
            $rest
        )
    };
}

/// The versions in force of a kind, by name.
pub(crate) const IN_FORCE: &str = "SELECT d.id, d.name, v.number, v.document FROM definition d \
    JOIN definition_version v ON v.definition = d.id AND v.number = d.published \
    WHERE d.workspace = $1 AND d.kind = $2 ORDER BY d.name";

macro_rules! definitions {
    ($backend:ty) => {
        impl Definitions for $backend {
            fn list(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Drafted>> {
                Box::pin(async move {
                    let sql = drafted!("WHERE workspace = $1 AND kind = $2 ORDER BY name");
                    let rows = sqlx::query(sql).bind(workspace.0).bind(kind).fetch_all(&self.readers).await?;
                    rows.iter().map(drafted).collect()
                })
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Drafted>> {
                Box::pin(async move {
                    let sql = drafted!("WHERE workspace = $1 AND id = $2");
                    let row =
                        sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(&self.readers).await?;
                    row.as_ref().map(drafted).transpose()
                })
            }

            fn published(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Definition>> {
                Box::pin(async move {
                    let rows =
                        sqlx::query(IN_FORCE).bind(workspace.0).bind(kind).fetch_all(&self.readers).await?;
                    rows.iter().map(in_force).collect()
                })
            }

            fn create(&self, workspace: WorkspaceId, new: NewDefinition) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO definition \
                            (id, workspace, kind, name, draft, revision, created_at, updated_at) \
                            VALUES ($1, $2, $3, $4, $5, 1, $6, $6)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.kind)
                            .bind(new.name)
                            .bind(to_json(&new.draft)?)
                            .bind(micros(new.at))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming(SAME))?;
                        Ok(())
                    })
                }))
            }

            fn save(&self, workspace: WorkspaceId, id: Uuid, save: SaveDefinition) -> Answer<'_, i64> {
                let changed = self.writer.definitions_change();
                Box::pin(self.writer.write(move |connection| {
                    changed.note();
                    Box::pin(async move {
                        let sql = "UPDATE definition SET name = $4, draft = $5, revision = revision + 1, \
                            updated_at = $6 WHERE workspace = $1 AND id = $2 AND revision = $3";
                        let saved = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(id)
                            .bind(save.base_revision)
                            .bind(save.name)
                            .bind(to_json(&save.draft)?)
                            .bind(micros(save.at))
                            .execute(&mut *connection)
                            .await
                            .map_err(|error| Error::from(error).naming(SAME))?;
                        if saved.rows_affected() > 0 {
                            return Ok(save.base_revision + 1);
                        }
                        let sql = "SELECT revision FROM definition WHERE workspace = $1 AND id = $2";
                        let now =
                            sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(connection).await?;
                        let now = now.ok_or(Error::NotFound(WHAT))?;
                        Err(Error::Stale { current: now.number("revision")? })
                    })
                }))
            }

            fn publish(
                &self,
                workspace: WorkspaceId,
                id: Uuid,
                publish: PublishDefinition,
            ) -> Answer<'_, i64> {
                let changed = self.writer.definitions_change();
                Box::pin(self.writer.write(move |connection| {
                    changed.note();
                    Box::pin(async move {
                        let sql = "SELECT revision, draft, (SELECT coalesce(max(number), 0) \
                            FROM definition_version WHERE definition = d.id) AS number \
                            FROM definition d WHERE workspace = $1 AND id = $2";
                        let row = sqlx::query(sql)
                            .bind(workspace.0)
                            .bind(id)
                            .fetch_optional(&mut *connection)
                            .await?
                            .ok_or(Error::NotFound(WHAT))?;
                        let current = row.number("revision")?;
                        if current != publish.base_revision {
                            return Err(Error::Stale { current });
                        }
                        let number = row.number("number")? + 1;
                        let sql = "INSERT INTO definition_version \
                            (definition, number, document, published_at, published_by, note) \
                            VALUES ($1, $2, $3, $4, $5, $6)";
                        sqlx::query(sql)
                            .bind(id)
                            .bind(number)
                            .bind(row.text("draft")?)
                            .bind(micros(publish.at))
                            .bind(publish.by)
                            .bind(publish.note)
                            .execute(&mut *connection)
                            .await?;
                        let sql = "UPDATE definition SET published = $2 WHERE id = $1";
                        sqlx::query(sql).bind(id).bind(number).execute(connection).await?;
                        Ok(number)
                    })
                }))
            }

            fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<DefinitionVersion>> {
                Box::pin(async move {
                    let sql = "SELECT v.number, v.document, v.published_at, v.published_by, v.note \
                        FROM definition_version v JOIN definition d ON d.id = v.definition \
                        WHERE d.workspace = $1 AND d.id = $2 ORDER BY v.number DESC LIMIT 500";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(id).fetch_all(&self.readers).await?;
                    rows.iter().map(version).collect()
                })
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
                let changed = self.writer.definitions_change();
                Box::pin(self.writer.write(move |connection| {
                    changed.note();
                    Box::pin(async move {
                        let sql = "DELETE FROM definition WHERE workspace = $1 AND id = $2";
                        match sqlx::query(sql).bind(workspace.0).bind(id).execute(connection).await? {
                            gone if gone.rows_affected() == 0 => Err(Error::NotFound(WHAT)),
                            _ => Ok(()),
                        }
                    })
                }))
            }
        }
    };
}

definitions!(Sqlite);
definitions!(Postgres);

const WHAT: &str = "the definition";
const SAME: &str = "something of this kind with this name";
