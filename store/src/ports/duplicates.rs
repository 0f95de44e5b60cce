//! Leads that may be one person: pairs that wait for somebody to look at them, and merges that happened.
//!
//! Merging and taking back are lead operations and go through the writer like every other; here is what people look at
//! around them. A pair whose leads are not both there is not shown.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use std::str::FromStr;
use trunkline_leads::linkage::{Alike, Probe};
use trunkline_leads::{Lead, Merge};
use uuid::Uuid;

/// Most pairs that are put at once.
pub const MAX_PAIRS_PUT: usize = 1_000;

/// Duplicates as the server needs them.
pub trait Duplicates: Debug + Send + Sync {
    /// Leads by id, from the first after `after`, at most `limit` of them: how a job reads the whole store.
    fn scan(&self, workspace: WorkspaceId, after: Uuid, limit: u32) -> Answer<'_, Vec<Lead>>;

    /// Puts pairs into the queue, at most [`MAX_PAIRS_PUT`]. A pair that is there keeps its state; one that still waits
    /// takes the new probability and reasons. Answers how many are new.
    fn put(&self, workspace: WorkspaceId, pairs: Vec<NewPair>) -> Answer<'_, u64>;

    /// Forgets pairs that wait and that no search found since `moment`; answers how many.
    fn forget_waiting(&self, workspace: WorkspaceId, moment: DateTime<Utc>) -> Answer<'_, u64>;

    /// Pairs of a state, the most probable first.
    fn list(&self, workspace: WorkspaceId, query: PairQuery) -> Answer<'_, PairPage>;

    /// One pair.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<PairRow>>;

    /// Notes what a person said of a pair.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is no such pair.
    fn decide(&self, workspace: WorkspaceId, id: Uuid, decision: Decision) -> Answer<'_, ()>;

    /// What people said of pairs, at most the latest `limit`: those that somebody merged out of the queue, and those that
    /// somebody said are two people. What a search or a workflow merged is not among them, nor what was taken back.
    fn answers(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<AnsweredPair>>;

    /// Keeps what a search learned of `people` leads, for looking single ones up. It names nobody.
    fn keep_model(
        &self,
        workspace: WorkspaceId,
        model: Value,
        people: u64,
        at: DateTime<Utc>,
    ) -> Answer<'_, ()>;

    /// How many pairs of leads that are there wait at each of `thresholds` or above, by threshold in their order.
    fn waiting_above(&self, workspace: WorkspaceId, thresholds: Vec<i64>) -> Answer<'_, Vec<u64>>;

    /// Merges, the latest first: all of them, or those into one lead.
    fn merges(&self, workspace: WorkspaceId, query: MergeQuery) -> Answer<'_, Vec<MergeRow>>;

    /// The leads that `probe` finds as they are now, and whom people said are not `lead`.
    fn alike(&self, workspace: WorkspaceId, lead: Option<Uuid>, probe: Probe) -> Answer<'_, Alike>;

    /// The lead that `lead` is part of by now; `None` when it went into no other.
    fn redirect(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Option<Uuid>>;
}

/// What became of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PairState {
    /// Nobody has looked at it.
    Waiting,
    /// Somebody did, and put it off.
    Later,
    /// They are one lead now.
    Merged,
    /// They are two people.
    Different,
}

impl PairState {
    /// Its name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Later => "later",
            Self::Merged => "merged",
            Self::Different => "different",
        }
    }
}

/// A name that is no state of a pair.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a state of a pair")]
pub struct UnknownPairState(pub String);

impl FromStr for PairState {
    type Err = UnknownPairState;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Waiting, Self::Later, Self::Merged, Self::Different]
            .into_iter()
            .find(|state| state.as_str() == name)
            .ok_or_else(|| UnknownPairState(name.to_owned()))
    }
}

/// A pair that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPair {
    /// Its id, a UUIDv7; of use when the pair is new.
    pub id: Uuid,
    /// The lead with the smaller id.
    pub left: Uuid,
    /// The lead with the larger id.
    pub right: Uuid,
    /// In millionths.
    pub probability: i64,
    /// The log-odds in thousandths of a bit, without what people taught.
    pub bits: i64,
    /// Why, as JSON.
    pub reasons: Value,
    /// When it was found.
    pub at: DateTime<Utc>,
}

/// A pair that a person decided on.
#[derive(Debug, Clone, PartialEq)]
pub struct AnsweredPair {
    /// Its id.
    pub id: Uuid,
    /// The log-odds in thousandths of a bit when it was looked at, without what people had taught.
    pub bits: i64,
    /// How alike the two were, as JSON.
    pub reasons: Value,
    /// Whether they are one person.
    pub is_one: bool,
}

/// Which pairs to list.
#[derive(Debug, Clone, Copy)]
pub struct PairQuery {
    /// In this state.
    pub state: PairState,
    /// Only those after this one.
    pub after: Option<Uuid>,
    /// Most rows (1 to 200).
    pub limit: u32,
}

/// A page of pairs.
#[derive(Debug, Clone)]
pub struct PairPage {
    /// The rows.
    pub items: Vec<PairRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Uuid>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A pair with both leads.
#[derive(Debug, Clone, PartialEq)]
pub struct PairRow {
    /// Its id.
    pub id: Uuid,
    /// The lead with the smaller id.
    pub left: Lead,
    /// The lead with the larger id.
    pub right: Lead,
    /// In millionths.
    pub probability: i64,
    /// Why, as JSON.
    pub reasons: Value,
    /// What became of it.
    pub state: PairState,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// When somebody decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who.
    pub decided_by: Option<String>,
}

/// What a person said of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is.
    pub state: PairState,
    /// Who says so.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which merges to list.
#[derive(Debug, Clone, Copy)]
pub struct MergeQuery {
    /// Only those into this lead.
    pub survivor: Option<Uuid>,
    /// Only those before this one.
    pub before: Option<Uuid>,
    /// Most rows (1 to 200).
    pub limit: u32,
}

/// A merge and whether it still stands.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRow {
    /// The merge.
    pub merge: Merge,
    /// What people call the lead that stayed; `None` when it is not there any more.
    pub survivor: Option<Lead>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}
