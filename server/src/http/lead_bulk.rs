//! `/leads/changes` and `/leads/count`: what is done with all leads that fit, and how many those are.

use super::accounts::by;
use super::body::Json;
use super::erasures::only_admins;
use super::jobs::{self, Job};
use super::lead_list::unusable;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{ChangeLeadsPlan, CountLeadsPlan, Order, Plan};
use crate::leads::{LeadChange, LeadSelection, UnusableChange};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(count)).routes(routes!(change))
}

/// A change of all leads that fit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLeads {
    /// Which leads.
    pub which: LeadSelection,
    /// What is done with them.
    pub change: LeadChange,
    /// How many there were when the person said yes, for the progress.
    #[serde(default)]
    pub expected: Option<u64>,
}

/// Count the leads that fit
///
/// A job, because there may be millions; its result is how many it found.
#[utoipa::path(post, path = "/leads/count", tag = "leads", operation_id = "countLeads", request_body = LeadSelection,
    responses((status = 202, body = Job)))]
async fn count(
    State(app): State<Shared>,
    caller: Caller,
    Json(which): Json<LeadSelection>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    which.query(Utc::now()).map_err(unusable)?;
    let order = Order {
        workspace: caller.workspace,
        workflow: None,
        title: "Leads counted".into(),
        request: json!({ "which": which }),
        plan: Plan::CountLeads(CountLeadsPlan { which }),
        total: None,
        by: caller.name.clone(),
    };
    started(&app, order).await
}

/// Change all leads that fit
///
/// A job: it goes on after a restart, does nothing twice, and can be stopped. What it could not change it lists.
#[utoipa::path(post, path = "/leads/changes", tag = "leads", operation_id = "changeManyLeads",
    request_body = ChangeLeads, responses((status = 202, body = Job)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<ChangeLeads>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let ChangeLeads { which, change, expected } = wanted;
    which.query(Utc::now()).map_err(unusable)?;
    if change == LeadChange::Delete {
        only_admins(&app, &caller).await?;
    }
    let rules = app.store.rules(caller.workspace).await?;
    change.check(&app.store, caller.workspace, rules.own_fields()).await.map_err(|error| match error {
        UnusableChange::Unfit(why) => problem::LEAD_CHANGE.because(why),
        UnusableChange::Store(error) => error.into(),
    })?;
    let workflow = match &change {
        LeadChange::StartWorkflow { workflow } => Some(*workflow),
        _ => None,
    };
    let order = Order {
        workspace: caller.workspace,
        workflow,
        title: format!("Many leads: {}", change.in_words(rules.own_fields())),
        request: json!({ "which": which, "change": change }),
        plan: Plan::ChangeLeads(Box::new(ChangeLeadsPlan { which, change, by: by(&caller) })),
        total: expected,
        by: caller.name.clone(),
    };
    started(&app, order).await
}

async fn started(app: &Shared, order: Order) -> Result<(StatusCode, axum::Json<Job>)> {
    let job = app.jobs.start(app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(app, job).await?)))
}
