//! When and by whom something is done to leads: what a book must be told, because it reads no clock and draws nothing.

use crate::activity::By;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The circumstances of an operation: all that would otherwise be read from a clock or drawn at random.
pub struct Occasion<'a> {
    /// The moment it happens.
    pub at: DateTime<Utc>,
    /// The run that does it; `None` when a person does.
    pub run_id: Option<Uuid>,
    /// The step of that run.
    pub step: Option<&'a str>,
    /// The person who does it; `None` when a run does.
    pub by: Option<&'a By>,
    /// Makes the id of a new lead or list; time-ordered ids keep the store fast.
    pub new_id: &'a mut dyn FnMut() -> Uuid,
}

impl std::fmt::Debug for Occasion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Occasion")
            .field("at", &self.at)
            .field("run_id", &self.run_id)
            .field("step", &self.step)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}
