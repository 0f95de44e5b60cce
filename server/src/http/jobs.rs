//! `/jobs`: long work that a person started and watches.

use super::body::{Path, Query};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::rehearse::groups;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use trunkline_store::ports;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most jobs that are listed.
const LISTED: u32 = 200;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel)).routes(routes!(items))
}

/// Long work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it does: `run_again`, `back_test`, `dry_run`, `assess`, `score_trial` or `segment_trial`.
    pub kind: String,
    /// What people read.
    pub title: String,
    /// How it stands: `running`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Results so far.
    pub done: u64,
    /// How many there will be, when that is known.
    pub total: Option<u64>,
    /// Results by what they are counted under.
    pub groups: Vec<JobGroup>,
    /// The workflow it is about.
    pub workflow_id: Option<Uuid>,
    /// What that is called.
    pub workflow_name: Option<String>,
    /// What it was started with.
    pub params: Value,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// Who started it.
    pub created_by: Option<String>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Results that are counted together.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobGroup {
    /// Its name.
    pub group: String,
    /// What people read.
    pub label: String,
    /// How many.
    pub count: u64,
}

/// Jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobList {
    /// The newest first.
    pub items: Vec<Job>,
}

/// A result of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobItem {
    /// Its number within the job.
    pub seq: i64,
    /// The run it is about.
    pub run_id: Option<Uuid>,
    /// What people read.
    pub subject: Option<String>,
    /// What it is counted under.
    pub group: String,
    /// All there is to say about it; its form follows from the kind of the job.
    pub detail: Value,
}

/// A page of results.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobItems {
    /// In their order.
    pub items: Vec<JobItem>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<i64>,
}

/// Which jobs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// Only of this workflow.
    workflow: Option<Uuid>,
}

/// Which results to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// Only of this group.
    group: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    after: Option<i64>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// A job as the API shows it.
pub(super) async fn shown(app: &Shared, job: ports::Job) -> Result<Job> {
    // A job over all leads lists only some of them and has counted the others.
    let counted: Option<BTreeMap<String, u64>> =
        serde_json::from_value(job.progress.state["counts"].clone()).ok();
    let mut counts = match counted {
        Some(counts) => counts.into_iter().collect(),
        None => app.store.jobs.groups(job.id).await?,
    };
    counts.sort_by_key(|(group, _)| groups::rank(group));
    let groups = counts.into_iter().map(|(group, count)| JobGroup {
        label: groups::label(&job.kind, &group).into_owned(),
        group,
        count,
    });
    let mut params = job.params;
    Ok(Job {
        id: job.id,
        groups: groups.collect(),
        kind: job.kind,
        title: job.title,
        status: job.status.as_str().to_owned(),
        done: job.progress.done,
        total: job.progress.total,
        workflow_id: job.workflow,
        workflow_name: job.workflow_name,
        params: params["request"].take(),
        created_at: job.created_at,
        created_by: job.by,
        finished_at: job.finished_at,
        error: job.error,
    })
}

async fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<ports::Job> {
    let job = app.store.jobs.get(caller.workspace, id).await?;
    job.ok_or_else(|| problem::NOT_FOUND.because("there is no such job"))
}

/// List jobs
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "listJobs", params(JobQuery),
    responses((status = 200, body = JobList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<JobQuery>,
) -> Result<axum::Json<JobList>> {
    let jobs = app.store.jobs.list(caller.workspace, LISTED).await?;
    let wanted = |job: &ports::Job| query.workflow.is_none_or(|workflow| job.workflow == Some(workflow));
    let mut items = Vec::new();
    for job in jobs.into_iter().filter(wanted) {
        items.push(shown(&app, job).await?);
    }
    Ok(axum::Json(JobList { items }))
}

/// One job
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", operation_id = "getJob", params(("id" = Uuid, Path)),
    responses((status = 200, body = Job)))]
async fn show(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<axum::Json<Job>> {
    let job = find(&app, &caller, id).await?;
    shown(&app, job).await.map(axum::Json)
}

/// Stop a job
///
/// What it has done so far stays.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancelJob",
    params(("id" = Uuid, Path)), responses((status = 200, body = Job)))]
async fn cancel(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<axum::Json<Job>> {
    let job = find(&app, &caller, id).await?;
    if job.status != ports::JobStatus::Running {
        return Err(problem::JOB_OVER.because(format!("the job is {} already", job.status.as_str())));
    }
    app.jobs.cancel(&app, caller.workspace, id).await?;
    let job = find(&app, &caller, id).await?;
    shown(&app, job).await.map(axum::Json)
}

/// Results of a job
#[utoipa::path(get, path = "/jobs/{id}/items", tag = "jobs", operation_id = "listJobItems",
    params(("id" = Uuid, Path), ItemQuery), responses((status = 200, body = JobItems)))]
async fn items(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<ItemQuery>,
) -> Result<axum::Json<JobItems>> {
    find(&app, &caller, id).await?;
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let group = query.group.filter(|group| !group.is_empty());
    let found = app.store.jobs.items(id, group, query.after, limit).await?;
    let is_full = u32::try_from(found.len()) == Ok(limit);
    let next = found.last().filter(|_| is_full).map(|item| item.seq);
    let items = found.into_iter().map(|item| JobItem {
        seq: item.seq,
        run_id: item.run,
        subject: item.subject,
        group: item.group,
        detail: item.detail,
    });
    Ok(axum::Json(JobItems { items: items.collect(), next }))
}
