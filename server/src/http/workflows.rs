//! `/workflows`: the list, one workflow with its draft, saving, copying, deleting and switching.

use super::body::{self, Json, Path, Query};
use super::documents::{self, Problem, document_schema, optional_document_schema};
use super::hook_lines::{self, Hook};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::hook_secrets::without_secrets;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_engine::document::Document;
use trunkline_store::ports;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(show, remove))
        .routes(routes!(save_draft))
        .routes(routes!(duplicate))
        .routes(routes!(switch))
}

/// A workflow as the list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowSummary {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether its triggers listen.
    pub active: bool,
    /// Number of the published version.
    pub published_version: Option<u32>,
    /// Whether the draft differs from it.
    pub draft_changed: bool,
    /// Kinds of its triggers.
    pub trigger_kinds: Vec<String>,
    /// How many steps it has.
    pub steps: usize,
    /// Runs since midnight UTC.
    pub runs_today: RunTally,
    /// When it last ran.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When its draft last changed.
    pub updated_at: DateTime<Utc>,
}

/// Runs by outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunTally {
    /// Ended well.
    pub completed: u64,
    /// Failed.
    pub failed: u64,
    /// Still going on.
    pub running: u64,
}

/// All workflows.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowList {
    /// By name.
    pub items: Vec<WorkflowSummary>,
}

/// Which workflows to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkflowListQuery {
    /// Part of a name or description.
    search: Option<String>,
}

/// A workflow with its draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Workflow {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Whether its triggers listen.
    pub active: bool,
    /// What is being edited.
    #[schema(schema_with = document_schema)]
    pub draft: Document,
    /// Counts saves of the draft; send it back as `base_revision`.
    pub draft_revision: i64,
    /// Number of the published version.
    pub published_version: Option<u32>,
    /// What runs now.
    #[schema(schema_with = optional_document_schema)]
    pub published: Option<Document>,
    /// Whether the draft differs from it.
    pub draft_changed: bool,
    /// What is wrong with the draft.
    pub problems: Vec<Problem>,
    /// Where it listens.
    pub hooks: Vec<Hook>,
    /// When the draft last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A workflow to be made: from a document, or empty with a name.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWorkflow {
    /// The document.
    #[serde(default)]
    #[schema(schema_with = optional_document_schema, required = false)]
    pub document: Option<Document>,
    /// A name; wins over the document's.
    #[serde(default)]
    pub name: Option<String>,
}

/// A draft to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// The document.
    #[schema(schema_with = document_schema)]
    pub document: Document,
    /// The revision the edit began from.
    pub base_revision: i64,
}

/// A draft that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedDraft {
    /// Its revision.
    pub revision: i64,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Where it would listen.
    pub hooks: Vec<Hook>,
    /// When.
    pub saved_at: DateTime<Utc>,
}

/// Switching a workflow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchWorkflow {
    /// Whether its triggers are to listen.
    pub active: bool,
}

/// The workflow `id` of the caller's workspace.
pub(super) async fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<ports::Workflow> {
    app.store.workflows.get(caller.workspace, id).await?.ok_or_else(|| problem::NO_WORKFLOW.plain())
}

/// `workflow` as the API shows it.
pub(super) fn shown(app: &Shared, workflow: ports::Workflow) -> Workflow {
    Workflow {
        problems: documents::problems(&app.apps, workflow.workspace, &workflow.draft),
        hooks: hook_lines::of(app, workflow.workspace, workflow.id, &workflow.draft),
        id: workflow.id,
        name: workflow.name,
        active: workflow.active,
        draft: without_secrets(workflow.draft),
        draft_revision: workflow.draft_revision,
        published_version: workflow.published.as_ref().map(|published| published.number),
        published: workflow.published.map(|published| without_secrets(published.document)),
        draft_changed: workflow.draft_changed,
        updated_at: workflow.updated_at,
        created_at: workflow.created_at,
    }
}

/// A document that may be stored: readable, named, within the limits that keep checking it cheap.
pub(super) fn storable(document: &Document) -> Result<()> {
    let bytes = serde_json::to_vec(document).map_or(usize::MAX, |text| text.len());
    if bytes > trunkline_engine::document::MAX_DOCUMENT_BYTES {
        return Err(problem::TOO_BIG.because("a workflow document may have at most 2 MB"));
    }
    let name = document.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(problem::INVALID.because("`document.name` must have 1 to 200 characters"));
    }
    Ok(())
}

