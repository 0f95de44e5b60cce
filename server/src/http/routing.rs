//! `/routing`: a table tried on one lead and on the past. Nothing here routes a lead.

use super::body::{DOCUMENT, Json};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use trunkline_leads::Lead;
use trunkline_leads::definition::{CALENDAR, ROUTING};
use trunkline_leads::hours::Calendar;
use trunkline_leads::routing::{Arrival, Decision, Plan, Ready, RoutingTable, Simulation, Verdict, simulate};
use trunkline_store::ports::LeadQuery;
use utoipa::ToSchema;
use uuid::Uuid;

/// Most leads of a simulation; the newest.
const MOST_ARRIVALS: usize = 20_000;
/// Leads read at a time.
const PAGE: u32 = 500;
/// Accounts read at a time.
const TOGETHER: usize = 500;
/// Longest span of a simulation in days.
const MAX_DAYS: u32 = 366;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(explain)).routes(routes!(try_on_past))
}

/// A table to be tried on one lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// The table, as a draft.
    #[schema(value_type = Object)]
    pub table: Value,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// Which lead.
    pub lead_id: Uuid,
}

/// Where a lead would go now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explained {
    /// The owner, or nothing when it would go onto a list.
    pub owner: Option<String>,
    /// The list.
    pub list: Option<String>,
    /// Why: `sentence`, `source`, `row`, `asked`, `passed`, `pool` and its `candidates` with counters before and after.
    #[schema(value_type = Object)]
    pub decision: Decision,
}

/// A table to be tried on the past.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryOnPast {
    /// The table, as a draft.
    #[schema(value_type = Object)]
    pub table: Value,
    /// What people call it; the version in force under this name is tried as well.
    #[serde(default)]
    pub name: String,
    /// Leads of how many days (1 to 366).
    pub days: u32,
}

/// What would have happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedOnPast {
    /// Leads that came in these days, at most 20,000.
    pub arrivals: usize,
    /// Whether there were more; then these are the newest.
    pub cut: bool,
    /// From when.
    pub since: DateTime<Utc>,
    /// By the draft: `owners`, `rows`, `caps`, `fallbacks`, `listed`, `failed`, `away`, `waits`.
    #[schema(value_type = Object)]
    pub draft: Simulation,
    /// By the version in force.
    #[schema(value_type = Option<Object>)]
    pub in_force: Option<Simulation>,
}

pub(super) fn read(table: &Value) -> Result<RoutingTable> {
    RoutingTable::deserialize(table).map_err(|error| problem::INVALID.because(format!("`table`: {error}")))
}

/// Everything that decides, as it is now.
async fn plan(app: &Shared, caller: &Caller, table: RoutingTable, name: &str) -> Result<Plan> {
    let calendars = app.store.definitions.published(caller.workspace, CALENDAR.to_owned()).await?;
    let calendars = calendars
        .iter()
        .filter_map(|one| Some((one.name.clone(), Calendar::deserialize(one.document()).ok()?)));
    Ok(Plan {
        table: Ready::new(table),
        name: if name.trim().is_empty() { "this table".into() } else { name.trim().to_owned() },
        pools: app.store.leads.pools(caller.workspace).await?,
        owners: app.store.leads.owners(caller.workspace).await?.into_iter().map(Arc::new).collect(),
        calendars: calendars.collect::<BTreeMap<_, _>>(),
        open: HashMap::new(),
    })
}

/// `leads` as they came, each with its account as it is now.
async fn arrivals(app: &Shared, caller: &Caller, leads: &[Lead]) -> Result<Vec<Arrival>> {
    let ids: BTreeSet<Uuid> = leads.iter().filter_map(|lead| lead.account_id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut accounts = HashMap::new();
    for some in ids.chunks(TOGETHER) {
        let found = app.store.customers.profiles(caller.workspace, some.to_vec()).await?;
        accounts.extend(found.into_iter().map(|one| (one.account.id, one)));
    }
    let arrival = |lead: &Lead| {
        let mut record = lead.record();
        let account = lead.account_id.and_then(|id| accounts.get(&id));
        if let Some(account) = account {
            record["account"] = account.record();
        }
        let account_owner = account.and_then(|known| known.account.owner_id);
        Arrival { at: lead.created_at, record, owner: None, account: lead.account_id, account_owner }
    };
    Ok(leads.iter().map(arrival).collect())
}

/// Say where a lead would go
///
/// It is decided with the counters as they are now, and nothing is written.
#[utoipa::path(post, path = "/routing/explain", tag = "rules", operation_id = "explainRouting",
    request_body = Explain, responses((status = 200, body = Explained)))]
