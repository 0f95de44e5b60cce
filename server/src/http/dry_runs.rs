//! `/workflows/{id}/dry-run`: what a version would do with an event, a list of them, or a file.

use super::again::{self, VersionChoice};
use super::body::{Json, Path};
use super::events::MOST_EVENTS;
use super::jobs::{self, Job};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::{hook_lines, runs, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{DryEvent, DryRunPlan, Order, Plan};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest body, in bytes.
const BODY: usize = 4 * 1024 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(start))
}

/// Events to try a version on. Without any, the trigger's pinned sample is taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartDryRun {
    /// The trigger step; the first that takes events when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// One event: what the trigger puts out as `body`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// Several events, at most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Value>>,
    /// An uploaded file whose rows are events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Uuid>,
    /// The version to be tried.
    pub version: VersionChoice,
}

/// Try a version on events
///
/// Reads are made for real; writes are captured. Nothing is sent that changes anything, and nothing is written.
#[utoipa::path(post, path = "/workflows/{id}/dry-run", tag = "jobs", operation_id = "startDryRun",
    params(("id" = Uuid, Path)), request_body = StartDryRun, responses((status = 202, body = Job)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<StartDryRun, BODY>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let workflow = workflows::find(&app, &caller, id).await?;
    let version = again::choose(&app, &caller, id, &wanted.version).await?;
    let version = version.ok_or_else(|| {
        problem::WRONG_FIELD.because("`version` must be \"draft\", \"current\" or the number of a version")
    })?;
    let (trigger, _) = runs::trigger(&version, wanted.trigger.as_deref(), false)?;
    // Bodies are kept with the job anyway; once is enough.
    let request = json!({
        "trigger": wanted.trigger, "version": wanted.version, "file": wanted.file, "payload": wanted.payload,
        "events": wanted.events.as_ref().map(Vec::len),
    });
    if let Some(file) = wanted.file
        && app.store.files.get(caller.workspace, file).await?.is_none()
    {
        return Err(problem::NOT_FOUND.because("there is no such file"));
    }
    let events = match (wanted.events, wanted.payload) {
        (Some(events), _) => events,
        (None, Some(payload)) => vec![payload],
        (None, None) => {
            let sample = version.compiled.document().samples.get(&trigger);
            vec![sample.map(|sample| hook_lines::sample_body(sample).clone()).unwrap_or_default()]
        }
    };
    if events.len() > MOST_EVENTS {
        return Err(problem::TOO_MANY_EVENTS.because(format!("{} events in one request", events.len())));
    }
    let total = wanted.file.is_none().then_some(events.len() as u64);
    let events =
        if wanted.file.is_some() { Vec::new() } else { events.into_iter().map(DryEvent::Body).collect() };
    let plan =
        DryRunPlan { version: version.id.0, trigger, events, file: wanted.file, span: None, from: None };
    let order = Order {
        workspace: caller.workspace,
        workflow: Some(id),
        title: format!("Dry run of {}", workflow.name),
        plan: Plan::DryRun(plan),
        request,
        total,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(&app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}
