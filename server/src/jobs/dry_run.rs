//! The dry run: a version is tried on one event, on a list of them, or on the rows of a file.

use super::again::prepare;
use super::runs::{MOST, Span};
use super::{Found, Halt, Work, told};
use crate::intake::payload;
use crate::rehearse::trial::{Beginning, Trial};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::StreamFrom;
use trunkline_engine::trigger::Trigger;
use trunkline_store::VersionId;
use uuid::Uuid;

/// Rows of a file read at once.
const ROWS: u32 = 200;
/// Most rows of a file that are tried.
const MOST_ROWS: u64 = 10_000;

/// What a dry run does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DryRunPlan {
    /// The version to be tried.
    pub version: i64,
    /// The trigger step.
    pub trigger: String,
    /// The events.
    #[serde(default)]
    pub events: Vec<DryEvent>,
    /// The uploaded file whose rows are events.
    #[serde(default)]
    pub file: Option<Uuid>,
    /// Past runs whose events are tried.
    #[serde(default)]
    pub span: Option<Span>,
    /// The step that past runs begin with; the start when absent.
    #[serde(default)]
    pub from: Option<String>,
}

/// An event to be tried.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DryEvent {
    /// What the trigger gets as `body`.
    Body(Value),
    /// What began an earlier run.
    Again {
        /// Which run.
        run: Uuid,
        /// What began it.
        beginning: Beginning,
    },
}

pub(super) async fn work(work: &mut Work, plan: DryRunPlan) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let version = app.runner.versions().get(VersionId(plan.version)).await?;
    let trigger = version.compiled.triggers().into_iter().find(|(step, _)| *step == plan.trigger);
    let trigger = trigger.map(|(_, trigger)| trigger);
    let trial = Trial::of(&app, workspace, version, work.stop.clone()).await?;
    let ledger = trial.ledger();
    let rehearsal = Rehearsal { trial: &trial, ledger: &ledger, step: &plan.trigger, trigger };
    if let Some(file) = plan.file {
        return rows(work, &rehearsal, file).await;
    }
    if let Some(span) = plan.span {
        return past_runs(work, &rehearsal, &span, plan.from.as_deref()).await;
    }
    work.expect(plan.events.len() as u64);
    for event in plan.events {
        work.may_go_on().await?;
        let found = rehearsal.event(event).await;
        if work.stop.is_cancelled() {
            return Err(Halt::Stopped);
        }
        work.add(found, Value::Null).await?;
    }
    Ok(())
}

/// Tries the version on what began past runs, from the oldest to the newest.
async fn past_runs(
    work: &mut Work,
    rehearsal: &Rehearsal<'_>,
    span: &Span,
    from: Option<&str>,
) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let mut chosen = Vec::new();
    let mut walk = span.walk(&app.store, workspace, Some(work.job.id));
    while (chosen.len() as u64) < MOST {
        work.may_go_on().await?;
        let Some(row) = walk.next().await? else { break };
        chosen.push((row.id, row.subject));
    }
    work.expect(chosen.len() as u64);
    for (run, subject) in chosen.into_iter().rev() {
        work.may_go_on().await?;
        let beginning = match app.store.runs.history(workspace, run).await {
            Ok(Some(history)) => prepare(&app, history, &rehearsal.trial.version, from).await,
            Ok(None) => continue,
            Err(error) => Err(error.of_one_run().ok_or(error)?),
        };
        let found = match beginning {
            Ok(beginning) => rehearsal.event(DryEvent::Again { run, beginning }).await,
            Err(failure) => {
                Found { run: Some(run), subject: None, group: "failed".into(), detail: failed(&failure) }
            }
        };
        if work.stop.is_cancelled() {
            return Err(Halt::Stopped);
        }
        work.add(Found { subject, ..found }, Value::Null).await?;
    }
    Ok(())
}

async fn rows(work: &mut Work, rehearsal: &Rehearsal<'_>, file: Uuid) -> Result<(), Halt> {
    let app = Arc::clone(&work.app);
    let mut slice = trunkline_engine::run::Slice {
        from: StreamFrom::File { file: file.to_string() },
        cursor: None,
        first: 0,
        size: ROWS,
        trigger: trunkline_engine::expression::Datum::new(Value::Null),
        outputs: Arc::new(trunkline_engine::expression::Outputs::new(Arc::default())),
    };
    let mut count = 0;
    loop {
        let piece = app.runner.read_stretch(work.job.workspace, &slice).await?;
        if let Some(total) = piece.total {
            work.expect(total.min(MOST_ROWS));
        }
        for row in piece.items {
            if count == MOST_ROWS {
                return Ok(());
            }
            count += 1;
            work.may_go_on().await?;
            let found = rehearsal.event(DryEvent::Body(row)).await;
            if work.stop.is_cancelled() {
                return Err(Halt::Stopped);
            }
            work.add(found, Value::Null).await?;
        }
        match piece.next {
            Some(next) => slice.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

struct Rehearsal<'a> {
    trial: &'a Trial,
    ledger: &'a Arc<tokio::sync::Mutex<crate::rehearse::Ledger>>,
    step: &'a str,
    trigger: Option<Trigger>,
}

impl Rehearsal<'_> {
    async fn event(&self, event: DryEvent) -> Found {
        let now: DateTime<Utc> = Utc::now();
        let (run, beginning) = match event {
            DryEvent::Again { run, beginning } => (Some(run), Beginning { at: now, ..beginning }),
            DryEvent::Body(body) => {
                let output = match &self.trigger {
                    Some(trigger) => payload::output_for(trigger, body, now),
                    None => payload::body_output(body, now),
                };
                (None, Beginning { trigger: self.step.to_owned(), output, at: now, from: None })
            }
        };
        let subject = crate::runner::subject_of(&beginning.output);
        match self.trial.dry_run(&beginning, self.ledger).await {
            Ok(detail) => {
                let group = match (detail.not_known.is_empty(), detail.status.as_str()) {
                    (false, _) => "not_known",
                    (true, "completed") => "completed",
                    (true, "failed") => "failed",
                    (true, _) => "waiting",
                };
                Found {
                    run,
                    subject,
                    group: group.into(),
                    detail: serde_json::to_value(detail).unwrap_or_default(),
                }
            }
            Err(failure) => Found { run, subject, group: "failed".into(), detail: failed(&failure) },
        }
    }
}

fn failed(failure: &Failure) -> Value {
    json!({ "status": "failed", "path": [], "writes": [], "not_known": [], "assumptions": [], "error": told(failure) })
}
