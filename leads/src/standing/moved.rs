//! What the store keeps of leads that moved: between stages, and in and out of segments.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A stay in a stage that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Which lead.
    pub lead_id: Uuid,
    /// In which stage it was.
    pub stage: String,
    /// Since when.
    pub entered_at: DateTime<Utc>,
    /// Until when.
    pub left_at: DateTime<Utc>,
    /// Where it went.
    pub next: String,
    /// Whether it came back instead of going on.
    pub is_recycled: bool,
    /// Why, when somebody said so.
    pub reason: Option<String>,
}

/// A lead that entered or left a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentMove {
    /// Which lead.
    pub lead_id: Uuid,
    /// Name of the segment.
    pub segment: String,
    /// Whether it entered.
    pub entered: bool,
    /// When.
    pub at: DateTime<Utc>,
}
