//! `/runs`: the history, one run as it went, starting by hand, cancelling.

use super::body::{Json, Path, Query};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::run_view::{self, RunView};
use super::{hook_lines, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::payload;
use crate::runner::versions::Version;
use crate::runner::{Await, NewRun};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::trigger::Trigger;
use trunkline_store::ports::{RunQuery, RunRow, RunStatus};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How long a cancellation may take before the answer is given without it.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel)).routes(routes!(start))
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunStatus)]
pub enum Status {
    /// Accepted and not begun.
    Queued,
    /// Something is being done for it.
    Running,
    /// It sleeps, or waits for a workflow it called or for a word from outside.
    Waiting,
    /// A person paused it: nothing new begins.
    Paused,
    /// It ended well.
    Completed,
    /// A step failed for good.
    Failed,
    /// A person ended it.
    Cancelled,
}

impl From<RunStatus> for Status {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Running => Self::Running,
            RunStatus::Queued => Self::Queued,
            RunStatus::Waiting => Self::Waiting,
            RunStatus::Paused => Self::Paused,
            RunStatus::Completed => Self::Completed,
            RunStatus::Failed => Self::Failed,
            RunStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// Why a step failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepError {
    /// Stable code.
    pub code: String,
    /// What sort of failure.
    pub kind: StepErrorKind,
    /// What happened.
    pub message: String,
    /// What to do.
    pub action: String,
    /// Not before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<DateTime<Utc>>,
}

/// What sort of failure.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepErrorKind {
    /// The data cannot be worked with.
    BadInput,
    /// Credentials were refused.
    Auth,
    /// Too many calls.
    RateLimited,
    /// It may pass.
    Temporary,
    /// It will not.
    Fatal,
    /// No answer in time.
    Timeout,
    /// Nobody knows whether a write happened.
    UnknownOutcome,
}

impl From<&Failure> for StepError {
    fn from(failure: &Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::BadInput => StepErrorKind::BadInput,
            FailureKind::Auth => StepErrorKind::Auth,
            FailureKind::RateLimited => StepErrorKind::RateLimited,
            FailureKind::Temporary => StepErrorKind::Temporary,
            FailureKind::Fatal => StepErrorKind::Fatal,
            FailureKind::Timeout => StepErrorKind::Timeout,
            FailureKind::UnknownOutcome => StepErrorKind::UnknownOutcome,
        };
        Self {
            code: failure.code.clone().into_owned(),
            kind,
            message: failure.message.clone(),
            action: failure.action.clone(),
            retry_at: failure.retry_at,
        }
    }
}

/// A run as lists show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunSummary {
    /// Id.
    pub id: Uuid,
    /// The workflow it runs.
    pub workflow_id: Uuid,
    /// What that is called now.
    pub workflow_name: String,
    /// The published version; `null` for a draft.
    pub version: Option<u32>,
    /// Whether it runs a draft.
    pub draft: bool,
    /// How it stands.
    pub status: Status,
    /// Whom or what it is about.
    pub subject: String,
    /// The lead it worked on.
    pub lead_id: Option<Uuid>,
    /// What started it.
    pub trigger_kind: String,
    /// When it was accepted.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StepError>,
}

impl From<RunRow> for RunSummary {
    fn from(row: RunRow) -> Self {
        let duration = row.state.finished_at.map(|end| (end - row.started_at).num_milliseconds().max(0));
        Self {
            id: row.id,
            workflow_id: row.workflow,
            workflow_name: row.workflow_name,
            version: row.number,
            draft: row.number.is_none(),
            status: row.state.status.into(),
            subject: row.subject.unwrap_or_default(),
            lead_id: row.state.lead,
            trigger_kind: row.trigger_kind,
            started_at: row.started_at,
            finished_at: row.state.finished_at,
            duration_ms: duration,
            error: row.state.error.as_ref().map(|(_, failure)| StepError::from(failure)),
        }
    }
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunPage {
    /// The newest first.
    pub items: Vec<RunSummary>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
}

/// Which runs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunListQuery {
    /// Only of this workflow.
    workflow: Option<Uuid>,
    /// Only those that stand so.
    status: Option<String>,
    /// The start of a run id, a lead id, or a lead's e-mail address or external id.
    search: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// A run to be started.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// The trigger step; the first one when absent.
    #[serde(default)]
    pub trigger: Option<String>,
    /// What the trigger puts out as `body`; its pinned sample when absent.
    #[serde(default)]
    pub payload: Option<Value>,
    /// Whether to run the draft instead of the published version.
    #[serde(default)]
    pub draft: bool,
}

/// A run that was started.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedRun {
    /// Its id.
    pub run_id: Uuid,
}

/// The published version of the workflow `id`, for events.
pub(super) async fn published(app: &Shared, caller: &Caller, id: Uuid) -> Result<Arc<Version>> {
    if let Some(version) = app.routes.published(caller.workspace, id) {
        return Ok(version);
    }
    workflows::find(app, caller, id).await?;
    Err(problem::NOT_PUBLISHED.plain())
}

