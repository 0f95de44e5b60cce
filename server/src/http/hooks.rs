//! `/hooks/<path>`: webhook calls. Answered only after the event is durable; checked before they are read as data.

use super::body;
use super::problem::{self, Error, Result};
use crate::app::Shared;
use crate::auth::secret;
use crate::intake::payload;
use crate::runner::routes::Bound;
use crate::runner::{Answer, Await, NewRun, Started};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use trunkline_engine::run::{Reply, Verdict};
use trunkline_engine::trigger::{Check, Method, ReplyRule, Secret, Webhook};
use uuid::Uuid;

/// Longest wait for an answer of the run; after it the caller is told that it goes on.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Room in memory for an event; given back when dropped.
pub(super) type Room = Option<OwnedSemaphorePermit>;

/// The header with the sender's key of the event.
pub(super) const KEY_HEADER: &str = "idempotency-key";

/// Takes one call.
pub async fn take(State(app): State<Shared>, Path(path): Path<String>, request: Request) -> Response {
    match accept(&app, &path, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn accept(app: &Shared, path: &str, request: Request) -> Result<Response> {
    let bound = find(app, path, request.method())?;
    if let Some(throttle) = &app.throttles.hook {
        throttle.knock(&bound.rule.path).map_err(|wait| problem::TOO_MANY.plain().after(wait))?;
    }
    let (parts, content) = request.into_parts();
    let (bytes, room) = read(app, &parts.headers, content).await?;
    let secret = known(app, &bound).await?;
    prove(&bound.rule.check, &secret, &parts.headers, &bytes)?;
    drop(secret);
    let key = event_key(&parts.headers)?;
    let body = payload::read(&parts.headers, bytes).await?;
    let at = Utc::now();
    let secret = match &bound.rule.check {
        Check::Nothing => None,
        Check::SharedSecret { header, .. } | Check::Hmac { header, .. } => Some(header.as_str()),
    };
    let query = parts.uri.query();
    let output =
        payload::webhook_output(parts.method.as_str(), path, query, &parts.headers, secret, body, at);
    let new = NewRun { trigger: bound.step.clone(), kind: "webhook", output, key, parent: None, at };
    let wait = match bound.rule.reply {
        ReplyRule::AtOnce => Await::Nothing,
        ReplyRule::WhenFinished => Await::End,
        ReplyRule::ByStep => Await::Reply,
    };
    let started = app.runner.start(&bound.version, new, wait).await?;
    drop(room);
    Ok(answer(app, bound.rule.reply, started).await)
}

fn find(app: &Shared, path: &str, method: &axum::http::Method) -> Result<std::sync::Arc<Bound<Webhook>>> {
    let wanted = match *method {
        axum::http::Method::GET => Some(Method::Get),
        axum::http::Method::POST => Some(Method::Post),
        axum::http::Method::PUT => Some(Method::Put),
        axum::http::Method::PATCH => Some(Method::Patch),
        axum::http::Method::DELETE => Some(Method::Delete),
        _ => None,
    };
    app.routes.hook(path, wanted).map_err(|others| {
        if others.is_empty() {
            return problem::NO_HOOK.because(format!("no published workflow listens at /hooks/{path}"));
        }
        let allowed: Vec<&str> = others.into_iter().map(super::method_word).collect();
        problem::HOOK_METHOD
            .because(format!("/hooks/{path} takes {}, not {method}", allowed.join(", ")))
            .allowing(&allowed.join(", "))
    })
}

/// Reads the body within the limit. Room is reserved for what has arrived, so that slow senders hold little, and kept
/// until the event is durable.
pub(super) async fn read(app: &Shared, headers: &HeaderMap, content: Body) -> Result<(Bytes, Room)> {
    let mut room: Room = None;
    let limit = app.config.max_event_bytes;
    let bytes = body::read_counted(headers, content, limit, |arrived| {
        let more = app.reserve(arrived)?;
        match &mut room {
            None => room = Some(more),
            Some(room) => room.merge(more),
        }
        Ok(())
    })
    .await?;
    Ok((bytes, room))
}

/// The sender's key of the event.
pub(super) fn event_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > super::events::LONGEST_KEY {
        let longest = super::events::LONGEST_KEY;
        return Err(problem::WRONG_PARAMETER
            .because(format!("the header {KEY_HEADER} must have 1 to {longest} characters")));
    }
    Ok(Some(key.to_owned()))
}

/// What the sender has to know; nothing when there is no proof.
async fn known(app: &Shared, bound: &Bound<Webhook>) -> Result<Vec<u8>> {
    match &bound.rule.check {
        Check::Nothing => Ok(Vec::new()),
        Check::SharedSecret { secret, .. } | Check::Hmac { secret, .. } => match secret {
            Secret::Typed(text) => Ok(text.clone().into_bytes()),
            Secret::Kept(kept) => app.hook_secrets.open(bound.version.workspace, &kept.kept).await,
        },
    }
}

fn prove(check: &Check, known: &[u8], headers: &HeaderMap, bytes: &[u8]) -> Result<()> {
    let given = |name: &str| headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    let holds = match check {
        Check::Nothing => true,
        Check::SharedSecret { header, .. } => secret::equal(given(header), known),
        Check::Hmac { header, .. } => {
            let given = given(header).trim_ascii();
            let digest = given.strip_prefix(b"sha256=").unwrap_or(given);
            let mut mac = Hmac::<Sha256>::new_from_slice(known).expect("HMAC takes keys of any length");
            mac.update(bytes);
            hex::decode(digest).is_ok_and(|digest| mac.verify_slice(&digest).is_ok())
        }
    };
    if holds { Ok(()) } else { Err(problem::HOOK_PROOF.plain()) }
}

async fn answer(app: &Shared, rule: ReplyRule, started: Started) -> Response {
    let Started { id, duplicate, answer, later } = started;
    if rule == ReplyRule::AtOnce || duplicate {
        return accepted(id, duplicate);
    }
    let answer = match (answer, later) {
        (Some(answer), _) => Some(answer),
        (None, Some(later)) => match tokio::time::timeout(LONGEST_WAIT, later).await {
            Ok(answer) => answer.ok(),
            Err(_) => {
                app.runner.give_up_waiting(id);
                None
            }
        },
        (None, None) => None,
    };
    match answer {
        None => accepted(id, false),
        Some(Answer::Reply(reply)) => said(id, reply),
        Some(Answer::Ended(verdict)) => ended(id, rule, verdict),
    }
}

fn accepted(id: Uuid, duplicate: bool) -> Response {
    let body = if duplicate { json!({ "run_id": id, "duplicate": true }) } else { json!({ "run_id": id }) };
    (StatusCode::ACCEPTED, run_header(id), Json(body)).into_response()
}

fn ended(id: Uuid, rule: ReplyRule, verdict: Verdict) -> Response {
    match verdict {
        Verdict::Completed { output } if rule == ReplyRule::WhenFinished => {
            (StatusCode::OK, run_header(id), Json(output)).into_response()
        }
        // It ended without reaching its respond step.
        Verdict::Completed { .. } => {
            (StatusCode::OK, run_header(id), Json(json!({ "run_id": id, "status": "completed" })))
                .into_response()
        }
        Verdict::Failed { step, .. } => failed(id, format!("the run {id} failed at {step}")),
        Verdict::Cancelled { .. } => failed(id, format!("the run {id} was cancelled")),
    }
}

fn failed(id: Uuid, detail: String) -> Response {
    (run_header(id), Error::into_response(problem::HOOK_RUN_FAILED.because(detail))).into_response()
}

fn run_header(id: Uuid) -> [(HeaderName, String); 1] {
    [(HeaderName::from_static("x-trunkline-run"), id.to_string())]
}

/// Headers of a respond step that the server sets itself.
const RESERVED: [&str; 4] = ["content-length", "transfer-encoding", "connection", "set-cookie"];

fn said(id: Uuid, reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = match reply.body {
        Value::Null => (status, run_header(id)).into_response(),
        Value::String(text) => (status, run_header(id), text).into_response(),
        json => (status, run_header(id), Json(json)).into_response(),
    };
    for (name, value) in reply.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) else {
            continue;
        };
        if !RESERVED.contains(&name.as_str()) {
            response.headers_mut().insert(name, value);
        }
    }
    // Text from outside must not become a page of this origin.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_signature_must_fit_the_body_to_the_last_byte() {
        let check = Check::Hmac { header: "x-signature".into(), secret: Secret::Typed(String::new()) };
        let prove = |headers: &HeaderMap, text: &[u8]| prove(&check, b"key", headers, text);
        // RFC 4231-style value for the key and text below, computed with openssl.
        let digest = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        let text = b"The quick brown fox jumps over the lazy dog";
        for value in [digest.to_owned(), format!("sha256={digest}"), digest.to_uppercase()] {
            assert!(prove(&with("x-signature", &value), text).is_ok(), "{value}");
        }
        assert!(prove(&with("x-signature", digest), b"The quick brown fox").is_err());
        assert!(prove(&with("x-signature", "sha256=zz"), text).is_err());
        assert!(prove(&HeaderMap::new(), text).is_err());
    }

    #[test]
    fn a_shared_secret_must_be_there_and_equal() {
        let check = Check::SharedSecret { header: "x-secret".into(), secret: Secret::Typed(String::new()) };
        let prove = |headers: &HeaderMap| prove(&check, b"hunter2", headers, b"");
        assert!(prove(&with("x-secret", "hunter2")).is_ok());
        assert!(prove(&with("x-secret", "hunter")).is_err());
        assert_eq!(prove(&HeaderMap::new()).unwrap_err().code(), "HOOK-0003");
    }

    #[test]
    fn keys_have_bounds() {
        assert_eq!(event_key(&with(KEY_HEADER, " a-1 ")).unwrap().as_deref(), Some("a-1"));
        assert!(event_key(&with(KEY_HEADER, &"x".repeat(256))).is_err());
        assert!(event_key(&HeaderMap::new()).unwrap().is_none());
    }
}
