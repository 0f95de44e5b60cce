//! `/workflows/{id}/pins`: past runs kept as tests of their workflow.

use super::again;
use super::body::{Json, Path};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::{runs, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::rehearse::NotKnown;
use crate::rehearse::outcome::{Difference, Outcome, OutcomeError};
use crate::rehearse::past::Answered;
use crate::rehearse::trial::{Beginning, Case, Trial, no_beginning, recall};
use crate::runner::versions::Version;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};
use trunkline_engine::failure::Failure;
use trunkline_store::ports;
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest journal of a run that can be pinned, in bytes of JSON.
const LARGEST: usize = 1024 * 1024;
/// Most pins of one workflow.
const MOST: usize = 200;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;
/// How long a check of all pins may take; what it does not come to is said.
const CHECK_TIME: Duration = Duration::from_secs(20);

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(pin))
        .routes(routes!(list))
        .routes(routes!(change, remove))
        .routes(routes!(check))
}

/// A past run kept as a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pin {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The run it was made from; it may be gone.
    pub run_id: Uuid,
    /// When it was pinned.
    pub created_at: DateTime<Utc>,
    /// How the run came out, which is what is expected.
    pub expected: Outcome,
}

/// Pins of a workflow.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinList {
    /// The oldest first.
    pub items: Vec<Pin>,
}

/// A run to be pinned.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinRun {
    /// What people call it; the run's subject when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// A change of a pin.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePin {
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether what the draft does now becomes what is expected.
    #[serde(default)]
    pub accept: bool,
}

/// How a version does with a pinned run.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinCheck {
    /// The pin.
    pub pin: Pin,
    /// Whether it comes out as expected.
    pub same: bool,
    /// In what it does not.
    pub differences: Vec<Difference>,
    /// What is not known from history.
    pub not_known: Vec<NotKnown>,
    /// Why it would fail, or could not be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<OutcomeError>,
}

/// How a version does with all pinned runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinChecks {
    /// One per pin.
    pub items: Vec<PinCheck>,
}

/// What publishing says of a pinned run.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinResult {
    /// What people call it.
    pub name: String,
    /// Whether it comes out as expected.
    pub same: bool,
    /// In what it does not.
    pub differences: Vec<Difference>,
}

impl From<PinCheck> for PinResult {
    fn from(check: PinCheck) -> Self {
        Self { name: check.pin.name, same: check.same, differences: check.differences }
    }
}

/// What a pin keeps of a run beside its event.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    beginning: Beginning,
    answers: Vec<Answered>,
}

fn shown(pin: &ports::Pin) -> Result<Pin> {
    let expected = serde_json::from_value(pin.expected.clone()).map_err(|error| {
        problem::INTERNAL.because(format!("the pin \"{}\" cannot be read: {error}", pin.name))
    })?;
    let ports::Pin { id, run, name, created_at, .. } = pin;
    Ok(Pin { id: *id, name: name.clone(), run_id: *run, created_at: *created_at, expected })
}

fn named(name: Option<String>, otherwise: Option<String>) -> String {
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let name = name.or(otherwise).unwrap_or_else(|| "Pinned run".into());
    name.chars().take(LONGEST_NAME).collect()
}

/// Keep a run as a test
#[utoipa::path(post, path = "/runs/{id}/pin", tag = "pins", operation_id = "pinRun",
    params(("id" = Uuid, Path)), request_body = PinRun, responses((status = 201, body = Pin)))]
