//! `/leads/views`: filters, columns and orders of the leads page that are kept under a name for everybody.

use super::body::{Json, Path};
use super::lead_list::unusable;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::team::named;
use crate::app::Shared;
use crate::auth::Caller;
use crate::leads::{LeadColumn, LeadFilter, LeadSort};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_leads::definition::VIEW;
use trunkline_store::ports::{Drafted, NewDefinition, SaveDefinition};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most views of a workspace.
const MOST: usize = 200;
/// Most columns of a view.
const MOST_COLUMNS: usize = 40;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(change, remove))
}

/// What a view shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeadViewDocument {
    /// Which leads.
    pub filter: LeadFilter,
    /// Names of the columns in their order; empty for the usual ones.
    pub columns: Vec<String>,
    /// In which order.
    pub sort: LeadSort,
}

/// A view.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedLeadView {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What it shows.
    pub view: LeadViewDocument,
    /// Counts changes; send it back as `base_revision`.
    pub revision: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// All views.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadViewList {
    /// By name.
    pub items: Vec<SavedLeadView>,
}

/// A view to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveLeadView {
    /// Name.
    pub name: String,
    /// What it shows.
    pub view: LeadViewDocument,
    /// The revision it was made on; left out for a new one.
    #[serde(default)]
    pub base_revision: Option<i64>,
}

/// List views of the leads page
#[utoipa::path(get, path = "/leads/views", tag = "leads", operation_id = "listLeadViews",
    responses((status = 200, body = LeadViewList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<LeadViewList>> {
    let all = app.store.definitions.list(caller.workspace, VIEW.into()).await?;
    Ok(axum::Json(LeadViewList { items: all.into_iter().filter_map(shown).collect() }))
}

/// Keep a view of the leads page
#[utoipa::path(post, path = "/leads/views", tag = "leads", operation_id = "createLeadView",
    request_body = SaveLeadView, responses((status = 201, body = SavedLeadView)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<SaveLeadView>,
) -> Result<(StatusCode, axum::Json<SavedLeadView>)> {
    let (name, draft) = (named("name", &wanted.name)?, checked(&wanted.view)?);
    if app.store.definitions.list(caller.workspace, VIEW.into()).await?.len() >= MOST {
        return Err(problem::LEAD_VIEW.because(format!("there are {MOST} views already, which is the most")));
    }
    let id = Uuid::now_v7();
    let new = NewDefinition { id, kind: VIEW.into(), name, draft, at: Utc::now() };
    app.store.definitions.create(caller.workspace, new).await?;
    Ok((StatusCode::CREATED, one(&app, &caller, id).await?))
}

/// Change a view of the leads page
#[utoipa::path(put, path = "/leads/views/{id}", tag = "leads", operation_id = "changeLeadView",
    params(("id" = Uuid, Path)), request_body = SaveLeadView, responses((status = 200, body = SavedLeadView)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<SaveLeadView>,
) -> Result<axum::Json<SavedLeadView>> {
    let before = found(&app, &caller, id).await?;
    let (name, draft) = (named("name", &wanted.name)?, checked(&wanted.view)?);
    let base_revision = wanted.base_revision.unwrap_or(before.revision);
    let save = SaveDefinition { name, draft, base_revision, at: Utc::now() };
    app.store.definitions.save(caller.workspace, id, save).await?;
    one(&app, &caller, id).await
}

/// Delete a view of the leads page
#[utoipa::path(delete, path = "/leads/views/{id}", tag = "leads", operation_id = "deleteLeadView",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    found(&app, &caller, id).await?;
    app.store.definitions.remove(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn found(app: &Shared, caller: &Caller, id: Uuid) -> Result<Drafted> {
    let found = app.store.definitions.get(caller.workspace, id).await?;
    found
        .filter(|view| view.kind == VIEW)
        .ok_or_else(|| problem::NOT_FOUND.because("there is no such view; it may have been deleted"))
}

async fn one(app: &Shared, caller: &Caller, id: Uuid) -> Result<axum::Json<SavedLeadView>> {
    let view = shown(found(app, caller, id).await?);
    view.map(axum::Json).ok_or_else(|| problem::INTERNAL.plain())
}

fn shown(view: Drafted) -> Option<SavedLeadView> {
    let document = LeadViewDocument::deserialize(&view.draft).ok()?;
    let Drafted { id, name, revision, updated_at, .. } = view;
    Some(SavedLeadView { id, name, view: document, revision, updated_at })
}

/// The document of a view that can be opened again.
fn checked(view: &LeadViewDocument) -> Result<Value> {
    view.filter.query(Utc::now()).map_err(unusable)?;
    if view.columns.len() > MOST_COLUMNS {
        return Err(problem::LEAD_VIEW.because(format!("a view has at most {MOST_COLUMNS} columns")));
    }
    LeadColumn::list(&view.columns.join(","))
        .map_err(|error| problem::LEAD_VIEW.because(error.to_string()))?;
    Ok(json!(view))
}
