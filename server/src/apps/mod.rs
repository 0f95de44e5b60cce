//! The apps of a workspace: those of the build, and the connectors that its administrators installed.
//!
//! A connector has editions. New work goes by the current one; what is frozen, and whatever runs of it, keeps the editions
//! it was frozen with. A connector never takes the place of an app of the build, whatever it is called.

pub mod install;
pub mod reading;
pub mod trying;
pub mod vouched;

use crate::kinds::Kinds;
use indexmap::IndexMap;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use trunkline_connectors::Catalog;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::step::kinds;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Registry, StepKind};
use trunkline_plugins::signature::Trust;
use trunkline_store::ports::Connector;
use trunkline_store::{Store, WorkspaceId};
use vouched::Vouched;

/// Editions that are kept in memory although they are not current.
const KEPT: usize = 64;

/// See the [module](self).
#[derive(Debug)]
pub struct Apps {
    built_in: Catalog,
    kinds: Kinds,
    store: Store,
    /// Whose signatures count.
    trust: Trust,
    shelves: RwLock<HashMap<WorkspaceId, Arc<Shelf>>>,
    /// Held while a shelf is read anew: of two changes, the later one is what is put up.
    reading: tokio::sync::Mutex<()>,
    /// Older editions, the last used at the end.
    older: Mutex<Vec<(i64, Arc<Manifest>)>>,
    /// Documents somebody chooses from, the last used at the end.
    held: Mutex<Vec<Arc<reading::Reading>>>,
}

/// The installed connectors of one workspace.
#[derive(Debug)]
struct Shelf {
    installed: IndexMap<String, Installed>,
    steps: Vec<StepKind>,
    /// Every kind of the workspace, and after how many changes of everybody's kinds they were put together.
    registry: Mutex<(u64, Arc<Registry>)>,
}

/// An installed connector.
#[derive(Debug, Clone)]
pub struct Installed {
    /// As it is stored.
    pub row: Connector,
    /// The text of its manifest.
    pub text: Arc<str>,
    /// Its manifest, or why this build cannot use it.
    pub manifest: Result<Arc<Manifest>, String>,
}

