//! Frozen documents: published versions, and snapshots of drafts that are tried out.

use super::tables::{Tables, Version, Workflow};
use crate::ports::{Pinned, Publish, VersionId, VersionRow};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use trunkline_engine::document::Document;
use uuid::Uuid;

/// Freezes `document` under the next number.
pub(super) fn freeze(
    tables: &mut Tables,
    workflow: Uuid,
    document: Document,
    publish: Publish,
    at: DateTime<Utc>,
) -> VersionId {
    let numbers = of(tables, workflow).filter_map(|version| version.row.as_ref()).map(|row| row.number);
    let number = numbers.max().unwrap_or(0) + 1;
    let row = VersionRow {
        number,
        published_at: at,
        published_by: None,
        note: publish.note,
        changes: publish.changes,
    };
    insert(tables, workflow, document, Some(row), at)
}

/// Freezes `document` without a number, once.
pub(super) fn snapshot(
    tables: &mut Tables,
    workflow: Uuid,
    document: Document,
    at: DateTime<Utc>,
) -> VersionId {
    let same = of(tables, workflow).find(|version| version.row.is_none() && version.document == document);
    let same = same.map(|version| version.id);
    same.unwrap_or_else(|| insert(tables, workflow, document, None, at))
}

fn insert(
    tables: &mut Tables,
    workflow: Uuid,
    document: Document,
    row: Option<VersionRow>,
    created_at: DateTime<Utc>,
) -> VersionId {
    let id = VersionId(tables.versions.last_key_value().map_or(1, |(id, _)| id.0 + 1));
    let version = Version { id, workflow, row, document, created_at };
    Arc::make_mut(&mut tables.versions).insert(id, Arc::new(version));
    id
}

/// Versions of a workflow, the oldest first.
pub(super) fn of(tables: &Tables, workflow: Uuid) -> impl DoubleEndedIterator<Item = &Arc<Version>> {
    tables.versions.values().filter(move |version| version.workflow == workflow)
}

/// A frozen document with what is known of its workflow.
pub(super) fn pinned(version: &Version, workflow: &Workflow) -> Pinned {
    Pinned {
        version: version.id,
        workspace: workflow.workspace,
        workflow: workflow.id,
        name: workflow.draft.name.clone(),
        number: version.row.as_ref().map(|row| row.number),
        active: workflow.active && !workflow.deleted,
        document: version.document.clone(),
        editions: std::collections::BTreeMap::new(),
    }
}
