//! `/owners`, `/lists`, `/stages`: who takes leads, and where leads stand.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_leads::hours::Work;
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of these resources.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list_owners, add_owner))
        .routes(routes!(change_owner))
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
    /// When they are at work and how many leads they can take care of: `zone` (an IANA name), `week` (`mon` to `sun`, each
    /// a list of `opens` and `closes` as `09:00`), `calendar` (the name of a calendar of holidays), `days_off` (`from`,
    /// `to`, `why`), `capacity`, `team`. Missing for somebody who is always at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub work: Option<Work>,
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
    /// When they are at work, as in the answer; without it they always are.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub work: Option<Work>,
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

pub(super) fn named(field: &str, text: &str) -> Result<String> {
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
    let items = owners.into_iter().map(Owner::from);
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
    let owner = checked(Uuid::now_v7(), wanted)?;
    app.store.leads.add_owner(caller.workspace, owner.clone()).await?;
    Ok((StatusCode::CREATED, axum::Json(owner.into())))
}

/// Change an owner
#[utoipa::path(put, path = "/owners/{id}", tag = "team", operation_id = "changeOwner",
    params(("id" = Uuid, Path)), request_body = CreateOwner, responses((status = 200, body = Owner)))]
async fn change_owner(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<CreateOwner>,
) -> Result<axum::Json<Owner>> {
    let owner = checked(id, wanted)?;
    app.store.desk.change_owner(caller.workspace, owner.clone()).await?;
    Ok(axum::Json(owner.into()))
}

impl From<trunkline_leads::Owner> for Owner {
    fn from(owner: trunkline_leads::Owner) -> Self {
        Self { id: owner.id, name: owner.name, email: owner.email, work: owner.work }
    }
}

fn checked(id: Uuid, wanted: CreateOwner) -> Result<trunkline_leads::Owner> {
    let name = named("name", &wanted.name)?;
    let email = named("email", &wanted.email)?;
    if !email.contains('@') {
        return Err(problem::INVALID.because("`email` is not an e-mail address"));
    }
    if let Some((at, what)) = wanted.work.as_ref().and_then(|work| work.problems().into_iter().next()) {
        return Err(problem::INVALID.because(format!("`work{at}`: {what}")));
    }
    Ok(trunkline_leads::Owner { id, name, email, work: wanted.work })
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
