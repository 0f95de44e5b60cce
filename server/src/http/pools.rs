//! `/pools`: owners who take turns, the rules of their turns, and counters that people put right.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::team::named;
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_leads::routing::{Period, PoolRules};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{Adjust, MemberRule, Named};
use utoipa::ToSchema;
use uuid::Uuid;

/// Highest weight of a member.
const MAX_WEIGHT: u32 = 100;
/// Highest counter that somebody may set.
const MAX_COUNTER: u64 = 1_000_000_000;

/// The routes of pools.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list_pools, add_pool))
        .routes(routes!(change_pool, remove_pool))
        .routes(routes!(list_adjustments, adjust_counters))
}

/// Owners who take turns.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pool {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Who takes turns.
    pub members: Vec<PoolMember>,
    /// How turns are dealt: `turns` (`by_weight` or `in_order`), `only_at_work`, `anyway_when_closed`, `make_up`, `caps`
    /// (`id`, `limit`, `per`, `when`), `open_until`, `fallback`.
    #[schema(value_type = Object)]
    pub rules: PoolRules,
}

/// One who takes turns.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolMember {
    /// The owner.
    pub owner_id: Uuid,
    /// The owner's name.
    pub owner_name: String,
    /// How many turns of a round are theirs.
    pub weight: u32,
    /// Leads given so far.
    pub assigned: u64,
    /// Whether they take part now.
    pub active: bool,
    /// Credit towards the next turn; credits of a pool add up to nothing.
    pub credit: i64,
    /// Whether they are at work at the moment.
    pub at_work: bool,
    /// How far the caps that count by day or week are used up.
    pub caps: Vec<CapUse>,
}

/// How far a cap is used up by a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapUse {
    /// The cap in words.
    pub cap: String,
    /// Leads that count in the current day or week.
    pub count: u32,
    /// Most of them.
    pub limit: u32,
    /// The day or week they were counted in.
    pub window: String,
}

/// All pools.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolList {
    /// By name.
    pub items: Vec<Pool>,
}

/// A pool to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePool {
    /// Name.
    pub name: String,
}

/// A pool as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePool {
    /// Name.
    pub name: String,
    /// Who takes turns; those left out leave the pool.
    pub members: Vec<ChangePoolMember>,
    /// How turns are dealt; left out, the rules stay as they are.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub rules: Option<PoolRules>,
}

/// One who is to take turns.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePoolMember {
    /// The owner.
    pub owner_id: Uuid,
    /// How many turns of a round are theirs (0 to 100).
    pub weight: u32,
    /// Whether they take part now.
    pub active: bool,
}

/// Counters of a member to be set; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustCounters {
    /// Which member.
    pub owner_id: Uuid,
    /// Leads given so far.
    #[serde(default)]
    pub assigned: Option<u64>,
    /// Credit towards the next turn.
    #[serde(default)]
    pub credit: Option<i64>,
    /// Whether what counts towards caps starts at nothing.
    #[serde(default)]
    pub clear_caps: bool,
    /// Why (1 to 500 characters).
    pub why: String,
}

/// Counters that a person set.
#[derive(Debug, Serialize, ToSchema)]
pub struct Adjustment {
    /// Id.
    pub id: Uuid,
    /// The member.
    pub owner_id: Uuid,
    /// The member's name.
    pub owner_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
    /// What changed, in words.
    pub change: String,
}

/// Counters of a pool that people set.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdjustmentList {
    /// The latest first, at most 200.
    pub items: Vec<Adjustment>,
}

fn pool(pool: trunkline_leads::Pool, now: DateTime<Utc>) -> Pool {
    let trunkline_leads::Pool { id, name, members, rules } = pool;
    let members = members.into_iter().map(|member| {
        let hours = member.owner.work.as_ref().map(|work| work.hours(None));
        let used = |tally: &trunkline_leads::routing::Tally| {
            let cap = rules.caps.iter().find(|cap| cap.id == tally.cap && cap.per != Period::Open)?;
            Some(CapUse {
                cap: cap.in_words(),
                count: tally.count,
                limit: cap.limit,
                window: tally.window.clone(),
            })
        };
        PoolMember {
            owner_id: member.owner.id,
            owner_name: member.owner.name.clone(),
            weight: member.weight,
            assigned: member.assigned,
            active: member.active,
            credit: member.credit,
            at_work: hours.is_none_or(|hours| hours.is_open(now)),
            caps: member.tallies.iter().filter_map(used).collect(),
        }
    });
    let members = members.collect();
    Pool { id, name, members, rules }
}

async fn one_pool(app: &Shared, workspace: WorkspaceId, id: Uuid) -> Result<trunkline_leads::Pool> {
    let pools = app.store.leads.pools(workspace).await?;
    let found = pools.into_iter().find(|pool| pool.id == id);
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such pool"))
}

