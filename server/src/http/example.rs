//! `/example`: an example company for a workspace without leads.

use super::accounts::by;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::demo::company;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(make))
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExampleMade {
    /// Accounts.
    pub accounts: usize,
    /// Leads.
    pub leads: usize,
}

/// Make an example company
///
/// Accounts, leads, rules, an imported list, decisions and a pair of duplicates, to look around in. Only in a workspace
/// without leads.
#[utoipa::path(post, path = "/example", tag = "leads", operation_id = "makeExample",
    responses((status = 201, body = ExampleMade)))]
async fn make(State(app): State<Shared>, caller: Caller) -> Result<(StatusCode, Json<ExampleMade>)> {
    let summary = app.store.leads.summary(caller.workspace).await?;
    if summary.total > 0 {
        return Err(problem::CONFLICT.because("the workspace has leads already"));
    }
    let made = company::make(&app, caller.workspace, by(&caller)).await;
    let made = made.map_err(|error| problem::INTERNAL.because(format!("{error:#}")))?;
    Ok((StatusCode::CREATED, Json(ExampleMade { accounts: made.accounts, leads: made.leads })))
}
