//! `/imports`: lists on their way to leads: uploaded, looked at, mapped, previewed, run, and undone.

use super::body::{Json, Path, Query};
use super::files::{forget, path_of};
use super::problem::{self, Result};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::http::jobs::{self, Job};
use crate::imports::{document, result, rows_of};
use crate::intake::list::Reading;
use crate::intake::payload;
use crate::jobs::{ImportPreviewPlan, ImportReadPlan, ImportUndoPlan, Order, Plan};
use crate::runner::{Await, NewRun};
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;
use trunkline_leads::importing::{Fate, ImportSettings, Plan as Checked};
use trunkline_store::ports::{self, ImportChange, ImportStatus, NewImport, RunStatus};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most imports in a list.
const MOST: u32 = 200;
/// Where choices can be made.
const OPEN: [ImportStatus; 3] = [ImportStatus::Ready, ImportStatus::Previewed, ImportStatus::Failed];

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
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

async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<ports::Import> {
    let found = app.store.imports.get(caller.workspace, id).await?;
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such import"))
}

/// The import as it stands: a run that ended has ended its import.
async fn settled(
    app: &App,
    caller: &Caller,
    import: ports::Import,
) -> Result<(ports::Import, Option<RunStatus>)> {
    let (ImportStatus::Running, Some(run)) = (import.status, import.run) else { return Ok((import, None)) };
    let Some(history) = app.store.runs.history(caller.workspace, run).await? else {
        return Ok((import, None));
    };
    let state = history.row.state;
    let ended = match state.status {
        RunStatus::Completed => ImportStatus::Done,
        RunStatus::Cancelled => ImportStatus::Cancelled,
        RunStatus::Failed => ImportStatus::Failed,
        other => return Ok((import, Some(other))),
    };
    let change = ImportChange {
        status: Some(ended),
        finished_at: state.finished_at,
        error: state.error.map(|(_, failure)| format!("{}: {}", failure.code, failure.message)),
        ..ImportChange::default()
    };
    // Of two who look at the same moment one is late, and finds it as the other left it.
    let _ = app.store.imports.change(caller.workspace, import.id, vec![ImportStatus::Running], change).await;
    Ok((find(app, caller, import.id).await?, None))
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
    let file = app.store.files.get(caller.workspace, wanted.file).await?;
    let file = file.ok_or_else(|| problem::NOT_FOUND.because("there is no such file"))?;
    let named = wanted.name.map(|name| name.trim().chars().take(200).collect::<String>());
    let name = named.filter(|name| !name.is_empty()).unwrap_or(file.name);
    let id = Uuid::now_v7();
    let by = Some(caller.name.clone());
    let new = NewImport { id, name, file: file.id, by, created_at: Utc::now() };
    app.store.imports.create(caller.workspace, new).await?;
    let import = find(&app, &caller, id).await?;
    read(&app, &caller, &import, Reading::default(), vec![ImportStatus::Reading]).await?;
    let import = find(&app, &caller, id).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&app, &caller, import).await?)))
}

