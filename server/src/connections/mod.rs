//! Connections at work: the one place where an app's manifest, the stored account and the guarded client meet.
//!
//! A secret is opened for one call and dropped with it. It is in no answer, no log and no error, whatever the app repeats.
//! A token is renewed by one caller while all others wait; a renewed token is stored before it is used.

mod access;
mod by_plugin;
mod deliveries;
mod fields;
mod gathering;
mod live;
mod operations;
mod requests;
pub mod rotation;
pub mod vault;

pub use deliveries::Addressed;
pub use fields::{AppField, FieldList};

use crate::apps::Apps;
use chrono::{DateTime, Utc};
use live::Live;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use trunkline_connectors::Client;
use trunkline_connectors::credentials::Secrets;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::auth::Auth;
use trunkline_connectors::throttle::Forecast;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::ports::Connection;
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;
use vault::Vault;

/// Connections above which those that nobody uses are forgotten.
const MANY: usize = 1_000;

/// See the [module](self).
pub struct Connections {
    apps: Arc<Apps>,
    client: Client,
    store: Store,
    vault: Arc<Vault>,
    live: Mutex<HashMap<Uuid, Arc<Live>>>,
    known_fields: fields::Known,
    /// Deliveries that were refused and are not written yet.
    refusals: Mutex<deliveries::Refusals>,
    /// Held by whoever writes them.
    writes_refusals: tokio::sync::Mutex<()>,
    /// Calls that wait to be sent together.
    batches: Mutex<gathering::Batches>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

/// Why a connection did not work when it was last used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trouble {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub action: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Trouble {
    /// `failure`, as of `at`.
    #[must_use]
    pub fn of(failure: Failure, at: DateTime<Utc>) -> Self {
        Self { code: failure.code.into_owned(), message: failure.message, action: failure.action, at }
    }
}

/// A connection with its secrets, for one call.
struct Opened {
    row: Connection,
    manifest: Arc<Manifest>,
    settings: Map<String, Value>,
    secrets: Secrets,
}

impl Opened {
    fn auth(&self) -> Result<&Auth, Failure> {
        self.manifest.auth(&self.row.auth).ok_or_else(|| {
            unusable(format!("{} cannot be signed in to this way any more", self.manifest.name))
        })
    }
}

impl Connections {
    /// Connections to `apps`.
    #[must_use]
    pub fn new(apps: Arc<Apps>, client: Client, store: Store, vault: Arc<Vault>) -> Self {
        Self {
            apps,
            client,
            store,
            vault,
            live: Mutex::default(),
            known_fields: fields::Known::default(),
            refusals: Mutex::default(),
            writes_refusals: tokio::sync::Mutex::default(),
            batches: Mutex::default(),
        }
    }

    /// The guarded client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The app called `name` in `workspace`.
    #[must_use]
    pub fn manifest(&self, workspace: WorkspaceId, name: &str) -> Option<Arc<Manifest>> {
        self.apps.get(workspace, name)
    }

    /// Seals `secrets` into `row`.
    pub fn seal(&self, workspace: WorkspaceId, row: &mut Connection, secrets: &Secrets) {
        let plain = serde_json::to_vec(secrets).expect("texts by name are JSON");
        row.sealed = self.vault.seal(&about(workspace, row.id), &plain);
        row.seal_key = self.vault.key_id();
    }

    /// The secrets of `row`.
    ///
    /// # Errors
    /// `CONN-0011` when they cannot be opened.
    pub fn secrets(&self, workspace: WorkspaceId, row: &Connection) -> Result<Secrets, Failure> {
        let plain = self.vault.unseal(&about(workspace, row.id), &row.sealed).map_err(|error| {
            tracing::error!(connection = %row.id, %error, "a connection cannot be opened");
            sealed_shut()
        })?;
        serde_json::from_slice(&plain).map_err(|_| sealed_shut())
    }

    /// How the calls of the day will last; `None` without a daily limit.
    #[must_use]
    pub fn forecast(&self, workspace: WorkspaceId, row: &Connection) -> Option<Forecast> {
        let manifest = self.apps.get(workspace, &row.app)?;
        self.live(row, &manifest).forecast(Utc::now())
    }

    async fn find(&self, workspace: WorkspaceId, id: Uuid) -> Result<Opened, Failure> {
        let row = self.store.connections.get(workspace, id).await.map_err(|error| not_now(&error))?;
        let row = row.ok_or_else(|| unusable("the connection is gone".into()))?;
        let manifest = self.apps.get(workspace, &row.app);
        let manifest =
            manifest.ok_or_else(|| unusable(format!("this server does not know the app {}", row.app)))?;
        let settings = row.settings.as_object().cloned().unwrap_or_default();
        let secrets = self.secrets(workspace, &row)?;
        Ok(Opened { row, manifest, settings, secrets })
    }

    fn live(&self, row: &Connection, manifest: &Manifest) -> Arc<Live> {
        let nothing = Map::new();
        let limits = manifest.limits_of(row.settings.as_object().unwrap_or(&nothing));
        let mut live = self.live.lock();
        if let Some(known) = live.get(&row.id) {
            known.limit(&limits);
            return Arc::clone(known);
        }
        if live.len() >= MANY {
            live.retain(|_, known| Arc::strong_count(known) > 1);
        }
        let new = Arc::new(Live::new(row, &limits, Utc::now()));
        live.insert(row.id, Arc::clone(&new));
        new
    }
}

/// What a sealed value is bound to.
fn about(workspace: WorkspaceId, id: Uuid) -> String {
    format!("connection/{}/{id}", workspace.0)
}

fn unusable(message: String) -> Failure {
    Failure::new(
        "CONN-0010",
        FailureKind::Auth,
        message,
        "Open Settings > Connections, and choose a connection that works in the step.",
    )
}

fn sealed_shut() -> Failure {
    Failure::new(
        "CONN-0011",
        FailureKind::Auth,
        "the credentials of the connection cannot be opened",
        "Start the server with the master key it had, or connect the account again.",
    )
}

/// The store did not answer: nothing was sent.
fn not_now(error: &trunkline_store::Error) -> Failure {
    Failure::new(error.code(), FailureKind::Temporary, error.to_string(), error.action())
}
