//! Moments of schedules: what became of each.

use super::Answer;
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt::Debug;
use trunkline_engine::document::StepId;
use trunkline_engine::run::RunId;
use uuid::Uuid;

/// How long moments of a schedule are kept after they were due.
pub const KEPT_TICKS: TimeDelta = TimeDelta::days(100);

/// Moments of schedules, as the server needs them.
pub trait Ticks: Debug + Send + Sync {
    /// Notes what became of `ticks` of one schedule, and that the schedule has come as far as the last of them. A tick
    /// that was noted before takes the new outcome, unless it started a run: that cannot be taken back. Ticks that are
    /// [`KEPT_TICKS`] older than the last of them are forgotten.
    fn note(&self, workflow: Uuid, step: StepId, ticks: Vec<Tick>) -> Answer<'_, ()>;

    /// Noted ticks of every schedule of a workflow from `from` until before `until`, in order.
    fn between(
        &self,
        workflow: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'_, Vec<(StepId, Tick)>>;

    /// The run that a schedule started last.
    fn last_run(&self, workflow: Uuid, step: StepId) -> Answer<'_, Option<RunId>>;

    /// Ticks of one schedule that wait for the run before them, the oldest first, at most `limit`.
    fn queued(&self, workflow: Uuid, step: StepId, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>>;
}

/// A moment of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When it was due.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: TickOutcome,
    /// The run it started.
    pub run: Option<RunId>,
}

/// What became of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickOutcome {
    /// It started a run.
    Ran,
    /// The run before it was still going on.
    Skipped,
    /// The server was not there.
    Missed,
    /// It waits for the run before it.
    Queued,
}

impl TickOutcome {
    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ran => "ran",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Queued => "queued",
        }
    }

    /// The outcome that `word` stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ran, Self::Skipped, Self::Missed, Self::Queued].into_iter().find(|one| one.as_str() == word)
    }
}

/// The moment of a schedule for which a turn begins a run. In the transaction that keeps the turn it is noted to have
/// started the run that has its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTick {
    /// The trigger.
    pub step: StepId,
    /// When it was due.
    pub at: DateTime<Utc>,
}