async fn explain(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<Explain, DOCUMENT>,
) -> Result<axum::Json<Explained>> {
    let mut plan = plan(&app, &caller, read(&wanted.table)?, &wanted.name).await?;
    let view = app.store.leads.get(caller.workspace, wanted.lead_id).await?;
    let lead = view.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?.lead;
    let mut decided = None;
    // Where leads stand is not asked: all leads of an owner are taken as open.
    let counts = app.store.leads.summary(caller.workspace).await?.by_owner.into_iter();
    plan.open = counts.filter_map(|(owner, count)| Some((owner?.id, count))).collect();
    let arrived = arrivals(&app, &caller, std::slice::from_ref(&lead)).await?;
    let arrived: Vec<Arrival> = arrived
        .into_iter()
        .map(|arrival| Arrival { at: Utc::now(), owner: lead.owner_id, ..arrival })
        .collect();
    simulate(&plan, &arrived, &mut |_, outcome| {
        decided = Some(outcome.cloned().map_err(|failure| failure.message.clone()));
    });
    let outcome = decided.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?;
    let (verdict, decision) = outcome.map_err(|message| problem::INVALID.because(message))?;
    let (owner, list) = match verdict {
        Verdict::Owner(owner) | Verdict::Kept(owner) => (Some(owner.name.clone()), None),
        Verdict::List(list) => (None, Some(list)),
    };
    Ok(axum::Json(Explained { owner, list, decision }))
}

/// Try a table on the past
///
/// The leads that came in the last days go through the draft, and through what is in force, in the order in which they
/// came. Nothing is written.
#[utoipa::path(post, path = "/routing/simulate", tag = "rules", operation_id = "simulateRouting",
    request_body = TryOnPast, responses((status = 200, body = TriedOnPast)))]
async fn try_on_past(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<TryOnPast, DOCUMENT>,
) -> Result<axum::Json<TriedOnPast>> {
    if wanted.days == 0 || wanted.days > MAX_DAYS {
        return Err(problem::INVALID.because(format!("`days` must be 1 to {MAX_DAYS}")));
    }
    let table = read(&wanted.table)?;
    let since = Utc::now() - TimeDelta::days(wanted.days.into());
    let mut came: Vec<Lead> = Vec::new();
    let mut before = None;
    loop {
        let query = LeadQuery { before, limit: PAGE, ..LeadQuery::default() };
        let page = app.store.leads.list(caller.workspace, query).await?;
        let (already, all) = (came.len(), page.items.len());
        let fresh = page.items.into_iter().map(|row| row.lead).take_while(|lead| lead.created_at >= since);
        came.extend(fresh);
        let is_last = came.len() - already < all;
        before = page.next;
        if is_last || before.is_none() || came.len() >= MOST_ARRIVALS {
            break;
        }
    }
    let cut = came.len() >= MOST_ARRIVALS && before.is_some();
    // The oldest first, as they came.
    came.reverse();
    let arrivals = arrivals(&app, &caller, &came).await?;
    let published = app.store.definitions.published(caller.workspace, ROUTING.to_owned()).await?;
    let published = published.into_iter().find(|one| one.name == wanted.name.trim());
    let published = published.and_then(|one| RoutingTable::deserialize(one.document()).ok());
    let draft = plan(&app, &caller, table, &wanted.name).await?;
    let in_force = match published {
        Some(table) => Some(plan(&app, &caller, table, &wanted.name).await?),
        None => None,
    };
    let count = arrivals.len();
    let tried = tokio::task::spawn_blocking(move || {
        let run = |plan| simulate(&plan, &arrivals, &mut |_, _| ());
        (run(draft), in_force.map(run))
    });
    let (draft, in_force) =
        tried.await.map_err(|_| problem::INTERNAL.because("the simulation could not be finished"))?;
    Ok(axum::Json(TriedOnPast { arrivals: count, cut, since, draft, in_force }))
}
