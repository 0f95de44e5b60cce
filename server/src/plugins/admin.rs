//! What administrators do: install, approve, upgrade, change, remove.

use super::{Installed, Plugins, Release};
use chrono::{SubsecRound as _, Utc};
use serde_json::json;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Registry;
use trunkline_plugins::host::{Terms, fingerprint};
use trunkline_plugins::index::Kind;
use trunkline_plugins::signature::Signature;
use trunkline_plugins::{Capabilities, Limits, Version, failures, step};
use trunkline_store::ports::{Plugin as Row, PluginChange, PluginFile, PluginUse};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

/// A file that somebody brings.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The component.
    pub file: Vec<u8>,
    /// Who vouches for it.
    pub signature: Option<Signature>,
    /// What its SHA-256 has to be.
    pub sha256: Option<[u8; 32]>,
    /// Where it came from, in words.
    pub source: String,
    /// Who brings it.
    pub by: String,
    /// Whether it may be older than what was approved before.
    pub allow_older: bool,
}

/// Why something was not done.
#[derive(Debug)]
pub enum Refused {
    /// What is wrong with the file.
    File(Failure),
    /// It is older than what was approved before.
    Older {
        /// The version that was brought.
        brought: String,
        /// The newest that was approved.
        newest: String,
    },
    /// It is not what is to be approved any more.
    Otherwise(String),
    /// Workflows use it, or steps that would be gone.
    InUse {
        /// What is used.
        what: String,
        /// By whom.
        by: Vec<PluginUse>,
    },
    /// The store's.
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::File(failure)
    }
}

