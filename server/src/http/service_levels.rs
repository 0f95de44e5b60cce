//! `/sla` and clocks of leads: what runs, what is at risk, what is overdue, and what is to be expected of today.

use super::body::Path;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_leads::operation::AcceptLead;
use trunkline_leads::sla::{Clock, Forecast, View, forecast};
use utoipa::ToSchema;
use uuid::Uuid;

/// How far back a forecast looks, in days.
const PAST_DAYS: i64 = 28;
/// Most clocks a page shows.
const MOST_SHOWN: usize = 500;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(overview)).routes(routes!(clocks_of_lead)).routes(routes!(accept))
}

/// A clock of a lead and its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaClock {
    /// Id.
    pub id: Uuid,
    /// Which lead.
    pub lead_id: Uuid,
    /// Its name.
    pub lead: String,
    /// The pool it came from.
    pub pool: Option<String>,
    /// The owner who has to do something.
    pub owner_id: Uuid,
    /// The owner's name.
    pub owner_name: String,
    /// `accept` or `respond`.
    pub kind: &'static str,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub version: i64,
    /// `running`, `paused`, `warned`, `breached`, `met`, `late` or `stopped`.
    pub state: &'static str,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When the owner is warned.
    pub warn_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Minutes of work it counts.
    pub within: u32,
    /// Seconds of work until it is due; below zero after that.
    pub seconds_left: Option<i64>,
    /// Seconds of work it counted.
    pub seconds_worked: i64,
    /// When it counts again, while it is paused.
    pub resumes_at: Option<DateTime<Utc>>,
    /// Reminders so far.
    pub reminded: u32,
    /// How often the lead was handed on before.
    pub handed_on: usize,
}

/// Clocks of a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaClocks {
    /// The latest first.
    pub items: Vec<SlaClock>,
}

/// How service levels stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlaOverview {
    /// The moment.
    pub now: DateTime<Utc>,
    /// Open clocks, the first due first, at most 500.
    pub clocks: Vec<SlaClock>,
    /// Of today: `running`, `at_risk`, `breached`, `due_today`, `expected_today`, `by_hour`, `by_owner`.
    #[schema(value_type = Object)]
    pub forecast: Forecast,
}

fn shown(clock: Clock, lead: &str, now: DateTime<Utc>) -> SlaClock {
    let View { state, seconds_left, seconds_worked, resumes_at } = clock.view(now);
    SlaClock {
        id: clock.id,
        lead_id: clock.lead_id,
        lead: lead.to_owned(),
        pool: clock.pool,
        owner_id: clock.owner_id,
        owner_name: clock.owner_name,
        kind: clock.kind.as_str(),
        policy: clock.policy,
        version: clock.version,
        state,
        started_at: clock.started_at,
        warn_at: clock.warn_at,
        due_at: clock.due_at,
        ended_at: clock.ended_at,
        within: clock.within,
        seconds_left,
        seconds_worked,
        resumes_at,
        reminded: clock.reminded,
        handed_on: clock.had_it.len(),
    }
}

/// How service levels stand
#[utoipa::path(get, path = "/sla", tag = "rules", operation_id = "slaOverview",
    responses((status = 200, body = SlaOverview)))]
async fn overview(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<SlaOverview>> {
    let now = Utc::now();
    let open = app.store.clocks.open(caller.workspace).await?;
    let past = app.store.clocks.rates(caller.workspace, now - TimeDelta::days(PAST_DAYS)).await?;
    let forecast = forecast(&open, &past, now);
    let ids: HashSet<Uuid> = open.iter().take(MOST_SHOWN).map(|clock| clock.lead_id).collect();
    let leads = app.store.leads.some(caller.workspace, ids.into_iter().collect()).await?;
    let names: HashMap<Uuid, String> = leads.iter().map(|lead| (lead.id, lead.name())).collect();
    let clocks = open.into_iter().take(MOST_SHOWN).map(|clock| {
        let name = names.get(&clock.lead_id).map_or("", String::as_str);
        shown(clock, name, now)
    });
    Ok(axum::Json(SlaOverview { now, clocks: clocks.collect(), forecast }))
}

/// Clocks of a lead
#[utoipa::path(get, path = "/leads/{id}/clocks", tag = "leads", operation_id = "listLeadClocks",
    params(("id" = Uuid, Path)), responses((status = 200, body = SlaClocks)))]
async fn clocks_of_lead(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<SlaClocks>> {
    let now = Utc::now();
    let clocks = app.store.clocks.of_lead(caller.workspace, id).await?;
    let lead = app.store.leads.some(caller.workspace, vec![id]).await?.pop();
    let name = lead.map(|lead| lead.name()).unwrap_or_default();
    Ok(axum::Json(SlaClocks { items: clocks.into_iter().map(|clock| shown(clock, &name, now)).collect() }))
}

/// Accept a lead
///
/// Meets the clock that waits for its owner to accept it.
#[utoipa::path(post, path = "/leads/{id}/accept", tag = "leads", operation_id = "acceptLead",
    params(("id" = Uuid, Path)), responses((status = 200, body = SlaClocks)))]
async fn accept(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<SlaClocks>> {
    let by = By { id: caller.user.unwrap_or_default(), name: caller.name.clone() };
    let accept = Operation::AcceptLead(AcceptLead { lead_id: id });
    let outcomes = app.runner.perform_by_hand(caller.workspace, vec![accept], by).await?;
    if let Some(Err(failure)) = outcomes.into_iter().next() {
        return Err(problem::NOT_FOUND.because(failure.message));
    }
    clocks_of_lead(State(app), caller, Path(id)).await
}
