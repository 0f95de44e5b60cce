//! `/runs/{id}/again`, `/runs/again`, `/runs/count`: past runs, run once more.

use super::body::{Json, Path, Query};
use super::jobs::{self, Job};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::{runs, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::again::{Again, AgainError, WhichVersion, begin_again, prepare};
use crate::jobs::runs::MOST;
use crate::jobs::{DryEvent, DryRunPlan, Order, Plan, RunAgainPlan, Span};
use crate::runner::versions::Version;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use trunkline_store::VersionId;
use trunkline_store::ports::{History, RunStatus};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(one)).routes(routes!(many)).routes(routes!(count))
}

/// A version: `same` as the old run's, `current`, `draft`, or its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum VersionChoice {
    /// Its number.
    Number(u32),
    /// `same`, `current` or `draft`.
    Word(String),
}

/// How a run is run again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunAgain {
    /// The step to begin with; the start when absent. Steps before it are not repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// On which version.
    pub version: VersionChoice,
    /// Whether to rehearse it only.
    #[serde(default)]
    pub dry: bool,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RanAgain {
    /// The new run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// The rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
}

/// Which runs are run again, and how.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunManyAgain {
    /// Of which workflow.
    pub workflow: Uuid,
    /// Only those that stand so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// As in the list of runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only those that began at or after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Only those that began before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// On which version.
    pub version: VersionChoice,
    /// The step to begin with; the start when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whether to rehearse them only.
    #[serde(default)]
    pub dry: bool,
}

/// Which runs to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountQuery {
    /// Only of this workflow.
    workflow: Option<Uuid>,
    /// Only those that stand so.
    status: Option<String>,
    /// As in the list of runs.
    search: Option<String>,
    /// Only those that began at or after this moment.
    since: Option<DateTime<Utc>>,
    /// Only those that began before this moment.
    until: Option<DateTime<Utc>>,
}

/// How many.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunCount {
    /// How many there are; 10,001 stands for more than 10,000.
    pub count: u64,
}

impl From<AgainError> for Error {
    fn from(error: AgainError) -> Self {
        match error {
            AgainError::Failed(failure) => Self::from_failure(&failure),
            AgainError::Store(error) => error.into(),
        }
    }
}

/// The run `id` with everything that happened to it.
pub(super) async fn history(app: &Shared, caller: &Caller, id: Uuid) -> Result<History> {
    let history = app.store.runs.history(caller.workspace, id).await?;
    history.ok_or_else(|| problem::NOT_FOUND.because("there is no such run"))
}

/// The version of `workflow` that was chosen; `None` for `same`.
pub(super) async fn choose(
    app: &Shared,
    caller: &Caller,
    workflow: Uuid,
    choice: &VersionChoice,
) -> Result<Option<Arc<Version>>> {
    let number = match choice {
        VersionChoice::Number(number) => *number,
        VersionChoice::Word(word) => match word.as_str() {
            "same" => return Ok(None),
            "current" => return runs::published(app, caller, workflow).await.map(Some),
            "draft" => return runs::draft(app, caller, workflow).await.map(Some),
            other => other.parse().map_err(|_| {
                problem::WRONG_FIELD
                    .because("`version` must be \"same\", \"current\", \"draft\" or the number of a version")
            })?,
        },
    };
    if let Some(version) = app.routes.published(caller.workspace, workflow)
        && version.number == Some(number)
    {
        return Ok(Some(version));
    }
    let document = app.store.workflows.version(caller.workspace, workflow, number).await?;
    let document = document.ok_or_else(|| {
        problem::NO_VERSION.because(format!("there is no version {number} of this workflow"))
    })?;
    let id = app.store.workflows.snapshot(caller.workspace, workflow, document).await?;
    let version = app.runner.versions().get(id).await;
    version.map(Some).map_err(|error| problem::HAS_PROBLEMS.because(error.to_string()))
}

fn which(version: Option<&Arc<Version>>) -> WhichVersion {
    version.map_or(WhichVersion::Same, |version| WhichVersion::Id(version.id.0))
}

/// Run a run again
///
/// Steps that took effect take effect once more, unless the run begins after them with `from`.
#[utoipa::path(post, path = "/runs/{id}/again", tag = "runs", operation_id = "runAgain",
    params(("id" = Uuid, Path)), request_body = RunAgain, responses((status = 202, body = RanAgain)))]
