//! Workflows: drafts, publishing, and the list. Frozen documents are in [`super::versions`].

use super::Sqlite;
use super::codec::{Columns, micros, to_json};
use super::versions;
use crate::error::Error;
use crate::ports::{
    Answer, Pinned, Publish, Published, VersionId, VersionRow, Workflow, WorkflowSummary, Workflows,
    WorkspaceId,
};
use crate::records::{summary, workflow};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnection;
use trunkline_engine::document::Document;
use uuid::Uuid;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const WORKFLOW: &str = "a workflow";

macro_rules! workflow_where {
    ($condition:literal) => {
        concat!(
            "SELECT w.id, w.workspace, w.name, w.active, w.draft, w.draft_revision, w.created_at, w.updated_at, ",
            "v.id AS version, v.number, v.document, v.created_at AS published_at, ",
            "v.document IS NOT w.draft AS draft_changed ",
            "FROM workflow w LEFT JOIN workflow_version v ON v.id = w.published WHERE w.deleted_at IS NULL AND ",
            $condition
        )
    };
}

impl Workflows for Sqlite {
    fn create(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, Workflow> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO workflow (id, workspace, name, draft, keep_days, created_at, updated_at) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
                sqlx::query(sql)
                    .bind(id)
                    .bind(workspace.0)
                    .bind(&document.name)
                    .bind(to_json(&document)?)
                    .bind(document.settings.keep_days)
                    .bind(micros(Utc::now()))
                    .execute(&mut *connection)
                    .await?;
                one(connection, workspace, id).await?.ok_or(Error::NotFound(WORKFLOW))
            })
        }))
    }

    fn list(
        &self,
        workspace: WorkspaceId,
        search: Option<String>,
        today: DateTime<Utc>,
    ) -> Answer<'_, Vec<WorkflowSummary>> {
        Box::pin(async move {
            // Each count is one look-up per workflow: ended runs in the tally, the others in their own index.
            let sql = "SELECT w.id, w.name, w.active, w.draft, w.updated_at, v.number, \
                v.document IS NOT w.draft AS draft_changed, \
                (SELECT coalesce(sum(completed), 0) FROM run_tally WHERE workflow = w.id AND hour >= ?2) AS completed, \
                (SELECT coalesce(sum(failed), 0) FROM run_tally WHERE workflow = w.id AND hour >= ?2) AS failed, \
                (SELECT count(*) FROM run WHERE workflow = w.id AND finished_at IS NULL) AS running, \
                (SELECT started_at FROM run WHERE workflow = w.id ORDER BY id DESC LIMIT 1) AS last_run_at \
                FROM workflow w LEFT JOIN workflow_version v ON v.id = w.published \
                WHERE w.workspace = ?1 AND w.deleted_at IS NULL AND (?3 IS NULL OR instr(lower(w.name), lower(?3)) > 0) \
                ORDER BY w.updated_at DESC";
            let rows = sqlx::query(sql)
                .bind(workspace.0)
                .bind(micros(today).div_euclid(MICROS_PER_HOUR))
                .bind(search)
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(summary).collect()
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Workflow>> {
        Box::pin(async move {
            let mut connection = self.readers.acquire().await?;
            one(&mut connection, workspace, id).await
        })
    }

    fn by_name(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<Workflow>> {
        Box::pin(async move {
            let sql = workflow_where!(
                "w.workspace = ?1 AND w.name = ?2 COLLATE NOCASE ORDER BY w.published IS NULL, w.id LIMIT 1"
            );
            let found = sqlx::query(sql).bind(workspace.0).bind(name).fetch_optional(&self.readers).await?;
            found.as_ref().map(workflow).transpose()
        })
    }

    fn save_draft(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        document: Document,
        base_revision: i64,
    ) -> Answer<'_, i64> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                expect_revision(connection, workspace, id, base_revision).await?;
                let sql = "UPDATE workflow SET draft = ?2, name = ?3, draft_revision = draft_revision + 1, \
                    updated_at = ?4 WHERE id = ?1 RETURNING draft_revision";
                let revision = sqlx::query_scalar(sql)
                    .bind(id)
                    .bind(to_json(&document)?)
                    .bind(&document.name)
                    .bind(micros(Utc::now()))
                    .fetch_one(connection)
                    .await?;
                Ok(revision)
            })
        }))
    }

    fn publish(&self, workspace: WorkspaceId, id: Uuid, publish: Publish) -> Answer<'_, Published> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                expect_revision(connection, workspace, id, publish.base_revision).await?;
                let workflow = one(connection, workspace, id).await?.ok_or(Error::NotFound(WORKFLOW))?;
                let version = match workflow.published {
                    Some(live)
                        if !workflow.draft_changed
                            && versions::is_current(connection, id, live.version, &workflow.draft)
                                .await? =>
                    {
                        live.version
                    }
                    _ => versions::freeze(connection, id, &workflow.draft, &publish).await?,
                };
                let sql = "UPDATE workflow SET published = ?2, active = 1, keep_days = ?3, \
                    updated_at = ?4, thin_after_days = ?5 WHERE id = ?1";
                sqlx::query(sql)
                    .bind(id)
                    .bind(version.0)
                    .bind(workflow.draft.settings.keep_days)
                    .bind(micros(Utc::now()))
                    .bind(workflow.draft.settings.thin_after_days.map(i64::from))
                    .execute(&mut *connection)
                    .await?;
                let published = one(connection, workspace, id).await?.and_then(|workflow| workflow.published);
                published.ok_or(Error::NotFound(WORKFLOW))
            })
        }))
    }

    fn set_active(&self, workspace: WorkspaceId, id: Uuid, active: bool) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let sql = "UPDATE workflow SET active = ?3, updated_at = ?4 \
                    WHERE id = ?1 AND workspace = ?2 AND deleted_at IS NULL";
                let now = micros(Utc::now());
                let done = sqlx::query(sql)
                    .bind(id)
                    .bind(workspace.0)
                    .bind(active)
                    .bind(now)
                    .execute(connection)
                    .await?;
                if done.rows_affected() == 0 { Err(Error::NotFound(WORKFLOW)) } else { Ok(()) }
            })
        }))
    }

    fn delete(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let sql = "UPDATE workflow SET deleted_at = ?3, active = 0 \
                    WHERE id = ?1 AND workspace = ?2 AND deleted_at IS NULL";
                let now = micros(Utc::now());
                let done =
                    sqlx::query(sql).bind(id).bind(workspace.0).bind(now).execute(&mut *connection).await?;
                if done.rows_affected() == 0 {
                    return Err(Error::NotFound(WORKFLOW));
                }
                sqlx::query("DELETE FROM schedule WHERE workflow = ?1").bind(id).execute(connection).await?;
                Ok(())
            })
        }))
    }

    fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<VersionRow>> {
        Box::pin(versions::list(&self.readers, workspace, id))
    }

    fn version(&self, workspace: WorkspaceId, id: Uuid, number: u32) -> Answer<'_, Option<Document>> {
        Box::pin(versions::document(&self.readers, workspace, id, number))
    }

    fn snapshot(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, VersionId> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "SELECT 1 FROM workflow WHERE id = ?1 AND workspace = ?2 AND deleted_at IS NULL";
                let known =
                    sqlx::query(sql).bind(id).bind(workspace.0).fetch_optional(&mut *connection).await?;
                known.ok_or(Error::NotFound(WORKFLOW))?;
                versions::snapshot(connection, id, &document).await
            })
        }))
    }

    fn pinned(&self, version: VersionId) -> Answer<'_, Option<Pinned>> {
        Box::pin(versions::pinned(&self.readers, version))
    }

    fn live(&self) -> Answer<'_, Vec<Pinned>> {
        Box::pin(versions::live(&self.readers))
    }

    fn fired(&self, workflow: Uuid, step: String) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(async move {
            let sql = "SELECT last_fired FROM schedule WHERE workflow = ?1 AND step = ?2";
            let found = sqlx::query(sql).bind(workflow).bind(step).fetch_optional(&self.readers).await?;
            found.map(|row| row.moment("last_fired")).transpose()
        })
    }

    fn mark_fired(&self, workflow: Uuid, step: String, at: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO schedule (workflow, step, last_fired) VALUES (?1, ?2, ?3) \
                    ON CONFLICT (workflow, step) DO UPDATE SET last_fired = max(last_fired, excluded.last_fired)";
                sqlx::query(sql).bind(workflow).bind(step).bind(micros(at)).execute(connection).await?;
                Ok(())
            })
        }))
    }
}

/// Refuses when the draft is not at `base` any more.
async fn expect_revision(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    id: Uuid,
    base: i64,
) -> Result<(), Error> {
    let sql = "SELECT draft_revision FROM workflow WHERE id = ?1 AND workspace = ?2 AND deleted_at IS NULL";
    let found: Option<i64> =
        sqlx::query_scalar(sql).bind(id).bind(workspace.0).fetch_optional(connection).await?;
    match found {
        None => Err(Error::NotFound(WORKFLOW)),
        Some(current) if current != base => Err(Error::Stale { current }),
        Some(_) => Ok(()),
    }
}

async fn one(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    id: Uuid,
) -> Result<Option<Workflow>, Error> {
    let sql = workflow_where!("w.workspace = ?1 AND w.id = ?2");
    let found = sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(connection).await?;
    found.as_ref().map(workflow).transpose()
}
