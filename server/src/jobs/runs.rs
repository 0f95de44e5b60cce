//! Which past runs a job is about.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use trunkline_store::ports::{RunQuery, RunRow, RunStatus};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// Runs asked of the store at once.
const PAGE: u32 = 200;
/// Most runs that one job is about.
pub const MOST: u64 = 10_000;

/// Runs of a workflow within a time, by how they stand and what they are about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Span {
    /// Of which workflow; of all when absent.
    #[serde(default)]
    pub workflow: Option<Uuid>,
    /// Only those that stand so.
    #[serde(default)]
    pub status: Option<String>,
    /// As in the list of runs.
    #[serde(default)]
    pub search: Option<String>,
    /// Only those that began at or after this moment.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// Only those that began before this moment.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
    /// Whether runs that a rehearsal or an undo cannot repeat are left out.
    #[serde(default)]
    pub of_own_events: bool,
}

/// A walk over the runs of a [`Span`], from the newest to the oldest.
#[derive(Debug)]
pub struct Walk<'s> {
    store: &'s Store,
    workspace: WorkspaceId,
    span: &'s Span,
    before: Option<Uuid>,
    page: std::vec::IntoIter<RunRow>,
    over: bool,
}

impl Span {
    /// Walks from the newest run older than `before`.
    #[must_use]
    pub fn walk<'s>(&'s self, store: &'s Store, workspace: WorkspaceId, before: Option<Uuid>) -> Walk<'s> {
        let until = self.until.map(first_id);
        // Ids are ordered by time, so the smaller of the two is the one to begin with.
        let before = match (before, until) {
            (Some(before), Some(until)) => Some(before.min(until)),
            (one, other) => one.or(other),
        };
        Walk { store, workspace, span: self, before, page: Vec::new().into_iter(), over: false }
    }

    /// How many there are, at most `most`.
    ///
    /// # Errors
    /// The store's.
    pub async fn count(&self, store: &Store, workspace: WorkspaceId, most: u64) -> Result<u64, Error> {
        let mut walk = self.walk(store, workspace, None);
        let mut count = 0;
        while count < most && walk.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

impl Walk<'_> {
    /// The next older run.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<RunRow>, Error> {
        loop {
            for row in self.page.by_ref() {
                if self.span.since.is_some_and(|since| row.started_at < since) {
                    // Ids are made a moment before or after; a little further down nothing can belong to the span.
                    if row.started_at < self.span.since.unwrap_or_default() - TimeDelta::minutes(1) {
                        self.over = true;
                        return Ok(None);
                    }
                    continue;
                }
                let too_late = self.span.until.is_some_and(|until| row.started_at >= until);
                let is_ours = !self.span.of_own_events || !matches!(&*row.trigger_kind, "slice" | "undo");
                if !too_late && is_ours {
                    return Ok(Some(row));
                }
            }
            if self.over {
                return Ok(None);
            }
            let query = RunQuery {
                workflow: self.span.workflow,
                status: self.span.status.as_deref().and_then(RunStatus::parse),
                search: self.span.search.clone(),
                before: self.before,
                limit: PAGE,
            };
            let page = self.store.runs.list(self.workspace, query).await?;
            self.before = page.next;
            self.over = page.next.is_none();
            self.page = page.items.into_iter();
        }
    }
}

/// The smallest id of a run that began a moment after `at`.
fn first_id(at: DateTime<Utc>) -> Uuid {
    let after = at + TimeDelta::minutes(1);
    let millis = u64::try_from(after.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_later_runs_are_greater() {
        let now = Utc::now();
        assert!(first_id(now) > Uuid::now_v7());
        assert!(first_id(now - TimeDelta::minutes(5)) < Uuid::now_v7());
    }
}
