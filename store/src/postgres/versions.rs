//! Frozen documents: published versions, and snapshots of drafts that are tried out.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Pinned, Publish, VersionId, VersionRow, WorkspaceId};
use crate::records::{self, version_row};
use crate::shared::connectors::{apps_of, frozen_with};
use chrono::Utc;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnection, PgPool};
use trunkline_engine::document::Document;
use uuid::Uuid;

/// Freezes `document` under the next number.
pub(super) async fn freeze(
    connection: &mut PgConnection,
    workflow: Uuid,
    document: &Document,
    publish: &Publish,
) -> Result<VersionId, Error> {
    let sql = "INSERT INTO workflow_version \
        (workflow, number, hash, document, note, changes, published_by, created_at, editions) \
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6::uuid, $7, $8 FROM workflow_version WHERE workflow = $1 \
        RETURNING id";
    let editions = editions(connection, workflow, document).await?;
    let document = to_json(document)?;
    let id = sqlx::query_scalar(sql)
        .bind(workflow)
        .bind(hash(&document, None))
        .bind(document)
        .bind(&publish.note)
        .bind(to_json(&publish.changes)?)
        .bind(publish.by)
        .bind(micros(Utc::now()))
        .bind(editions)
        .fetch_one(connection)
        .await?;
    Ok(VersionId(id))
}

/// Freezes `document` without a number, once. The moment is that of its last use, which the sweep goes by.
pub(super) async fn snapshot(
    connection: &mut PgConnection,
    workflow: Uuid,
    document: &Document,
) -> Result<VersionId, Error> {
    let editions = editions(connection, workflow, document).await?;
    let document = to_json(document)?;
    let hash = hash(&document, editions.as_deref());
    let sql = "INSERT INTO workflow_version (workflow, number, hash, document, created_at, editions) \
        VALUES ($1, NULL, $2, $3, $4, $5) ON CONFLICT (workflow, hash) WHERE number IS NULL DO UPDATE SET created_at = excluded.created_at";
    sqlx::query(sql)
        .bind(workflow)
        .bind(&hash)
        .bind(document)
        .bind(micros(Utc::now()))
        .bind(editions)
        .execute(&mut *connection)
        .await?;
    let sql = "SELECT id FROM workflow_version WHERE workflow = $1 AND hash = $2 AND number IS NULL";
    Ok(VersionId(sqlx::query_scalar(sql).bind(workflow).bind(hash).fetch_one(connection).await?))
}

/// Names what is frozen. The same document with another edition of a connector is something else.
fn hash(document: &str, editions: Option<&str>) -> Vec<u8> {
    match editions {
        None => Sha256::digest(document).to_vec(),
        Some(editions) => Sha256::digest(format!("{document}\n{editions}")).to_vec(),
    }
}

/// The editions of installed connectors that `document` goes by from now on.
async fn editions(
    connection: &mut PgConnection,
    workflow: Uuid,
    document: &Document,
) -> Result<Option<String>, Error> {
    let apps = apps_of(document);
    if apps.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT c.name, c.edition FROM connector c JOIN workflow w ON w.workspace = c.workspace WHERE w.id = $1";
    let rows = sqlx::query(sql).bind(workflow).fetch_all(connection).await?;
    frozen_with(&apps, &rows)
}

/// Whether `version` goes by the editions that `document` would be frozen with now.
pub(super) async fn is_current(
    connection: &mut PgConnection,
    workflow: Uuid,
    version: VersionId,
    document: &Document,
) -> Result<bool, Error> {
    let now = editions(connection, workflow, document).await?;
    let sql = "SELECT editions FROM workflow_version WHERE id = $1";
    let then: Option<String> = sqlx::query_scalar(sql).bind(version.0).fetch_one(connection).await?;
    Ok(now == then)
}

/// Published versions, the newest first.
pub(super) async fn list(
    readers: &PgPool,
    workspace: WorkspaceId,
    workflow: Uuid,
) -> Result<Vec<VersionRow>, Error> {
    let sql = "SELECT v.number, v.created_at, u.email, v.note, v.changes FROM workflow_version v \
        JOIN workflow w ON w.id = v.workflow LEFT JOIN \"user\" u ON u.id = v.published_by \
        WHERE w.workspace = $1 AND w.id = $2 AND v.number IS NOT NULL ORDER BY v.number DESC";
    let rows = sqlx::query(sql).bind(workspace.0).bind(workflow).fetch_all(readers).await?;
    rows.iter().map(version_row).collect()
}

/// The document of one published version.
pub(super) async fn document(
    readers: &PgPool,
    workspace: WorkspaceId,
    workflow: Uuid,
    number: u32,
) -> Result<Option<Document>, Error> {
    let sql = "SELECT v.document FROM workflow_version v JOIN workflow w ON w.id = v.workflow \
        WHERE w.workspace = $1 AND w.id = $2 AND v.number = $3";
    let found = sqlx::query(sql)
        .bind(workspace.0)
        .bind(workflow)
        .bind(i64::from(number))
        .fetch_optional(readers)
        .await?;
    found.map(|row| row.json("document")).transpose()
}

macro_rules! pinned_from {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.number, v.document, v.editions, w.workspace, w.id AS workflow, w.name, ",
            "w.active AND w.deleted_at IS NULL AS active FROM ",
            $rest
        )
    };
}

/// One frozen document.
pub(super) async fn pinned(readers: &PgPool, version: VersionId) -> Result<Option<Pinned>, Error> {
    let sql = pinned_from!("workflow_version v JOIN workflow w ON w.id = v.workflow WHERE v.id = $1");
    sqlx::query(sql).bind(version.0).fetch_optional(readers).await?.as_ref().map(records::pinned).transpose()
}

/// The live version of every workflow that has one.
pub(super) async fn live(readers: &PgPool) -> Result<Vec<Pinned>, Error> {
    let sql = pinned_from!(
        "workflow w JOIN workflow_version v ON v.id = w.published WHERE w.deleted_at IS NULL ORDER BY w.id"
    );
    sqlx::query(sql).fetch_all(readers).await?.iter().map(records::pinned).collect()
}