/// Starts a job for the import, which stands at one of `from` and goes to `to`.
async fn begin(
    app: &Shared,
    caller: &Caller,
    import: &ports::Import,
    (from, to): (Vec<ImportStatus>, ImportStatus),
    (title, plan): (String, Plan),
) -> Result<()> {
    let change = ImportChange { status: Some(to), ..ImportChange::default() };
    app.store.imports.change(caller.workspace, import.id, from, change).await.map_err(wrong_step)?;
    let order = Order {
        workspace: caller.workspace,
        workflow: None,
        title,
        plan,
        request: json!({ "import": import.id }),
        total: None,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(app, order).await?;
    let change = ImportChange { job: Some(job.id), ..ImportChange::default() };
    // A short job may have moved the import on before this.
    let any = vec![
        to,
        ImportStatus::Ready,
        ImportStatus::Previewed,
        ImportStatus::Failed,
        ImportStatus::Done,
        ImportStatus::Undone,
    ];
    app.store.imports.change(caller.workspace, import.id, any, change).await?;
    Ok(())
}

async fn read(
    app: &Shared,
    caller: &Caller,
    import: &ports::Import,
    reading: Reading,
    from: Vec<ImportStatus>,
) -> Result<()> {
    let plan = Plan::ImportRead(ImportReadPlan { import: import.id, reading });
    begin(app, caller, import, (from, ImportStatus::Reading), (format!("Reading {}", import.name), plan))
        .await
}

fn wrong_step(error: trunkline_store::Error) -> problem::Error {
    match error {
        trunkline_store::Error::Conflict(_) => {
            problem::IMPORT_STEP.because("the import is not at a step where this can be done")
        }
        other => other.into(),
    }
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
    let import = find(&app, &caller, id).await?;
    let columns = import.found["columns"].as_array().map_or(0, Vec::len);
    if settings.columns.len() != columns {
        return Err(problem::IMPORT_SETTINGS.because(format!("the file has {columns} columns")));
    }
    let checked =
        Checked::of(settings).map_err(|error| problem::IMPORT_SETTINGS.because(error.to_string()))?;
    let change = ImportChange {
        status: Some(ImportStatus::Ready),
        settings: Some(serde_json::to_value(checked.settings()).unwrap_or_default()),
        preview: Some(Value::Null),
        ..ImportChange::default()
    };
    let from = vec![ImportStatus::Ready, ImportStatus::Previewed];
    app.store.imports.change(caller.workspace, id, from, change).await.map_err(wrong_step)?;
    let import = find(&app, &caller, id).await?;
    shown(&app, &caller, import).await.map(axum::Json)
}

fn check(import: &ports::Import) -> Result<()> {
    let settings: ImportSettings = serde_json::from_value(import.settings.clone())
        .map_err(|error| problem::IMPORT_SETTINGS.because(error.to_string()))?;
    Checked::of(settings).map(drop).map_err(|error| problem::IMPORT_SETTINGS.because(error.to_string()))
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
    let import = find(&app, &caller, id).await?;
    check(&import)?;
    let through = through(&app, &caller, &import).await?;
    let workflow = workflow(&app, &caller).await?;
    let document = document::importing(through.as_deref());
    let version = app.store.workflows.snapshot(caller.workspace, workflow, document).await?;
    let version = super::again::version(&app, version).await?;
    let from = vec![ImportStatus::Ready, ImportStatus::Previewed];
    let change = ImportChange { status: Some(ImportStatus::Running), ..ImportChange::default() };
    app.store.imports.change(caller.workspace, id, from, change).await.map_err(wrong_step)?;
    let at = Utc::now().trunc_subsecs(6);
    let body = json!({ "import": id, "name": import.name, "rows": import.total, "by": caller.name });
    let new = NewRun {
        trigger: "start".into(),
        kind: "manual",
        output: payload::body_output(body, at),
        key: Some(format!("import:{id}")),
        parent: None,
        at,
    };
    let started = app.runner.start(&version, new, Await::Nothing).await;
    let change = match &started {
        Ok(started) => ImportChange { run: Some(started.id), ..ImportChange::default() },
        Err(_) => ImportChange { status: Some(import.status), ..ImportChange::default() },
    };
    app.store.imports.change(caller.workspace, id, vec![ImportStatus::Running], change).await?;
    started?;
    let import = find(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&app, &caller, import).await?)))
}

/// The workflow that the leads go through afterwards, which has to be there and published.
async fn through(app: &Shared, caller: &Caller, import: &ports::Import) -> Result<Option<String>> {
    let chosen = import.settings["afterwards"]["workflow"].as_str().map(str::trim).unwrap_or_default();
    if chosen.is_empty() {
        return Ok(None);
    }
    let none = || problem::IMPORT_SETTINGS.because("the workflow for its leads is gone or not published");
    let id = chosen.parse::<Uuid>().map_err(|_| none())?;
    let summary = app.store.workflows.list(caller.workspace, None, Utc::now()).await?;
    let known = summary.into_iter().find(|row| row.id == id).ok_or_else(none)?;
    if known.published.is_none() { Err(none()) } else { Ok(Some(id.to_string())) }
}

/// The workflow in which imports run; made when it is first needed.
async fn workflow(app: &Shared, caller: &Caller) -> Result<Uuid> {
    let known = app.store.workflows.list(caller.workspace, Some(document::NAME.into()), Utc::now()).await?;
    if let Some(known) = known.into_iter().find(|row| row.name == document::NAME) {
        return Ok(known.id);
    }
    let made =
        app.store.workflows.create(caller.workspace, Uuid::now_v7(), document::importing(None)).await?;
    Ok(made.id)
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
