//! `/storage`: how much room the history takes, and how much it may.

use super::body::Json;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use trunkline_store::WorkspaceId;
use utoipa::ToSchema;
use uuid::Uuid;

/// Smallest budget in bytes: below it a database without any run would be too large.
const SMALLEST: u64 = 16 * 1024 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(show, set))
}

/// How much room is taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Storage {
    /// Bytes of the database.
    pub bytes: u64,
    /// How many it may have; `null` for no limit.
    pub budget_bytes: Option<u64>,
    /// Runs in the history.
    pub runs: u64,
    /// By workflow, the largest first.
    pub by_workflow: Vec<WorkflowStorage>,
    /// How many leads were erased.
    pub erasures: u64,
}

/// How much room the runs of a workflow take.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowStorage {
    /// The workflow.
    pub workflow_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its runs.
    pub runs: u64,
    /// Bytes of what is kept of them.
    pub bytes: u64,
}

/// How much room may be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStorage {
    /// Bytes the database may have (16 MiB or more); `null` for no limit. The oldest finished runs go when it is exceeded.
    pub budget_bytes: Option<u64>,
}

/// Show how much room is taken
#[utoipa::path(get, path = "/storage", tag = "storage", operation_id = "getStorage",
    responses((status = 200, body = Storage)))]
async fn show(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<Storage>> {
    usage(&app, caller.workspace).await
}

/// Set how much room may be taken
#[utoipa::path(put, path = "/storage", tag = "storage", operation_id = "setStorage",
    request_body = SetStorage, responses((status = 200, body = Storage)))]
async fn set(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<SetStorage>,
) -> Result<axum::Json<Storage>> {
    super::erasures::only_admins(&app, &caller).await?;
    if wanted.budget_bytes.is_some_and(|bytes| bytes < SMALLEST) {
        return Err(problem::INVALID.because("`budget_bytes` must be 16 MiB (16777216) or more"));
    }
    app.store.storage.set_budget(wanted.budget_bytes).await?;
    usage(&app, caller.workspace).await
}

async fn usage(app: &Shared, workspace: WorkspaceId) -> Result<axum::Json<Storage>> {
    let usage = app.store.storage.usage(workspace).await?;
    let by_workflow = usage.by_workflow.into_iter().map(|of| WorkflowStorage {
        workflow_id: of.workflow,
        name: of.name,
        runs: of.runs,
        bytes: of.bytes,
    });
    Ok(axum::Json(Storage {
        bytes: usage.bytes,
        budget_bytes: usage.budget,
        runs: usage.runs,
        by_workflow: by_workflow.collect(),
        erasures: usage.erasures,
    }))
}
