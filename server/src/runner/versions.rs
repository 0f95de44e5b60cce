//! Compiled versions, kept while they are used; bounded.

use crate::apps::Apps;
use crate::kinds::Kinds;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use trunkline_engine::compile::{Compiled, Problem};
use trunkline_engine::document::{Document, Steps};
use trunkline_engine::kind::{Category, Registry};
use trunkline_plugins::description::PREFIX;
use trunkline_store::ports::Pinned;
use trunkline_store::{Store, VersionId, WorkspaceId};
use uuid::Uuid;

/// Compiled versions kept.
const KEPT: usize = 512;

/// A frozen document, ready to run.
#[derive(Debug)]
pub struct Version {
    /// Its row.
    pub id: VersionId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: Uuid,
    /// What the workflow was called.
    pub name: String,
    /// Its published number; `None` for the snapshot of a draft.
    pub number: Option<u32>,
    /// The document, compiled.
    pub compiled: Arc<Compiled>,
    /// Whether a run of it may be unfinished after its first turn.
    pub outlives_turn: bool,
}

/// Why a version cannot run.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] trunkline_store::Error),
    /// There is no such version.
    #[error("the version this run is pinned to is gone")]
    Gone,
    /// This build cannot compile it, for example because a step kind was removed.
    #[error("this version cannot run with this build: {}", first(.0))]
    Broken(Vec<Problem>),
}

fn first(problems: &[Problem]) -> &str {
    problems.first().map_or("it has problems", |problem| problem.message.as_str())
}

/// The cache.
#[derive(Debug)]
pub struct Versions {
    store: Store,
    kinds: Kinds,
    apps: Option<Arc<Apps>>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_id: HashMap<VersionId, (Arc<Version>, u64)>,
    /// The state of the kinds they were compiled with.
    changes: u64,
    clock: u64,
}

impl Versions {
    /// An empty cache before `store`.
    #[must_use]
    pub fn new(store: Store, kinds: Kinds) -> Self {
        Self { store, kinds, apps: None, kept: Mutex::default() }
    }

    /// With the connectors that workspaces installed.
    #[must_use]
    pub fn with(mut self, apps: Arc<Apps>) -> Self {
        self.apps = Some(apps);
        self
    }

    /// The version `id`, from memory or from the store.
    ///
    /// # Errors
    /// When it is gone or cannot run with this build.
    pub async fn get(&self, id: VersionId) -> Result<Arc<Version>, VersionError> {
        if let Some(version) = self.kept(id) {
            return Ok(version);
        }
        let pinned = self.store.workflows.pinned(id).await?.ok_or(VersionError::Gone)?;
        self.compile(pinned).await
    }

    /// Compiles `pinned`, or takes it from memory.
    ///
    /// # Errors
    /// [`VersionError::Broken`], or the store's when it cannot say what the version was frozen with.
    pub async fn compile(&self, pinned: Pinned) -> Result<Arc<Version>, VersionError> {
        if let Some(version) = self.kept(pinned.version) {
            return Ok(version);
        }
        let changes = self.kinds.changes();
        let registry = match &self.apps {
            Some(apps) => apps.registry_of(pinned.workspace, &pinned.editions).await?,
            None => self.kinds.now(),
        };
        let outlives_turn = may_outlive_turn(&pinned.document, &registry);
        let compiled = Compiled::new(pinned.document, &registry).map_err(VersionError::Broken)?;
        let version = Arc::new(Version {
            id: pinned.version,
            workspace: pinned.workspace,
            workflow: pinned.workflow,
            name: pinned.name,
            number: pinned.number,
            compiled,
            outlives_turn,
        });
        self.keep(&version, changes);
        Ok(version)
    }

    /// Compiles `document` of a workspace without keeping it.
    ///
    /// # Errors
    /// [`VersionError::Broken`].
    pub fn check(&self, workspace: WorkspaceId, document: Document) -> Result<Arc<Compiled>, VersionError> {
        let registry = match &self.apps {
            Some(apps) => apps.registry(workspace),
            None => self.kinds.now(),
        };
        Compiled::new(document, &registry).map_err(VersionError::Broken)
    }

    fn kept(&self, id: VersionId) -> Option<Arc<Version>> {
        let mut kept = self.kept.lock();
        kept.forget_all_before(self.kinds.changes());
        kept.clock += 1;
        let clock = kept.clock;
        let (version, used) = kept.by_id.get_mut(&id)?;
        *used = clock;
        Some(Arc::clone(version))
    }

    fn keep(&self, version: &Arc<Version>, changes: u64) {
        let mut kept = self.kept.lock();
        kept.forget_all_before(self.kinds.changes());
        if kept.changes != changes {
            return;
        }
        if kept.by_id.len() >= KEPT {
            let oldest = kept.by_id.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
            oldest.map(|id| kept.by_id.remove(&id));
        }
        let clock = kept.clock;
        kept.by_id.insert(version.id, (Arc::clone(version), clock));
    }
}

impl Kept {
    /// A step kind that was added or exchanged means another thing in every document that names it.
    fn forget_all_before(&mut self, changes: u64) {
        if self.changes != changes {
            self.by_id.clear();
            self.changes = changes;
        }
    }
}

/// Runs whose steps all finish within their first turn never need a place in memory. Rather one too many than a run
/// that somebody else takes up while its first call is under way.
fn may_outlive_turn(document: &Document, registry: &Registry) -> bool {
    fn any(steps: &Steps, registry: &Registry) -> bool {
        steps.values().any(|step| {
            let goes_out = match step.kind.as_str() {
                "wait" | "approval" | "wait_for_callback" | "wait_for_lead" | "call_workflow" => true,
                "loop" => step.config.get("from").is_some_and(|from| from != "list"),
                kind if kind.starts_with(PREFIX) => true,
                kind => registry.get(kind).is_none_or(|kind| {
                    matches!(kind.descriptor.category, Category::Connect | Category::Code)
                }),
            };
            goes_out
                || step.retry.is_some()
                || step.body.as_ref().is_some_and(|body| any(&body.steps, registry))
        })
    }
    any(&document.steps, registry)
}
