//! `/runs/{id}/undo`: turning back what a run changed about leads, tables and counters.
//!
//! An undo is a run of its own, with a document that the server writes: what it changes is journaled, stands on the
//! leads' timelines and commits in one transaction.

use super::again;
use super::body::Path;
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::payload;
use crate::rehearse::trial::recall;
use crate::rehearse::undo::{Deeds, UndoItem, UndoState};
use crate::rehearse::undo_tables;
use crate::runner::{Answer, Await, NewRun};
use axum::extract::State;
use chrono::{SubsecRound, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use trunkline_engine::document::Document;
use trunkline_engine::run::Verdict;
use trunkline_store::ports::{Named, RunRow};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most leads that one undo works on.
const MOST_LEADS: usize = 2_000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(preview)).routes(routes!(apply))
}

/// What undoing a run would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoPreview {
    /// Everything that the run did.
    pub items: Vec<UndoItem>,
    /// How many of them can be turned back.
    pub can: usize,
}

/// What undoing a run did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Undone {
    /// How many changes were turned back.
    pub undone: u64,
    /// How many were left, because they had changed since or cannot be turned back.
    pub skipped: u64,
    /// The run that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// Everything that the run did, as it stands now.
    pub items: Vec<UndoItem>,
}

async fn look(app: &Shared, caller: &Caller, id: Uuid) -> Result<(RunRow, Vec<UndoItem>)> {
    let history = again::history(app, caller, id).await?;
    if !history.row.state.status.is_final() {
        return Err(problem::RUN_NOT_OVER.because("the run has not ended"));
    }
    let version = again::version(app, history.row.version).await?;
    let (row, document) = (history.row.clone(), history.document.clone());
    let case =
        recall(&app.runner, history, &version).await.map_err(|failure| Error::from_failure(&failure))?;
    let deeds = Deeds::of(&case.answers, &document);
    let ids = deeds.leads();
    if ids.len() > MOST_LEADS {
        return Err(problem::TOO_MUCH_TO_UNDO.because(format!("the run changed {} leads", ids.len())));
    }
    let mut leads = HashMap::with_capacity(ids.len());
    for lead in ids {
        if let Some(view) = app.store.leads.get(caller.workspace, lead).await? {
            leads.insert(lead, view);
        }
    }
    let owners = app.store.leads.owners(caller.workspace).await?;
    let owners: Vec<Named> =
        owners.into_iter().map(|owner| Named { id: owner.id, name: owner.name }).collect();
    let mut items = deeds.items(&leads, &owners);
    let on_tables = undo_tables::items(&app.store, caller.workspace, &deeds).await;
    items.extend(on_tables.map_err(|failure| Error::from_failure(&failure))?);
    Ok((row, items))
}

/// What undoing a run would do
#[utoipa::path(get, path = "/runs/{id}/undo", tag = "runs", operation_id = "previewUndo",
    params(("id" = Uuid, Path)), responses((status = 200, body = UndoPreview)))]
async fn preview(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<UndoPreview>> {
    let (_, items) = look(&app, &caller, id).await?;
    let can = items.iter().filter(|item| item.state == UndoState::Can).count();
    Ok(axum::Json(UndoPreview { items, can }))
}

/// Undo a run
///
/// What has changed since stays. Asking twice turns nothing back twice.
#[utoipa::path(post, path = "/runs/{id}/undo", tag = "runs", operation_id = "undoRun",
    params(("id" = Uuid, Path)), responses((status = 200, body = Undone)))]
async fn apply(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Undone>> {
    let (row, items) = look(&app, &caller, id).await?;
    let parts: Vec<_> = items.iter().filter_map(|item| item.part.as_ref()).collect();
    let rows: Vec<_> = items.iter().filter_map(|item| item.table_part.as_ref()).collect();
    let cannot = (items.len() - parts.len() - rows.len()) as u64;
    if parts.is_empty() && rows.is_empty() {
        return Ok(axum::Json(Undone { undone: 0, skipped: cannot, run_id: None, items }));
    }
    let parts = serde_json::to_value(&parts).unwrap_or_default();
    let rows = serde_json::to_value(&rows).unwrap_or_default();
    let body = json!({
        "undo_of": id, "name": row.subject, "by": caller.name, "parts": parts, "table_parts": rows,
    });
    let (run, output) = put_back(&app, &caller, row.workflow, body).await?;
    let count = |name: &str| output.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (_, items) = look(&app, &caller, id).await?;
    Ok(axum::Json(Undone {
        undone: count("undone"),
        skipped: count("skipped") + cannot,
        run_id: Some(run),
        items,
    }))
}

/// Runs the document that puts back what `body` lists; gives the run and what it put out.
async fn put_back(app: &Shared, caller: &Caller, workflow: Uuid, body: Value) -> Result<(Uuid, Value)> {
    let version = app.store.workflows.snapshot(caller.workspace, workflow, document()).await?;
    let version = again::version(app, version).await?;
    let at = Utc::now().trunc_subsecs(6);
    let new = NewRun {
        trigger: "start".into(),
        kind: "undo",
        output: payload::body_output(body, at),
        key: None,
        parent: None,
        at,
    };
    let started = app.runner.start(&version, new, Await::End).await?;
    let answer = match (started.answer, started.later) {
        (Some(answer), _) => Some(answer),
        (None, Some(later)) => later.await.ok(),
        (None, None) => None,
    };
    match answer {
        Some(Answer::Ended(Verdict::Completed { output })) => Ok((started.id, output)),
        Some(Answer::Ended(Verdict::Failed { failure, .. })) => Err(Error::from_failure(&failure)),
        _ => Err(problem::INTERNAL.because("the undo did not end; its run says how far it came")),
    }
}

fn document() -> Document {
    serde_json::from_value(json!({
        "format": 1,
        "name": "Undo",
        "steps": {
            "start": { "kind": "manual", "title": "Someone undid a run", "config": {} },
            "undo": { "kind": "put_back", "title": "Put back", "config": { "parts": "{{ trigger.body.parts }}" } },
            "tables": {
                "kind": "put_back_tables",
                "title": "Put tables back",
                "config": { "parts": "{{ trigger.body.table_parts }}" }
            },
            "sum": {
                "kind": "set_fields",
                "title": "Add up",
                "config": { "fields": [
                    { "name": "undone", "value": "{{ steps.undo.undone + steps.tables.undone }}" },
                    { "name": "skipped", "value": "{{ steps.undo.skipped + steps.tables.skipped }}" }
                ] }
            }
        },
        "edges": [
            { "from": "start", "to": "undo" },
            { "from": "undo", "to": "tables" },
            { "from": "tables", "to": "sum" }
        ]
    }))
    .expect("a document of this build")
}
