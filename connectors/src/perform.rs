//! A call to an app over the wire: asked through the guarded client, answer by answer, until it is done.

use crate::client::Client;
use crate::credentials::{Secrets, signed};
use crate::error::CallError;
use crate::interpreter::{Answer, Call, Fault, Turn};
use crate::manifest::Manifest;
use crate::manifest::auth::Auth;
use crate::request::Request;
use chrono::Utc;
use serde_json::{Map, Value};
use std::future::Future;
use std::time::{Duration, Instant};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Promise;

/// Largest answer of an app, in bytes after decompression.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// How a call proves who it is.
#[derive(Debug, Clone)]
pub struct Identity<'a> {
    /// The way to sign in.
    pub auth: &'a Auth,
    /// What is known of the connection and is no secret.
    pub settings: &'a Map<String, Value>,
    /// What proves it.
    pub secrets: &'a Secrets,
}

/// Asks `call` to its end within `timeout`. `admit` is waited for before each request.
///
/// # Errors
/// What the app answered, by its manifest; what the client says of a call that did not come through. No text holds a
/// secret, whatever the app repeats.
pub async fn perform<F>(
    client: &Client,
    identity: &Identity<'_>,
    call: &mut Call,
    timeout: Duration,
    mut admit: impl FnMut() -> F,
) -> Result<Value, Fault>
where
    F: Future<Output = Result<(), Failure>>,
{
    let begun = Instant::now();
    loop {
        admit().await?;
        let left = timeout.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        let answer = ask(client, call, identity, left).await?;
        match call.take(answer, Utc::now()) {
            Ok(Turn::More) => {}
            Ok(Turn::Done(output)) => return Ok(identity.secrets.hidden_within(output)),
            Err(mut fault) => {
                fault.failure.message = identity.secrets.hidden_in(&fault.failure.message);
                return Err(fault);
            }
        }
    }
}

async fn ask(
    client: &Client,
    call: &Call,
    identity: &Identity<'_>,
    timeout: Duration,
) -> Result<Answer, Fault> {
    let manifest: &Manifest = call.manifest();
    let mut request = signed(manifest, identity.auth, identity.settings, identity.secrets, call.ask()?)?;
    request.timeout = timeout;
    request.max_response_bytes = MOST_BYTES;
    let is_repeatable = !matches!(call.action().promise(), Promise::Checked | Promise::Uncertain);
    let response =
        client.send(request).await.map_err(|error| error.into_failure(Utc::now(), is_repeatable))?;
    Ok(Answer::read_as(call.action().request.answer, response.status, response.headers, &response.body))
}

/// Sends `request` and reads what comes back as an [`Answer`].
///
/// # Errors
/// What the client says of a call that did not come through.
pub async fn answered(client: &Client, request: Request) -> Result<Answer, CallError> {
    let response = client.send(request).await?;
    Ok(Answer::read(response.status, response.headers, &response.body))
}
