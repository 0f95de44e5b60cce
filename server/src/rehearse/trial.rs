//! Trying a version: on an event (dry run), or on what an old run was told (back-test).

use super::act::{NotKnown, Write, writes};
use super::back_test::BackTest;
use super::dry_run::{DryRun, Samples};
use super::groups;
use super::ledger::{Leads, Ledger, Surroundings};
use super::outcome::{Difference, Outcome};
use super::past::{self, Answered, Past};
use super::stage::{self, Assumption, Callees, Play, Rehearsed, Scene, rehearse};
use crate::app::App;
use crate::runner::Runner;
use crate::runner::gate::Gate;
use crate::runner::versions::Version;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use trunkline_engine::document::StepId;
use trunkline_engine::expression::Datum;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Registry;
use trunkline_engine::run::{Event, Given, Machine, RunId};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::History;
use utoipa::ToSchema;
use uuid::Uuid;

/// Most writes that are told one by one.
const MOST_WRITES: usize = 200;

/// What began a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The trigger step that fired.
    pub trigger: StepId,
    /// What expressions see as `trigger`.
    pub output: Value,
    /// When.
    pub at: DateTime<Utc>,
    /// The step it began with and what was left behind before, if it began in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<(StepId, IndexMap<StepId, Given>)>,
}

impl Beginning {
    /// What began the run with these events; `None` for a stretch of a stream.
    #[must_use]
    pub fn of(events: &[Event]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for event in events {
            match event {
                Event::Started { trigger, output, at } | Event::Held { trigger, output, at, .. } => {
                    found = Some(Self {
                        trigger: trigger.clone(),
                        output: output.json().clone(),
                        at: *at,
                        from: None,
                    });
                }
                Event::StartedFrom { trigger, output, from, given, at } => {
                    let from = Some((from.clone(), given.clone()));
                    found =
                        Some(Self { trigger: trigger.clone(), output: output.json().clone(), at: *at, from });
                }
                Event::Released { at } => {
                    if let Some(found) = &mut found {
                        found.at = *at;
                    }
                }
                _ => break,
            }
        }
        found
    }

    /// The event that begins a run like it.
    #[must_use]
    pub fn event(&self) -> Event {
        let (trigger, output, at) = (self.trigger.clone(), Datum::new(self.output.clone()), self.at);
        match self.from.clone() {
            None => Event::Started { trigger, output, at },
            Some((from, given)) => Event::StartedFrom { trigger, output, from, given, at },
        }
    }
}

/// An old run, or what a pin kept of one: everything a comparison needs.
#[derive(Debug, Clone)]
pub struct Case {
    /// The run.
    pub run: RunId,
    /// What began it.
    pub beginning: Beginning,
    /// What the world answered.
    pub answers: Vec<Answered>,
    /// How it came out.
    pub outcome: Outcome,
}

/// Replays an old run with its own version.
///
/// # Errors
/// `RUN-0035` when it has no beginning of its own, `RUN-0036` when its journal was thinned out, `RUN-0002` when it cannot
/// be replayed.
pub async fn recall(runner: &Runner, history: History, version: &Arc<Version>) -> Result<Case, Failure> {
    if history.thinned_at.is_some() {
        return Err(thinned());
    }
    let beginning = Beginning::of(&history.events).ok_or_else(no_beginning)?;
    let (run, started_at) = (history.row.id, history.row.started_at);
    let version = Arc::clone(version);
    let facts = runner.facts(&version, run, started_at);
    let replayed = tokio::task::spawn_blocking(move || {
        let mut machine = Machine::new(Arc::clone(&version.compiled), facts).with_record();
        let answers = past::replay(&mut machine, &history.events);
        let titles = stage::titles(&version.compiled.document().steps);
        let title = |step: &str| titles.get(step).cloned().unwrap_or_else(|| step.to_owned());
        let outcome = Outcome::of(&machine, &past::acts(&answers, title));
        (answers, outcome)
    });
    let (answers, outcome) = replayed.await.map_err(|_| {
        Failure::new(
            "RUN-0002",
            FailureKind::Fatal,
            "Trunkline itself failed while it ran this",
            "Please report it with the id of the run.",
        )
    })?;
    Ok(Case { run, beginning, answers, outcome })
}

/// The journal of an old run is not there any more.
#[must_use]
pub fn thinned() -> Failure {
    Failure::bad_input(
        "RUN-0036",
        "of this run only its beginning and its end were kept",
        "Keep whole runs longer in the settings of the workflow; what is gone cannot be brought back.",
    )
}

/// The run is a stretch of another one's list, or undid another one.
#[must_use]
pub fn no_beginning() -> Failure {
    Failure::bad_input(
        "RUN-0035",
        "this run belongs to another run and has no event of its own",
        "Open the run it belongs to.",
    )
}

/// A version to be tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Which.
    pub version: Arc<Version>,
    surroundings: Surroundings,
    registry: Arc<Registry>,
    callees: Callees,
    reads: Gate,
    stop: CancellationToken,
}

/// How a version did with an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunDetail {
    /// How it would end: `completed`, `failed` or `waiting`.
    pub status: String,
    /// The arrows it would take.
    pub path: Vec<super::outcome::Taken>,
    /// What it would write.
    pub writes: Vec<Write>,
    /// What nobody knows.
    pub not_known: Vec<NotKnown>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Why it would fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<super::outcome::OutcomeError>,
}

