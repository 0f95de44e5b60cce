//! What one call of a plugin reaches: approved hosts through the guarded client, connections by reference, and what it
//! keeps for its workflow.
//!
//! All of it happens on the server's own threads: those of guests may be busy computing.

use crate::connections::Connections;
use chrono::Utc;
use futures_util::future::BoxFuture;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use trunkline_connectors::{Client, Method};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_plugins::failures;
use trunkline_plugins::outside::{Outside, Request, Response};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// Largest answer a plugin may get, in bytes.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// Longest time one call to another system may take.
const LONGEST: Duration = Duration::from_secs(60);

/// See the [module](self).
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) connections: Arc<Connections>,
    pub(super) threads: Handle,
    pub(super) workspace: WorkspaceId,
    pub(super) plugin: Uuid,
    pub(super) workflow: String,
    pub(super) hosts: Vec<String>,
    pub(super) apps: Vec<String>,
    pub(super) deadline: Instant,
    pub(super) repeatable: bool,
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}

impl Outside for Reach {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let reach = self.clone();
        self.elsewhere(async move { reach.sent(request).await })
    }

    fn kept(&self, key: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        let reach = self.clone();
        self.elsewhere(async move {
            let kept = reach.store.plugins.kept(reach.plugin, reach.workflow, key).await;
            kept.map_err(|error| super::not_now(&error))
        })
    }
}

impl Reach {
    fn elsewhere<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, Failure>> {
        let task = AbortOnDropHandle::new(self.threads.spawn(work));
        Box::pin(async move {
            task.await.unwrap_or_else(|_| {
                Err(Failure::new(
                    "PLUG-0014",
                    FailureKind::UnknownOutcome,
                    "the host failed while it called another system",
                    "This is a fault of Trunkline; please report it with the id of the run.",
                ))
            })
        })
    }

    async fn sent(self, request: Request) -> Result<Response, Failure> {
        let timeout = self.deadline.saturating_duration_since(Instant::now()).min(LONGEST);
        let method = request.method.parse::<Method>().map_err(|_| {
            failures::wrong_setting("", &format!("{} is no HTTP method", failures::said(&request.method)))
        })?;
        let mut asked = trunkline_connectors::Request::new(method, request.url);
        asked.headers = request.headers;
        asked.body = request.body.map(Into::into);
        (asked.timeout, asked.max_response_bytes) = (timeout, MOST_BYTES);
        if let Some(connection) = request.connection {
            let id = connection.parse::<Uuid>().map_err(|_| {
                failures::wrong_setting("", "the connection it names is none; choose one in the step")
            })?;
            let response = self
                .connections
                .send_for_plugin(self.workspace, id, &self.apps, asked, self.repeatable)
                .await?;
            return Ok(read(response));
        }
        asked.only_hosts = Some(self.hosts);
        let sent = self.client.send(asked).await;
        sent.map(read).map_err(|error| error.into_failure(Utc::now(), self.repeatable))
    }
}

fn read(response: trunkline_connectors::Response) -> Response {
    Response { status: response.status, headers: response.headers, body: response.body.to_vec() }
}
