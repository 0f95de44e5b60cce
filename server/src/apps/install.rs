//! Installing a connector, and what it would change.

use super::Apps;
use super::vouched::Vouched;
use chrono::Utc;
use serde_json::Value;
use trunkline_connectors::manifest::compare::{Difference, compare};
use trunkline_connectors::manifest::{Manifest, Refused};
use trunkline_engine::failure::Failure;
use trunkline_plugins::index::is_older;
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
    /// It is not the text that was meant, or nobody whose word counts signed it.
    #[error("{0}")]
    Unvouched(Box<Failure>),
    /// It is older than what was installed before.
    #[error("it is version {brought}, and version {newest} was installed before")]
    Older {
        /// Its version.
        brought: String,
        /// The newest one.
        newest: String,
    },
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

/// What an administrator says to a candidate.
#[derive(Debug, Default)]
pub struct Approval {
    /// The edition it takes the place of, as they saw it.
    pub base: Option<i64>,
    /// New hosts that may get credentials.
    pub hosts: Vec<String>,
    /// Who vouches for it.
    pub vouched: Vouched,
    /// Whether it may be older than what was installed before.
    pub allow_older: bool,
    /// Where it comes from.
    pub origin: Value,
    /// Who they are.
    pub by: Option<Uuid>,
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

    /// Installs `candidate` as it was approved.
    ///
    /// # Errors
    /// [`InstallError`], and [`Error::Stale`](trunkline_store::Error::Stale) in it when somebody else was faster.
    pub async fn install(
        &self,
        workspace: WorkspaceId,
        candidate: Candidate,
        approval: Approval,
    ) -> Result<i64, InstallError> {
        let Approval { base, hosts, vouched, allow_older, origin, by } = approval;
        let Candidate { manifest, text, difference, .. } = candidate;
        let checked = vouched.check(&self.trust, &manifest.id, &text);
        checked.map_err(|failure| InstallError::Unvouched(Box::new(failure)))?;
        let newest = self.store.connectors.newest(workspace, manifest.id.clone()).await?;
        let newer = newest.filter(|newest| is_older(&manifest.version, newest));
        let is_newest = newer.is_none();
        if let Some(newest) = newer
            && !allow_older
        {
            return Err(InstallError::Older { brought: manifest.version, newest });
        }
        let new_hosts = difference.as_ref().map(|difference| difference.new_hosts.clone());
        let open: Vec<String> =
            new_hosts.unwrap_or_default().into_iter().filter(|host| !hosts.contains(host)).collect();
        if !open.is_empty() {
            return Err(InstallError::NewHosts(open));
        }
        let changes = difference.as_ref().map(Difference::sentences).unwrap_or_default();
        let install = Install {
            name: manifest.id.clone(),
            base,
            version: manifest.version.clone(),
            origin: vouched.kept(origin, &text),
            manifest: text,
            changes: changes.into_iter().take(200).collect(),
            is_newest,
            by,
            at: Utc::now(),
        };
        let edition = self.store.connectors.install(workspace, install).await?;
        self.reload(workspace).await?;
        Ok(edition)
    }
}