/// How a version does with what an old run was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackTestDetail {
    /// How the old run came out.
    pub old: Outcome,
    /// How it would come out.
    pub new: Outcome,
    /// In what they differ.
    pub differences: Vec<Difference>,
    /// What it would write.
    pub writes: Vec<Write>,
    /// What is not known from history.
    pub not_known: Vec<NotKnown>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Why it would fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<super::outcome::OutcomeError>,
}

impl Trial {
    /// A trial of `version` amid stages, pools and workflows as they are now, until `stop`.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(
        app: &Arc<App>,
        workspace: WorkspaceId,
        version: Arc<Version>,
        stop: CancellationToken,
    ) -> Result<Self, trunkline_store::Error> {
        let routes = Arc::clone(&app.routes);
        let find = move |id: &str| routes.published(workspace, id.parse::<Uuid>().ok()?);
        Ok(Self {
            version,
            surroundings: Surroundings::of(&app.store, workspace).await?,
            registry: app.apps.registry(workspace),
            callees: Callees::new(app.runner.clone(), find),
            reads: app.runner.gate().clone(),
            stop,
        })
    }

    /// A ledger that the dry runs of one job share, so that a second row finds the lead of the first.
    #[must_use]
    pub fn ledger(&self) -> Arc<Mutex<Ledger>> {
        Arc::new(Mutex::new(self.surroundings.ledger(Leads::Today)))
    }

    /// What a run that begins with `beginning` would do.
    ///
    /// # Errors
    /// `RUN-0033` without such a trigger, `RUN-0002` when our own code failed.
    pub async fn dry_run(
        &self,
        beginning: &Beginning,
        ledger: &Arc<Mutex<Ledger>>,
    ) -> Result<DryRunDetail, Failure> {
        let samples = Samples::new(&self.registry, self.version.compiled.document());
        let dry =
            DryRun::new(self.reads.clone(), Arc::clone(ledger), samples).in_workflow(self.version.workflow);
        let scene = Scene::DryRun(Arc::new(dry));
        let rehearsed = self.play(Uuid::now_v7(), beginning, scene).await?;
        let mut outcome = Outcome::of(&rehearsed.machine, &rehearsed.acts);
        tell_why(&mut outcome, &rehearsed);
        Ok(DryRunDetail {
            status: outcome.status,
            path: outcome.path,
            writes: first(writes(&rehearsed.acts)),
            not_known: rehearsed.not_known,
            assumptions: rehearsed.assumptions,
            error: outcome.error,
        })
    }

    /// How it does with what the run of `case` was told: the group, and all there is to say.
    ///
    /// # Errors
    /// As [`Trial::dry_run`].
    pub async fn back_test(&self, case: Case) -> Result<(&'static str, BackTestDetail), Failure> {
        let Case { run, beginning, answers, outcome: old } = case;
        let samples = Samples::new(&self.registry, self.version.compiled.document());
        let ledger = self.surroundings.ledger(Leads::OfThePast);
        let test =
            BackTest::new(Past::new(answers), ledger, samples, (self.reads.clone(), self.version.workspace));
        let rehearsed = self.play(run, &beginning, Scene::BackTest(Arc::new(test))).await?;
        let mut new = Outcome::of(&rehearsed.machine, &rehearsed.acts);
        tell_why(&mut new, &rehearsed);
        let (group, differences) = groups::compare(&old, &new, !rehearsed.not_known.is_empty());
        let error = new.error.clone();
        let detail = BackTestDetail {
            old,
            new,
            differences,
            writes: first(writes(&rehearsed.acts)),
            not_known: rehearsed.not_known,
            assumptions: rehearsed.assumptions,
            error,
        };
        Ok((group, detail))
    }

    async fn play(&self, run: RunId, beginning: &Beginning, scene: Scene) -> Result<Rehearsed, Failure> {
        let has_trigger = self.version.compiled.triggers().iter().any(|(step, _)| *step == beginning.trigger);
        if !has_trigger {
            return Err(no_trigger(&beginning.trigger));
        }
        rehearse(Play {
            version: Arc::clone(&self.version),
            facts: self.callees.runner.facts(&self.version, run, beginning.at),
            first: beginning.event(),
            scene,
            callees: self.callees.clone(),
            stop: self.stop.clone(),
        })
        .await
    }
}

/// The version has no such trigger.
#[must_use]
pub fn no_trigger(step: &str) -> Failure {
    Failure::bad_input(
        "RUN-0033",
        format!("this version has no trigger \"{step}\", by which the run began"),
        "Choose a version that has this trigger, or add it to the draft.",
    )
}

/// A rehearsal that was stopped before its end says so as its error.
fn tell_why(outcome: &mut Outcome, rehearsed: &Rehearsed) {
    if let Some(failure) = &rehearsed.broken_off {
        outcome.status = "failed".into();
        outcome.error = Some(super::outcome::OutcomeError {
            code: failure.code.clone().into_owned(),
            step: String::new(),
            message: failure.message.clone(),
            action: failure.action.clone(),
        });
    }
}

fn first(mut all: Vec<Write>) -> Vec<Write> {
    all.truncate(MOST_WRITES);
    all
}
