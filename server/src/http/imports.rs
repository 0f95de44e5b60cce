//! `/imports`: lists on their way to leads: uploaded, looked at, mapped, previewed, run, and undone.

use super::body::{Json, Path, Query};
use super::files::{forget, path_of};
use super::import_work::{self, begin, check, find, read, settled, workflow};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::http::jobs::{self, Job};
use crate::imports::{result, rows_of};
use crate::intake::list::Reading;
use crate::jobs::{ImportPreviewPlan, ImportUndoPlan, Plan};
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;
use trunkline_leads::importing::{Fate, ImportSettings};
use trunkline_store::ports::{self, ImportStatus, RunStatus};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most imports in a list.
const MOST: u32 = 200;
/// Where choices can be made.
const OPEN: [ImportStatus; 3] = [ImportStatus::Ready, ImportStatus::Previewed, ImportStatus::Failed];

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(show, remove))
        .routes(routes!(read_again))
        .routes(routes!(choose))
        .routes(routes!(preview))
        .routes(routes!(start))
        .routes(routes!(take_result))
        .routes(routes!(undo))
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    /// Id.
    pub id: Uuid,
    /// What people call the list.
    pub name: String,
    /// The uploaded file.
    pub file_id: Uuid,
    /// `reading`, `ready`, `previewing`, `previewed`, `running`, `paused`, `done`, `cancelled`, `failed`, `undoing` or
    /// `undone`.
    pub status: String,
    /// Rows after the header.
    pub total: Option<u64>,
    /// What was found in the file.
    pub found: Value,
    /// What was chosen, at first what was guessed.
    pub settings: Value,
    /// What a preview of these settings found.
    pub preview: Value,
    /// How many rows met which fate so far.
    pub counts: Value,
    /// The job that reads, previews or undoes it.
    pub job: Option<Job>,
    /// The run that imports it.
    pub run_id: Option<Uuid>,
    /// Who began it.
    pub created_by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When its rows were done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportList {
    /// The newest first.
    pub items: Vec<Import>,
}

/// A list to be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateImport {
    /// An uploaded file.
    pub file: Uuid,
    /// What people call the list; the name of the file when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// What to take out of a result.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResultQuery {
    /// Only rows of this fate: `created`, `updated`, `unchanged`, `duplicate`, `skipped` or `failed`.
    only: Option<String>,
}

async fn shown(app: &Shared, caller: &Caller, import: ports::Import) -> Result<Import> {
    let (import, run) = settled(app, caller, import).await?;
    let job = match import.job {
        Some(job) => app.store.jobs.get(caller.workspace, job).await?,
        None => None,
    };
    let job = match job {
        Some(job) => Some(jobs::shown(app, job).await?),
        None => None,
    };
    let counts =
        if import.run.is_some() { json!(app.store.imports.counts(import.id).await?) } else { Value::Null };
    let status = match run {
        Some(RunStatus::Paused) => "paused",
        _ => import.status.as_str(),
    };
    Ok(Import {
        id: import.id,
        name: import.name,
        file_id: import.file,
        status: status.to_owned(),
        total: import.total,
        found: import.found,
        settings: import.settings,
        preview: import.preview,
        counts,
        job,
        run_id: import.run,
        created_by: import.by,
        created_at: import.created_at,
        finished_at: import.finished_at,
        error: import.error,
    })
}

/// List imports
///
/// Without what was found, chosen and previewed; ask for one to see it.
#[utoipa::path(get, path = "/imports", tag = "imports", operation_id = "listImports",
    responses((status = 200, body = ImportList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<ImportList>> {
    let mut items = Vec::new();
    for mut import in app.store.imports.list(caller.workspace, MOST).await? {
        (import.found, import.preview, import.settings) = (Value::Null, Value::Null, Value::Null);
        items.push(shown(&app, &caller, import).await?);
    }
    Ok(axum::Json(ImportList { items }))
}

/// Begin an import
///
/// The file is looked at by a job; when it ends, the import is `ready` with columns guessed.
#[utoipa::path(post, path = "/imports", tag = "imports", operation_id = "createImport",
    request_body = CreateImport, responses((status = 201, body = Import)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateImport>,
) -> Result<(StatusCode, axum::Json<Import>)> {
    let import = import_work::create(&app, &caller, wanted.file, wanted.name).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&app, &caller, import).await?)))
}

/// One import
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", operation_id = "getImport",
    params(("id" = Uuid, Path)), responses((status = 200, body = Import)))]
async fn show(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<axum::Json<Import>> {
    let import = find(&app, &caller, id).await?;
    shown(&app, &caller, import).await.map(axum::Json)
}

/// Read the file another way
///
/// With another delimiter, with or without a header, or another sheet. The columns are guessed again.
#[utoipa::path(put, path = "/imports/{id}/reading", tag = "imports", operation_id = "readImport",
    params(("id" = Uuid, Path)), request_body = Reading, responses((status = 200, body = Import)))]
async fn read_again(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(reading): Json<Reading>,
) -> Result<axum::Json<Import>> {
    let import = find(&app, &caller, id).await?;
    read(&app, &caller, &import, reading, OPEN.to_vec()).await?;
    let import = find(&app, &caller, id).await?;
    shown(&app, &caller, import).await.map(axum::Json)
}

