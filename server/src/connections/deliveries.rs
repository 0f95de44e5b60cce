//! What apps send to the address of a connection: proved, read, and counted when it is refused.
//!
//! Refusals are counted in memory and written once in a while, so that whoever forges deliveries cannot keep the disk busy.

use super::{Connections, Opened, unusable};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use trunkline_connectors::interpreter::delivery::{self, Reading, Sent};
use trunkline_connectors::interpreter::signature::secret_name;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::webhook::{Refusal, Webhook};
use trunkline_connectors::{CallError, Method, Request};
use trunkline_engine::failure::Failure;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{Connection, Refused};
use uuid::Uuid;

/// Longest time that what is said back may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Refusals that are remembered until they are written, by connection, webhook and reason. Connections have to exist.
pub(super) type Refusals = BTreeMap<(Uuid, String, &'static str), u64>;

/// A connection that something was sent to.
pub struct Addressed {
    opened: Opened,
    workspace: WorkspaceId,
    webhook: String,
}

impl Addressed {
    /// Whose it is.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The app.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.opened.manifest
    }

    /// What is known of the connection and is no secret.
    #[must_use]
    pub fn settings(&self) -> &Map<String, Value> {
        &self.opened.settings
    }

    /// The webhook.
    #[must_use]
    pub fn described(&self) -> &Webhook {
        &self.opened.manifest.webhooks[&self.webhook]
    }

    /// Proves and reads what was sent.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn read(&self, sent: Sent<'_>, now: DateTime<Utc>) -> Result<Reading, Refusal> {
        delivery::read(self.described(), sent, &self.opened.settings, &self.opened.secrets, now)
    }
}

impl Connections {
    /// The connection `id` as something is sent to its `webhook`; `None` when there is no such address.
    ///
    /// # Errors
    /// When the store or the seal does not let it be read.
    pub async fn addressed(&self, id: Uuid, webhook: &str) -> Result<Option<Addressed>, Failure> {
        let found = self.store.connections.locate(id).await.map_err(|error| super::not_now(&error))?;
        let Some((workspace, row)) = found else { return Ok(None) };
        let Some(manifest) = self.apps.get(workspace, &row.app) else { return Ok(None) };
        if !manifest.webhooks.contains_key(webhook) {
            return Ok(None);
        }
        let settings = row.settings.as_object().cloned().unwrap_or_default();
        let secrets = self.secrets(workspace, &row)?;
        let opened = Opened { row, manifest, settings, secrets };
        Ok(Some(Addressed { opened, workspace, webhook: webhook.to_owned() }))
    }

    /// Names of the secrets of `webhook` that have not been entered.
    ///
    /// # Errors
    /// When the connection cannot be read.
    pub async fn missing_secrets(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        webhook: &str,
    ) -> Result<Vec<String>, Failure> {
        let opened = self.find(workspace, id).await?;
        let described = opened.manifest.webhooks.get(webhook);
        let described = described
            .ok_or_else(|| unusable(format!("{} sends nothing called {webhook}", opened.manifest.name)))?;
        let is_missing = |name: &str| opened.secrets.get(&secret_name(name)).is_none_or(str::is_empty);
        let missing = described.secrets.iter().filter(|(name, _)| is_missing(name));
        Ok(missing.map(|(_, entry)| entry.title.clone()).collect())
    }

    /// Which secrets of webhooks `row` has.
    #[must_use]
    pub fn webhook_secrets(&self, workspace: WorkspaceId, row: &Connection) -> Vec<String> {
        let Some(manifest) = self.apps.get(workspace, &row.app) else { return Vec::new() };
        let Ok(secrets) = self.secrets(workspace, row) else { return Vec::new() };
        let names = manifest.webhooks.values().flat_map(|webhook| webhook.secrets.keys());
        names.filter(|name| secrets.get(&secret_name(name)).is_some()).cloned().collect()
    }

    /// Posts `body` to `url` without any credentials, for what is said back to a delivery.
    ///
    /// # Errors
    /// What the client or the other side says against it.
    pub async fn post_plainly(&self, url: String, body: &Value) -> Result<(), CallError> {
        let mut request = Request::new(Method::POST, url);
        request.headers.push(("Content-Type".into(), "application/json".into()));
        request.body = Some(body.to_string().into());
        (request.timeout, request.max_response_bytes) = (PATIENCE, 64 * 1024);
        self.client.send(request).await?.into_success().map(drop)
    }

    /// Counts a refusal; it is written with the next [`Connections::write_refusals`].
    pub fn refuse(&self, connection: Uuid, webhook: &str, why: Refusal) {
        metrics::counter!("trunkline_deliveries_refused_total", "why" => why.as_str()).increment(1);
        let mut refusals = self.refusals.lock();
        *refusals.entry((connection, webhook.to_owned(), why.as_str())).or_default() += 1;
    }

    /// Writes the refusals that were counted; those that somebody else is writing are written too when this ends.
    ///
    /// # Errors
    /// The store's; what was not written stays counted.
    pub async fn write_refusals(&self, now: DateTime<Utc>) -> Result<(), trunkline_store::Error> {
        let _alone = self.writes_refusals.lock().await;
        loop {
            let Some(((connection, webhook, why), count)) = self.refusals.lock().pop_first() else {
                return Ok(());
            };
            let kind = match why {
                "too_old" => Refused::TooOld,
                "unreadable" => Refused::Unreadable,
                _ => Refused::Forged,
            };
            let written = self.store.app_events.refuse(connection, webhook.clone(), kind, count, now).await;
            if let Err(error) = written {
                *self.refusals.lock().entry((connection, webhook, why)).or_default() += count;
                return Err(error);
            }
        }
    }
}
