//! What is done with an import, for whoever does it: the routes of `/imports`, and the example company.

use super::problem::{self, Result};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::imports::document;
use crate::intake::list::Reading;
use crate::intake::payload;
use crate::jobs::{ImportReadPlan, Order, Plan};
use crate::runner::{Await, NewRun};
use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use trunkline_leads::importing::{ImportSettings, Plan as Checked};
use trunkline_store::ports::{self, ImportChange, ImportStatus, NewImport, RunStatus};
use uuid::Uuid;

pub(crate) async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<ports::Import> {
    let found = app.store.imports.get(caller.workspace, id).await?;
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such import"))
}

/// The import as it stands: a run that ended has ended its import.
pub(crate) async fn settled(
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

/// Begins an import of a file; a job looks at it.
pub(crate) async fn create(
    app: &Shared,
    caller: &Caller,
    file: Uuid,
    name: Option<String>,
) -> Result<ports::Import> {
    let file = app.store.files.get(caller.workspace, file).await?;
    let file = file.ok_or_else(|| problem::NOT_FOUND.because("there is no such file"))?;
    let named = name.map(|name| name.trim().chars().take(200).collect::<String>());
    let name = named.filter(|name| !name.is_empty()).unwrap_or(file.name);
    let id = Uuid::now_v7();
    let by = Some(caller.name.clone());
    let new = NewImport { id, name, file: file.id, by, created_at: Utc::now() };
    app.store.imports.create(caller.workspace, new).await?;
    let import = find(app, caller, id).await?;
    read(app, caller, &import, Reading::default(), vec![ImportStatus::Reading]).await?;
    find(app, caller, id).await
}

/// Starts a job for the import, which stands at one of `from` and goes to `to`.
pub(crate) async fn begin(
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

pub(crate) async fn read(
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

/// Keeps what was chosen for the columns and rows.
pub(crate) async fn choose(app: &Shared, caller: &Caller, id: Uuid, settings: ImportSettings) -> Result<()> {
    let import = find(app, caller, id).await?;
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
    Ok(())
}

/// Starts the run that imports.
pub(crate) async fn start(app: &Shared, caller: &Caller, id: Uuid) -> Result<()> {
    let import = find(app, caller, id).await?;
    check(&import)?;
    let through = through(app, caller, &import).await?;
    let workflow = workflow(app, caller).await?;
    let document = document::importing(through.as_deref());
    let version = app.store.workflows.snapshot(caller.workspace, workflow, document).await?;
    let version = super::again::version(app, version).await?;
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
    Ok(())
}

pub(crate) fn check(import: &ports::Import) -> Result<()> {
    let settings: ImportSettings = serde_json::from_value(import.settings.clone())
        .map_err(|error| problem::IMPORT_SETTINGS.because(error.to_string()))?;
    Checked::of(settings).map(drop).map_err(|error| problem::IMPORT_SETTINGS.because(error.to_string()))
}

pub(crate) fn wrong_step(error: trunkline_store::Error) -> problem::Error {
    match error {
        trunkline_store::Error::Conflict(_) => {
            problem::IMPORT_STEP.because("the import is not at a step where this can be done")
        }
        other => other.into(),
    }
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
pub(crate) async fn workflow(app: &Shared, caller: &Caller) -> Result<Uuid> {
    let known = app.store.workflows.list(caller.workspace, Some(document::NAME.into()), Utc::now()).await?;
    if let Some(known) = known.into_iter().find(|row| row.name == document::NAME) {
        return Ok(known.id);
    }
    let made =
        app.store.workflows.create(caller.workspace, Uuid::now_v7(), document::importing(None)).await?;
    Ok(made.id)
}