/// List pools
#[utoipa::path(get, path = "/pools", tag = "team", operation_id = "listPools",
    responses((status = 200, body = PoolList)))]
async fn list_pools(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<PoolList>> {
    let pools = app.store.leads.pools(caller.workspace).await?;
    let now = Utc::now();
    Ok(axum::Json(PoolList { items: pools.into_iter().map(|one| pool(one, now)).collect() }))
}

/// Add a pool
#[utoipa::path(post, path = "/pools", tag = "team", operation_id = "createPool",
    request_body = CreatePool, responses((status = 201, body = Pool)))]
async fn add_pool(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreatePool>,
) -> Result<(StatusCode, axum::Json<Pool>)> {
    let pool = Named { id: Uuid::now_v7(), name: named("name", &wanted.name)? };
    app.store.leads.add_pool(caller.workspace, pool.clone()).await?;
    let made = Pool { id: pool.id, name: pool.name, members: Vec::new(), rules: PoolRules::default() };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Change a pool
#[utoipa::path(put, path = "/pools/{id}", tag = "team", operation_id = "changePool",
    params(("id" = Uuid, Path)), request_body = ChangePool, responses((status = 200, body = Pool)))]
async fn change_pool(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<ChangePool>,
) -> Result<axum::Json<Pool>> {
    if wanted.members.iter().any(|member| member.weight > MAX_WEIGHT) {
        return Err(problem::INVALID.because(format!("`weight` must be 0 to {MAX_WEIGHT}")));
    }
    let name = named("name", &wanted.name)?;
    let rules = match wanted.rules {
        Some(rules) => rules,
        None => one_pool(&app, caller.workspace, id).await?.rules,
    };
    if let Some((at, what)) = rules.problems().into_iter().next() {
        return Err(problem::INVALID.because(format!("`rules{at}`: {what}")));
    }
    let members = wanted.members.into_iter().map(|member| MemberRule {
        owner: member.owner_id,
        weight: member.weight,
        active: member.active,
    });
    app.store.desk.set_pool(caller.workspace, Named { id, name }, rules, members.collect()).await?;
    Ok(axum::Json(pool(one_pool(&app, caller.workspace, id).await?, Utc::now())))
}

/// Delete a pool
#[utoipa::path(delete, path = "/pools/{id}", tag = "team", operation_id = "deletePool",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove_pool(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.store.leads.remove_pool(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List counters that people set
#[utoipa::path(get, path = "/pools/{id}/adjustments", tag = "team", operation_id = "listAdjustments",
    params(("id" = Uuid, Path)), responses((status = 200, body = AdjustmentList)))]
async fn list_adjustments(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<AdjustmentList>> {
    let done = app.store.desk.adjustments(caller.workspace, id).await?;
    Ok(axum::Json(AdjustmentList { items: done.into_iter().map(adjustment).collect() }))
}

/// Set counters of a member
#[utoipa::path(post, path = "/pools/{id}/adjustments", tag = "team", operation_id = "adjustCounters",
    params(("id" = Uuid, Path)), request_body = AdjustCounters, responses((status = 201, body = Adjustment)))]
async fn adjust_counters(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<AdjustCounters>,
) -> Result<(StatusCode, axum::Json<Adjustment>)> {
    let why = wanted.why.trim();
    if why.is_empty() || why.chars().count() > 500 {
        return Err(problem::INVALID.because("`why` must have 1 to 500 characters"));
    }
    if wanted.assigned.is_none() && wanted.credit.is_none() && !wanted.clear_caps {
        return Err(problem::INVALID.because("no counter is to be set"));
    }
    let is_huge = wanted.assigned.is_some_and(|count| count > MAX_COUNTER)
        || wanted.credit.is_some_and(|credit| credit.unsigned_abs() > MAX_COUNTER);
    if is_huge {
        return Err(problem::INVALID.because(format!("a counter is at most {MAX_COUNTER}")));
    }
    let asked = Adjust {
        id: Uuid::now_v7(),
        pool: id,
        owner: wanted.owner_id,
        at: Utc::now(),
        by: caller.name.clone(),
        why: why.to_owned(),
        assigned: wanted.assigned,
        credit: wanted.credit,
        clear_caps: wanted.clear_caps,
    };
    let done = app.store.desk.adjust(caller.workspace, asked).await?;
    Ok((StatusCode::CREATED, axum::Json(adjustment(done))))
}

fn adjustment(done: trunkline_store::ports::Adjustment) -> Adjustment {
    Adjustment {
        id: done.id,
        owner_id: done.owner.id,
        owner_name: done.owner.name,
        at: done.at,
        by: done.by,
        why: done.why,
        change: done.change,
    }
}
