//! `/merges` and `/leads/{id}/merge`: merging leads, the history of merges, and taking one back.

use super::body::{Json, Path, Query};
use super::duplicates::{MergeDone, by};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_engine::run::Performed;
use trunkline_leads::MergeRules;
use trunkline_leads::operation::{MergeLeads, Operation, UnmergeLead};
use trunkline_store::ports::{MergeQuery, MergeRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(undo)).routes(routes!(merge))
}

/// Which merges to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergeListQuery {
    /// Only those into this lead.
    lead: Option<Uuid>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// A merge that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merge {
    /// Id.
    pub id: Uuid,
    /// The lead that stayed.
    pub lead_id: Uuid,
    /// What people call it; `null` when it is not there any more.
    pub lead_name: Option<String>,
    /// The lead that went into it.
    pub merged_id: Uuid,
    /// What people called that one.
    pub merged_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; `null` when a run did.
    pub by: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

/// A page of merges.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merges {
    /// The latest first.
    pub items: Vec<Merge>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
}

/// Which leads go into another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInto {
    /// The lead that goes into the one of the address.
    merged_id: Uuid,
    /// Which values win: `default` (`keep`, `newest`, `complete`, `trusted`), `fields`, `trusted_sources`, `choices`.
    #[serde(default)]
    #[schema(value_type = Object)]
    rules: MergeRules,
    /// Why they are one.
    #[serde(default)]
    why: Option<String>,
}

/// What taking a merge back came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnmergeDone {
    /// The lead that had stayed.
    pub lead_id: Uuid,
    /// The lead that is one of its own again.
    pub restored_id: Uuid,
    /// Fields and keys that changed since and stay as they are.
    pub kept: Vec<String>,
}

/// Performs one operation for a person.
pub(super) async fn perform(app: &Shared, caller: &Caller, operation: Operation) -> Result<Performed> {
    let done = app.runner.perform_by_hand(caller.workspace, vec![operation], by(caller)).await?;
    let done = done.into_iter().next().ok_or_else(|| problem::INTERNAL.plain())?;
    done.map_err(|failure| problem::Error::from_failure(&failure))
}

fn shown(row: MergeRow) -> Merge {
    let MergeRow { merge, survivor, undone_at } = row;
    Merge {
        id: merge.id,
        lead_id: merge.survivor,
        lead_name: survivor.map(|lead| lead.name()),
        merged_id: merge.merged.id,
        merged_name: merge.merged.name(),
        at: merge.at,
        by: merge.by.map(|by| by.name),
        why: merge.why,
        undone_at,
    }
}

/// List merges
#[utoipa::path(get, path = "/merges", tag = "leads", operation_id = "listMerges", params(MergeListQuery),
    responses((status = 200, body = Merges)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<MergeListQuery>,
) -> Result<axum::Json<Merges>> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let query = MergeQuery { survivor: query.lead, before: query.cursor, limit };
    let items: Vec<Merge> =
        app.store.duplicates.merges(caller.workspace, query).await?.into_iter().map(shown).collect();
    let is_full = u32::try_from(items.len()) == Ok(limit);
    let next = items.last().filter(|_| is_full).map(|merge| merge.id);
    Ok(axum::Json(Merges { items, next }))
}

/// Merge a lead into another
#[utoipa::path(post, path = "/leads/{id}/merge", tag = "leads", operation_id = "mergeLeads",
    params(("id" = Uuid, Path)), request_body = MergeInto, responses((status = 200, body = MergeDone)))]
async fn merge(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<MergeInto>,
) -> Result<axum::Json<MergeDone>> {
    let MergeInto { merged_id, rules, why } = wanted;
    let operation = Operation::Merge(MergeLeads { lead_id: id, merged: vec![merged_id], rules, why });
    let done = perform(&app, &caller, operation).await?;
    let merge_id = id_at(&done.output, "/merged/0/merge_id");
    let merge_id = merge_id.ok_or_else(|| problem::CONFLICT.because("the two are one lead already"))?;
    let lead_id = id_at(&done.output, "/lead/id").unwrap_or(id);
    Ok(axum::Json(MergeDone { lead_id, merge_id }))
}

/// Take a merge back
///
/// The merged lead is there again with its keys and lists. What changed on the other lead since stays and is named.
#[utoipa::path(post, path = "/merges/{id}/undo", tag = "leads", operation_id = "undoMerge",
    params(("id" = Uuid, Path)), responses((status = 200, body = UnmergeDone)))]
async fn undo(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<UnmergeDone>> {
    let done = perform(&app, &caller, Operation::Unmerge(UnmergeLead { merge_id: id })).await?;
    let kept = done.output["kept"].as_array().into_iter().flatten();
    Ok(axum::Json(UnmergeDone {
        lead_id: id_at(&done.output, "/lead_id").unwrap_or_default(),
        restored_id: id_at(&done.output, "/restored/id").unwrap_or_default(),
        kept: kept.filter_map(|field| field.as_str().map(str::to_owned)).collect(),
    }))
}

fn id_at(output: &Value, place: &str) -> Option<Uuid> {
    output.pointer(place)?.as_str()?.parse().ok()
}
