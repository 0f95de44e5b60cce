//! Enrichment as pages and rehearsals see it: where values came from, what was answered and what was spent. Only lead
//! operations change any of it.

use super::{Answer, WorkspaceId};
use std::fmt::Debug;
use trunkline_leads::enrichment::{Meter, Provenance, Remembered};
use uuid::Uuid;

/// See the [module](self).
pub trait Enrichment: Debug + Send + Sync {
    /// Where the values of a lead came from, by field.
    fn provenance(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<Provenance>>;

    /// What the providers of a waterfall, and all of them together, have spent.
    fn spending(&self, workspace: WorkspaceId, waterfall: Uuid) -> Answer<'_, Vec<Meter>>;

    /// What is remembered of a question.
    fn remembered(&self, workspace: WorkspaceId, question: String) -> Answer<'_, Option<Remembered>>;
}
