//! Lists: named sets of leads.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest name of a list in characters.
pub const MAX_LIST_NAME: usize = 120;

/// A named set of leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the workspace; compared exactly.
    pub name: String,
}

/// A lead that was put on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Which list.
    pub list_id: Uuid,
    /// Which lead.
    pub lead_id: Uuid,
    /// Since when.
    pub added_at: DateTime<Utc>,
}
