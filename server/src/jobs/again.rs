//! Running a past run again: with the event it had, from the start or from a step, on the same or another version.
//!
//! The new run is a run like any other. It says where it comes from in its trigger's output (`again_of`).

use crate::app::Shared;
use crate::rehearse::trial::{Beginning, no_beginning, no_trigger, thinned};
use crate::runner::versions::Version;
use crate::runner::{Await, Origin};
use chrono::{SubsecRound, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use trunkline_engine::document::StepId;
use trunkline_engine::expression::RunFacts;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Given, Machine};
use trunkline_store::ports::History;
use trunkline_store::{Error, VersionId};
use uuid::Uuid;

/// Where a run that was started again says so, in its trigger's output.
pub const AGAIN_OF: &str = "again_of";

/// On which version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhichVersion {
    /// The one the old run had.
    Same,
    /// This one.
    Id(i64),
}

/// How a run is to be run again.
#[derive(Debug, Clone)]
pub struct Again {
    /// On which version.
    pub version: WhichVersion,
    /// The step to begin with; the start when absent.
    pub from: Option<String>,
    /// A key, so that asking twice starts one run.
    pub key: Option<String>,
}

/// Why a run could not be run again.
#[derive(Debug)]
pub enum AgainError {
    /// It cannot be.
    Failed(Failure),
    /// Not now.
    Store(Error),
}

impl From<Failure> for AgainError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Error> for AgainError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Runs the run of `history` again; gives the id of the new run.
///
/// # Errors
/// `RUN-0033` to `RUN-0036`; the store's.
pub async fn begin_again(app: &Shared, history: History, again: Again) -> Result<Uuid, AgainError> {
    let Again { version, from, key } = again;
    let old = history.row.id;
    let version = version_of(app, &history, &version).await?;
    let mut beginning = prepare(app, history, &version, from.as_deref()).await?;
    // What the journal holds is finer than what a column holds; a replay must see the same moment.
    beginning.at = Utc::now().trunc_subsecs(6);
    mark(&mut beginning.output, old);
    let origin = Origin { kind: "again", key, ..Origin::default() };
    let started = app.runner.begin(&version, beginning.event(), origin, Await::Nothing).await?;
    Ok(started.id)
}

/// The version to run on.
async fn version_of(app: &Shared, history: &History, wanted: &WhichVersion) -> Result<Arc<Version>, Failure> {
    let id = match wanted {
        WhichVersion::Same => history.row.version,
        WhichVersion::Id(id) => VersionId(*id),
    };
    app.runner
        .versions()
        .get(id)
        .await
        .map_err(|error| Failure::bad_input("RUN-0036", error.to_string(), "Choose another version."))
}

/// What begins a run like that of `history` on `version`: with its event, or from the step `from` with what the steps
/// before it left behind.
///
/// # Errors
/// `RUN-0033` without its trigger, `RUN-0034` for a step that cannot be begun with, `RUN-0035` and `RUN-0036` when the
/// journal does not hold what it takes.
pub async fn prepare(
    app: &Shared,
    history: History,
    version: &Arc<Version>,
    from: Option<&str>,
) -> Result<Beginning, Failure> {
    let beginning = Beginning::of(&history.events).filter(|_| history.row.trigger_kind != "undo");
    let mut beginning = beginning.ok_or_else(no_beginning)?;
    let triggers = version.compiled.triggers();
    if !triggers.iter().any(|(step, _)| *step == beginning.trigger) {
        return Err(no_trigger(&beginning.trigger));
    }
    let Some(from) = from else { return Ok(beginning) };
    let is_root = version.compiled.document().steps.contains_key(from);
    if !is_root || triggers.iter().any(|(step, _)| step == from) {
        return Err(Failure::bad_input(
            "RUN-0034",
            format!(
                "a run cannot begin with the step \"{from}\": it is a trigger, inside another step, or not there"
            ),
            "Choose a step of the workflow's top level, or run it again from the start.",
        ));
    }
    if history.thinned_at.is_some() {
        return Err(thinned());
    }
    let old = version_of(app, &history, &WhichVersion::Same).await?;
    let facts = app.runner.facts(&old, history.row.id, history.row.started_at);
    let given = tokio::task::spawn_blocking(move || left_behind(&old, facts, &history)).await;
    let given = given.map_err(|_| thinned())?;
    beginning.from = Some((from.to_owned(), given));
    Ok(beginning)
}

/// What every step of the top level left behind.
fn left_behind(version: &Version, facts: RunFacts, history: &History) -> IndexMap<StepId, Given> {
    let mut machine = Machine::new(Arc::clone(&version.compiled), facts).with_record();
    for event in &history.events {
        machine.apply(event);
    }
    let Some(record) = machine.record() else { return IndexMap::new() };
    let ended = record.steps.iter().filter(|(key, _)| key.items.is_empty());
    ended
        .filter_map(|(key, step)| {
            let given = Given { output: step.output.clone(), port: step.port.clone()? };
            Some((key.step.clone(), given))
        })
        .collect()
}

fn mark(output: &mut Value, old: Uuid) {
    if let Value::Object(output) = output {
        output.insert(AGAIN_OF.into(), Value::String(old.to_string()));
    }
}
