//! Installing a connector, and what it would change.

use super::Apps;
use chrono::Utc;
use serde_json::Value;
use trunkline_connectors::manifest::compare::{Difference, compare};
use trunkline_connectors::manifest::{Manifest, Refused};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::Install;
use uuid::Uuid;

/// Why a connector cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The manifest has problems.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An app of the build is called like it.
    #[error("{0} is the name of an app or a step of Trunkline itself")]
    Taken(String),
    /// Credentials of connections would go to hosts that nobody confirmed.
    #[error("credentials would go to {}, which nobody confirmed", .0.join(", "))]
    NewHosts(Vec<String>),
    /// The store.
    #[error(transparent)]
    Store(#[from] trunkline_store::Error),
}

/// A manifest that could be installed.
#[derive(Debug)]
pub struct Candidate {
    /// The manifest.
    pub manifest: Manifest,
    /// Its text.
    pub text: String,
    /// The edition that is installed now.
    pub base: Option<i64>,
    /// What would change; nothing when it is new.
    pub difference: Option<Difference>,
}

impl Apps {
    /// Reads a manifest and says what installing it would change.
    ///
    /// # Errors
    /// When it has problems, or its name is taken.
    pub fn candidate(&self, workspace: WorkspaceId, text: &str) -> Result<Candidate, InstallError> {
        let manifest = Manifest::read(text)?;
        if self.is_taken(&manifest.id) {
            return Err(InstallError::Taken(manifest.id));
        }
        let known = self.one_installed(workspace, &manifest.id);
        let difference = known.as_ref().map(|known| compare(&known.text, text));
        let base = known.map(|known| known.row.edition);
        Ok(Candidate { manifest, text: text.to_owned(), base, difference })
    }

    /// Installs `candidate` in the place of edition `base`. New hosts must be among `confirmed`.
    ///
    /// # Errors
    /// [`InstallError::NewHosts`], and [`Error::Stale`](trunkline_store::Error::Stale) when somebody else was faster.
    pub async fn install(
        &self,
        workspace: WorkspaceId,
        candidate: Candidate,
        base: Option<i64>,
        confirmed: &[String],
        origin: Value,
        by: Option<Uuid>,
    ) -> Result<i64, InstallError> {
        let new_hosts = candidate.difference.as_ref().map(|difference| difference.new_hosts.clone());
        let open: Vec<String> =
            new_hosts.unwrap_or_default().into_iter().filter(|host| !confirmed.contains(host)).collect();
        if !open.is_empty() {
            return Err(InstallError::NewHosts(open));
        }
        let changes = candidate.difference.as_ref().map(Difference::sentences).unwrap_or_default();
        let install = Install {
            name: candidate.manifest.id.clone(),
            base,
            version: candidate.manifest.version.clone(),
            manifest: candidate.text,
            origin,
            changes: changes.into_iter().take(200).collect(),
            by,
            at: Utc::now(),
        };
        let edition = self.store.connectors.install(workspace, install).await?;
        self.reload(workspace).await?;
        Ok(edition)
    }
}
