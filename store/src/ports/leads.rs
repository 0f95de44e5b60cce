//! Leads, their owners, pools, lists and stages, as people look at them and set them up.
//!
//! Runs change leads only through [`Runs::turn`](super::Runs::turn), which commits the change with the run's journal;
//! people change them through [`Leads::perform`].

use super::{Answer, JobItem, Letter, Progress, WorkspaceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::account::Profile;
use trunkline_leads::activity::By;
use trunkline_leads::criteria::{Criteria, Dependencies, Facts, Trace, Watch};
use trunkline_leads::{Activity, Lead, Operation, Pool, Stage};
use uuid::Uuid;

pub use trunkline_leads::Owner;

/// Leads as the server needs them.
pub trait Leads: Debug + Send + Sync {
    /// Leads in the order asked for. A page whose question needs a long look at few hits may hold fewer leads than asked
    /// for and still have a next one: each call looks at a bounded number of leads.
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

    /// As [`Leads::perform`], with how far the job is that does it: whether both or neither are durable is one question,
    /// so that a job that goes on after a crash does nothing twice.
    fn perform_for_job(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
        note: JobNote,
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

/// What a job notes of itself together with the operations it had performed.
#[derive(Clone)]
pub struct JobNote {
    /// Which job.
    pub job: Uuid,
    /// Makes results and progress of what the operations came to.
    pub tell: Arc<Tell>,
}

/// See [`JobNote::tell`].
pub type Tell = dyn Fn(&[Result<Performed, Failure>]) -> (Vec<JobItem>, Progress) + Send + Sync;

impl Debug for JobNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobNote").field("job", &self.job).finish_non_exhaustive()
    }
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
    /// The rule holds only for those first seen within: nothing is left out by it, but less is looked through.
    pub created: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Only these; a few thousand at most.
    pub leads: Option<Arc<[Uuid]>>,
    /// Only those for which this holds.
    pub wanted: Option<Wanted>,
    /// In which order.
    pub order: LeadOrder,
    /// Only those that come after this place in the order.
    pub before: Option<LeadPlace>,
    /// Whether nobody asks how many there are on all pages.
    pub uncounted: bool,
    /// Most rows (1 to 500).
    pub limit: u32,
}

impl LeadQuery {
    /// Whether it needs a walk: a rule to be asked, or another order than the newest first.
    #[must_use]
    pub fn walks(&self) -> bool {
        self.wanted.is_some() || self.order != LeadOrder::Newest
    }
}

/// A rule that leads are asked, as segments have it.
#[derive(Debug, Clone)]
pub struct Wanted {
    rule: Arc<Criteria>,
    watch: Watch,
    asks_account: bool,
    now: DateTime<Utc>,
}

impl Wanted {
    /// Those for which `rule` holds at `now`.
    #[must_use]
    pub fn new(rule: Criteria, now: DateTime<Utc>) -> Self {
        let mut asks = Dependencies::default();
        rule.depend(&mut asks);
        let asks_account = asks.fields.contains("account");
        Self { rule: Arc::new(rule), watch: Watch::new(asks.activities), asks_account, now }
    }

    /// The kinds of activities that have to be known to tell.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.watch.kinds()
    }

    /// Whether neither what it did nor its account matters.
    #[must_use]
    pub fn asks_the_lead_alone(&self) -> bool {
        self.watch.is_empty() && !self.asks_account
    }

    /// Whether `lead`, which did `traces` and is of `account`, is wanted.
    #[must_use]
    pub fn holds(&self, lead: &Lead, traces: &[Trace], account: Option<&Profile>) -> bool {
        let history = self.watch.history(traces);
        let account = account.map(Profile::record);
        self.rule.holds(&Facts::new(lead, &history, self.now).with_account(account.as_ref()))
    }
}

/// In which order leads are listed. Each of them has an index; ties are in the order of ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LeadOrder {
    /// Those first seen last come first.
    #[default]
    Newest,
    /// Those first seen first come first.
    Oldest,
    /// Those that changed last come first.
    LastChanged,
    /// Those that did not change for longest come first.
    LongestUnchanged,
    /// The highest score first; those without one last.
    HighestScore,
    /// Those without a score first, then the lowest.
    LowestScore,
}

impl LeadOrder {
    /// What comes before every score: leads that have none.
    pub const NO_SCORE: i64 = -1_000_000_000;

    /// Whether larger keys come first.
    #[must_use]
    pub fn falls(self) -> bool {
        matches!(self, Self::Newest | Self::LastChanged | Self::HighestScore)
    }

    /// Whether it is the order of ids alone.
    #[must_use]
    pub fn is_by_id(self) -> bool {
        matches!(self, Self::Newest | Self::Oldest)
    }

    /// Where `lead` stands in this order.
    #[must_use]
    pub fn place(self, lead: &Lead) -> LeadPlace {
        let key = match self {
            Self::Newest | Self::Oldest => 0,
            Self::LastChanged | Self::LongestUnchanged => lead.updated_at.timestamp_micros(),
            Self::HighestScore | Self::LowestScore => lead.score.unwrap_or(Self::NO_SCORE),
        };
        LeadPlace { key, id: lead.id }
    }

    /// Whether `one` comes after `other`.
    #[must_use]
    pub fn is_after(self, one: LeadPlace, other: LeadPlace) -> bool {
        if self.falls() { one < other } else { one > other }
    }
}

/// Where a lead stands in an order: what it is ordered by, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeadPlace {
    /// What it is ordered by; 0 in the order of ids.
    pub key: i64,
    /// Its id.
    pub id: Uuid,
}

impl From<Uuid> for LeadPlace {
    /// In the order of ids.
    fn from(id: Uuid) -> Self {
        Self { key: 0, id }
    }
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
    pub next: Option<LeadPlace>,
    /// How many leads the query finds on all pages, as far as they were counted.
    pub total: u64,
    /// Whether there may be more than `total`: counting goes on only as long as it costs nothing.
    pub at_least: bool,
    /// How many leads were looked through for this page, where no index had the answer; otherwise 0.
    pub passed: u64,
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
