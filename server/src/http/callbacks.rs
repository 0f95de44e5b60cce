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
use trunkline_engine::run::{EffectKey, RunId};
use trunkline_store::ports::WaitKind;

/// How long a call that names no step is held when its run waits for none yet.
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
    let taken = match wanted {
        // The other system may answer faster than the run goes on; the run keeps the answer until it gets there.
        Some(key) if app.store.waits.find(run, key.clone()).await?.is_none() => {
            app.runner.answer_early(run, key, output).await
        }
        Some(key) => app.runner.answer_wait(run, key, OUT.into(), output, None).await,
        None => {
            let key = only_one(&app, run).await?;
            app.runner.answer_wait(run, key, OUT.into(), output, None).await
        }
    };
    match taken {
        Ok(()) => Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": true }))).into_response()),
        Err(AnswerError::Store(error)) => Err(error.into()),
        Err(_) => Err(problem::CALLBACK_OVER.plain()),
    }
}

/// The one callback that the run waits for, which it may be about to do.
async fn only_one(app: &Shared, run: RunId) -> Result<EffectKey> {
    let mut changes = app.live.listen();
    let found = async {
        loop {
            let open = app.store.waits.of_run(run).await?;
            let mut open = open.into_iter().filter(|row| row.kind == WaitKind::Callback).map(|row| row.key);
            match (open.next(), open.next()) {
                (Some(key), None) => return Ok(key),
                (Some(_), Some(_)) => {
                    return Err(problem::CALLBACK_OVER
                        .because("the run waits for several callbacks, and the address names none of them")
                        .advising("Add a slash and the id of the step to the address."));
                }
                (None, _) => {}
            }
            let stored = app.store.runs.stored(run).await?;
            if stored.is_none_or(|stored| stored.state.status.is_final()) {
                return Err(problem::CALLBACK_OVER.plain());
            }
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