/// List workflows
#[utoipa::path(get, path = "/workflows", tag = "workflows", operation_id = "listWorkflows",
    params(WorkflowListQuery), responses((status = 200, body = WorkflowList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<WorkflowListQuery>,
) -> Result<axum::Json<WorkflowList>> {
    let today = Utc::now().date_naive().and_time(NaiveTime::MIN).and_utc();
    let search = query.search.filter(|text| !text.trim().is_empty());
    let rows = app.store.workflows.list(caller.workspace, search, today).await?;
    let registry = app.apps.registry(caller.workspace);
    let items = rows.into_iter().map(|row| WorkflowSummary {
        id: row.id,
        name: row.name,
        description: row.description,
        active: row.active,
        published_version: row.published,
        draft_changed: row.draft_changed,
        trigger_kinds: row
            .root_kinds
            .into_iter()
            .filter(|kind| documents::is_trigger(&registry, kind))
            .collect(),
        steps: row.steps,
        runs_today: RunTally {
            completed: row.tally.completed,
            failed: row.tally.failed,
            running: row.tally.running,
        },
        last_run_at: row.last_run_at,
        updated_at: row.updated_at,
    });
    Ok(axum::Json(WorkflowList { items: items.collect() }))
}

/// Create a workflow
#[utoipa::path(post, path = "/workflows", tag = "workflows", operation_id = "createWorkflow",
    request_body = CreateWorkflow, responses((status = 201, body = Workflow)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateWorkflow, { body::DOCUMENT }>,
) -> Result<(StatusCode, axum::Json<Workflow>)> {
    let mut document = wanted.document.unwrap_or_else(|| documents::empty("Untitled workflow"));
    if let Some(name) = wanted.name {
        document.name = name.trim().to_owned();
    }
    storable(&document)?;
    let id = Uuid::now_v7();
    app.hook_secrets.take_out(caller.workspace, id, None, &mut document).await?;
    let workflow = app.store.workflows.create(caller.workspace, id, document).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&app, workflow))))
}

/// One workflow with its draft
#[utoipa::path(get, path = "/workflows/{id}", tag = "workflows", operation_id = "getWorkflow",
    params(("id" = Uuid, Path)), responses((status = 200, body = Workflow)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Workflow>> {
    let workflow = find(&app, &caller, id).await?;
    let problems = app.hook_secrets.problems(caller.workspace, &workflow.draft).await?;
    let mut shown = shown(&app, workflow);
    shown.problems.extend(problems);
    Ok(axum::Json(shown))
}

/// Delete a workflow
#[utoipa::path(delete, path = "/workflows/{id}", tag = "workflows", operation_id = "deleteWorkflow",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    find(&app, &caller, id).await?;
    app.store.workflows.delete(caller.workspace, id).await?;
    app.hook_secrets.forget(caller.workspace, id).await?;
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Save the draft
#[utoipa::path(put, path = "/workflows/{id}/draft", tag = "workflows", operation_id = "saveDraft",
    params(("id" = Uuid, Path)), request_body = SaveDraft, responses((status = 200, body = SavedDraft)))]
async fn save_draft(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<SaveDraft, { body::DOCUMENT }>,
) -> Result<axum::Json<SavedDraft>> {
    let SaveDraft { mut document, base_revision } = wanted;
    storable(&document)?;
    let before = find(&app, &caller, id).await?;
    if before.draft_revision == base_revision {
        app.hook_secrets.take_out(caller.workspace, id, Some(&before), &mut document).await?;
    }
    let mut problems = documents::problems(&app.apps, caller.workspace, &document);
    problems.extend(app.hook_secrets.problems(caller.workspace, &document).await?);
    let hooks = hook_lines::of(&app, caller.workspace, id, &document);
    let saved = app.store.workflows.save_draft(caller.workspace, id, document.clone(), base_revision);
    let revision = saved.await?;
    app.hook_secrets.tidy(caller.workspace, id, &document).await?;
    Ok(axum::Json(SavedDraft { revision, problems, hooks, saved_at: Utc::now() }))
}

/// Copy a workflow
#[utoipa::path(post, path = "/workflows/{id}/duplicate", tag = "workflows", operation_id = "duplicateWorkflow",
    params(("id" = Uuid, Path)), responses((status = 201, body = Workflow)))]
async fn duplicate(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, axum::Json<Workflow>)> {
    let mut document = find(&app, &caller, id).await?.draft;
    document.name = format!("{} (copy)", document.name.chars().take(190).collect::<String>());
    let copy = Uuid::now_v7();
    app.hook_secrets.take_out(caller.workspace, copy, None, &mut document).await?;
    let copy = app.store.workflows.create(caller.workspace, copy, document).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&app, copy))))
}

/// Switch a workflow on or off
#[utoipa::path(put, path = "/workflows/{id}/active", tag = "workflows", operation_id = "switchWorkflow",
    params(("id" = Uuid, Path)), request_body = SwitchWorkflow, responses((status = 200, body = Workflow)))]
async fn switch(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<SwitchWorkflow>,
) -> Result<axum::Json<Workflow>> {
    find(&app, &caller, id).await?;
    if wanted.active {
        let version =
            app.routes.published(caller.workspace, id).ok_or_else(|| problem::NOT_PUBLISHED.plain())?;
        refuse_taken(&app, id, &version.compiled.triggers())?;
        super::app_triggers::refuse_unproved(&app, caller.workspace, &version.compiled.triggers()).await?;
    }
    app.store.workflows.set_active(caller.workspace, id, wanted.active).await?;
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    let workflow = find(&app, &caller, id).await?;
    Ok(axum::Json(shown(&app, workflow)))
}

/// Refuses addresses that another workflow has.
pub(super) fn refuse_taken(
    app: &Shared,
    workflow: Uuid,
    triggers: &[(String, trunkline_engine::trigger::Trigger)],
) -> Result<()> {
    match app.routes.taken(workflow, triggers) {
        None => Ok(()),
        Some(taken) => {
            Err(problem::PATH_TAKEN.because(format!("\"{}\" already listens at {}", taken.by, taken.address)))
        }
    }
}
