//! How far a run has come with a waterfall: what it asked, what it skipped and why, and what it found.

use super::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How far it has come. A run carries it from one question to the next; it is never stored by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// What happened, in order.
    pub trace: Vec<Traced>,
    /// What was found, by field.
    pub found: BTreeMap<String, Found>,
    /// Providers that need not be looked at any more.
    pub done: Vec<String>,
    /// How often each was asked.
    pub attempts: BTreeMap<String, u32>,
    /// Providers that are not to be asked again before a moment.
    pub rests: BTreeMap<String, DateTime<Utc>>,
    /// The question that is out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asking: Option<Asking>,
    /// How often it has waited for the same question of another run.
    pub waits: u32,
}

/// A question that is out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    /// Whom.
    pub provider: String,
    /// What it is remembered under.
    pub key: String,
    /// The moment it is counted at.
    pub slot: DateTime<Utc>,
    /// The most it costs.
    pub price: Money,
}

/// A value that a provider gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The value, of its field's type.
    pub value: Value,
    /// Id of the provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// How far it is trusted (0 to 100).
    pub trust: u8,
    /// How long it counts, in days; 0 for always.
    pub fresh_days: u32,
    /// When the provider said so.
    pub at: DateTime<Utc>,
}

/// What happened with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was asked and knew something.
    Found,
    /// It was asked and knew nothing.
    NotFound,
    /// It was asked before, and its answer still counts.
    Remembered,
    /// It was asked before and did not know, which still counts.
    RememberedNotFound,
    /// It was not asked, for a reason that lies with the lead or the waterfall.
    Skipped,
    /// It was not asked because its budget is used up.
    OverBudget,
    /// It was not asked because its turn would come too late.
    Busy,
    /// It could not answer.
    Failed,
    /// It would be asked; a rehearsal spends nothing.
    WouldAsk,
}

/// One line of the trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traced {
    /// Id of the provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// What happened.
    pub what: What,
    /// The same in one sentence.
    pub text: String,
    /// Fields it gave a value for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "is_free")]
    pub cost: Money,
    /// When.
    pub at: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references in")]
fn is_free(cost: &Money) -> bool {
    cost.is_none()
}

impl Progress {
    /// How many questions left.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.attempts.values().sum()
    }

    /// What they cost together.
    #[must_use]
    pub fn cost(&self) -> Money {
        self.trace.iter().fold(Money::NONE, |sum, line| sum.and(line.cost))
    }
}