impl Plugins {
    /// Takes a new plugin in. It waits for an approval.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn install(
        &self,
        workspace: WorkspaceId,
        incoming: Incoming,
    ) -> Result<Arc<Installed>, Refused> {
        let _alone = self.changing.lock().await;
        let (release, file) = self.look(workspace, incoming).await?;
        let now = Utc::now().trunc_subsecs(6);
        let row = Row {
            id: Uuid::now_v7(),
            name: release.description.name.clone(),
            enabled: true,
            live: None,
            pending: Some(to_json(&release)),
            approved: json!({}),
            limits: to_json(&Limits::default()),
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        let id = row.id;
        tracing::info!(plugin = row.name, version = release.description.version, "a plugin was brought");
        self.store.plugins.add(workspace, row, file).await?;
        self.found(workspace, id).await
    }

    /// Takes a release of an installed plugin in. It runs at once when it wants nothing new; else it waits.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn upgrade(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        incoming: Incoming,
    ) -> Result<Arc<Installed>, Refused> {
        let _alone = self.changing.lock().await;
        let installed = self.known(workspace, id)?;
        let (release, file) = self.look(workspace, incoming).await?;
        if release.description.name != installed.row.name {
            let why = format!("it is the plugin {} and not {}", release.description.name, installed.row.name);
            return Err(failures::lying(&why).into());
        }
        let waits = installed.live.is_none()
            || !release.asks_for(&installed.approved, installed.live.as_ref()).is_empty();
        let row = installed.row.clone();
        if waits {
            let row = Row { pending: Some(to_json(&release)), ..row };
            self.change(workspace, &installed, row, Some(file), None).await?;
        } else {
            self.take_over(workspace, &installed, release, Some(file)).await?;
        }
        self.found(workspace, id).await
    }

    /// Lets the release that waits run, when it is still the one with this SHA-256.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn approve(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        sha256: [u8; 32],
    ) -> Result<Arc<Installed>, Refused> {
        let _alone = self.changing.lock().await;
        let installed = self.known(workspace, id)?;
        let Some(release) = installed.pending.clone() else {
            return Err(Refused::Otherwise("nothing waits for an approval".into()));
        };
        if release.sha256 != sha256 {
            return Err(Refused::Otherwise("another release waits for an approval now".into()));
        }
        self.take_over(workspace, &installed, release, None).await?;
        self.found(workspace, id).await
    }

    /// Forgets the release that waits. A plugin that never ran goes altogether.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn turn_down(&self, workspace: WorkspaceId, id: Uuid) -> Result<(), Refused> {
        let _alone = self.changing.lock().await;
        let installed = self.known(workspace, id)?;
        if installed.live.is_none() {
            self.store.plugins.remove(workspace, id, Vec::new()).await?;
        } else {
            let row = Row { pending: None, ..installed.row.clone() };
            self.change(workspace, &installed, row, None, None).await?;
        }
        Ok(self.read_again().await?)
    }

    /// Switches a plugin on or off, or sets its limits, when it is still at `revision`.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn adjust(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        revision: i64,
        enabled: Option<bool>,
        limits: Option<Limits>,
    ) -> Result<Arc<Installed>, Refused> {
        let _alone = self.changing.lock().await;
        let installed = self.known(workspace, id)?;
        let mut row = installed.row.clone();
        row.revision = revision;
        row.enabled = enabled.unwrap_or(row.enabled);
        if let Some(limits) = limits {
            row.limits = to_json(&limits);
        }
        self.change(workspace, &installed, row, None, None).await?;
        self.found(workspace, id).await
    }

    /// Removes a plugin that no workflow uses, with everything it kept.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Result<(), Refused> {
        let _alone = self.changing.lock().await;
        let installed = self.known(workspace, id)?;
        let by = self.store.plugins.remove(workspace, id, installed.kinds()).await?;
        if !by.is_empty() {
            return Err(Refused::InUse { what: format!("the plugin {}", installed.row.name), by });
        }
        tracing::info!(plugin = installed.row.name, "a plugin was removed");
        self.read_again().await?;
        self.sweep();
        Ok(())
    }

    /// The workflows that use a plugin.
    ///
    /// # Errors
    /// The store's.
    pub async fn used_by(&self, installed: &Installed) -> Result<Vec<PluginUse>, Error> {
        self.store.plugins.used_by(installed.workspace, installed.kinds()).await
    }

    /// Looks at a file: what it is, whose it is, and what it says of itself.
    async fn look(
        &self,
        workspace: WorkspaceId,
        incoming: Incoming,
    ) -> Result<(Release, PluginFile), Refused> {
        const UNKNOWN: &str = "that was brought";
        let Incoming { file, signature, sha256, source, by, allow_older } = incoming;
        let found = fingerprint(&file);
        if let Some(wanted) = sha256.filter(|wanted| *wanted != found) {
            return Err(failures::changed(Kind::Plugin, UNKNOWN, &wanted, &found).into());
        }
        self.trust.check(Kind::Plugin, UNKNOWN, &found, signature.as_ref())?;
        let terms =
            Terms { name: UNKNOWN.into(), capabilities: Capabilities::default(), limits: Limits::default() };
        let loaded = self.host.load(&file, terms).await?;
        let description = self.host.describe(&loaded).await?;
        if self.host.describe(&loaded).await? != description {
            return Err(failures::lying("it says another thing each time it is asked").into());
        }
        let newest = self.store.plugins.newest(workspace, description.name.clone()).await?;
        if let Some(newest) = newest.filter(|_| !allow_older) {
            let is_older = match (description.version.parse::<Version>(), newest.parse()) {
                (Ok(brought), Ok(newest)) => brought.is_older_than(&newest),
                _ => true,
            };
            if is_older {
                return Err(Refused::Older { brought: description.version, newest });
            }
        }
        let at = Utc::now().trunc_subsecs(6);
        let release = Release { sha256: found, description, signature, source, by, at };
        Ok((release, PluginFile { sha256: found, file }))
    }

    /// Lets `release` run in place of the one before, unless steps that workflows use would be gone.
    async fn take_over(
        &self,
        workspace: WorkspaceId,
        installed: &Installed,
        release: Release,
        file: Option<PluginFile>,
    ) -> Result<(), Refused> {
        let gone: Vec<String> = installed
            .live
            .iter()
            .flat_map(|live| &live.description.steps)
            .filter(|step| release.description.step(&step.name).is_none())
            .map(|step| release.description.kind_of(&step.name))
            .collect();
        if !gone.is_empty() {
            let by = self.store.plugins.used_by(workspace, gone.clone()).await?;
            if !by.is_empty() {
                return Err(Refused::InUse {
                    what: format!("steps that are gone ({})", gone.join(", ")),
                    by,
                });
            }
        }
        let by = self.broken_by(workspace, &release).await?;
        if !by.is_empty() {
            return Err(Refused::InUse { what: "settings or ways out that are gone".into(), by });
        }
        let about = &release.description;
        tracing::info!(
            plugin = about.name,
            version = about.version,
            "a release of a plugin runs from now on"
        );
        let newest = self.store.plugins.newest(workspace, about.name.clone()).await?;
        let newest = match newest.as_deref().map(str::parse::<Version>) {
            Some(Ok(newest))
                if about.version.parse::<Version>().is_ok_and(|new| !newest.is_older_than(&new)) =>
            {
                None
            }
            _ => Some(about.version.clone()),
        };
        let row = Row {
            live: Some(to_json(&release)),
            pending: None,
            approved: to_json(&about.capabilities),
            ..installed.row.clone()
        };
        self.change(workspace, installed, row, file, newest).await
    }

    /// Live workflows that run now and could not with `release`, because it takes away what they name.
    async fn broken_by(&self, workspace: WorkspaceId, release: &Release) -> Result<Vec<PluginUse>, Error> {
        let prefix = release.description.kind_of("");
        let now = self.kinds.now();
        let then = self.kinds.with_instead(&prefix, step::kinds(&Arc::new(release.description.clone())));
        let mut broken = Vec::new();
        for live in self.store.workflows.live().await? {
            let runs = |registry: &Registry| Compiled::new(live.document.clone(), registry).is_ok();
            if live.workspace == workspace && runs(&now) && !runs(&then) {
                broken.push(PluginUse { workflow: live.workflow, name: live.name, live: true });
            }
        }
        Ok(broken)
    }

    async fn change(
        &self,
        workspace: WorkspaceId,
        installed: &Installed,
        row: Row,
        file: Option<PluginFile>,
        newest: Option<String>,
    ) -> Result<(), Refused> {
        let revision = row.revision;
        let row = Row { updated_at: Utc::now().trunc_subsecs(6), ..row };
        let wanted = Installed::of(installed.workspace, row.clone(), None).files();
        let change = PluginChange { plugin: row, file, wanted, newest };
        self.store.plugins.change(workspace, revision, change).await?;
        self.read_again().await?;
        self.sweep();
        Ok(())
    }

    fn sweep(&self) {
        let ours = self.code.get().map(|code| *code.sha256());
        let wanted: Vec<_> = self.installed.read().values().flat_map(|one| one.files()).chain(ours).collect();
        self.host.sweep(&wanted);
    }

    fn known(&self, workspace: WorkspaceId, id: Uuid) -> Result<Arc<Installed>, Refused> {
        self.get(workspace, id).ok_or(Refused::Store(Error::NotFound("the plugin")))
    }

    async fn found(&self, workspace: WorkspaceId, id: Uuid) -> Result<Arc<Installed>, Refused> {
        self.read_again().await?;
        self.known(workspace, id)
    }
}

impl Installed {
    /// The kinds of its steps in documents.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let releases = self.live.iter().chain(&self.pending);
        let mut kinds: Vec<String> = releases
            .flat_map(|release| &release.description.steps)
            .map(|step| trunkline_plugins::description::kind_of(&self.row.name, &step.name))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn files(&self) -> Vec<[u8; 32]> {
        self.live.iter().chain(&self.pending).map(|release| release.sha256).collect()
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("texts, numbers and lists are JSON")
}