async fn pin(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<PinRun>,
) -> Result<(StatusCode, axum::Json<Pin>)> {
    let history = again::history(&app, &caller, id).await?;
    if !history.row.state.status.is_final() {
        return Err(problem::RUN_NOT_OVER.because("the run has not ended"));
    }
    if history.row.trigger_kind == "undo" {
        return Err(Error::from_failure(&no_beginning()));
    }
    let (row, version) = (history.row.clone(), again::version(&app, history.row.version).await?);
    if app.store.pins.list(caller.workspace, row.workflow).await?.len() >= MOST {
        return Err(
            problem::INVALID.because(format!("a workflow may have {MOST} pinned runs; remove one first"))
        );
    }
    let case =
        recall(&app.runner, history, &version).await.map_err(|failure| Error::from_failure(&failure))?;
    let kept = Kept { beginning: case.beginning.clone(), answers: case.answers };
    let answers = serde_json::to_value(kept).unwrap_or_default();
    if answers.to_string().len() > LARGEST {
        return Err(problem::TOO_BIG_TO_PIN.because("the run holds more than 1 MB of data"));
    }
    let pin = ports::Pin {
        id: Uuid::now_v7(),
        workflow: row.workflow,
        run: id,
        lead: row.state.lead,
        name: named(wanted.name, row.subject),
        trigger: case.beginning.trigger,
        output: case.beginning.output,
        expected: serde_json::to_value(&case.outcome).unwrap_or_default(),
        answers,
        created_at: Utc::now(),
    };
    let answer = shown(&pin)?;
    app.store.pins.add(caller.workspace, pin).await?;
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// List pinned runs
#[utoipa::path(get, path = "/workflows/{id}/pins", tag = "pins", operation_id = "listPins",
    params(("id" = Uuid, Path)), responses((status = 200, body = PinList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<PinList>> {
    workflows::find(&app, &caller, id).await?;
    let pins = app.store.pins.list(caller.workspace, id).await?;
    let items = pins.iter().map(shown).collect::<Result<_>>()?;
    Ok(axum::Json(PinList { items }))
}

async fn find(app: &Shared, caller: &Caller, workflow: Uuid, id: Uuid) -> Result<ports::Pin> {
    let pins = app.store.pins.list(caller.workspace, workflow).await?;
    let found = pins.into_iter().find(|pin| pin.id == id);
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such pinned run"))
}

/// Rename a pinned run, or accept what the draft does with it
#[utoipa::path(put, path = "/workflows/{id}/pins/{pin}", tag = "pins", operation_id = "changePin",
    params(("id" = Uuid, Path), ("pin" = Uuid, Path)), request_body = ChangePin,
    responses((status = 200, body = Pin)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, pin)): Path<(Uuid, Uuid)>,
    Json(wanted): Json<ChangePin>,
) -> Result<axum::Json<Pin>> {
    let mut pin = find(&app, &caller, id, pin).await?;
    if wanted.accept {
        let version = runs::draft(&app, &caller, id).await?;
        let trial = Trial::of(&app, caller.workspace, version, app.stopping.child_token()).await?;
        let (_, detail) =
            trial.back_test(case(&pin)?).await.map_err(|failure| Error::from_failure(&failure))?;
        pin.expected = serde_json::to_value(&detail.new).unwrap_or_default();
    }
    pin.name = named(wanted.name, Some(pin.name));
    app.store.pins.remove(caller.workspace, id, pin.id).await?;
    let answer = shown(&pin)?;
    app.store.pins.add(caller.workspace, pin).await?;
    Ok(axum::Json(answer))
}

/// Remove a pinned run
#[utoipa::path(delete, path = "/workflows/{id}/pins/{pin}", tag = "pins", operation_id = "removePin",
    params(("id" = Uuid, Path), ("pin" = Uuid, Path)), responses((status = 204)))]
async fn remove(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, pin)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode> {
    app.store.pins.remove(caller.workspace, id, pin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Check the draft against all pinned runs
#[utoipa::path(post, path = "/workflows/{id}/pins/check", tag = "pins", operation_id = "checkPins",
    params(("id" = Uuid, Path)), responses((status = 200, body = PinChecks)))]
async fn check(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<PinChecks>> {
    let version = runs::draft(&app, &caller, id).await?;
    let items = check_all(&app, &caller, id, version).await?;
    Ok(axum::Json(PinChecks { items }))
}

fn case(pin: &ports::Pin) -> Result<Case> {
    let unreadable = |error: serde_json::Error| {
        problem::INTERNAL.because(format!("the pin \"{}\" cannot be read: {error}", pin.name))
    };
    let Kept { beginning, answers } = serde_json::from_value(pin.answers.clone()).map_err(unreadable)?;
    let outcome = serde_json::from_value(pin.expected.clone()).map_err(unreadable)?;
    Ok(Case { run: pin.run, beginning, answers, outcome })
}

/// How `version` does with every pinned run of `workflow`.
pub(super) async fn check_all(
    app: &Shared,
    caller: &Caller,
    workflow: Uuid,
    version: Arc<Version>,
) -> Result<Vec<PinCheck>> {
    let pins = app.store.pins.list(caller.workspace, workflow).await?;
    if pins.is_empty() {
        return Ok(Vec::new());
    }
    let until = Instant::now() + CHECK_TIME;
    let trial = Trial::of(app, caller.workspace, version, app.stopping.child_token()).await?;
    let mut checks = Vec::with_capacity(pins.len());
    for pin in pins {
        let tried = if Instant::now() < until {
            trial.back_test(case(&pin)?).await
        } else {
            Err(crate::rehearse::too_much("all pinned runs together take too long"))
        };
        checks.push(checked(shown(&pin)?, tried));
    }
    Ok(checks)
}

fn checked(
    pin: Pin,
    tried: std::result::Result<(&'static str, crate::rehearse::trial::BackTestDetail), Failure>,
) -> PinCheck {
    match tried {
        Ok((group, detail)) => PinCheck {
            pin,
            same: group == "same",
            differences: detail.differences,
            not_known: detail.not_known,
            error: detail.error,
        },
        Err(failure) => PinCheck {
            pin,
            same: false,
            differences: Vec::new(),
            not_known: Vec::new(),
            error: Some(OutcomeError {
                code: failure.code.into_owned(),
                step: String::new(),
                message: failure.message,
                action: failure.action,
            }),
        },
    }
}
