//! `/owners`, `/pools`, `/lists`, `/stages`: who takes leads, and where leads stand.

use super::body::{Json, Path};
use super::problem::{self, Result};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{MemberRule, Named};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Highest weight of a member.
const MAX_WEIGHT: u32 = 100;

/// The routes of these resources.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_owners, add_owner))
        .routes(routes!(list_pools, add_pool))
        .routes(routes!(change_pool, remove_pool))
        .routes(routes!(list_lists))
        .routes(routes!(list_stages))
}

/// Someone who takes leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct Owner {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// Everyone who takes leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnerList {
    /// By name.
    pub items: Vec<Owner>,
}

/// Someone who is to take leads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOwner {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
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

/// A list of leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadList {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Leads on it.
    pub count: u64,
}

/// All lists of leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadListList {
    /// By name.
    pub items: Vec<LeadList>,
}

/// How far a lead can have come.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stage {
    /// Id; its name.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place on the ladder; higher is further along.
    pub rank: i32,
}

/// All stages.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageList {
    /// In the order of the ladder.
    pub items: Vec<Stage>,
}

fn named(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 {
        return Err(problem::INVALID.because(format!("`{field}` must have 1 to 100 characters")));
    }
    Ok(text.to_owned())
}

/// List owners
#[utoipa::path(get, path = "/owners", tag = "team", operation_id = "listOwners",
    responses((status = 200, body = OwnerList)))]
async fn list_owners(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<OwnerList>> {
    let owners = app.store.leads.owners(caller.workspace).await?;
    let items = owners.into_iter().map(|owner| Owner { id: owner.id, name: owner.name, email: owner.email });
    Ok(axum::Json(OwnerList { items: items.collect() }))
}

/// Add an owner
#[utoipa::path(post, path = "/owners", tag = "team", operation_id = "createOwner",
    request_body = CreateOwner, responses((status = 201, body = Owner)))]
async fn add_owner(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateOwner>,
) -> Result<(StatusCode, axum::Json<Owner>)> {
    let name = named("name", &wanted.name)?;
    let email = named("email", &wanted.email)?;
    if !email.contains('@') {
        return Err(problem::INVALID.because("`email` is not an e-mail address"));
    }
    let owner = trunkline_leads::Owner { id: Uuid::now_v7(), name, email };
    app.store.leads.add_owner(caller.workspace, owner.clone()).await?;
    let owner = Owner { id: owner.id, name: owner.name, email: owner.email };
    Ok((StatusCode::CREATED, axum::Json(owner)))
}

fn pool(pool: trunkline_leads::Pool) -> Pool {
    let members = pool.members.into_iter().map(|member| PoolMember {
        owner_id: member.owner.id,
        owner_name: member.owner.name.clone(),
        weight: member.weight,
        assigned: member.assigned,
        active: member.active,
    });
    Pool { id: pool.id, name: pool.name, members: members.collect() }
}

async fn one_pool(app: &Shared, workspace: WorkspaceId, id: Uuid) -> Result<Pool> {
    let pools = app.store.leads.pools(workspace).await?;
    let found = pools.into_iter().find(|pool| pool.id == id).map(pool);
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such pool"))
}

/// List pools
#[utoipa::path(get, path = "/pools", tag = "team", operation_id = "listPools",
    responses((status = 200, body = PoolList)))]
async fn list_pools(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<PoolList>> {
    let pools = app.store.leads.pools(caller.workspace).await?;
    Ok(axum::Json(PoolList { items: pools.into_iter().map(pool).collect() }))
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
    Ok((StatusCode::CREATED, axum::Json(Pool { id: pool.id, name: pool.name, members: Vec::new() })))
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
    let pool = Named { id, name: named("name", &wanted.name)? };
    let members = wanted.members.into_iter().map(|member| MemberRule {
        owner: member.owner_id,
        weight: member.weight,
        active: member.active,
    });
    app.store.leads.change_pool(caller.workspace, pool, members.collect()).await?;
    one_pool(&app, caller.workspace, id).await.map(axum::Json)
}

/// Delete a pool
#[utoipa::path(delete, path = "/pools/{id}", tag = "team", operation_id = "deletePool",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove_pool(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.store.leads.remove_pool(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the lists of leads
#[utoipa::path(get, path = "/lists", tag = "team", operation_id = "listLists",
    responses((status = 200, body = LeadListList)))]
async fn list_lists(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<LeadListList>> {
    let lists = app.store.leads.lists(caller.workspace).await?;
    let items =
        lists.into_iter().map(|row| LeadList { id: row.list.id, name: row.list.name, count: row.count });
    Ok(axum::Json(LeadListList { items: items.collect() }))
}

/// List stages
#[utoipa::path(get, path = "/stages", tag = "team", operation_id = "listStages",
    responses((status = 200, body = StageList)))]
async fn list_stages(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<StageList>> {
    let stages = app.store.leads.stages(caller.workspace).await?;
    let items =
        stages.into_iter().map(|stage| Stage { id: stage.name.clone(), name: stage.name, rank: stage.rank });
    Ok(axum::Json(StageList { items: items.collect() }))
}
