//! `/step-kinds`: what the palette offers, as data.

use super::documents::step_kinds_schema;
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use trunkline_engine::kind::Descriptor;
use trunkline_leads::steps::is_internal;
use trunkline_plugins::description::PREFIX;
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list))
}

/// Every step kind of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepKindList {
    /// In palette order.
    #[schema(schema_with = step_kinds_schema)]
    pub items: Vec<Descriptor>,
}

/// List step kinds
#[utoipa::path(get, path = "/step-kinds", tag = "step kinds", operation_id = "listStepKinds",
    responses((status = 200, body = StepKindList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Json<StepKindList> {
    let registry = app.apps.registry(caller.workspace);
    let ours = app.plugins.kinds(caller.workspace);
    let is_offered = |kind: &str| {
        !is_internal(kind)
            && app.apps.is_offered(caller.workspace, kind)
            && (!kind.starts_with(PREFIX) || ours.contains(kind))
    };
    let offered = registry.iter().filter(|kind| is_offered(kind.name()));
    Json(StepKindList { items: offered.map(|kind| Descriptor::clone(&kind.descriptor)).collect() })
}