impl Apps {
    /// The apps of `built_in`, whose step kinds are among `kinds`, and those that are installed.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(
        built_in: Catalog,
        kinds: Kinds,
        store: Store,
        trust: Trust,
    ) -> Result<Self, trunkline_store::Error> {
        let all = store.connectors.all().await?;
        let apps = Self {
            built_in,
            kinds,
            store,
            trust,
            shelves: RwLock::default(),
            reading: tokio::sync::Mutex::default(),
            older: Mutex::default(),
            held: Mutex::default(),
        };
        let mut by_workspace: HashMap<WorkspaceId, Vec<(Connector, String)>> = HashMap::new();
        for (row, text) in all {
            by_workspace.entry(row.workspace).or_default().push((row, text));
        }
        for (workspace, rows) in by_workspace {
            apps.put_up(workspace, rows);
        }
        Ok(apps)
    }

    /// Reads the connectors of a workspace again, after one was changed.
    ///
    /// # Errors
    /// The store's.
    pub async fn reload(&self, workspace: WorkspaceId) -> Result<(), trunkline_store::Error> {
        let _alone = self.reading.lock().await;
        let rows = self.store.connectors.of(workspace).await?;
        self.put_up(workspace, rows);
        Ok(())
    }

    fn put_up(&self, workspace: WorkspaceId, rows: Vec<(Connector, String)>) {
        let (mut installed, mut steps) = (IndexMap::new(), Vec::new());
        for (row, text) in rows {
            let vouched = Vouched::of(&row.origin).check(&self.trust, &row.name, &text);
            let manifest =
                vouched.map_err(|failure| failure.message).and_then(|()| self.usable(&row.name, &text));
            match &manifest {
                Ok(manifest) => steps.extend(kinds(manifest, Some(row.edition))),
                Err(why) => {
                    tracing::error!(connector = row.name, why, "an installed connector cannot be used");
                }
            }
            installed.insert(row.name.clone(), Installed { row, text: text.into(), manifest });
        }
        let registry = Mutex::new(self.beside_everybodys(&steps));
        self.shelves.write().insert(workspace, Arc::new(Shelf { installed, steps, registry }));
    }

    /// `steps` beside those that everybody has, and how often these had changed.
    fn beside_everybodys(&self, steps: &[StepKind]) -> (u64, Arc<Registry>) {
        // Counted first: what changes in between is put together once more.
        let changes = self.kinds.changes();
        (changes, Arc::new(Registry::beside(&self.kinds.now(), steps.to_vec())))
    }

    fn usable(&self, name: &str, text: &str) -> Result<Arc<Manifest>, String> {
        if self.is_taken(name) {
            return Err(format!("this version of Trunkline has an app of its own that is called {name}"));
        }
        Manifest::read(text).map(Arc::new).map_err(|refused| refused.to_string())
    }

    fn shelf(&self, workspace: WorkspaceId) -> Option<Arc<Shelf>> {
        self.shelves.read().get(&workspace).map(Arc::clone)
    }

    /// Whether a connector cannot be called `name`: an app of the build is, or a step kind.
    #[must_use]
    pub fn is_taken(&self, name: &str) -> bool {
        self.kinds.now().knows(name)
    }

    /// `wanted`, or a name like it that no app of the workspace has.
    #[must_use]
    pub fn free_name(&self, workspace: WorkspaceId, wanted: &str) -> String {
        let is_free = |name: &String| !self.is_taken(name) && self.one_installed(workspace, name).is_none();
        let others = (2..100).map(|number| format!("{wanted}_{number}"));
        [wanted.to_owned(), format!("{wanted}_api")]
            .into_iter()
            .chain(others)
            .find(is_free)
            .unwrap_or_else(|| wanted.to_owned())
    }

    /// The apps of the build.
    pub fn built_in(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.built_in.iter()
    }

    /// The installed connectors of a workspace, by name.
    #[must_use]
    pub fn installed(&self, workspace: WorkspaceId) -> Vec<Installed> {
        self.shelf(workspace).map(|shelf| shelf.installed.values().cloned().collect()).unwrap_or_default()
    }

    /// An installed connector.
    #[must_use]
    pub fn one_installed(&self, workspace: WorkspaceId, name: &str) -> Option<Installed> {
        self.shelf(workspace)?.installed.get(name).cloned()
    }

    /// The app called `name`, switched on or not.
    #[must_use]
    pub fn get(&self, workspace: WorkspaceId, name: &str) -> Option<Arc<Manifest>> {
        if let Some(manifest) = self.built_in.get(name) {
            return Some(Arc::clone(manifest));
        }
        self.shelf(workspace)?.installed.get(name)?.manifest.clone().ok()
    }

    /// Whether the steps of a kind are offered: it is of no connector that is switched off.
    #[must_use]
    pub fn is_offered(&self, workspace: WorkspaceId, kind: &str) -> bool {
        self.switched_off(workspace, kind).is_none()
    }

    /// What the connector of a kind is called, when it is switched off.
    #[must_use]
    pub fn switched_off(&self, workspace: WorkspaceId, kind: &str) -> Option<String> {
        let (name, _) = kind.split_once('.')?;
        let shelf = self.shelf(workspace)?;
        let installed = shelf.installed.get(name).filter(|installed| !installed.row.enabled)?;
        Some(installed.manifest.as_ref().map_or_else(|_| name.to_owned(), |manifest| manifest.name.clone()))
    }

    /// Every step kind of a workspace, by the current editions.
    #[must_use]
    pub fn registry(&self, workspace: WorkspaceId) -> Arc<Registry> {
        let Some(shelf) = self.shelf(workspace) else { return self.kinds.now() };
        let mut registry = shelf.registry.lock();
        if registry.0 != self.kinds.changes() {
            *registry = self.beside_everybodys(&shelf.steps);
        }
        Arc::clone(&registry.1)
    }

    /// Every step kind, by the editions that something was frozen with. An edition that is gone has none.
    ///
    /// # Errors
    /// The store's.
    pub async fn registry_of(
        &self,
        workspace: WorkspaceId,
        editions: &BTreeMap<String, i64>,
    ) -> Result<Arc<Registry>, trunkline_store::Error> {
        if editions.is_empty() {
            return Ok(self.kinds.now());
        }
        let mut steps = Vec::new();
        for (name, edition) in editions {
            if let Some(manifest) = self.edition(workspace, name, *edition).await? {
                steps.extend(kinds(&manifest, Some(*edition)));
            }
        }
        Ok(Arc::new(Registry::beside(&self.kinds.now(), steps)))
    }

    /// The manifest of `name` in `edition`; `None` when it is gone or cannot be used.
    async fn edition(
        &self,
        workspace: WorkspaceId,
        name: &str,
        edition: i64,
    ) -> Result<Option<Arc<Manifest>>, trunkline_store::Error> {
        let current = self.one_installed(workspace, name).filter(|one| one.row.edition == edition);
        if let Some(current) = current {
            return Ok(current.manifest.ok());
        }
        {
            let mut older = self.older.lock();
            if let Some(at) = older.iter().position(|(known, _)| *known == edition) {
                let found = older.remove(at);
                let manifest = Arc::clone(&found.1);
                older.push(found);
                return Ok(Some(manifest));
            }
        }
        let Some((known, text)) = self.store.connectors.edition(workspace, edition).await? else {
            return Ok(None);
        };
        let Some(manifest) = self.usable(&known, &text).ok().filter(|_| known == name) else {
            return Ok(None);
        };
        let mut older = self.older.lock();
        if older.len() >= KEPT {
            older.remove(0);
        }
        older.push((edition, Arc::clone(&manifest)));
        Ok(Some(manifest))
    }

    /// The manifest that a call of `name` goes by: of `edition` if it is an installed one.
    ///
    /// # Errors
    /// `CONN-0045` when it is switched off, `CONN-0046` when the edition or the app is gone.
    pub async fn for_call(
        &self,
        workspace: WorkspaceId,
        name: &str,
        edition: Option<i64>,
    ) -> Result<Arc<Manifest>, Failure> {
        if let Some(manifest) = self.built_in.get(name) {
            return Ok(Arc::clone(manifest));
        }
        let Some(installed) = self.one_installed(workspace, name) else { return Err(gone(name)) };
        if !installed.row.enabled {
            return Err(switched_off(name));
        }
        match edition {
            None => installed.manifest.map_err(|_| gone(name)),
            Some(edition) => {
                let found = self.edition(workspace, name, edition).await.map_err(|error| {
                    Failure::new(error.code(), FailureKind::Temporary, error.to_string(), error.action())
                })?;
                found.ok_or_else(|| gone(name))
            }
        }
    }
}

/// The connector is switched off: nothing was sent.
fn switched_off(name: &str) -> Failure {
    Failure::new(
        "CONN-0045",
        FailureKind::Fatal,
        format!("the connector {name} is switched off"),
        "An administrator switches it on under Settings > Connectors; then run it again.",
    )
}

/// The app, or the edition that a step goes by, is not there: nothing was sent.
fn gone(name: &str) -> Failure {
    Failure::new(
        "CONN-0046",
        FailureKind::Fatal,
        format!(
            "the connector {name} is not installed, or not in the edition this workflow was published with"
        ),
        "Install it under Settings > Connectors, then publish the workflow again.",
    )
}
