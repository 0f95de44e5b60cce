//! `/hooks/apps/<connection>/<webhook>`: what apps send. Proved before anything of it is looked at, answered only after its
//! events are durable.

use super::hooks::read;
use super::inbox;
use super::problem::{self, Error, Result};
use crate::app::Shared;
use crate::connections::Addressed;
use crate::runner::routes::Bound;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use trunkline_connectors::interpreter::delivery::{
    Events, Reading, Sent, answer_of, heard, inputs, told_back,
};
use trunkline_connectors::manifest::webhook::Refusal;
use trunkline_engine::trigger::AppRule;
use trunkline_store::ports::{Delivery, NewAppEvent};
use uuid::Uuid;

/// How long an event is recognised when it comes again.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// Takes one delivery.
pub async fn take(
    State(app): State<Shared>,
    Path((connection, webhook)): Path<(String, String)>,
    request: Request,
) -> Response {
    match accept(&app, &connection, &webhook, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// The address of a webhook of a connection.
#[must_use]
pub fn address(app: &Shared, connection: Uuid, webhook: &str) -> String {
    format!("{}/hooks/apps/{connection}/{webhook}", app.url())
}

async fn accept(app: &Shared, connection: &str, webhook: &str, request: Request) -> Result<Response> {
    let nowhere = || problem::NO_HOOK.because("no connection has this address");
    let connection: Uuid = connection.parse().map_err(|_| nowhere())?;
    if let Some(throttle) = &app.throttles.hook {
        let path = format!("apps/{connection}/{webhook}");
        throttle.knock(&path).map_err(|wait| problem::TOO_MANY.plain().after(wait))?;
    }
    let addressed = app.connections.addressed(connection, webhook).await;
    let addressed = addressed.map_err(|failure| Error::from_failure(&failure))?.ok_or_else(nowhere)?;
    let (parts, content) = request.into_parts();
    let (bytes, room) = read(app, &parts.headers, content).await?;
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let target = parts.uri.path_and_query().map_or(parts.uri.path(), |target| target.as_str());
    let url = format!("{}{target}", app.url());
    let now = Utc::now();
    let sent = Sent::new(parts.method.as_str(), &url, &headers, &bytes);
    let events = match addressed.read(sent, now) {
        Ok(Reading::Answer(answer)) => return Ok(answered(answer)),
        Ok(Reading::Events(events)) => events,
        Err(why) => {
            app.connections.refuse(connection, webhook, why);
            return Err(refused(why));
        }
    };
    let answered = give_answers(app, &addressed, &events).await;
    let delivery = delivery(app, &addressed, connection, webhook, events, now);
    let taken = app.store.app_events.deliver(delivery).await?;
    drop(room);
    app.runner.app_events_arrived();
    tell_back(app, &addressed, answered);
    Ok((StatusCode::OK, Json(json!({ "accepted": taken.accepted, "repeated": taken.repeated })))
        .into_response())
}

/// Gives the answers that the events hold to the runs that wait for them; what is to be said back. Of two answers to a
/// question the first counts, so a delivery that comes again changes nothing.
async fn give_answers(
    app: &Shared,
    addressed: &Addressed,
    events: &Events,
) -> Vec<(Value, Value, &'static str)> {
    let mut said = Vec::new();
    for (_, event) in &events.events {
        let answer = match answer_of(addressed.described(), event, &events.request) {
            Ok(Some(answer)) => answer,
            Ok(None) => continue,
            Err(failure) => {
                tracing::error!(%failure.message, "an answer that an app sent cannot be read");
                continue;
            }
        };
        let token = answer.link.rsplit('/').next().unwrap_or_default();
        let what = match app.runner.links().read_approval(token) {
            None => "unknown",
            Some((run, key)) => {
                let by = format!("{} ({})", answer.by.trim(), addressed.manifest().name);
                match inbox::give(app, run, key, answer.answer, None, Some(by)).await {
                    Ok(()) => "answered",
                    Err(error) if error.code() == problem::ANSWERED.code => "closed",
                    Err(_) => "unknown",
                }
            }
        };
        said.push((event.clone(), events.request.clone(), what));
    }
    said
}

/// Says back where the questions stand what became of the answers. Whoever asked is not kept waiting for it.
fn tell_back(app: &Shared, addressed: &Addressed, answered: Vec<(Value, Value, &'static str)>) {
    for (event, request, said) in answered {
        match told_back(addressed.manifest(), addressed.described(), &event, &request, said) {
            Ok(None) => {}
            Ok(Some((url, body))) => {
                let app = Arc::clone(app);
                tokio::spawn(async move {
                    if let Err(error) = app.connections.post_plainly(url, &body).await {
                        tracing::warn!(%error, "what became of an answer could not be said back");
                    }
                });
            }
            Err(failure) => tracing::warn!(%failure.message, "what became of an answer cannot be said back"),
        }
    }
}

fn refused(why: Refusal) -> Error {
    match why {
        Refusal::Forged => problem::DELIVERY_FORGED.plain(),
        Refusal::TooOld => problem::DELIVERY_OLD.plain(),
        Refusal::Unreadable => problem::DELIVERY_UNREADABLE.plain(),
        Refusal::NoSecret => problem::DELIVERY_NO_SECRET.plain(),
    }
}

/// What a challenge is answered with. Text of others must not become a page of this origin.
fn answered(answer: Value) -> Response {
    let mut response = match answer {
        Value::String(text) => text.into_response(),
        json => Json(json).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

/// Everybody who hears of the events.
fn delivery(
    app: &Shared,
    addressed: &Addressed,
    connection: Uuid,
    webhook: &str,
    Events { events, request, proof }: Events,
    now: DateTime<Utc>,
) -> Delivery {
    let listeners = app.routes.listening_at(addressed.workspace(), connection);
    let events = events.into_iter().map(|(id, event)| {
        let key = id.map(|id| digest(&["event", webhook, &id]));
        let heard_by = listeners.iter().filter_map(|bound| {
            let output = hears(addressed, bound, webhook, &event, &request)?;
            Some(NewAppEvent {
                workspace: bound.version.workspace,
                workflow: bound.version.workflow,
                step: bound.step.clone(),
                output,
                at: now,
            })
        });
        (key, heard_by.collect())
    });
    Delivery {
        connection,
        webhook: webhook.to_owned(),
        events: events.collect(),
        proof: proof.map(|proof| digest(&["proof", webhook, &proof])),
        at: now,
        since: now - REMEMBERED,
    }
}

fn hears(
    addressed: &Addressed,
    bound: &Arc<Bound<AppRule>>,
    webhook: &str,
    event: &Value,
    request: &Value,
) -> Option<Value> {
    let trigger = addressed.manifest().triggers.get(&bound.rule.trigger)?;
    if trigger.webhook.as_ref().is_none_or(|listen| listen.at != webhook) {
        return None;
    }
    let input = inputs(addressed.manifest(), &bound.rule.trigger, bound.rule.input.clone());
    let input = input.unwrap_or_else(|_| bound.rule.input.clone());
    match heard(trigger, event, request, &input, addressed.settings()) {
        Ok(output) => output,
        Err(failure) => {
            let workflow = &bound.version.name;
            tracing::error!(%failure.message, workflow, "an event of an app cannot be read by a trigger");
            None
        }
    }
}

fn digest(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join("\0")).into()
}
