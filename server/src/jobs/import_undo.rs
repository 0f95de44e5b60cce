//! Turning back what an import did, stretch by stretch. Each stretch is a run with a key of its own, so that none is
//! turned back twice, whatever interrupts the job.

use super::{Found, Halt, Work};
use crate::imports::document;
use crate::intake::payload;
use crate::runner::{Answer, Await, NewRun};
use chrono::{SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::run::Verdict;
use trunkline_leads::importing::{Fate, UndoImport};
use trunkline_store::ports::{ImportChange, ImportStatus};
use uuid::Uuid;

/// What undoing an import does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportUndoPlan {
    /// Which import.
    pub import: Uuid,
    /// The workflow in which it ran.
    pub workflow: Uuid,
    /// Who asked.
    pub by: String,
}

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// First row of the stretch that was turned back last.
    after: Option<u64>,
    /// Results told so far.
    told: u64,
}

pub(super) async fn work(work: &mut Work, plan: ImportUndoPlan) -> Result<(), Halt> {
    let undone = undo(work, &plan).await;
    if work.app.stopping.is_cancelled() {
        return undone;
    }
    // What was turned back stays so; the rest can be turned back by asking again.
    let status = if undone.is_ok() { ImportStatus::Undone } else { ImportStatus::Done };
    let change = ImportChange { status: Some(status), ..ImportChange::default() };
    let from = vec![ImportStatus::Undoing];
    work.app.store.imports.change(work.job.workspace, plan.import, from, change).await?;
    undone
}

async fn undo(work: &mut Work, plan: &ImportUndoPlan) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let mut state: State = serde_json::from_value(work.job.progress.state.clone()).unwrap_or_default();
    let gone = || Halt::Failed("API-0007: the import is gone".into());
    let import = app.store.imports.get(workspace, plan.import).await?.ok_or_else(gone)?;
    let version = app.store.workflows.snapshot(workspace, plan.workflow, document::undoing()).await?;
    let version = app.runner.versions().get(version).await?;
    work.go_on_after(state.told);
    loop {
        work.may_go_on().await?;
        let stretches = app.store.imports.stretches(plan.import, state.after, 1).await?;
        let Some(stretch) = stretches.into_iter().next() else { return Ok(()) };
        let rows =
            stretch.rows.into_iter().filter(|row| row.fate == Fate::Created || !row.changes.is_empty());
        let asked = UndoImport { import: plan.import, name: import.name.clone(), rows: rows.collect() };
        state.after = Some(stretch.first);
        if asked.rows.is_empty() {
            continue;
        }
        let at = Utc::now().trunc_subsecs(6);
        let body = json!({ "undo_of": plan.import, "by": plan.by, "rows": asked });
        let new = NewRun {
            trigger: "start".into(),
            kind: "undo",
            output: payload::body_output(body, at),
            key: Some(format!("undo:{}:{}", plan.import, stretch.first)),
            parent: None,
            at,
        };
        let started = app.runner.start(&version, new, Await::End).await?;
        let answer = match (started.answer, started.later) {
            (Some(answer), _) => Some(answer),
            (None, Some(later)) => later.await.ok(),
            (None, None) => None,
        };
        let output = match answer {
            Some(Answer::Ended(Verdict::Completed { output })) => output,
            Some(Answer::Ended(Verdict::Failed { failure, .. })) => return Err(failure.into()),
            // It was turned back before the server stopped.
            _ => Value::Null,
        };
        for item in output.get("items").and_then(Value::as_array).into_iter().flatten() {
            let is_done = item["done"] == true;
            let group = match (is_done, item["fate"] == "created") {
                (true, true) => "removed",
                (true, false) => "restored",
                (false, _) => "kept",
            };
            state.told += 1;
            // What went well is only counted; what stays is told with its reason.
            let detail = if is_done { json!({ "row": item["row"] }) } else { item.clone() };
            let now = serde_json::to_value(&state).unwrap_or_default();
            work.add(Found { run: Some(started.id), subject: None, group: group.into(), detail }, now)
                .await?;
        }
    }
}
