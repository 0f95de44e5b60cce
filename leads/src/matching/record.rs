//! What is kept of the search for a lead's account: how it ended, why, and what else may have been meant.

use super::judge::{Outcome, Suggestion};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Where a lead stands with its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchStatus {
    /// It has one.
    Matched,
    /// A person has to choose.
    Ambiguous,
    /// No account fits.
    None,
    /// A person put it off.
    Later,
    /// A person said that it works for no company.
    NotACompany,
}

impl MatchStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Matched, Self::Ambiguous, Self::None, Self::Later, Self::NotACompany];

    /// Its name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Ambiguous => "ambiguous",
            Self::None => "none",
            Self::Later => "later",
            Self::NotACompany => "not_a_company",
        }
    }
}

impl From<Outcome> for MatchStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Matched => Self::Matched,
            Outcome::Ambiguous => Self::Ambiguous,
            Outcome::None => Self::None,
        }
    }
}

impl fmt::Display for MatchStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no status of a match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not how a match can stand")]
pub struct UnknownMatchStatus(pub String);

impl FromStr for MatchStatus {
    type Err = UnknownMatchStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == name);
        found.ok_or_else(|| UnknownMatchStatus(name.to_owned()))
    }
}

/// How the search for a lead's account ended. A lead has at most one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadMatch {
    /// Whose.
    pub lead_id: Uuid,
    /// How it stands.
    pub status: MatchStatus,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<Uuid>,
    /// How sure the first suggestion is, in thousandths.
    pub confidence: u16,
    /// Whether a person decided it: then no step changes it.
    #[serde(default)]
    pub is_confirmed: bool,
    /// Why, in a sentence or two.
    pub reason: String,
    /// What may be meant, the surest first.
    #[serde(default)]
    pub suggestions: Vec<Suggestion>,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// A confidence in thousandths.
#[must_use]
pub fn thousandths(confidence: f64) -> u16 {
    // Within 0 to 1000, so nothing is cut off.
    (confidence.clamp(0.0, 1.0) * 1_000.0).round() as u16
}
