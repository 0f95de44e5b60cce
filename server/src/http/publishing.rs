//! `/workflows/{id}/publish` and versions: freezing a draft, looking back, going back.

use super::body::{Json, Path};
use super::documents::{self, Problem, document_schema};
use super::lead_loops;
use super::pins::{self, PinResult};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::runs;
use super::workflows::{self, Workflow};
use crate::app::Shared;
use crate::auth::Caller;
use crate::hook_secrets;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_engine::document::Document;
use trunkline_store::ports::Publish;
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(publish))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(restore))
}

/// A draft to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishDraft {
    /// The revision that was looked at.
    pub base_revision: i64,
    /// What changed, in the editor's own words.
    #[serde(default)]
    pub note: Option<String>,
}

/// A version that was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedDraft {
    /// Its number.
    pub version: u32,
    /// The revision of the draft now.
    pub draft_revision: i64,
    /// Warnings that remain.
    pub problems: Vec<Problem>,
    /// How it does with the workflow's pinned runs.
    pub pins: Vec<PinResult>,
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    /// Its number.
    pub version: u32,
    /// When.
    pub published_at: DateTime<Utc>,
    /// By whom.
    pub published_by: Option<String>,
    /// What changed, in the editor's own words.
    pub note: Option<String>,
    /// What changed, computed.
    pub changes: Vec<String>,
}

/// All versions of a workflow.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    /// The newest first.
    pub items: Vec<VersionSummary>,
}

/// A published version with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionDocument {
    /// Its number.
    pub version: u32,
    /// The document.
    #[schema(schema_with = document_schema)]
    pub document: Document,
}

/// A version to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreVersion {
    /// Its number.
    pub version: u32,
}

/// Publish the draft
#[utoipa::path(post, path = "/workflows/{id}/publish", tag = "workflows", operation_id = "publishWorkflow",
    params(("id" = Uuid, Path)), request_body = PublishDraft, responses((status = 200, body = PublishedDraft)))]
async fn publish(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<PublishDraft>,
) -> Result<axum::Json<PublishedDraft>> {
    publish_now(&app, &caller, id, wanted.base_revision, wanted.note).await.map(axum::Json)
}

/// Freezes the draft and lets its triggers listen.
pub(super) async fn publish_now(
    app: &Shared,
    caller: &Caller,
    id: Uuid,
    mut base_revision: i64,
    note: Option<String>,
) -> Result<PublishedDraft> {
    let mut workflow = workflows::find(app, caller, id).await?;
    if hook_secrets::holds_secrets(&workflow.draft) && base_revision == workflow.draft_revision {
        // Saved before secrets were taken out of documents.
        let before = workflow.clone();
        app.hook_secrets.take_out(caller.workspace, id, Some(&before), &mut workflow.draft).await?;
        let draft = workflow.draft.clone();
        base_revision = app.store.workflows.save_draft(caller.workspace, id, draft, base_revision).await?;
    }
    let mut problems = documents::problems(&app.apps, caller.workspace, &workflow.draft);
    problems.extend(app.hook_secrets.problems(caller.workspace, &workflow.draft).await?);
    if documents::has_errors(&problems) {
        let errors = problems.iter().filter(|problem| problem.severity == documents::Severity::Error).count();
        let things = if errors == 1 { "1 problem".to_owned() } else { format!("{errors} problems") };
        return Err(problem::HAS_PROBLEMS
            .because(format!("the draft has {things} to solve first"))
            .listing(problems));
    }
    let compiled = app.runner.versions().check(caller.workspace, workflow.draft.clone());
    let compiled = compiled.map_err(|error| problem::HAS_PROBLEMS.because(error.to_string()))?;
    workflows::refuse_taken(app, id, &compiled.triggers())?;
    super::app_triggers::refuse_unproved(app, caller.workspace, &compiled.triggers()).await?;
    let triggers = compiled.triggers();
    problems.extend(lead_loops::problems(&app.routes, caller.workspace, id, &workflow.draft, &triggers));
    let before = workflow.published.as_ref().map(|published| &published.document);
    let publish = Publish {
        base_revision,
        note: note
            .map(|note| note.trim().chars().take(1000).collect())
            .filter(|note: &String| !note.is_empty()),
        by: caller.user,
        changes: super::changes::between(before, &workflow.draft),
    };
    let pins = check_pins(app, caller, id).await;
    app.hook_secrets.publish(caller.workspace, &workflow.draft).await?;
    let published = app.store.workflows.publish(caller.workspace, id, publish).await?;
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    Ok(PublishedDraft { version: published.number, draft_revision: base_revision, problems, pins })
}

/// What the draft does with pinned runs. That it cannot be found out is no reason not to publish.
async fn check_pins(app: &Shared, caller: &Caller, id: Uuid) -> Vec<PinResult> {
    let checked = async {
        // Without pins there is no need to freeze the draft.
        if app.store.pins.list(caller.workspace, id).await?.is_empty() {
            return Ok(Vec::new());
        }
        let version = runs::draft(app, caller, id).await?;
        pins::check_all(app, caller, id, version).await
    };
    match checked.await {
        Ok(checks) => checks.into_iter().map(PinResult::from).collect(),
        Err(error) => {
            let error: problem::Error = error;
            tracing::warn!(%error, workflow = %id, "pinned runs could not be checked");
            Vec::new()
        }
    }
}

/// List versions
#[utoipa::path(get, path = "/workflows/{id}/versions", tag = "workflows", operation_id = "listVersions",
    params(("id" = Uuid, Path)), responses((status = 200, body = VersionList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<VersionList>> {
    workflows::find(&app, &caller, id).await?;
    let rows = app.store.workflows.versions(caller.workspace, id).await?;
    let items = rows.into_iter().map(|row| VersionSummary {
        version: row.number,
        published_at: row.published_at,
        published_by: row.published_by,
        note: row.note,
        changes: row.changes,
    });
    Ok(axum::Json(VersionList { items: items.collect() }))
}

async fn version(app: &Shared, caller: &Caller, id: Uuid, number: u32) -> Result<Document> {
    let document = app.store.workflows.version(caller.workspace, id, number).await?;
    document
        .ok_or_else(|| problem::NO_VERSION.because(format!("there is no version {number} of this workflow")))
}

/// One version with its document
#[utoipa::path(get, path = "/workflows/{id}/versions/{version}", tag = "workflows", operation_id = "getVersion",
    params(("id" = Uuid, Path), ("version" = u32, Path)), responses((status = 200, body = VersionDocument)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, u32)>,
) -> Result<axum::Json<VersionDocument>> {
    let document = version(&app, &caller, id, number).await?;
    Ok(axum::Json(VersionDocument { version: number, document: hook_secrets::without_secrets(document) }))
}

/// Make an older version the draft
#[utoipa::path(post, path = "/workflows/{id}/restore", tag = "workflows", operation_id = "restoreVersion",
    params(("id" = Uuid, Path)), request_body = RestoreVersion, responses((status = 200, body = Workflow)))]
async fn restore(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<RestoreVersion>,
) -> Result<axum::Json<Workflow>> {
    let workflow = workflows::find(&app, &caller, id).await?;
    let mut document = version(&app, &caller, id, wanted.version).await?;
    app.hook_secrets.take_out(caller.workspace, id, Some(&workflow), &mut document).await?;
    app.store.workflows.save_draft(caller.workspace, id, document, workflow.draft_revision).await?;
    let workflow = workflows::find(&app, &caller, id).await?;
    Ok(axum::Json(workflows::shown(&app, workflow)))
}
