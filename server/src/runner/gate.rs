//! The gate: the only place where a run's operations reach the world outside.
//!
//! It has three modes. *Live* performs. A *dry run* performs reads and captures writes. A *back-test* answers reads from
//! an old run's journal and captures writes. In each it performs an operation at most once per call and turns every
//! outcome into data. Live operations on leads, tables and counters never come here: they commit inside the store, in the
//! transaction that journals them.

use crate::connections::Connections;
use crate::plugins::Plugins;
use crate::rehearse::{BackTest, DryRun, How, Passed};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::credentials::HIDDEN;
use trunkline_connectors::{Client, Method, Request, Response};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Access, Operation, Performer, Promise};
use trunkline_engine::run::{EffectKey, Performed};
use trunkline_store::WorkspaceId;

/// How operations are performed.
#[derive(Debug, Clone)]
pub enum Gate {
    /// For real.
    Live(Outside),
    /// By a world that a test wrote.
    World(Arc<dyn World>),
    /// Reads for real; writes are captured.
    DryRun(Arc<DryRun>),
    /// Reads from a journal; writes are captured.
    BackTest(Arc<BackTest>),
}

/// The world outside, as it is.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The guarded client.
    pub client: Client,
    /// Accounts in other systems; none where there is no store to keep them.
    pub connections: Option<Arc<Connections>>,
    /// Installed plugins; none where there is no store to keep them.
    pub plugins: Option<Arc<Plugins>>,
}

/// A world that answers operations in place of the real one.
pub trait World: Debug + Send + Sync {
    /// Performs `operation` within `timeout`, or fails as the real world could.
    fn perform<'a>(
        &'a self,
        operation: &'a Operation,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Performed, Failure>>;
}

impl Gate {
    /// Accounts in other systems, where the world outside is the real one.
    #[must_use]
    pub fn connections(&self) -> Option<&Arc<Connections>> {
        match self {
            Self::Live(outside) => outside.connections.as_ref(),
            Self::World(_) | Self::DryRun(_) | Self::BackTest(_) => None,
        }
    }

    /// Performs `operation` on behalf of `workspace`, within `timeout`.
    ///
    /// # Errors
    /// The failure, as data for the step.
    pub async fn perform(
        &self,
        workspace: Option<WorkspaceId>,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        let nobody = EffectKey { step: String::new(), items: Vec::new() };
        self.pass(workspace, &nobody, operation, timeout, Utc::now()).await.result
    }

    /// What a write that a connection signs would begin with, in a few words; `None` for every other operation.
    pub async fn preview(
        &self,
        workspace: Option<WorkspaceId>,
        operation: &Operation,
    ) -> Option<Result<String, Failure>> {
        let (Self::Live(Outside { connections: Some(connections), .. }), Some(workspace)) = (self, workspace)
        else {
            return None;
        };
        if operation.performer == Performer::Http && operation.connection().is_some() {
            return Some(connections.preview_request(workspace, operation).await);
        }
        if operation.performer != Performer::App {
            return None;
        }
        let sent = connections.preview(workspace, operation).await;
        Some(sent.map(|sent| {
            let text = |name: &str| sent[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("method"), text("url"))
        }))
    }

    /// Lets the operation that `key` asks for pass on behalf of `workspace`, within `timeout`, in this mode; `now` is the
    /// moment it is within the run, which a rehearsal does not take from the clock.
    pub async fn pass(
        &self,
        workspace: Option<WorkspaceId>,
        key: &EffectKey,
        operation: &Operation,
        timeout: Duration,
        now: DateTime<Utc>,
    ) -> Passed {
        match (self, operation.performer) {
            (Self::DryRun(dry), _) => dry.pass(workspace, key, operation, timeout, now).await,
            (Self::BackTest(test), _) => test.pass(key, operation, now).await,
            (_, performer) if performer.is_internal() => Passed::now(Err(misrouted()), How::Live),
            (Self::Live(outside), _) => {
                Passed::now(outside.perform(workspace, operation, timeout).await, How::Live)
            }
            (Self::World(world), _) => Passed::now(world.perform(operation, timeout).await, How::Live),
        }
    }
}

