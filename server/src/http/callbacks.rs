//! `/callbacks/<token>`: another system answers a run that waits for it. The token names the run; what follows a slash
//! names the step, and may be left out when the run waits for one callback only.

use super::hooks;
use super::problem::{self, Result};
use crate::app::Shared;
use crate::intake::payload;
use crate::runner::answers::AnswerError;
use crate::runner::links;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use trunkline_engine::document::OUT;
use trunkline_engine::run::{EffectKey, Event, RunId};
use trunkline_store::ports::WaitKind;

/// How long a call that comes before its run is ready is held: the other system may answer faster than the run goes on.
const EARLY: Duration = Duration::from_secs(10);

/// What the address names.
#[derive(Debug, Deserialize)]
pub struct Address {
    token: String,
    #[serde(default)]
    step: Option<String>,
}

/// Takes one call.
pub async fn take(
    State(app): State<Shared>,
    Path(address): Path<Address>,
    request: Request,
) -> Result<Response> {
    let run = app.runner.links().read_callback(&address.token).ok_or_else(|| problem::NO_CALLBACK.plain())?;
    let wanted = match address.step.as_deref().map(str::trim).filter(|step| !step.is_empty()) {
        None => None,
        Some(step) => Some(links::parse(step).ok_or_else(|| problem::NO_CALLBACK.plain())?),
    };
    let (parts, content) = request.into_parts();
    let (bytes, _room) = hooks::read(&app, &parts.headers, content).await?;
    let body = payload::read(&parts.headers, bytes).await?;
    let (method, query) = (parts.method.as_str(), parts.uri.query());
    // The address is a secret, so the run does not see it.
    let output = payload::webhook_output(method, "callback", query, &parts.headers, None, body, Utc::now());
    let key = waiting(&app, run, wanted).await?;
    match app.runner.answer_wait(run, key, OUT.into(), output, None).await {
        Ok(()) => Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": true }))).into_response()),
        Err(AnswerError::Store(error)) => Err(error.into()),
        Err(_) => Err(problem::CALLBACK_OVER.plain()),
    }
}

/// The wait that the call is for, which may be about to begin.
async fn waiting(app: &Shared, run: RunId, wanted: Option<EffectKey>) -> Result<EffectKey> {
    let mut changes = app.live.listen();
    let found = async {
        loop {
            let open = app.store.waits.of_run(run).await?;
            let open = open.into_iter().filter(|row| row.kind == WaitKind::Callback).map(|row| row.key);
            let mut fitting = open.filter(|key| wanted.as_ref().is_none_or(|wanted| wanted == key));
            match (fitting.next(), fitting.next()) {
                (Some(key), None) => return Ok(key),
                (Some(_), Some(_)) => {
                    return Err(problem::CALLBACK_OVER
                        .because("the run waits for several callbacks, and the address names none of them")
                        .advising("Add a slash and the id of the step to the address."));
                }
                (None, _) => {}
            }
            is_over(app, run, wanted.as_ref()).await?;
            // Lagging is as good a reason to look again as an announcement.
            while let Ok(change) = changes.recv().await {
                if change.run == run {
                    break;
                }
            }
        }
    };
    match tokio::time::timeout(EARLY, found).await {
        Ok(found) => found,
        Err(_) => Err(problem::CALLBACK_EARLY.plain().after(10)),
    }
}

/// An error when the run has ended or has had its answer.
async fn is_over(app: &Shared, run: RunId, wanted: Option<&EffectKey>) -> Result<()> {
    let stored = app.store.runs.stored(run).await?.ok_or_else(|| problem::CALLBACK_OVER.plain())?;
    let answered = |event: &Event| matches!(event, Event::Signalled { key, .. } if wanted.is_some_and(|wanted| wanted == key));
    if stored.state.status.is_final() || stored.events.iter().any(answered) {
        return Err(problem::CALLBACK_OVER.plain());
    }
    Ok(())
}
