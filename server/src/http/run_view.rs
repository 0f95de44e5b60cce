//! A run as it went: the journal, replayed with the pinned version and a record of every step.
//!
//! Nothing of this is stored; replaying gives the same picture at any time. Long loops are shown in part: every step
//! is counted, the first frames and those that failed are kept.

use super::documents::document_schema;
use super::inbox::{self, InboxItem};
use super::problem::{self, Result};
use super::runs::{RunSummary, Status, StepError};
use crate::app::Shared;
use crate::hook_secrets::without_secrets;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use trunkline_engine::document::{Document, Steps};
use trunkline_engine::run::{EffectKey, Event, Machine, Record, StepRecord, StepStatus as Engine};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::History;
use utoipa::ToSchema;
use uuid::Uuid;

/// Frames of one step inside a loop that are shown one by one.
const FRAMES: usize = 50;

/// A run as it went.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    /// What lists show of it.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// What it runs.
    #[schema(schema_with = document_schema)]
    pub document: Document,
    /// Its steps; those inside loops once for all frames, then frame by frame.
    pub steps: Vec<StepView>,
    /// How often each arrow was taken.
    pub edges: Vec<EdgeView>,
    /// Constants.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub vars: Map<String, Value>,
    /// The trigger step that fired.
    pub trigger_step: String,
    /// How far each loop in progress has come.
    pub progress: Vec<LoopProgress>,
    /// What it waits for: a person's word, a callback, something that happens to a lead.
    pub waiting_for: Vec<InboxItem>,
    /// When all but its beginning and its end was thinned out of the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinned_at: Option<DateTime<Utc>>,
}

/// How far a loop has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoopProgress {
    /// The loop.
    pub step: String,
    /// What people call it.
    pub step_title: String,
    /// Items that have ended, failed ones among them.
    pub done: u64,
    /// Items that failed.
    pub failed: u64,
    /// Items in all, when that is known.
    pub total: Option<u64>,
}

/// One step of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// The step.
    pub step: String,
    /// Which item of the loops around it, such as `each_row[3]`; empty outside loops and for all frames together.
    pub frame: String,
    /// How it stands.
    pub status: StepStatus,
    /// Its place in the order of execution, from 0.
    pub order: usize,
    /// The port it left by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Its settings with every expression computed.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub input: Value,
    /// What it put out.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub output: Value,
    /// Its last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StepError>,
    /// Attempts made.
    pub attempts: u32,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Until when it sleeps or pauses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<DateTime<Utc>>,
    /// Why it came out so, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it wrote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<WrittenField>,
    /// How many frames this stands for, when it stands for several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Not reached yet.
    Pending,
    /// Under way.
    Running,
    /// It sleeps, waits for a word, or pauses before another attempt.
    Waiting,
    /// Nobody knows whether its write happened; a person decides.
    Uncertain,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// Nothing led to it.
    Skipped,
    /// The run ended before it did.
    Cancelled,
}

impl From<Engine> for StepStatus {
    fn from(status: Engine) -> Self {
        match status {
            Engine::Running => Self::Running,
            Engine::Waiting => Self::Waiting,
            Engine::Uncertain => Self::Uncertain,
            Engine::Done => Self::Done,
            Engine::Failed => Self::Failed,
            Engine::Skipped => Self::Skipped,
            Engine::Cancelled => Self::Cancelled,
        }
    }
}

/// A field that a step wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrittenField {
    /// What people call it.
    pub label: String,
    /// Its value before.
    pub old: Value,
    /// Its value now.
    pub new: Value,
}

/// How often an arrow was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct EdgeView {
    /// The step it leaves.
    pub from: String,
    /// The port it leaves by.
    pub port: String,
    /// The step it reaches.
    pub to: String,
    /// How often.
    pub count: u64,
}

/// The run `id` as it went.
pub(super) async fn load(app: &Shared, workspace: WorkspaceId, id: Uuid) -> Result<RunView> {
    let history = app.store.runs.history(workspace, id).await?;
    let history = history.ok_or_else(|| problem::NOT_FOUND.because("there is no such run"))?;
    let version = app.runner.versions().get(history.row.version).await.map_err(|error| {
        tracing::warn!(%error, run = %id, "a run cannot be shown");
        problem::INTERNAL.because(error.to_string())
    })?;
    let facts = app.runner.facts(&version, id, history.row.started_at);
    let mut machine = Machine::new(version.compiled.clone(), facts).with_record();
    for event in &history.events {
        machine.apply(event);
    }
    let waits = app.store.waits.of_run(id).await?;
    let promise = |step: &str| inbox::promise_of(app, workspace, &history.document, step);
    let waiting_for = waits
        .into_iter()
        .map(|wait| {
            let promise = promise(&wait.key.step);
            inbox::show(wait, Some(&history.document), promise)
        })
        .collect();
    Ok(view(history, &machine, waiting_for))
}

