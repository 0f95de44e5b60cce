//! Jobs, uploaded files and pinned runs.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{Job, JobItem, JobStatus, Pin, Progress, StoredFile, WorkspaceId};

/// A job.
pub(crate) fn job(row: &impl Columns) -> Result<Job, Error> {
    let word = row.text("status")?;
    let status = JobStatus::parse(word).ok_or_else(|| Error::Corrupt(format!("job status {word}").into()))?;
    Ok(Job {
        id: row.id("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        kind: row.string("kind")?,
        title: row.string("title")?,
        workflow: row.maybe_id("workflow")?,
        workflow_name: row.maybe_string("workflow_name")?,
        params: row.json("params")?,
        status,
        progress: Progress {
            done: row.count("done")?,
            total: row.maybe_small("total")?,
            state: row.json("state")?,
        },
        cancel_requested: row.flag("cancel_requested")?,
        by: row.maybe_string("created_by")?,
        created_at: row.moment("created_at")?,
        finished_at: row.maybe_moment("finished_at")?,
        error: row.maybe_string("error")?,
    })
}

/// A result of a job.
pub(crate) fn job_item(row: &impl Columns) -> Result<JobItem, Error> {
    Ok(JobItem {
        seq: row.number("seq")?,
        run: row.maybe_id("run")?,
        subject: row.maybe_string("subject")?,
        group: row.string("grouping")?,
        detail: row.json("detail")?,
    })
}

/// An uploaded file.
pub(crate) fn stored_file(row: &impl Columns) -> Result<StoredFile, Error> {
    Ok(StoredFile {
        id: row.id("id")?,
        name: row.string("name")?,
        sha256: digest(row)?,
        bytes: row.count("bytes")?,
        kind: row.string("kind")?,
        created_at: row.moment("created_at")?,
    })
}

/// The digest in the column `sha256`.
pub(crate) fn digest(row: &impl Columns) -> Result<[u8; 32], Error> {
    row.bytes("sha256")?.try_into().map_err(|_| Error::Corrupt("a digest of another length".into()))
}

/// A pinned run.
pub(crate) fn pin(row: &impl Columns) -> Result<Pin, Error> {
    Ok(Pin {
        id: row.id("id")?,
        workflow: row.id("workflow")?,
        run: row.id("run")?,
        lead: row.maybe_id("lead")?,
        name: row.string("name")?,
        trigger: row.string("trigger_step")?,
        output: row.json("output")?,
        expected: row.json("expected")?,
        answers: row.json("answers")?,
        created_at: row.moment("created_at")?,
    })
}
