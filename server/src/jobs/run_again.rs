//! Running many runs again. Each new run carries the job and the old run in its key, so that none starts twice,
//! whatever interrupts the job.

use super::again::{Again, AgainError, WhichVersion, begin_again};
use super::runs::{MOST, Span};
use super::{Found, Halt, Work, told};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_store::Error;
use trunkline_store::ports::RunRow;

/// What running many runs again does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunAgainPlan {
    /// Which runs.
    pub span: Span,
    /// On which version.
    pub version: WhichVersion,
    /// The step to begin with; the start when absent.
    #[serde(default)]
    pub from: Option<String>,
}

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The run that was taken last.
    before: Option<uuid::Uuid>,
    done: u64,
}

pub(super) async fn work(work: &mut Work, plan: RunAgainPlan) -> Result<(), Halt> {
    let (app, workspace, job) = (Arc::clone(&work.app), work.job.workspace, work.job.id);
    let mut state: State = serde_json::from_value(work.job.progress.state.clone()).unwrap_or_default();
    work.go_on_after(state.done);
    let mut walk = plan.span.walk(&app.store, workspace, Some(state.before.unwrap_or(job)));
    while state.done < MOST {
        work.may_go_on().await?;
        let Some(row) = walk.next().await? else { break };
        let (group, detail) = loop {
            match start(work, &plan, &row).await {
                Ok(new) => break ("started", json!({ "new_run_id": new })),
                Err(Refused::Busy(pause)) => {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = work.stop.cancelled() => return Err(Halt::Stopped),
                    }
                }
                Err(Refused::Failed(failure)) => break ("refused", json!({ "error": told(&failure) })),
                Err(Refused::Store(error)) => return Err(error.into()),
            }
        };
        state.before = Some(row.id);
        state.done += 1;
        let now = serde_json::to_value(&state).unwrap_or(Value::Null);
        work.add(Found { run: Some(row.id), subject: row.subject, group: group.into(), detail }, now).await?;
    }
    work.expect(state.done);
    Ok(())
}

enum Refused {
    /// The store is full of work.
    Busy(Duration),
    Failed(Failure),
    Store(Error),
}

async fn start(work: &Work, plan: &RunAgainPlan, row: &RunRow) -> Result<uuid::Uuid, Refused> {
    let history = work.app.store.runs.history(work.job.workspace, row.id).await;
    let history =
        history.map_err(|error| error.of_one_run().map_or(Refused::Store(error), Refused::Failed))?;
    let Some(history) = history else {
        return Err(Refused::Failed(Failure::bad_input(
            "RUN-0036",
            "the run was deleted meanwhile",
            "Nothing is left to do.",
        )));
    };
    let again = Again {
        version: plan.version.clone(),
        from: plan.from.clone(),
        key: Some(format!("again:{}:{}", work.job.id, row.id)),
    };
    match begin_again(&work.app, history, again).await {
        Ok(started) => Ok(started),
        Err(AgainError::Failed(failure)) => Err(Refused::Failed(failure)),
        Err(AgainError::Store(Error::Overloaded { retry_after })) => Err(Refused::Busy(retry_after)),
        Err(AgainError::Store(error)) => Err(Refused::Store(error)),
    }
}