/// Choose what becomes of the columns and rows
///
/// A preview made before does not hold any more.
#[utoipa::path(put, path = "/imports/{id}/settings", tag = "imports", operation_id = "chooseImport",
    params(("id" = Uuid, Path)), request_body = Object, responses((status = 200, body = Import)))]
async fn choose(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(settings): Json<ImportSettings, { super::body::DOCUMENT }>,
) -> Result<axum::Json<Import>> {
    import_work::choose(&app, &caller, id, settings).await?;
    let import = find(&app, &caller, id).await?;
    shown(&app, &caller, import).await.map(axum::Json)
}

/// Tell what the import would do
///
/// Goes through every row and writes nothing. When nothing else changes meanwhile, the import does exactly this.
#[utoipa::path(post, path = "/imports/{id}/preview", tag = "imports", operation_id = "previewImport",
    params(("id" = Uuid, Path)), responses((status = 202, body = Import)))]
async fn preview(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, axum::Json<Import>)> {
    let import = find(&app, &caller, id).await?;
    check(&import)?;
    let plan = Plan::ImportPreview(ImportPreviewPlan { import: id });
    let from = vec![ImportStatus::Ready, ImportStatus::Previewed];
    let title = format!("Preview of {}", import.name);
    begin(&app, &caller, &import, (from, ImportStatus::Previewing), (title, plan)).await?;
    let import = find(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&app, &caller, import).await?)))
}

/// Import
///
/// It is a run: pause, resume and end it as one.
#[utoipa::path(post, path = "/imports/{id}/start", tag = "imports", operation_id = "startImport",
    params(("id" = Uuid, Path)), responses((status = 202, body = Import)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, axum::Json<Import>)> {
    import_work::start(&app, &caller, id).await?;
    let import = find(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&app, &caller, import).await?)))
}

/// Take the result of an import
///
/// Every row that is done, with what became of it and why, as CSV.
#[utoipa::path(get, path = "/imports/{id}/result", tag = "imports", operation_id = "getImportResult",
    params(("id" = Uuid, Path), ResultQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn take_result(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<ResultQuery>,
) -> Result<Response> {
    let import = find(&app, &caller, id).await?;
    let only = match query.only.as_deref().filter(|only| !only.is_empty()) {
        None => None,
        Some(word) => {
            let fate = Fate::ALL.into_iter().find(|fate| fate.as_str() == word);
            Some(fate.ok_or_else(|| problem::WRONG_PARAMETER.because(format!("`only` cannot be {word}")))?)
        }
    };
    let columns = import.found["columns"].as_array().into_iter().flatten();
    let columns = columns.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let (pieces, stream) = tokio::sync::mpsc::channel(4);
    let (store, data) = (app.store.clone(), app.config.data.clone());
    tokio::spawn(async move {
        let broken = pieces.clone();
        if let Err(error) =
            result::write(&store, data, result::Wanted { import: id, columns, only }, pieces).await
        {
            tracing::error!(error, import = %id, "the result of an import could not be written");
            // The reader sees a file that breaks off, not one that seems whole.
            let _ = broken.send(Err(std::io::Error::other(error))).await;
        }
    });
    let plain: String =
        import.name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_ ".contains(*c)).collect();
    let name = format!("attachment; filename=\"{} result.csv\"", plain.trim());
    Response::builder()
        .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, name)
        .body(Body::from_stream(ReceiverStream::new(stream)))
        .map_err(|error| problem::INTERNAL.because(error.to_string()))
}

/// Undo an import
///
/// Leads that it made and nobody touched since go; fields that it changed and nobody changed since go back.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", operation_id = "undoImport",
    params(("id" = Uuid, Path)), responses((status = 202, body = Import)))]
async fn undo(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, axum::Json<Import>)> {
    let import = find(&app, &caller, id).await?;
    let (import, _) = settled(&app, &caller, import).await?;
    if import.run.is_none() {
        return Err(problem::IMPORT_STEP.because("the import has not run"));
    }
    let workflow = workflow(&app, &caller).await?;
    let plan = Plan::ImportUndo(ImportUndoPlan { import: id, workflow, by: caller.name.clone() });
    let from = vec![ImportStatus::Done, ImportStatus::Cancelled, ImportStatus::Failed];
    let title = format!("Undo of {}", import.name);
    begin(&app, &caller, &import, (from, ImportStatus::Undoing), (title, plan)).await?;
    let import = find(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&app, &caller, import).await?)))
}

/// Remove an import
///
/// What it did stays, and can no longer be undone. Its file goes when nothing else needs it.
#[utoipa::path(delete, path = "/imports/{id}", tag = "imports", operation_id = "deleteImport",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    let import = find(&app, &caller, id).await?;
    let (import, _) = settled(&app, &caller, import).await?;
    if matches!(
        import.status,
        ImportStatus::Running | ImportStatus::Undoing | ImportStatus::Reading | ImportStatus::Previewing
    ) {
        return Err(problem::IMPORT_STEP.because("it is under way; end it first"));
    }
    app.store.imports.remove(caller.workspace, id).await?;
    // What cannot be removed only takes room.
    let _ = tokio::fs::remove_file(rows_of(&app.config.data, id)).await;
    let others = app.store.imports.list(caller.workspace, MOST).await?;
    if others.iter().all(|other| other.file != import.file)
        && let Some(file) = app.store.files.get(caller.workspace, import.file).await?
    {
        tracing::debug!(path = %path_of(&app, &file.sha256).display(), "the file of an import goes");
        forget(&app, caller.workspace, file.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
