//! What became of rows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A lead was created.
    Created,
    /// A known lead was updated.
    Updated,
    /// The lead is known, and the row had nothing new.
    Unchanged,
    /// An earlier row of the file was about the same lead.
    Duplicate,
    /// It was left out, as the import was told to.
    Skipped,
    /// It could not be used.
    Failed,
}

impl Fate {
    /// All of them, in the order people read them.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Updated, Self::Unchanged, Self::Duplicate, Self::Skipped, Self::Failed];

    /// Its word in the API and in result files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Duplicate => "duplicate",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// What became of one row, and what it changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowOutcome {
    /// Number of the row within the file, from 1 after the header.
    #[serde(rename = "n")]
    pub row: u64,
    /// What became of it.
    #[serde(rename = "f")]
    pub fate: Fate,
    /// The lead.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Uuid>,
    /// Why it was left out, or what else is worth knowing.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Fields of a known lead that changed: the old value and the new one.
    #[serde(rename = "c", default, skip_serializing_if = "Map::is_empty")]
    pub changes: Map<String, Value>,
}

/// How many rows met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// See [`Fate::Created`].
    pub created: u64,
    /// See [`Fate::Updated`].
    pub updated: u64,
    /// See [`Fate::Unchanged`].
    pub unchanged: u64,
    /// See [`Fate::Duplicate`].
    pub duplicate: u64,
    /// See [`Fate::Skipped`].
    pub skipped: u64,
    /// See [`Fate::Failed`].
    pub failed: u64,
}

impl Counts {
    /// Counts one more row.
    pub fn add(&mut self, fate: Fate) {
        *match fate {
            Fate::Created => &mut self.created,
            Fate::Updated => &mut self.updated,
            Fate::Unchanged => &mut self.unchanged,
            Fate::Duplicate => &mut self.duplicate,
            Fate::Skipped => &mut self.skipped,
            Fate::Failed => &mut self.failed,
        } += 1;
    }

    /// These and `more`.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            created: self.created + more.created,
            updated: self.updated + more.updated,
            unchanged: self.unchanged + more.unchanged,
            duplicate: self.duplicate + more.duplicate,
            skipped: self.skipped + more.skipped,
            failed: self.failed + more.failed,
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(self) -> u64 {
        self.created + self.updated + self.unchanged + self.duplicate + self.skipped + self.failed
    }
}

/// What became of a stretch of rows; kept with what they changed, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Which import.
    pub import: Uuid,
    /// Number of its first row.
    pub first: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// How many rows met which fate.
    pub counts: Counts,
    /// Every row.
    pub rows: Vec<RowOutcome>,
}

impl Stretch {
    /// Leads whose last row of the import is one of these, each once: those that rows were first about, and those that
    /// they changed.
    pub fn leads(&self) -> impl Iterator<Item = Uuid> {
        let counts = |row: &&RowOutcome| row.fate != Fate::Duplicate || !row.changes.is_empty();
        let mut leads: Vec<Uuid> = self.rows.iter().filter(counts).filter_map(|row| row.lead).collect();
        leads.sort_unstable();
        leads.dedup();
        leads.into_iter()
    }
}
