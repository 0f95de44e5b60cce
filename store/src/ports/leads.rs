//! Leads, their owners, pools, lists and stages, as people look at them and set them up.
//!
//! Runs change leads only through [`Runs::turn`](super::Runs::turn), which commits the change with the run's journal;
//! people change them through [`Leads::perform`].

use super::{Answer, Letter, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::activity::By;
use trunkline_leads::{Activity, Lead, Operation, Pool, Stage};
use uuid::Uuid;

pub use trunkline_leads::Owner;

/// Leads as the server needs them.
pub trait Leads: Debug + Send + Sync {
    /// Leads from the newest to the oldest.
    fn list(&self, workspace: WorkspaceId, query: LeadQuery) -> Answer<'_, LeadPage>;

    /// One lead with its lists and timeline.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<LeadView>>;

    /// The leads with these ids, at most 1,000 and in any order; those that are not there are left out.
    fn some(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Lead>>;

    /// What a run assigned: the entries of timelines, in their order, at most 200.
    fn assigned_by(&self, workspace: WorkspaceId, run: Uuid) -> Answer<'_, Vec<TimelineEntry>>;

    /// Performs lead operations for a person, in this order and in one transaction. Each is whole or nothing; one that
    /// fails does not undo the others. Keep to a few thousand at a time: everything else waits meanwhile.
    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
    ) -> Answer<'_, PerformedByHand>;

    /// How many leads there are, and where.
    fn summary(&self, workspace: WorkspaceId) -> Answer<'_, Summary>;

    /// Everybody who can own leads, by name.
    fn owners(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Owner>>;

    /// Adds somebody who can own leads.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when the e-mail address is taken.
    fn add_owner(&self, workspace: WorkspaceId, owner: Owner) -> Answer<'_, ()>;

    /// All pools, by name, with their members in their order.
    fn pools(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Pool>>;

    /// Adds an empty pool.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn add_pool(&self, workspace: WorkspaceId, pool: Named) -> Answer<'_, ()>;

    /// Renames a pool and sets its members. Members that stay keep their counters.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown pool or owner,
    /// [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn change_pool(&self, workspace: WorkspaceId, pool: Named, members: Vec<MemberRule>) -> Answer<'_, ()>;

    /// Deletes a pool. Leads keep their owners.
    fn remove_pool(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;

    /// All lists, by name.
    fn lists(&self, workspace: WorkspaceId) -> Answer<'_, Vec<ListRow>>;

    /// All stages, from the first to the last.
    fn stages(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Stage>>;

    /// Replaces the ladder of stages.
    fn set_stages(&self, workspace: WorkspaceId, stages: Vec<Stage>) -> Answer<'_, ()>;
}

/// What came of the operations of a person.
#[derive(Debug)]
pub struct PerformedByHand {
    /// What each of them came to, in their order.
    pub outcomes: Vec<Result<Performed, Failure>>,
    /// What happened for runs that waited for it, to be delivered.
    pub letters: Vec<Letter>,
}

/// Something with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
}

/// Which leads to list.
#[derive(Debug, Clone, Default)]
pub struct LeadQuery {
    /// Beginnings of words of a name, e-mail address, company, phone number or external id; or a lead id.
    pub search: Option<String>,
    /// Only in this stage.
    pub stage: Option<String>,
    /// Only of this owner.
    pub owner: Option<OwnerFilter>,
    /// Only on this list.
    pub list: Option<Uuid>,
    /// Only those in the segment of this name.
    pub segment: Option<String>,
    /// Only of this account.
    pub account: Option<Uuid>,
    /// Only those that this import was about.
    pub import: Option<Uuid>,
    /// Only with this score or more.
    pub score_from: Option<i64>,
    /// Only with this score or less.
    pub score_to: Option<i64>,
    /// Only those that changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// Only those older than this lead.
    pub before: Option<Uuid>,
    /// Most rows (1 to 500).
    pub limit: u32,
}

/// Whose leads to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerFilter {
    /// Theirs.
    Is(Uuid),
    /// Those without an owner.
    Nobody,
}

/// A page of the leads list.
#[derive(Debug, Clone)]
pub struct LeadPage {
    /// The rows.
    pub items: Vec<LeadRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Uuid>,
    /// How many leads the query finds on all pages, as far as they were counted.
    pub total: u64,
    /// Whether there may be more than `total`: counting goes on only as long as it costs nothing.
    pub at_least: bool,
}

/// A lead and who owns it.
#[derive(Debug, Clone)]
pub struct LeadRow {
    /// The lead.
    pub lead: Lead,
    /// Its owner.
    pub owner: Option<Named>,
}

/// A lead with all that is known of it.
#[derive(Debug, Clone)]
pub struct LeadView {
    /// The lead.
    pub lead: Lead,
    /// Its owner.
    pub owner: Option<Named>,
    /// The lists it is on, by name.
    pub lists: Vec<Named>,
    /// What happened to it, the newest first, at most 500 entries.
    pub timeline: Vec<TimelineEntry>,
}

/// An entry of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its number; later is greater.
    pub id: i64,
    /// What happened.
    pub activity: Activity,
}

/// How many leads there are, and where. Each count adds up to the total, lists apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All leads.
    pub total: u64,
    /// By owner, the largest first; `None` stands for nobody.
    pub by_owner: Vec<(Option<Named>, u64)>,
    /// By stage, in the order of the ladder.
    pub by_stage: Vec<(String, u64)>,
    /// By list, by name.
    pub by_list: Vec<(Named, u64)>,
}

/// An owner's place in a pool, as people set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRule {
    /// Who.
    pub owner: Uuid,
    /// How many turns of a cycle are theirs.
    pub weight: u32,
    /// Whether they take part now.
    pub active: bool,
}

/// A list and how many leads are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The list.
    pub list: Named,
    /// Leads on it.
    pub count: u64,
}
