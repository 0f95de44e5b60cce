//! Which definitions are in force, which stages there are and which workflows listen to leads, kept from one transaction to the next: a turn
//! that uses a scoring model pays for reading it once in the life of the version, not once a turn.
//!
//! Whoever changes definitions, or what is published, does so within the writer and says so there, so no turn can commit by what was in force
//! before.

use super::database::Database;
use super::listeners::{self, Listener};
use crate::error::Error;
use crate::ports::WorkspaceId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use trunkline_leads::standing::Rules;
use trunkline_leads::{Definition, Stage};

/// Says that definitions, stages or the workflows that listen change. Shared by all who do so, and the writer.
#[derive(Debug, Clone, Default)]
pub(crate) struct DefinitionsChange(Arc<AtomicU64>);

impl DefinitionsChange {
    /// They are about to change in the transaction that is open now.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct InForce {
    changes: DefinitionsChange,
    /// How many changes this knows of.
    seen: u64,
    kept: HashMap<(WorkspaceId, &'static str), Arc<[Definition]>>,
    rules: HashMap<WorkspaceId, Arc<Rules>>,
    listeners: HashMap<WorkspaceId, Arc<[Listener]>>,
    stages: HashMap<WorkspaceId, Arc<[Stage]>>,
}

impl InForce {
    pub(super) fn new(changes: DefinitionsChange) -> Self {
        Self {
            changes,
            seen: 0,
            kept: HashMap::new(),
            rules: HashMap::new(),
            listeners: HashMap::new(),
            stages: HashMap::new(),
        }
    }

    /// Forgets everything when something has changed. Before each transaction.
    pub(super) fn refresh(&mut self) {
        let now = self.changes.count();
        if now != self.seen {
            self.seen = now;
            self.kept.clear();
            self.rules.clear();
            self.listeners.clear();
            self.stages.clear();
        }
    }

    /// What is kept of a workspace.
    pub(super) fn known(
        &self,
        workspace: WorkspaceId,
    ) -> impl Iterator<Item = (&'static str, Arc<[Definition]>)> {
        let of = self.kept.iter().filter(move |((of, _), _)| *of == workspace);
        of.map(|((_, kind), all)| (*kind, Arc::clone(all)))
    }

    /// What the scoring models, the lifecycle and the segments in force make together.
    pub(super) async fn rules<D: Database>(
        &mut self,
        database: &mut D,
        workspace: WorkspaceId,
    ) -> Result<Arc<Rules>, Error> {
        if let Some(known) = self.rules.get(&workspace) {
            return Ok(Arc::clone(known));
        }
        let mut all = Vec::new();
        for kind in Rules::READ {
            all.push((kind, self.of_kind(database, workspace, kind).await?));
        }
        let rules = Arc::new(Rules::of(all.iter().map(|(kind, all)| (*kind, &**all))));
        self.rules.insert(workspace, Arc::clone(&rules));
        Ok(rules)
    }

    /// The ladder of stages, from the first to the last.
    pub(super) async fn stages<D: Database>(
        &mut self,
        database: &mut D,
        workspace: WorkspaceId,
    ) -> Result<Arc<[Stage]>, Error> {
        if let Some(known) = self.stages.get(&workspace) {
            return Ok(Arc::clone(known));
        }
        let all = database.stages(workspace).await?;
        self.stages.insert(workspace, Arc::clone(&all));
        Ok(all)
    }

    /// Who listens to the leads of a workspace.
    pub(super) async fn listeners<D: Database>(
        &mut self,
        database: &mut D,
        workspace: WorkspaceId,
    ) -> Result<Arc<[Listener]>, Error> {
        if let Some(known) = self.listeners.get(&workspace) {
            return Ok(Arc::clone(known));
        }
        let all: Arc<[Listener]> = listeners::of_documents(database.listening(workspace).await?).into();
        self.listeners.insert(workspace, Arc::clone(&all));
        Ok(all)
    }

    /// The definitions of a kind.
    pub(super) async fn of_kind<D: Database>(
        &mut self,
        database: &mut D,
        workspace: WorkspaceId,
        kind: &'static str,
    ) -> Result<Arc<[Definition]>, Error> {
        if let Some(known) = self.kept.get(&(workspace, kind)) {
            return Ok(Arc::clone(known));
        }
        let all: Arc<[Definition]> = database.definitions(workspace, kind).await?.into();
        self.kept.insert((workspace, kind), Arc::clone(&all));
        Ok(all)
    }
}