async fn one(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<RunAgain>,
) -> Result<(StatusCode, axum::Json<RanAgain>)> {
    let history = history(&app, &caller, id).await?;
    let workflow = history.row.workflow;
    let version = choose(&app, &caller, workflow, &wanted.version).await?;
    let answer = if wanted.dry {
        let version = match version {
            Some(version) => version,
            None => app
                .runner
                .versions()
                .get(history.row.version)
                .await
                .map_err(|error| problem::HAS_PROBLEMS.because(error.to_string()))?,
        };
        let subject = history.row.subject.clone().unwrap_or_else(|| "a run".into());
        let beginning = prepare(&app, history, &version, wanted.from.as_deref()).await;
        let beginning = beginning.map_err(|failure| Error::from_failure(&failure))?;
        let plan = DryRunPlan {
            version: version.id.0,
            trigger: beginning.trigger.clone(),
            events: vec![DryEvent::Again { run: id, beginning }],
            file: None,
            span: None,
            from: None,
        };
        let job = app
            .jobs
            .start(&app, Order {
                workspace: caller.workspace,
                workflow: Some(workflow),
                title: format!("Dry run of {subject}"),
                plan: Plan::DryRun(plan),
                request: json!({ "run_id": id, "from": wanted.from, "version": wanted.version, "dry": true }),
                total: Some(1),
                by: caller.name.clone(),
            })
            .await?;
        RanAgain { run_id: None, job: Some(jobs::shown(&app, job).await?) }
    } else {
        let again = Again { version: which(version.as_ref()), from: wanted.from, key: None };
        RanAgain { run_id: Some(begin_again(&app, history, again).await?), job: None }
    };
    Ok((StatusCode::ACCEPTED, axum::Json(answer)))
}

/// Run many runs again
#[utoipa::path(post, path = "/runs/again", tag = "runs", operation_id = "runManyAgain",
    request_body = RunManyAgain, responses((status = 202, body = Job)))]
async fn many(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<RunManyAgain>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let workflow = workflows::find(&app, &caller, wanted.workflow).await?;
    let version = choose(&app, &caller, wanted.workflow, &wanted.version).await?;
    let request = serde_json::to_value(&wanted).unwrap_or_default();
    let span = Span {
        workflow: Some(wanted.workflow),
        status: status(wanted.status)?,
        search: said(wanted.search),
        since: wanted.since,
        until: wanted.until,
        of_own_events: true,
    };
    let total = span.count(&app.store, caller.workspace, MOST + 1).await?;
    if total > MOST {
        return Err(problem::TOO_MANY_RUNS.because(format!("more than {MOST} runs were chosen")));
    }
    let (title, plan) = match (wanted.dry, version) {
        (false, version) => {
            let plan = RunAgainPlan { span, version: which(version.as_ref()), from: wanted.from };
            (format!("Running {total} runs of {} again", workflow.name), Plan::RunAgain(plan))
        }
        (true, Some(version)) => {
            let plan = DryRunPlan {
                version: version.id.0,
                trigger: String::new(),
                events: Vec::new(),
                file: None,
                span: Some(span),
                from: wanted.from,
            };
            (format!("Dry run of {total} runs of {}", workflow.name), Plan::DryRun(plan))
        }
        (true, None) => {
            return Err(problem::WRONG_FIELD.because(
                "`version` must be one version for a dry run of many: \"current\", \"draft\" or a number",
            ));
        }
    };
    let order = Order {
        workspace: caller.workspace,
        workflow: Some(wanted.workflow),
        title,
        plan,
        request,
        total: Some(total),
        by: caller.name.clone(),
    };
    let job = app.jobs.start(&app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}

/// Count runs
#[utoipa::path(get, path = "/runs/count", tag = "runs", operation_id = "countRuns", params(CountQuery),
    responses((status = 200, body = RunCount)))]
async fn count(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<CountQuery>,
) -> Result<axum::Json<RunCount>> {
    let span = Span {
        workflow: query.workflow,
        status: status(query.status)?,
        search: said(query.search),
        since: query.since,
        until: query.until,
        of_own_events: true,
    };
    let count = span.count(&app.store, caller.workspace, MOST + 1).await?;
    Ok(axum::Json(RunCount { count }))
}

fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn status(word: Option<String>) -> Result<Option<String>> {
    let word = said(word);
    if let Some(word) = &word
        && RunStatus::parse(word).is_none()
    {
        return Err(problem::WRONG_PARAMETER.because(format!("there is no status \"{word}\"")));
    }
    Ok(word)
}

/// The version `id`, ready to run.
pub(super) async fn version(app: &Shared, id: VersionId) -> Result<Arc<Version>> {
    let version = app.runner.versions().get(id).await;
    version.map_err(|error| problem::HAS_PROBLEMS.because(error.to_string()))
}
