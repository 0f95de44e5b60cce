//! `/segments/run`: a workflow for everybody in a segment.
//!
//! It is one run of a document written here, which streams the leads of the segment in slices and starts the workflow once
//! for each; it is watched, paused and ended as any other run.

use super::body::Json;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::payload;
use crate::runner::{Await, NewRun};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_engine::document::Document;
use trunkline_leads::definition::SEGMENT;
use trunkline_store::ports::LeadQuery;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the workflow is called in which these runs are kept.
const NAME: &str = "Runs for segments";
/// Leads per slice.
const SLICE: u32 = 500;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(start))
}

/// A workflow for everybody in a segment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunForSegment {
    /// Name of the segment.
    pub segment: String,
    /// The workflow; published, with the trigger "Started by hand". It gets the lead as its data.
    pub workflow: Uuid,
}

/// The run that starts the workflow for each lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentRun {
    /// Its id.
    pub run_id: Uuid,
    /// Leads that are in the segment now, as far as they were counted.
    pub leads: u64,
}

/// Run a workflow for everybody in a segment
///
/// Every lead that is in the segment when it is its turn starts one run, however often the server stops in between.
#[utoipa::path(post, path = "/segments/run", tag = "rules", operation_id = "runForSegment",
    request_body = RunForSegment, responses((status = 202, body = SegmentRun)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<RunForSegment>,
) -> Result<(StatusCode, axum::Json<SegmentRun>)> {
    let segments = app.store.definitions.published(caller.workspace, SEGMENT.to_owned()).await?;
    if !segments.iter().any(|segment| segment.name == wanted.segment) {
        return Err(problem::NOT_FOUND.because("no segment of this name is in force"));
    }
    let all = app.store.workflows.list(caller.workspace, None, Utc::now()).await?;
    let is_ready = all.iter().any(|row| row.id == wanted.workflow && row.published.is_some());
    if !is_ready {
        return Err(problem::NOT_FOUND.because("there is no such workflow that is published"));
    }
    let query = LeadQuery { segment: Some(wanted.segment.clone()), limit: 1, ..LeadQuery::default() };
    let leads = app.store.leads.list(caller.workspace, query).await?.total;
    let document = document(&wanted.segment, wanted.workflow);
    let home = match all.iter().find(|row| row.name == NAME) {
        Some(known) => known.id,
        None => app.store.workflows.create(caller.workspace, Uuid::now_v7(), document.clone()).await?.id,
    };
    let version = app.store.workflows.snapshot(caller.workspace, home, document).await?;
    let version = super::again::version(&app, version).await?;
    let at = Utc::now().trunc_subsecs(6);
    let new = NewRun {
        trigger: "start".into(),
        kind: "manual",
        output: payload::body_output(json!({ "segment": wanted.segment, "by": caller.name }), at),
        key: None,
        parent: None,
        at,
    };
    let run = app.runner.start(&version, new, Await::Nothing).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(SegmentRun { run_id: run.id, leads })))
}

/// The document of such a run.
fn document(segment: &str, workflow: Uuid) -> Document {
    serde_json::from_value(json!({
        "format": 1,
        "name": NAME,
        "description": "Workflows that people run for everybody in a segment are started here, slice by slice.",
        "settings": { "priority": "low" },
        "steps": {
            "start": { "kind": "manual", "title": "Someone started it", "config": {} },
            "each": {
                "kind": "loop", "title": "Leads in the segment",
                "config": { "from": "leads", "segment": segment, "slice": SLICE, "on_item_error": "collect" },
                "body": {
                    "steps": {
                        "call": {
                            "kind": "call_workflow", "title": "Start the workflow",
                            "config": { "workflow": workflow, "input": "{{ item }}", "wait": false }
                        }
                    },
                    "edges": []
                }
            }
        },
        "edges": [{ "from": "start", "to": "each" }]
    }))
    .expect("a document of this build")
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_engine::compile::{self, Severity};

    #[test]
    fn the_document_has_no_problem() {
        let problems = compile::check(&document("Warm", Uuid::nil()), &crate::serve::registry());
        assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:#?}");
    }
}