/// The trigger called `step`, or the first that takes data; with `data` only those that do.
pub(super) fn trigger(version: &Version, step: Option<&str>, data: bool) -> Result<(String, Trigger)> {
    let takes_data = |trigger: &Trigger| !matches!(trigger, Trigger::Schedule(_));
    let mut triggers = version.compiled.triggers().into_iter();
    match step {
        Some(step) => triggers.find(|(id, _)| id == step).ok_or_else(|| {
            problem::NO_TRIGGER.because(format!("the workflow has no trigger step \"{step}\""))
        }),
        None => triggers
            .find(|(_, trigger)| !data || takes_data(trigger))
            .ok_or_else(|| problem::NO_TRIGGER.because("the workflow has no trigger that takes events")),
    }
}

/// List runs
#[utoipa::path(get, path = "/runs", tag = "runs", operation_id = "listRuns", params(RunListQuery),
    responses((status = 200, body = RunPage)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<RunListQuery>,
) -> Result<axum::Json<RunPage>> {
    let status = match query.status.as_deref().filter(|status| !status.is_empty()) {
        None => None,
        Some(word) => Some(RunStatus::parse(word).ok_or_else(|| {
            problem::WRONG_PARAMETER.because(
                "`status` must be one of queued, running, waiting, paused, completed, failed and cancelled",
            )
        })?),
    };
    let query = RunQuery {
        workflow: query.workflow,
        status,
        search: query.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        before: query.cursor,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let page = app.store.runs.list(caller.workspace, query).await?;
    Ok(axum::Json(RunPage { items: page.items.into_iter().map(RunSummary::from).collect(), next: page.next }))
}

/// The summary of one run.
pub(super) async fn summary(app: &Shared, caller: &Caller, id: Uuid) -> Result<RunSummary> {
    let row = app.store.runs.get(caller.workspace, id).await?;
    row.map(RunSummary::from).ok_or_else(|| problem::NOT_FOUND.because("there is no such run"))
}

/// One run as it went
#[utoipa::path(get, path = "/runs/{id}", tag = "runs", operation_id = "getRun", params(("id" = Uuid, Path)),
    responses((status = 200, body = RunView)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RunView>> {
    run_view::load(&app, caller.workspace, id).await.map(axum::Json)
}

/// Cancel a run
#[utoipa::path(post, path = "/runs/{id}/cancel", tag = "runs", operation_id = "cancelRun",
    params(("id" = Uuid, Path)), responses((status = 200, body = RunSummary)))]
async fn cancel(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RunSummary>> {
    let mut changes = app.live.listen();
    let before = summary(&app, &caller, id).await?;
    if before.finished_at.is_some() {
        return Ok(axum::Json(before));
    }
    app.runner.cancel(id, caller.name.clone()).await;
    let cancelled = async {
        loop {
            let now = summary(&app, &caller, id).await?;
            if now.finished_at.is_some() {
                return Ok(now);
            }
            // Lagging is as good a reason to look again as an announcement.
            while let Ok(change) = changes.recv().await {
                if change.run == id {
                    break;
                }
            }
        }
    };
    match tokio::time::timeout(CANCEL_WAIT, cancelled).await {
        Ok(run) => run.map(axum::Json),
        Err(_) => summary(&app, &caller, id).await.map(axum::Json),
    }
}

/// Start a run by hand
#[utoipa::path(post, path = "/workflows/{id}/runs", tag = "runs", operation_id = "startRun",
    params(("id" = Uuid, Path)), request_body = StartRun, responses((status = 202, body = StartedRun)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<StartRun, { super::body::DOCUMENT }>,
) -> Result<(StatusCode, axum::Json<StartedRun>)> {
    let version =
        if wanted.draft { draft(&app, &caller, id).await? } else { published(&app, &caller, id).await? };
    let (step, trigger) = trigger(&version, wanted.trigger.as_deref(), false)?;
    let at = Utc::now();
    let sample = version.compiled.document().samples.get(&step);
    let body = wanted.payload.or_else(|| sample.map(|sample| hook_lines::sample_body(sample).clone()));
    let new = NewRun {
        trigger: step,
        kind: payload::kind_word(&trigger),
        output: payload::output_for(&trigger, body.unwrap_or_default(), at),
        key: None,
        parent: None,
        at,
    };
    let started = app.runner.start(&version, new, Await::Nothing).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(StartedRun { run_id: started.id })))
}

/// The draft, frozen for this run.
pub(super) async fn draft(app: &Shared, caller: &Caller, id: Uuid) -> Result<Arc<Version>> {
    let workflow = workflows::find(app, caller, id).await?;
    let problems = super::documents::problems(&app.apps, caller.workspace, &workflow.draft);
    if super::documents::has_errors(&problems) {
        return Err(problem::HAS_PROBLEMS.because("the draft has problems to solve first").listing(problems));
    }
    let version = app.store.workflows.snapshot(caller.workspace, id, workflow.draft).await?;
    let compiled = app.runner.versions().get(version).await;
    compiled.map_err(|error| problem::HAS_PROBLEMS.because(error.to_string()))
}
