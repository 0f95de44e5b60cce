//! Trying an action out before it is installed: one real call, with an account that is connected or credentials that are
//! typed in and forgotten.

use crate::connections::Connections;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::credentials::{HIDDEN, Secrets};
use trunkline_connectors::interpreter::{AskBody, Call, Order};
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::auth::Auth;
use trunkline_connectors::perform::{Identity, perform};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// Longest time a trial may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer that is shown, in bytes.
const MOST_SHOWN: usize = 256 * 1024;

/// With what an action is tried.
#[derive(Debug)]
pub enum With {
    /// An account that is connected. Its credentials go to hosts they go to already, and nowhere else.
    Connection(Uuid),
    /// What was typed in.
    Typed {
        /// The way to sign in.
        auth: String,
        /// What is no secret.
        settings: Map<String, Value>,
        /// What is.
        secrets: Secrets,
    },
}

/// What came of a trial.
#[derive(Debug)]
pub struct Tried {
    /// What was sent first, without what proves who we are.
    pub request: Value,
    /// What the step would put out, or why it would fail.
    pub outcome: Result<Value, Failure>,
}

/// Tries `action` of `manifest` with `input`.
///
/// # Errors
/// When there is nothing to try it with; what the app answers is part of what comes of it.
pub async fn attempt(
    connections: &Connections,
    workspace: WorkspaceId,
    manifest: &Arc<Manifest>,
    action: &str,
    input: Map<String, Value>,
    with: With,
) -> Result<Tried, Failure> {
    let (auth, settings, secrets) = match with {
        With::Typed { auth, settings, secrets } => (auth, settings, secrets),
        With::Connection(id) => connections.lent(workspace, id, manifest).await?,
    };
    let auth: &Auth = manifest.auth(&auth).ok_or_else(|| unfit("there is no such way to sign in"))?;
    if auth.grant.token().is_some() && secrets.get("access_token").is_none() {
        return Err(unfit(
            "signing in this way takes a token of the app; enter one, or install the connector and connect an account first",
        ));
    }
    let order = Order { input, settings: settings.clone(), key: "trial".into() };
    let mut call = match Call::new(manifest, action, order) {
        Ok(call) => call,
        Err(failure) => return Ok(Tried { request: Value::Null, outcome: Err(failure) }),
    };
    let request = match call.ask() {
        Ok(ask) => {
            let mut shown = json!({ "method": ask.method, "url": ask.url.as_str() });
            match ask.body {
                AskBody::None => {}
                AskBody::Json(value) => shown["body"] = value,
                AskBody::Form(fields) => shown["body"] = fields.into_iter().collect(),
            }
            shown["headers"] = ask.headers.into_iter().collect();
            if !auth.send.is_empty() || !auth.entries().is_empty() {
                shown["signed"] = HIDDEN.into();
            }
            secrets.hidden_within(shown)
        }
        Err(failure) => return Ok(Tried { request: Value::Null, outcome: Err(failure) }),
    };
    let identity = Identity { auth, settings: &settings, secrets: &secrets };
    let admit = || async { Ok(()) };
    let outcome = perform(connections.client(), &identity, &mut call, PATIENCE, admit).await;
    let outcome = match outcome {
        Ok(output) if output.to_string().len() > MOST_SHOWN => Ok(json!({
            "too_large_to_show": format!("The answer is larger than {} KiB.", MOST_SHOWN / 1024),
        })),
        Ok(output) => Ok(output),
        Err(fault) => Err(fault.failure),
    };
    Ok(Tried { request, outcome })
}

fn unfit(message: &str) -> Failure {
    Failure::new(
        "CONN-0040",
        FailureKind::BadInput,
        message,
        "Choose another way to sign in, or install the connector first.",
    )
}
