//! Every step kind this server knows now: those of the build, and those that administrators add while it runs.
//!
//! Whoever compiles a document takes the kinds of one moment and keeps to them; the next one to ask gets the next.

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use trunkline_engine::kind::{Registry, StepKind};

/// See the [module](self). Cheap to clone.
#[derive(Debug, Clone)]
pub struct Kinds {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    of_build: Registry,
    now: ArcSwap<Registry>,
    /// Counts changes, so that what was compiled before can be told.
    changes: AtomicU64,
    /// What stands beside those of the build.
    added: Mutex<Vec<StepKind>>,
}

impl Kinds {
    /// The kinds of the build, and none beside them yet.
    #[must_use]
    pub fn new(of_build: Registry) -> Self {
        let now = ArcSwap::from_pointee(of_build.clone());
        let inner = Inner { of_build, now, changes: AtomicU64::new(0), added: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// All kinds of this moment.
    #[must_use]
    pub fn now(&self) -> Arc<Registry> {
        self.inner.now.load_full()
    }

    /// How often they changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.inner.changes.load(Ordering::Acquire)
    }

    /// All kinds as they would be with `instead` in place of those whose names begin with `prefix`.
    #[must_use]
    pub fn with_instead(&self, prefix: &str, instead: Vec<StepKind>) -> Registry {
        let added = self.inner.added.lock();
        let others = added.iter().filter(|kind| !kind.name().starts_with(prefix));
        self.inner.of_build.clone().with(others.cloned().chain(instead).collect())
    }

    /// Puts `added` beside those of the build, in place of what was added before. A name of the build is not given away.
    pub fn add(&self, added: Vec<StepKind>) {
        let mut beside = self.inner.added.lock();
        let is_new = |kind: &StepKind| self.inner.of_build.get(kind.name()).is_none();
        *beside = added.into_iter().filter(is_new).collect();
        self.inner.now.store(Arc::new(self.inner.of_build.clone().with(beside.clone())));
        self.inner.changes.fetch_add(1, Ordering::AcqRel);
    }
}
