//! Requests that a step composed itself and a connection signs: to the connection's hosts, within its limits, and with
//! nothing of its credentials in what comes back.

use super::operations::WAITING;
use super::{Connections, Opened, unusable};
use crate::runner::gate;
use chrono::Utc;
use serde_json::Value;
use std::time::{Duration, Instant};
use trunkline_connectors::credentials::{Veil, sign};
use trunkline_connectors::{CallError, Method, Request, Response};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Operation;
use trunkline_engine::run::Performed;
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// What came back, already read through the veil, and the veil for what is made of it: JSON may spell a secret with escapes.
pub(super) struct Exchanged {
    pub(super) response: Response,
    veil: Veil,
}

impl Connections {
    /// Sends the request that `operation` describes, signed by the connection it names, within `timeout`.
    ///
    /// # Errors
    /// The failure, as data for the step; `CONN-0008` when the address is none of the connection's hosts.
    pub async fn request(
        &self,
        workspace: WorkspaceId,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        let opened = self.usable(workspace, named(operation)?).await?;
        let repeatable = !gate::is_unrepeatable(operation);
        let request = gate::request(&operation.input, timeout)?;
        let Exchanged { response, veil } =
            self.exchange(workspace, opened, request, repeatable, timeout).await?;
        let read = gate::read(operation, response);
        let mut performed = read.map_err(|failure| veiled(&veil, failure))?;
        veil.value(&mut performed.output);
        Ok(performed)
    }

    /// Where the request of `operation` would go. Sends nothing; refuses what would be refused.
    ///
    /// # Errors
    /// As [`Connections::request`].
    pub async fn preview_request(
        &self,
        workspace: WorkspaceId,
        operation: &Operation,
    ) -> Result<String, Failure> {
        let opened = self.find(workspace, named(operation)?).await?;
        let mut request = gate::request(&operation.input, Duration::ZERO)?;
        sign(&opened.manifest, opened.auth()?, &opened.settings, &opened.secrets, &mut request)?;
        Ok(gate::target(operation))
    }

    /// Reads `address` with the connection, to see whether it works.
    pub(super) async fn read_address(
        &self,
        workspace: WorkspaceId,
        opened: Opened,
        address: &str,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        if address.is_empty() {
            return Err(untestable());
        }
        let request = Request::new(Method::GET, address);
        let Exchanged { response, veil } = self.exchange(workspace, opened, request, true, timeout).await?;
        response.into_success().map_err(|error| veiled(&veil, error.into_failure(Utc::now(), true)))?;
        Ok(Value::Null)
    }

    /// Sends `request` with a token that is renewed once if the app does not take it.
    pub(super) async fn exchange(
        &self,
        workspace: WorkspaceId,
        opened: Opened,
        request: Request,
        repeatable: bool,
        timeout: Duration,
    ) -> Result<Exchanged, Failure> {
        let begun = Instant::now();
        let first = self.send(&opened, request.clone(), repeatable, timeout).await?;
        let is_refused = |exchanged: &Exchanged| exchanged.response.status == 401;
        let renews = opened.row.renews && opened.auth()?.grant.token().is_some();
        let (opened, exchanged) = if is_refused(&first) && renews {
            // The app refused the request, so nothing was done: it may be sent again with another token.
            let opened = self.renewed(workspace, opened).await?;
            let left = timeout.saturating_sub(begun.elapsed());
            let again = self.send(&opened, request, repeatable, left).await?;
            (opened, again)
        } else {
            (opened, first)
        };
        // A 403 may be about this one address; only a 401 says that nobody knows us.
        let trouble = is_refused(&exchanged).then(|| not_accepted(&opened));
        if trouble.is_some() || (200..300).contains(&exchanged.response.status) {
            self.note_trouble(workspace, &opened.row, trouble.as_ref()).await;
        }
        Ok(exchanged)
    }

    /// Sends `request` once, when the limits of the connection let it.
    async fn send(
        &self,
        opened: &Opened,
        mut request: Request,
        repeatable: bool,
        timeout: Duration,
    ) -> Result<Exchanged, Failure> {
        let veil = sign(&opened.manifest, opened.auth()?, &opened.settings, &opened.secrets, &mut request)?;
        let live = self.live(&opened.row, &opened.manifest);
        let begun = Instant::now();
        let deadline = begun + timeout.mul_f64(WAITING);
        let _place = live.place(deadline).await?;
        live.admit(deadline).await?;
        request.timeout = timeout.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        let failed = |error: CallError| veiled(&veil, error.into_failure(Utc::now(), repeatable));
        let outcome = self.client.send(request).await.map(|response| veil.response(response)).map_err(failed);
        let said = match &outcome {
            Ok(response) => response.clone().into_success().err().map(failed),
            Err(failure) => Some(failure.clone()),
        };
        self.called(opened, &live, said.as_ref()).await;
        Ok(Exchanged { response: outcome?, veil })
    }
}

fn veiled(veil: &Veil, failure: Failure) -> Failure {
    Failure { message: veil.text(&failure.message).into_owned(), ..failure }
}

fn named(operation: &Operation) -> Result<Uuid, Failure> {
    let id = operation.connection().and_then(|id| id.parse().ok());
    id.ok_or_else(|| unusable("the step names no connection".into()))
}

fn not_accepted(opened: &Opened) -> Failure {
    Failure::new(
        "CONN-0004",
        FailureKind::Auth,
        format!("{} does not accept the connection's credentials", opened.manifest.name),
        "Open Settings > Connections, test the connection, and connect it again if it fails.",
    )
}

fn untestable() -> Failure {
    Failure::new(
        "CONN-0015",
        FailureKind::BadInput,
        "the connection has no address to test it with",
        "Enter one with its settings, or use it in a step and look at what comes back.",
    )
}