impl Outside {
    async fn perform(
        &self,
        workspace: Option<WorkspaceId>,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        match (operation.performer, &self.connections, &self.plugins, workspace) {
            (Performer::Http, ..) if operation.connection().is_none() => {
                http(&self.client, operation, timeout).await
            }
            (Performer::Http, Some(connections), _, Some(workspace)) => {
                connections.request(workspace, operation, timeout).await
            }
            (Performer::App, Some(connections), _, Some(workspace)) => {
                connections.perform(workspace, operation, timeout).await
            }
            (Performer::Plugin, _, Some(plugins), Some(workspace)) => {
                plugins.perform(workspace, operation, timeout).await
            }
            (Performer::Plugin, ..) => Err(no_plugins()),
            _ => Err(no_connections()),
        }
    }
}

/// Outside of a server there are no connections.
fn no_connections() -> Failure {
    Failure::new(
        "CONN-0010",
        FailureKind::Fatal,
        "a step uses a connection, and connections are kept by the server",
        "Publish the workflow and run it on the server.",
    )
}

/// Outside of a server there are no plugins.
fn no_plugins() -> Failure {
    Failure::new(
        "PLUG-0010",
        FailureKind::Fatal,
        "a step uses a plugin, and plugins are installed on the server",
        "Publish the workflow and run it on the server; `trunkline plugin test` tries a plugin without one.",
    )
}

/// What `operation` is aimed at, in a few words.
#[must_use]
pub fn target(operation: &Operation) -> String {
    let text = |name: &str| operation.input.get(name).and_then(Value::as_str).unwrap_or_default();
    match operation.performer {
        Performer::Http => {
            // A question's parameters may hold secrets, and are long.
            let url = text("url");
            let method = if text("method").is_empty() { "GET" } else { text("method") };
            format!("{method} {}", url.split(['?', '#']).next().unwrap_or(url))
        }
        performer if performer.is_internal() => operation.action.replace('_', " "),
        _ => operation.action.to_string(),
    }
}

/// What `operation` sends, without what proves who we are.
#[must_use]
pub fn shown(operation: &Operation) -> Value {
    let mut input = operation.input.clone();
    if let Some(Value::String(url)) = input.get_mut("url") {
        *url = without_keys(url);
    }
    if let Some(Value::Array(headers)) = input.get_mut("headers") {
        for header in headers {
            let name = header.get(0).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            // Every header that is not known to be harmless may be a key under a name of its own.
            let is_harmless = ["content-type", "accept", "accept-language", "idempotency-key", "user-agent"]
                .contains(&name.as_str());
            if !is_harmless && let Some(value) = header.get_mut(1) {
                *value = HIDDEN.into();
            }
        }
    }
    input
}

/// `url` with the values of parameters hidden that are called like a key.
fn without_keys(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let parameter = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        let low = name.to_ascii_lowercase();
        let is_key =
            ["key", "token", "secret", "password", "auth", "sig"].iter().any(|word| low.contains(word));
        if is_key { format!("{name}={HIDDEN}") } else { pair.to_owned() }
    };
    format!("{address}?{}", query.split('&').map(parameter).collect::<Vec<_>>().join("&"))
}

fn misrouted() -> Failure {
    Failure::new(
        "RUN-0010",
        FailureKind::Fatal,
        "an operation on leads or tables was sent to the outside world",
        "This is a fault of Trunkline; please report it with the id of the run.",
    )
}

/// The failure of a write that was begun before a crash and must not be repeated blindly.
#[must_use]
pub fn unknown_outcome() -> Failure {
    Failure::new(
        "RUN-0009",
        FailureKind::UnknownOutcome,
        "the server stopped while this was under way, so nobody knows whether it happened",
        "Look in the other system whether it happened, then run the workflow again from there if it did not.",
    )
}

