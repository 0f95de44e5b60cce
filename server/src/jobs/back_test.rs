//! The back-test: a version is tried on what every past run of a span was told.

use super::runs::Span;
use super::{Found, Halt, Work, told};
use crate::rehearse::trial::{Case, Trial, recall};
use crate::rehearse::{NOT_KNOWN, NotKnown};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_store::VersionId;
use trunkline_store::ports::{RunRow, RunStatus};

/// What a back-test does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackTestPlan {
    /// The version to be tried.
    pub version: i64,
    /// On which runs.
    pub span: Span,
    /// On how many of them, the newest first.
    pub most: u64,
}

pub(super) async fn work(work: &mut Work, plan: BackTestPlan) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let version = app.runner.versions().get(VersionId(plan.version)).await?;
    let trial = Trial::of(&app, workspace, version, work.stop.clone()).await?;
    // The newest runs are chosen, and tried from the oldest to the newest: so did their pools deal turns.
    let mut chosen = Vec::new();
    let mut walk = plan.span.walk(&app.store, workspace, Some(work.job.id));
    while (chosen.len() as u64) < plan.most {
        work.may_go_on().await?;
        match walk.next().await? {
            Some(row) if is_over(row.state.status) => chosen.push((row.id, row.subject)),
            Some(_) => {}
            None => break,
        }
    }
    work.expect(chosen.len() as u64);
    for (run, subject) in chosen.into_iter().rev() {
        work.may_go_on().await?;
        let compared = match app.store.runs.history(workspace, run).await {
            Ok(Some(history)) => compare(work, &trial, history).await,
            Ok(None) => continue,
            Err(error) => Err(error.of_one_run().ok_or(error)?),
        };
        let (group, detail) = compared.unwrap_or_else(|failure| unfit(&failure));
        if work.stop.is_cancelled() {
            return Err(Halt::Stopped);
        }
        work.add(Found { run: Some(run), subject, group: group.into(), detail }, Value::Null).await?;
    }
    Ok(())
}

fn is_over(status: RunStatus) -> bool {
    matches!(status, RunStatus::Completed | RunStatus::Failed)
}

async fn compare(
    work: &Work,
    trial: &Trial,
    history: trunkline_store::ports::History,
) -> Result<(&'static str, Value), Failure> {
    let case = case(work, history).await?;
    let (group, detail) = trial.back_test(case).await?;
    Ok((group, serde_json::to_value(detail).unwrap_or_default()))
}

async fn case(work: &Work, history: trunkline_store::ports::History) -> Result<Case, Failure> {
    let RunRow { version, .. } = history.row;
    let version = work.app.runner.versions().get(version).await.map_err(|error| {
        Failure::bad_input(
            "RUN-0036",
            error.to_string(),
            "Try other runs; this one cannot be replayed any more.",
        )
    })?;
    recall(&work.app.runner, history, &version).await
}

/// A run that cannot be tried at all.
fn unfit(failure: &Failure) -> (&'static str, Value) {
    let is_known = !matches!(&*failure.code, "RUN-0035" | "RUN-0036" | NOT_KNOWN);
    let what = failure.message.clone();
    let not_known = NotKnown { step: String::new(), step_title: String::new(), what };
    let detail = json!({
        "old": null, "new": null, "differences": [], "writes": [], "not_known": if is_known { json!([]) } else { json!([not_known]) },
        "error": told(failure),
    });
    (if is_known { "new_error" } else { "not_known" }, detail)
}
