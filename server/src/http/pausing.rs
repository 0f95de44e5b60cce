//! `/runs/{id}/pause` and `/resume`: what is under way ends, nothing new begins, until someone lets it go on.

use super::body::Path;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::runs::{self, RunSummary};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(pause)).routes(routes!(resume))
}

/// Pause a run
#[utoipa::path(post, path = "/runs/{id}/pause", tag = "runs", operation_id = "pauseRun",
    params(("id" = Uuid, Path)), responses((status = 200, body = RunSummary)))]
async fn pause(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RunSummary>> {
    runs::summary(&app, &caller, id).await?;
    let paused = app.runner.pause(id, caller.name.clone()).await;
    answer(&app, &caller, id, paused).await
}

/// Let a paused run go on
#[utoipa::path(post, path = "/runs/{id}/resume", tag = "runs", operation_id = "resumeRun",
    params(("id" = Uuid, Path)), responses((status = 200, body = RunSummary)))]
async fn resume(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RunSummary>> {
    runs::summary(&app, &caller, id).await?;
    let resumed = app.runner.resume(id, caller.name.clone()).await;
    answer(&app, &caller, id, resumed).await
}

async fn answer(app: &Shared, caller: &Caller, id: Uuid, taken: bool) -> Result<axum::Json<RunSummary>> {
    if !taken {
        return Err(problem::RUN_OVER.plain());
    }
    runs::summary(app, caller, id).await.map(axum::Json)
}
