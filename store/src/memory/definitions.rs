//! Definitions: drafts, versions, and which version is in force.

use super::Memory;
use super::tables::Tables;
use crate::error::Error;
use crate::ports::{
    Answer, DefinitionVersion, Definitions, Drafted, NewDefinition, PublishDefinition, SaveDefinition,
    WorkspaceId,
};
use std::sync::Arc;
use trunkline_leads::Definition;
use uuid::Uuid;

const WHAT: &str = "the definition";
const SAME: &str = "something of this kind with this name";

/// A definition with its versions, the oldest first.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    workspace: WorkspaceId,
    drafted: Drafted,
    versions: Vec<DefinitionVersion>,
    in_force: Option<Definition>,
}

/// The versions in force of a kind, by name.
pub(super) fn in_force(tables: &Tables, workspace: WorkspaceId, kind: &str) -> Vec<Definition> {
    let mut found: Vec<Definition> =
        of_kind(tables, workspace, kind).filter_map(|kept| kept.in_force.clone()).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn of_kind<'t>(tables: &'t Tables, workspace: WorkspaceId, kind: &'t str) -> impl Iterator<Item = &'t Kept> {
    let kept = tables.definitions.values().map(|kept| &**kept);
    kept.filter(move |kept| kept.workspace == workspace && kept.drafted.kind == kind)
}

fn is_taken(tables: &Tables, workspace: WorkspaceId, kind: &str, name: &str, but: Uuid) -> bool {
    of_kind(tables, workspace, kind).any(|kept| kept.drafted.name == name && kept.drafted.id != but)
}

/// The definition `id` to be changed, with a check of the revision it was changed from.
fn change(tables: &mut Tables, workspace: WorkspaceId, id: Uuid) -> Result<&mut Kept, Error> {
    let kept = Arc::make_mut(&mut tables.definitions).get_mut(&id).map(Arc::make_mut);
    kept.filter(|kept| kept.workspace == workspace).ok_or(Error::NotFound(WHAT))
}

impl Definitions for Memory {
    fn list(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Drafted>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let mut found: Vec<Drafted> =
                of_kind(&tables, workspace, &kind).map(|kept| kept.drafted.clone()).collect();
            found.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(found)
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Drafted>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let kept = tables.definitions.get(&id).filter(|kept| kept.workspace == workspace);
            Ok(kept.map(|kept| kept.drafted.clone()))
        })
    }

    fn published(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Definition>> {
        Box::pin(async move { Ok(in_force(&*self.read().await?, workspace, &kind)) })
    }

    fn create(&self, workspace: WorkspaceId, new: NewDefinition) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                let NewDefinition { id, kind, name, draft, at } = new;
                if tables.definitions.contains_key(&id) || is_taken(tables, workspace, &kind, &name, id) {
                    return Err(Error::Conflict(SAME));
                }
                let (revision, published) = (1, None);
                let drafted =
                    Drafted { id, kind, name, draft, revision, published, created_at: at, updated_at: at };
                let kept = Kept { workspace, drafted, versions: Vec::new(), in_force: None };
                Arc::make_mut(&mut tables.definitions).insert(id, Arc::new(kept));
                Ok(())
            })
        }))
    }

    fn save(&self, workspace: WorkspaceId, id: Uuid, save: SaveDefinition) -> Answer<'_, i64> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let tables = connection.tables()?;
                let kind = change(tables, workspace, id)?.drafted.kind.clone();
                let taken = is_taken(tables, workspace, &kind, &save.name, id);
                let kept = change(tables, workspace, id)?;
                let drafted = &mut kept.drafted;
                if drafted.revision != save.base_revision {
                    return Err(Error::Stale { current: drafted.revision });
                }
                if taken {
                    return Err(Error::Conflict(SAME));
                }
                drafted.revision += 1;
                drafted.updated_at = save.at;
                drafted.draft = save.draft;
                drafted.name.clone_from(&save.name);
                if let Some(in_force) = &mut kept.in_force {
                    in_force.name = save.name;
                }
                Ok(drafted.revision)
            })
        }))
    }

    fn publish(&self, workspace: WorkspaceId, id: Uuid, publish: PublishDefinition) -> Answer<'_, i64> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let kept = change(connection.tables()?, workspace, id)?;
                if kept.drafted.revision != publish.base_revision {
                    return Err(Error::Stale { current: kept.drafted.revision });
                }
                let number = kept.versions.last().map_or(1, |version| version.number + 1);
                let document = kept.drafted.draft.clone();
                kept.in_force =
                    Some(Definition::new(id, kept.drafted.name.clone(), number, document.clone()));
                kept.drafted.published = Some(number);
                kept.versions.push(DefinitionVersion {
                    number,
                    document,
                    published_at: publish.at,
                    published_by: publish.by,
                    note: publish.note,
                });
                Ok(number)
            })
        }))
    }

    fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<DefinitionVersion>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let kept = tables.definitions.get(&id).filter(|kept| kept.workspace == workspace);
            Ok(kept.map(|kept| kept.versions.iter().rev().take(500).cloned().collect()).unwrap_or_default())
        })
    }

    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let tables = connection.tables()?;
                change(tables, workspace, id)?;
                Arc::make_mut(&mut tables.definitions).remove(&id);
                Ok(())
            })
        }))
    }
}
