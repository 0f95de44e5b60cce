//! `/leads/{id}` and `/leads/bulk`: what people change about leads, one or a selection of them.

use super::accounts::by;
use super::body::{Json, Path};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_leads::Operation;
use trunkline_leads::operation::{AddToList, Edit, RemoveFromList, SetStage};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most leads of one bulk change.
const MOST: usize = 1_000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(edit)).routes(routes!(bulk))
}

/// A change of a lead. What is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditLead {
    /// Values by the names of fields, core and own ones; `null` empties one.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub fields: Map<String, Value>,
    /// Name, e-mail address or id of the new owner; empty text for nobody.
    #[serde(default)]
    pub owner: Option<String>,
    /// The stage it moves to, forward or back.
    #[serde(default)]
    pub stage: Option<String>,
    /// Why, for the timeline.
    #[serde(default)]
    pub why: Option<String>,
}

/// What became of a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditedLead {
    /// What was changed, as people call it.
    pub changed: Vec<String>,
}

/// A change of many leads. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// Which leads, at most 1,000.
    pub leads: Vec<Uuid>,
    /// Name, e-mail address or id of the new owner; empty text for nobody.
    #[serde(default)]
    pub owner: Option<String>,
    /// The stage they move to, forward or back.
    #[serde(default)]
    pub stage: Option<String>,
    /// Name or id of a list to put them on; a new name makes a new list.
    #[serde(default)]
    pub add_to_list: Option<String>,
    /// Name or id of a list to take them off.
    #[serde(default)]
    pub remove_from_list: Option<String>,
    /// Why, for the timelines.
    #[serde(default)]
    pub why: Option<String>,
}

/// What became of a change of many leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkChanged {
    /// Leads that changed.
    pub changed: u64,
    /// Leads that stood so already.
    pub same: u64,
    /// Leads that could not be changed.
    pub failed: Vec<BulkFailure>,
}

/// A lead that could not be changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkFailure {
    /// Which.
    pub lead_id: Uuid,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// Change a lead
#[utoipa::path(patch, path = "/leads/{id}", tag = "leads", operation_id = "editLead", params(("id" = Uuid, Path)),
    request_body = EditLead, responses((status = 200, body = EditedLead)))]
async fn edit(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<EditLead>,
) -> Result<axum::Json<EditedLead>> {
    if app.store.leads.get(caller.workspace, id).await?.is_none() {
        return Err(problem::NOT_FOUND.because("there is no such lead"));
    }
    let mut operations = Vec::new();
    if !wanted.fields.is_empty() || wanted.owner.is_some() {
        let (fields, owner, why) = (wanted.fields, wanted.owner, wanted.why.clone());
        operations.push(Operation::Edit(Edit { lead_id: id, fields, owner, why }));
    }
    if let Some(stage) = wanted.stage {
        operations.push(Operation::SetStage(SetStage {
            lead_id: id,
            stage,
            allow_backwards: true,
            reason: wanted.why.unwrap_or_default(),
        }));
    }
    let outcomes = app.runner.perform_by_hand(caller.workspace, operations, by(&caller)).await?;
    let mut changed = Vec::new();
    for outcome in outcomes {
        let done = outcome.map_err(|failure| Error::from_failure(&failure))?;
        changed.extend(done.written.into_iter().map(|change| change.label));
    }
    Ok(axum::Json(EditedLead { changed }))
}

/// Change many leads
#[utoipa::path(post, path = "/leads/bulk", tag = "leads", operation_id = "changeLeads", request_body = BulkChange,
    responses((status = 200, body = BulkChanged)))]
async fn bulk(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<BulkChange>,
) -> Result<axum::Json<BulkChanged>> {
    if wanted.leads.is_empty() || wanted.leads.len() > MOST {
        return Err(problem::INVALID.because(format!("`leads` must name 1 to {MOST} leads")));
    }
    let operations: Vec<Operation> = wanted.leads.iter().flat_map(|id| changes(*id, &wanted)).collect();
    let each = operations.len() / wanted.leads.len();
    if each == 0 {
        return Err(problem::INVALID.because("nothing is to be changed"));
    }
    let outcomes = app.runner.perform_by_hand(caller.workspace, operations, by(&caller)).await?;
    let mut result = BulkChanged { changed: 0, same: 0, failed: Vec::new() };
    for (lead_id, outcomes) in wanted.leads.iter().zip(outcomes.chunks(each)) {
        if let Some(failure) = outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
            let (code, message) = (failure.code.to_string(), failure.message.clone());
            result.failed.push(BulkFailure { lead_id: *lead_id, code, message });
        } else if outcomes.iter().flatten().any(|done| !done.written.is_empty()) {
            result.changed += 1;
        } else {
            result.same += 1;
        }
    }
    Ok(axum::Json(result))
}

fn changes(lead_id: Uuid, wanted: &BulkChange) -> Vec<Operation> {
    let mut operations = Vec::with_capacity(2);
    if let Some(owner) = &wanted.owner {
        let (owner, why) = (Some(owner.clone()), wanted.why.clone());
        operations.push(Operation::Edit(Edit { lead_id, fields: Map::new(), owner, why }));
    }
    if let Some(stage) = &wanted.stage {
        let (stage, reason) = (stage.clone(), wanted.why.clone().unwrap_or_default());
        let set = SetStage { lead_id, stage, allow_backwards: true, reason };
        operations.push(Operation::SetStage(set));
    }
    if let Some(list) = &wanted.add_to_list {
        operations.push(Operation::AddToList(AddToList { lead_id, list: list.clone() }));
    }
    if let Some(list) = &wanted.remove_from_list {
        operations.push(Operation::RemoveFromList(RemoveFromList { lead_id, list: list.clone() }));
    }
    operations
}