fn view(history: History, machine: &Machine, waiting_for: Vec<InboxItem>) -> RunView {
    let nothing = Record::default();
    let record = machine.record().unwrap_or(&nothing);
    let edges = machine.compiled().edges();
    let edges = edges.iter().zip(&record.edges).map(|(edge, &count)| EdgeView {
        from: edge.from.clone(),
        port: edge.port.clone(),
        to: edge.to.clone(),
        count,
    });
    let trigger_step = match history.events.first() {
        Some(
            Event::Started { trigger, .. } | Event::Held { trigger, .. } | Event::StartedFrom { trigger, .. },
        ) => trigger.clone(),
        _ => String::new(),
    };
    let progress = machine.progress().into_iter().map(|progress| LoopProgress {
        step_title: inbox::title_of(&history.document.steps, &progress.key.step)
            .unwrap_or_else(|| progress.key.step.clone()),
        step: progress.key.step,
        done: progress.done,
        failed: progress.failed,
        total: progress.total,
    });
    let progress = progress.collect();
    let mut summary = RunSummary::from(history.row);
    if summary.status == Status::Running && machine.verdict().is_none() && only_waits(record) {
        summary.status = Status::Waiting;
    }
    RunView {
        steps: steps(&history.document, record, machine.verdict().is_some()),
        edges: edges.collect(),
        vars: history.document.vars.clone(),
        document: without_secrets(history.document),
        trigger_step,
        progress,
        waiting_for,
        thinned_at: history.thinned_at,
        summary,
    }
}

/// Whether something pauses and nothing moves.
fn only_waits(record: &Record) -> bool {
    let any = |status| record.steps.values().any(|step| step.status == status);
    any(Engine::Waiting) && !any(Engine::Running)
}

fn steps(document: &Document, record: &Record, over: bool) -> Vec<StepView> {
    let mut loops = IndexMap::new();
    collect_loops(&document.steps, &mut Vec::new(), &mut loops);
    let mut frames: HashMap<&str, Vec<(usize, &EffectKey, &StepRecord)>> = HashMap::new();
    for (order, (key, step)) in record.steps.iter().enumerate() {
        frames.entry(key.step.as_str()).or_default().push((order, key, step));
    }
    let mut views = Vec::new();
    for (id, around) in &loops {
        match frames.get(id.as_str()) {
            None => views.push(pending(id, over)),
            Some(found) if around.is_empty() => {
                let (order, key, step) = found[0];
                views.push(one(key, step, order, String::new()));
            }
            Some(found) => {
                views.push(together(found));
                let failed = |step: &StepRecord| step.status == Engine::Failed;
                let shown =
                    found.iter().enumerate().filter(|(place, (_, _, step))| *place < FRAMES || failed(step));
                let shown = shown.take(FRAMES * 2);
                views.extend(
                    shown.map(|(_, (order, key, step))| one(key, step, *order, frame(around, &key.items))),
                );
            }
        }
    }
    views.sort_by_key(|view| view.order);
    views
}

/// Each step with the loops around it, outermost first.
fn collect_loops(steps: &Steps, around: &mut Vec<String>, into: &mut IndexMap<String, Vec<String>>) {
    for (id, step) in steps {
        into.insert(id.clone(), around.clone());
        if let Some(body) = &step.body {
            around.push(id.clone());
            collect_loops(&body.steps, around, into);
            around.pop();
        }
    }
}

fn frame(around: &[String], items: &[u32]) -> String {
    around.iter().zip(items).map(|(id, item)| format!("{id}[{item}]")).collect::<Vec<_>>().join("/")
}

fn pending(id: &str, over: bool) -> StepView {
    StepView {
        step: id.to_owned(),
        frame: String::new(),
        status: if over { StepStatus::Skipped } else { StepStatus::Pending },
        order: usize::MAX >> 12,
        port: None,
        input: Value::Null,
        output: Value::Null,
        error: None,
        attempts: 0,
        started_at: None,
        finished_at: None,
        duration_ms: None,
        waits_until: None,
        why: None,
        written: Vec::new(),
        count: None,
    }
}

fn one(key: &EffectKey, record: &StepRecord, order: usize, frame: String) -> StepView {
    let written = record.written.iter().map(|change| WrittenField {
        label: change.label.clone(),
        old: change.old.clone(),
        new: change.new.clone(),
    });
    let reached = record.attempts > 0;
    StepView {
        step: key.step.clone(),
        frame,
        status: record.status.into(),
        order,
        port: record.port.clone(),
        input: record.input.clone(),
        output: record.output.clone(),
        error: record.failure.as_ref().map(StepError::from),
        attempts: record.attempts,
        started_at: reached.then_some(record.started_at),
        finished_at: record.finished_at,
        duration_ms: record
            .finished_at
            .filter(|_| reached)
            .map(|end| (end - record.started_at).num_milliseconds()),
        waits_until: record.waits_until,
        why: record.why.clone(),
        written: written.collect(),
        count: None,
    }
}

/// All frames of a step as one: the state that needs attention most, and the data of the last frame.
fn together(frames: &[(usize, &EffectKey, &StepRecord)]) -> StepView {
    let worst = [
        Engine::Failed,
        Engine::Uncertain,
        Engine::Running,
        Engine::Waiting,
        Engine::Cancelled,
        Engine::Done,
        Engine::Skipped,
    ];
    let status = worst.into_iter().find(|status| frames.iter().any(|(_, _, step)| step.status == *status));
    let shown = frames.iter().rev().find(|(_, _, step)| Some(step.status) == status).unwrap_or(&frames[0]);
    let mut view = one(shown.1, shown.2, frames[0].0, String::new());
    view.count = Some(frames.len());
    view.started_at = frames.iter().map(|(_, _, step)| step.started_at).min();
    view.finished_at = frames.iter().filter_map(|(_, _, step)| step.finished_at).max();
    view.duration_ms = view.started_at.zip(view.finished_at).map(|(from, to)| (to - from).num_milliseconds());
    view
}
