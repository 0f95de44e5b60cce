//! The accounts leads work for, as people look at them, and what is needed to match many leads at once.
//!
//! Called customers here, because [`Accounts`](super::Accounts) are those of the people who sign in. Accounts change
//! through lead operations alone, in the transaction of a turn or of [`Leads::perform`](super::Leads); nothing here
//! writes but [`CustomerAccounts::remove`].

use super::{Answer, Named, TimelineEntry, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use std::sync::Arc;
use trunkline_leads::account::{AccountActivity, Profile};
use trunkline_leads::book::OfKey;
use trunkline_leads::matching::{Candidate, LeadMatch, MatchStatus};
use trunkline_leads::{Account, Lead};
use uuid::Uuid;

/// Accounts as the server needs them.
pub trait CustomerAccounts: Debug + Send + Sync {
    /// Accounts by name.
    fn list(&self, workspace: WorkspaceId, query: AccountQuery) -> Answer<'_, AccountPage>;

    /// One account with its surroundings.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<AccountView>>;

    /// Accounts in the order of their ids, those after `after`; at most `limit` (1 to 1,000).
    fn after(&self, workspace: WorkspaceId, after: Option<Uuid>, limit: u32) -> Answer<'_, Vec<Candidate>>;

    /// These accounts, as they are compared with leads; unknown ones are left out.
    fn candidates(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Candidate>>;

    /// These accounts, as rules see them; unknown ones are left out.
    fn profiles(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Profile>>;

    /// Which accounts have each of these keys; keys nobody has are left out.
    fn of_keys(&self, workspace: WorkspaceId, keys: Vec<String>) -> Answer<'_, Vec<(String, OfKey)>>;

    /// How these leads stand with their accounts; those nobody looked at are left out.
    fn matches_of(&self, workspace: WorkspaceId, leads: Vec<Uuid>) -> Answer<'_, Vec<LeadMatch>>;

    /// Leads by how they stand with their accounts, the surest first, with how many stand so.
    fn matches(&self, workspace: WorkspaceId, query: MatchQuery) -> Answer<'_, MatchPage>;

    /// How many leads stand how.
    fn match_counts(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(MatchStatus, u64)>>;

    /// What happened to an account and to its leads, the newest first, before `cursor`; at most `limit` (1 to 200) entries.
    /// Of an account with more than 1,000 leads those of the newest 1,000.
    fn timeline(
        &self,
        workspace: WorkspaceId,
        account: Uuid,
        cursor: TimelineCursor,
        limit: u32,
    ) -> Answer<'_, AccountTimeline>;

    /// Deletes an account.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), and [`Error::Conflict`](crate::Error::Conflict) as long as leads or
    /// other accounts belong to it.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;
}

/// Which accounts to list.
#[derive(Debug, Clone, Default)]
pub struct AccountQuery {
    /// Part of a name, a domain, a city or an id in another system; or an account's id.
    pub search: Option<String>,
    /// Only of this owner.
    pub owner: Option<Uuid>,
    /// Only named accounts, or only others.
    pub is_named: Option<bool>,
    /// Only with an open opportunity, or only without.
    pub is_open: Option<bool>,
    /// Only parts of this account.
    pub parent: Option<Uuid>,
    /// Only those after this account in the order of the list.
    pub after: Option<Uuid>,
    /// Most rows (1 to 500).
    pub limit: u32,
}

/// A page of accounts.
#[derive(Debug, Clone)]
pub struct AccountPage {
    /// The rows.
    pub items: Vec<AccountRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Uuid>,
    /// How many accounts the query finds on all pages.
    pub total: u64,
}

/// An account, and who looks after it.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// The account.
    pub account: Account,
    /// Its owner.
    pub owner: Option<Named>,
    /// Its leads.
    pub leads: u64,
}

/// An account with its surroundings.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Its owner.
    pub owner: Option<Named>,
    /// The accounts it is a part of, the nearest first.
    pub parents: Vec<Named>,
    /// Its parts, by name, at most 200.
    pub children: Vec<Named>,
    /// How many leads it has.
    pub leads: u64,
    /// Its newest leads, at most 200, each with why it belongs here.
    pub newest: Vec<(Lead, Option<LeadMatch>)>,
}

/// A page of the timeline of an account.
#[derive(Debug, Clone)]
pub struct AccountTimeline {
    /// The entries.
    pub entries: Vec<AccountTimelineEntry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<TimelineCursor>,
}

/// Something that happened to an account, or to a lead of it.
#[derive(Debug, Clone)]
pub enum AccountTimelineEntry {
    /// To the account.
    OfAccount {
        /// Its number; later is greater.
        id: i64,
        /// What.
        activity: Box<AccountActivity>,
    },
    /// To a lead.
    OfLead {
        /// What people call the lead.
        lead: String,
        /// What.
        entry: Box<TimelineEntry>,
    },
}

impl AccountTimelineEntry {
    /// When.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::OfAccount { activity, .. } => activity.at,
            Self::OfLead { entry, .. } => entry.activity.at,
        }
    }

    /// Its number among those of its sort.
    #[must_use]
    pub fn id(&self) -> i64 {
        match self {
            Self::OfAccount { id, .. } => *id,
            Self::OfLead { entry, .. } => entry.id,
        }
    }
}

/// Where a page of the timeline of an account begins: before these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineCursor {
    /// Of what happened to the account.
    pub account: i64,
    /// Of what happened to its leads.
    pub leads: i64,
}

impl Default for TimelineCursor {
    fn default() -> Self {
        Self { account: i64::MAX, leads: i64::MAX }
    }
}

/// Which matches to list.
#[derive(Debug, Clone)]
pub struct MatchQuery {
    /// How they stand.
    pub status: MatchStatus,
    /// Part of what the lead is found by.
    pub search: Option<String>,
    /// Only those at least this sure, in thousandths.
    pub from: u16,
    /// Only those after this lead in the order of the list.
    pub after: Option<Uuid>,
    /// Most rows (1 to 500).
    pub limit: u32,
}

/// A page of matches.
#[derive(Debug, Clone)]
pub struct MatchPage {
    /// Leads, and how they stand.
    pub items: Vec<(Lead, LeadMatch)>,
    /// The accounts that are suggested on this page.
    pub accounts: Vec<Arc<Account>>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Uuid>,
    /// How many leads the query finds on all pages.
    pub total: u64,
}
