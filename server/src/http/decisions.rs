//! `/leads/{id}/decisions`, `/runs/{id}/decisions` and `/leads/{id}/route`: why a lead has its owner, and giving it to the
//! next one by hand.

use super::accounts::by;
use super::body::{Json, Path};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use trunkline_leads::operation::Route;
use trunkline_leads::routing::Decision;
use trunkline_leads::{ActivityKind, Operation};
use trunkline_store::ports::TimelineEntry;
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(of_lead)).routes(routes!(of_run)).routes(routes!(route))
}

/// A lead got an owner, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingDecision {
    /// Id.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The lead.
    pub lead_id: Uuid,
    /// Its name.
    pub lead: String,
    /// The owner it got.
    pub owner: Option<String>,
    /// The owner it had before.
    pub before: Option<String>,
    /// Why, in a sentence.
    pub why: Option<String>,
    /// The run that did it.
    pub run_id: Option<Uuid>,
    /// The step of that run.
    pub step: Option<String>,
    /// The person who did it.
    pub by: Option<String>,
    /// What was decided by rules: `sentence`, `source`, `table`, `version`, `row`, `asked`, `passed`, `pool`, `team` and
    /// its `candidates`, each with why it was passed over and its counters before and after. Nothing when a person chose
    /// the owner.
    #[schema(value_type = Option<Object>)]
    pub decision: Option<Decision>,
}

/// Decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingDecisions {
    /// Of a lead the latest first; of a run in their order, at most 200.
    pub items: Vec<RoutingDecision>,
}

/// Whose turn it is to get a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteLead {
    /// Name or id of a pool; its next member gets the lead.
    #[serde(default)]
    pub pool: Option<String>,
    /// Name or id of a routing table that is in force; it says where the lead goes.
    #[serde(default)]
    pub table: Option<String>,
    /// Whether the lead may stay with the owner it has.
    #[serde(default)]
    pub may_stay: bool,
}

fn shown(entry: TimelineEntry, lead: &str) -> RoutingDecision {
    let TimelineEntry { id, activity } = entry;
    let name = |value: &Value| value.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    RoutingDecision {
        id: id.to_string(),
        at: activity.at,
        lead_id: activity.lead_id,
        lead: lead.to_owned(),
        owner: name(&activity.new),
        before: name(&activity.old),
        why: activity.why,
        run_id: activity.run_id,
        step: activity.step,
        by: activity.by.map(|by| by.name),
        // An assignment by hand has no detail.
        decision: Decision::deserialize(&activity.detail).ok(),
    }
}

/// Decisions about a lead
///
/// Every owner it got, and why: which row decided, which were passed over, every candidate with the reason and the
/// counters before and after.
#[utoipa::path(get, path = "/leads/{id}/decisions", tag = "leads", operation_id = "listLeadDecisions",
    params(("id" = Uuid, Path)), responses((status = 200, body = RoutingDecisions)))]
async fn of_lead(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RoutingDecisions>> {
    let view = app.store.leads.get(caller.workspace, id).await?;
    let view = view.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?;
    let name = view.lead.name();
    let assigned = view.timeline.into_iter().filter(|entry| entry.activity.kind == ActivityKind::Assigned);
    Ok(axum::Json(RoutingDecisions { items: assigned.map(|entry| shown(entry, &name)).collect() }))
}

/// Decisions of a run
///
/// Every owner that the run gave to a lead, and why.
#[utoipa::path(get, path = "/runs/{id}/decisions", tag = "runs", operation_id = "listRunDecisions",
    params(("id" = Uuid, Path)), responses((status = 200, body = RoutingDecisions)))]
async fn of_run(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<RoutingDecisions>> {
    let entries = app.store.leads.assigned_by(caller.workspace, id).await?;
    let ids = entries.iter().map(|entry| entry.activity.lead_id).collect();
    let leads = app.store.leads.some(caller.workspace, ids).await?;
    let names: HashMap<Uuid, String> = leads.iter().map(|lead| (lead.id, lead.name())).collect();
    let items = entries.into_iter().map(|entry| {
        let name = names.get(&entry.activity.lead_id).map_or("", String::as_str);
        shown(entry, name)
    });
    Ok(axum::Json(RoutingDecisions { items: items.collect() }))
}

/// Give a lead to the next owner
///
/// By a pool or a routing table, as a workflow would; the counters move on.
#[utoipa::path(post, path = "/leads/{id}/route", tag = "leads", operation_id = "routeLead",
    params(("id" = Uuid, Path)), request_body = RouteLead, responses((status = 200, body = RoutingDecisions)))]
async fn route(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<RouteLead>,
) -> Result<axum::Json<RoutingDecisions>> {
    let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (pool, table) = (said(wanted.pool), said(wanted.table));
    if pool.is_some() == table.is_some() {
        return Err(problem::INVALID.because("name either a `pool` or a `table`"));
    }
    let view = app.store.leads.get(caller.workspace, id).await?;
    let lead = view.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?.lead;
    let except = lead.owner_id.filter(|_| !wanted.may_stay).into_iter().collect();
    let route = Route { table, except, ..Route::by_pool(id, pool.as_deref().unwrap_or_default()) };
    let outcomes =
        app.runner.perform_by_hand(caller.workspace, vec![Operation::Route(route)], by(&caller)).await?;
    if let Some(Err(failure)) = outcomes.into_iter().next() {
        return Err(Error::from_failure(&failure));
    }
    of_lead(State(app), caller, Path(id)).await
}
