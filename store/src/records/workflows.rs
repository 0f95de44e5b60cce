//! Workflows and their frozen documents.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{Pinned, Published, Tally, VersionId, VersionRow, Workflow, WorkflowSummary, WorkspaceId};
use trunkline_engine::document::{Document, Steps};

/// A workflow with its draft and its live version.
pub(crate) fn workflow(row: &impl Columns) -> Result<Workflow, Error> {
    let published = match row.maybe_number("version")? {
        Some(version) => Some(Published {
            version: VersionId(version),
            number: row.small("number")?,
            document: row.json("document")?,
            published_at: row.moment("published_at")?,
        }),
        None => None,
    };
    Ok(Workflow {
        id: row.id("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        name: row.string("name")?,
        active: row.flag("active")?,
        draft: row.json("draft")?,
        draft_revision: row.number("draft_revision")?,
        published,
        draft_changed: row.flag("draft_changed")?,
        created_at: row.moment("created_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

/// A workflow as the list shows it.
pub(crate) fn summary(row: &impl Columns) -> Result<WorkflowSummary, Error> {
    let draft: Document = from_json("a draft", row.text("draft")?)?;
    Ok(WorkflowSummary {
        id: row.id("id")?,
        name: row.string("name")?,
        active: row.flag("active")?,
        published: row.maybe_small("number")?,
        draft_changed: row.flag("draft_changed")?,
        steps: count_steps(&draft.steps),
        root_kinds: draft.steps.into_values().map(|step| step.kind).collect(),
        description: draft.description,
        tally: Tally {
            completed: row.count("completed")?,
            failed: row.count("failed")?,
            running: row.count("running")?,
        },
        last_run_at: row.maybe_moment("last_run_at")?,
        updated_at: row.moment("updated_at")?,
    })
}

fn count_steps(steps: &Steps) -> usize {
    steps.values().map(|step| 1 + step.body.as_ref().map_or(0, |body| count_steps(&body.steps))).sum()
}

/// A published version in the history of a workflow.
pub(crate) fn version_row(row: &impl Columns) -> Result<VersionRow, Error> {
    Ok(VersionRow {
        number: row.small("number")?,
        published_at: row.moment("created_at")?,
        published_by: row.maybe_string("email")?,
        note: row.maybe_string("note")?,
        changes: row.json("changes")?,
    })
}

/// A frozen document.
pub(crate) fn pinned(row: &impl Columns) -> Result<Pinned, Error> {
    Ok(Pinned {
        version: VersionId(row.number("id")?),
        workspace: WorkspaceId(row.number("workspace")?),
        workflow: row.id("workflow")?,
        name: row.string("name")?,
        number: row.maybe_small("number")?,
        active: row.flag("active")?,
        document: row.json("document")?,
        editions: row
            .maybe_text("editions")?
            .map(|text| from_json("editions", text))
            .transpose()?
            .unwrap_or_default(),
    })
}
