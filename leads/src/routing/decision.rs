//! What a decision leaves behind: everything somebody needs who asks "why did it go there?".

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A decision about the owner of a lead, as it is kept with the assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Why, in one plain sentence.
    pub sentence: String,
    /// What decided it.
    pub source: Source,
    /// The routing table; empty when there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The row that decided, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// What that row asks, in words; nothing of a row that takes every lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    /// Rows and rules that were passed over before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<PassedRow>,
    /// The pool whose turn it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The team whose turn it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The members of the pool or the team, and why each was chosen or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The lead had an owner and kept them.
    Kept,
    /// The owner of its account.
    AccountOwner,
    /// The owner of another lead of its account.
    SameAccount,
    /// A turn of a pool.
    Pool,
    /// The member of a team with the fewest open leads.
    Team,
    /// A row that names an owner.
    Owner,
    /// A row that names a list.
    List,
    /// Nobody could take it.
    Fallback,
}

/// A row that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedRow {
    /// The row, counted from 1; 0 for what comes before the rows.
    pub row: usize,
    /// Why.
    pub why: String,
}

/// A member of a pool at the moment of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub owner_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their weight.
    pub weight: u32,
    /// What became of them.
    pub outcome: Outcome,
    /// Why, to be read after their name and a colon.
    pub why: String,
    /// Their counters before the turn.
    pub before: Standing,
    /// Their counters after it.
    pub after: Standing,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They got the lead.
    Chosen,
    /// Somebody else was next.
    NotTheirTurn,
    /// They are switched off.
    NotActive,
    /// Their weight is 0.
    NoWeight,
    /// They were not to get it, such as after they did not answer.
    Excluded,
    /// They are not at work.
    NotAtWork,
    /// They had as many as a cap allows.
    CapReached,
    /// They have as many open leads as they can take care of.
    AtCapacity,
}

impl Outcome {
    /// How it reads behind a name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::NotTheirTurn => "not their turn",
            Self::NotActive => "not active",
            Self::NoWeight => "weight is 0",
            Self::Excluded => "had it before",
            Self::NotAtWork => "not at work",
            Self::CapReached => "cap reached",
            Self::AtCapacity => "at capacity",
        }
    }
}

/// The counters of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Credit towards the next turn.
    pub credit: i64,
    /// Leads given so far.
    pub assigned: u64,
    /// Open leads, where a rule asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<u64>,
    /// How far each cap that this lead counts towards is used up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<Count>,
}

/// How far a cap is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The cap in words.
    pub cap: String,
    /// Leads that count.
    pub count: u64,
    /// Most of them.
    pub limit: u32,
}

impl Candidate {
    /// Whether they take turns at all, now or later.
    #[must_use]
    pub fn is_in(&self) -> bool {
        !matches!(self.outcome, Outcome::NotActive | Outcome::NoWeight)
    }
}
