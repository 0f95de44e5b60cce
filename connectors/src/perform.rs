//! A call to an app over the wire: asked through the guarded client, answer by answer, until it is done.

use crate::client::Client;
use crate::credentials::{Secrets, Veil, signed};
use crate::error::CallError;
use crate::interpreter::{Answer, Call, Fault, Turn, failures};
use crate::manifest::Manifest;
use crate::manifest::auth::Auth;
use crate::manifest::body::Reads;
use crate::request::Request;
use chrono::Utc;
use serde_json::{Map, Value};
use std::future::Future;
use std::time::{Duration, Instant};
use trunkline_engine::failure::Failure;

/// Largest answer of an app, in bytes after decompression.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Most values of an answer in JSON. Each takes some fifty times the room that `0,` has on the way.
const MOST_VALUES: usize = 1_000_000;

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
        let left = |begun: Instant| timeout.saturating_sub(begun.elapsed());
        if let Some(pause) = call.pause() {
            if pause >= left(begun) {
                return Err(failures::still_at_work(&call.manifest().name, call.is_repeatable()).into());
            }
            tokio::time::sleep(pause).await;
        }
        admit().await.map_err(|failure| call.weighed(failure))?;
        let answer = match ask(client, call, identity, left(begun).max(Duration::from_millis(1))).await {
            Ok(answer) => answer,
            Err(failure) => {
                call.stumbled(failure, Utc::now())?;
                continue;
            }
        };
        match call.take(answer, Utc::now()) {
            Ok(Turn::More) => {}
            Ok(Turn::Done(output)) => return Ok(output),
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
) -> Result<Answer, Failure> {
    let manifest: &Manifest = call.manifest();
    let (mut request, veil) =
        signed(manifest, identity.auth, identity.settings, identity.secrets, call.ask()?)?;
    request.timeout = timeout;
    request.max_response_bytes = MOST_BYTES;
    let lost = |error: CallError| error.into_failure(Utc::now(), call.is_repeatable());
    answered(client, request, call.reads(), &veil).await.map_err(lost)
}

/// Sends `request` and reads what comes back as `reads` says, through `veil`: nothing after this sees what is under it.
///
/// # Errors
/// What the client says of a call that did not come through.
pub async fn answered(
    client: &Client,
    request: Request,
    reads: Reads,
    veil: &Veil,
) -> Result<Answer, CallError> {
    let response = client.send(request).await?;
    if has_too_many_values(reads, &response.body) {
        return Err(CallError::too_many_values(MOST_VALUES));
    }
    let response = veil.response(response);
    let mut answer = Answer::read_as(reads, response.status, response.headers, &response.body);
    veil.value(&mut answer.body);
    Ok(answer)
}

/// Whether `body`, if it is JSON or rows, holds more values than are read. It counts what separates them, in texts as well.
fn has_too_many_values(reads: Reads, body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let separates: fn(&u8) -> bool = match (reads, first) {
        (Reads::Text, _) => return false,
        (_, Some(b'[' | b'{')) => |byte| matches!(byte, b',' | b'[' | b'{'),
        (Reads::Csv, _) => |byte| matches!(byte, b',' | b'\n' | b'\r'),
        (Reads::Json, _) => return false,
    };
    body.iter().filter(|byte| separates(byte)).count() > MOST_VALUES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_before_they_are_read() {
        assert!(has_too_many_values(Reads::Json, format!("[{}0]", "0,".repeat(MOST_VALUES)).as_bytes()));
        assert!(has_too_many_values(Reads::Json, "[".repeat(MOST_VALUES + 1).as_bytes()));
        assert!(!has_too_many_values(Reads::Json, b"[1, 2]"));
        let rows = "a,b\n".repeat(MOST_VALUES);
        assert!(!has_too_many_values(Reads::Json, rows.as_bytes()), "this is no JSON");
        assert!(has_too_many_values(Reads::Csv, rows.as_bytes()));
        assert!(!has_too_many_values(Reads::Text, rows.as_bytes()));
    }
}