/// The failure of an operation that did not even keep its own time-out.
pub(super) fn too_late(operation: &Operation, timeout: Duration) -> Failure {
    let kind = if is_unrepeatable(operation) { FailureKind::UnknownOutcome } else { FailureKind::Timeout };
    Failure::new(
        "CALL-0004",
        kind,
        format!("no whole answer came within {} s", timeout.as_secs_f32()),
        "Give the step a longer time-out, or look at why the service is slow.",
    )
}

/// Whether `operation` must not be repeated when its outcome was lost, before someone has looked.
#[must_use]
pub fn is_unrepeatable(operation: &Operation) -> bool {
    operation.access == Access::Write && matches!(operation.promise, Promise::Uncertain | Promise::Checked)
}

async fn http(client: &Client, operation: &Operation, timeout: Duration) -> Result<Performed, Failure> {
    let request = request(&operation.input, timeout)?;
    let repeatable = !is_unrepeatable(operation);
    let response = client.send(request).await;
    read(operation, response.map_err(|error| error.into_failure(Utc::now(), repeatable))?)
}

/// What `response` says to the step that asked for `operation`.
pub(crate) fn read(operation: &Operation, response: Response) -> Result<Performed, Failure> {
    let repeatable = !is_unrepeatable(operation);
    let failed = |error: trunkline_connectors::CallError| error.into_failure(Utc::now(), repeatable);
    let any_status = operation.input.get("any_status").and_then(Value::as_bool).unwrap_or(false);
    let accepted = operation.input.get("accept").and_then(Value::as_array);
    let is_accepted = accepted.is_some_and(|all| all.contains(&response.status.into()));
    let response =
        if any_status || is_accepted { response } else { response.into_success().map_err(failed)? };
    let is_json = response.header("content-type").is_some_and(|kind| kind.contains("json"));
    let body = match serde_json::from_slice(&response.body) {
        Ok(value) if is_json => value,
        _ if response.body.is_empty() => Value::Null,
        _ => Value::from(String::from_utf8_lossy(&response.body).into_owned()),
    };
    let headers: serde_json::Map<String, Value> =
        response.headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    let output = serde_json::json!({ "status": response.status, "headers": headers, "body": body });
    Ok(Performed {
        output,
        why: Some(format!("The service answered {}.", response.status)),
        written: Vec::new(),
    })
}

/// The request that `input` describes.
pub(crate) fn request(input: &Value, timeout: Duration) -> Result<Request, Failure> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let unusable = |what: &str| {
        Failure::bad_input(
            "CALL-0001",
            format!("the call has no usable {what}"),
            "Check the settings of the step.",
        )
    };
    let method = text("method").unwrap_or("GET").parse::<Method>().map_err(|_| unusable("method"))?;
    let mut request = Request::new(method, text("url").ok_or_else(|| unusable("address"))?);
    request.timeout = timeout;
    request.headers = headers(input.get("headers"));
    request.body = text("body").map(|body| body.to_owned().into());
    Ok(request)
}

/// Headers as the step composed them: pairs of name and value.
fn headers(given: Option<&Value>) -> Vec<(String, String)> {
    let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned()));
    given.and_then(Value::as_array).map(|pairs| pairs.iter().filter_map(pair).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_shown_of_a_call_holds_no_credentials_and_names_its_target() {
        let input = json!({
            "method": "POST", "url": "https://api.example.com/contacts?page=2&token=s3cret", "body": "{}",
            "headers": [["Authorization", "Bearer s3cret"], ["X-Shop", "s3cret"], ["Content-Type", "application/json"]],
        });
        let operation = Operation {
            performer: Performer::Http,
            action: "request".into(),
            input,
            access: Access::Write,
            promise: Promise::Uncertain,
            sends_to: None,
        };
        let shown = shown(&operation);
        assert!(!shown.to_string().contains("s3cret"), "{shown}");
        assert!(shown["url"].as_str().unwrap().contains("page=2"));
        assert_eq!(shown["headers"][2][1], "application/json");
        assert_eq!(target(&operation), "POST https://api.example.com/contacts");
    }
}
