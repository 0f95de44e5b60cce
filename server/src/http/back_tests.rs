//! `/workflows/{id}/back-test`: a draft against the past.

use super::again::{self, VersionChoice};
use super::body::{Json, Path};
use super::jobs::{self, Job};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::workflows;
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::runs::MOST;
use crate::jobs::{BackTestPlan, Order, Plan, Span};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Runs that are tried unless more are asked for.
const USUAL: u64 = 1000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(start))
}

/// A span of past runs to try a version on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBackTest {
    /// Only runs that began at or after this moment.
    pub since: DateTime<Utc>,
    /// Only runs that began before this moment.
    pub until: DateTime<Utc>,
    /// How many runs, the newest first (1 to 10,000; 1,000 when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
    /// The version to be tried; the draft when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionChoice>,
}

/// Try a version on past runs
///
/// Every read is answered from the journal of the old run; writes are captured. Nothing is sent and nothing is written.
#[utoipa::path(post, path = "/workflows/{id}/back-test", tag = "jobs", operation_id = "startBackTest",
    params(("id" = Uuid, Path)), request_body = StartBackTest, responses((status = 202, body = Job)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<StartBackTest>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let workflow = workflows::find(&app, &caller, id).await?;
    if wanted.until <= wanted.since {
        return Err(problem::INVALID.because("`until` must be later than `since`"));
    }
    let most = wanted.most.unwrap_or(USUAL);
    if !(1..=MOST).contains(&most) {
        return Err(problem::TOO_MANY_RUNS.because(format!("`most` must be from 1 to {MOST}")));
    }
    let request = serde_json::to_value(&wanted).unwrap_or_default();
    let choice = wanted.version.unwrap_or_else(|| VersionChoice::Word("draft".into()));
    let version = again::choose(&app, &caller, id, &choice).await?;
    let version = version.ok_or_else(|| {
        problem::WRONG_FIELD.because("`version` must be \"draft\", \"current\" or the number of a version")
    })?;
    let span = Span {
        workflow: Some(id),
        since: Some(wanted.since),
        until: Some(wanted.until),
        of_own_events: true,
        ..Span::default()
    };
    let order = Order {
        workspace: caller.workspace,
        workflow: Some(id),
        title: format!("Back-test of {}", workflow.name),
        plan: Plan::BackTest(BackTestPlan { version: version.id.0, span, most }),
        request,
        total: None,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(&app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}
