//! Runs: making their turns durable, finding them again, and listing them.

use super::{Answer, DueTick, Letter, Rules, VersionId, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_engine::document::{Document, StepId};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, RunId};
use uuid::Uuid;

/// Runs as the server needs them.
pub trait Runs: Debug + Send + Sync {
    /// Makes one turn durable: performs what it asks of the lead store, until only effects for the world outside are
    /// left, and commits the events, the run and every change to leads together.
    ///
    /// # Errors
    /// [`Error::Overloaded`](crate::Error::Overloaded) when too much waits, [`Error::Fenced`](crate::Error::Fenced)
    /// when another process wrote this turn. After any error nothing of the turn is kept.
    fn turn(&self, turn: Turn) -> Answer<'_, Settled>;

    /// Runs from the newest to the oldest.
    fn list(&self, workspace: WorkspaceId, query: RunQuery) -> Answer<'_, Page<RunRow>>;

    /// One run.
    fn get(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<RunRow>>;

    /// One run with its document and everything that happened to it.
    fn history(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<History>>;

    /// Runs that a restart must take up again, oldest first: those that were moving, and those that wait for a
    /// workflow they called. At most `limit`, after the run `after`.
    fn unfinished(&self, after: Option<RunId>, limit: u32) -> Answer<'_, Vec<Stored>>;

    /// Sleeping runs whose moment has come, the longest overdue first.
    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<Stored>>;

    /// The next moment any sleeping run wakes.
    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>>;

    /// One run as it was last written, to hand it an event.
    ///
    /// # Errors
    /// [`Error::Lost`](crate::Error::Lost) when part of its journal lies in a file that is missing or damaged. Lists leave
    /// such a run out, and find it again an hour later.
    fn stored(&self, id: RunId) -> Answer<'_, Option<Stored>>;

    /// What the row of a run says of it, without anything that happened: for a run whose journal is lost.
    fn outline(&self, id: RunId) -> Answer<'_, Option<Stored>>;

    /// The run that `parent`'s effect `key` started.
    fn child(&self, parent: RunId, key: EffectKey) -> Answer<'_, Option<RunRow>>;
}

/// What is known of a run from its first turn on.
#[derive(Debug, Clone)]
pub struct RunHeader {
    /// Its id, a UUIDv7 of the moment it was accepted.
    pub id: RunId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The workflow it runs.
    pub workflow: Uuid,
    /// The document it is pinned to.
    pub version: VersionId,
    /// What the run list shows: first words of its event.
    pub subject: Option<String>,
    /// Kind of the trigger step, such as `webhook`.
    pub trigger_kind: String,
    /// When it was accepted, in whole microseconds: columns hold no less, and a replay must see the same.
    pub started_at: DateTime<Utc>,
    /// The sender's key of the event. A second run of the workflow with the same key is a duplicate.
    pub event_key: Option<String>,
    /// The run and effect that called it.
    pub parent: Option<(RunId, EffectKey)>,
    /// Number of turns already durable; 0 for a new run.
    pub next_seq: i64,
    /// What it keeps to: order, limits, quiet times. Only as long as it has not ended.
    pub rules: Rules,
    /// How many words from outside it waits for; the store counts.
    pub waits: u32,
}

/// Something that happened to a run, to be made durable.
#[derive(Debug)]
pub struct Turn {
    /// The run.
    pub header: RunHeader,
    /// Its machine, `events` applied.
    pub machine: Machine,
    /// What happened. Empty to go on with lead operations that a crash cut off.
    pub events: Vec<Event>,
    /// What applying `events` asked for, in order; or all that is outstanding, to go on.
    pub effects: Vec<Effect>,
    /// Whether the run begins for certain.
    pub begin: Begin,
    /// Letters that `events` take in. They are gone once the turn is durable.
    pub letters: Vec<i64>,
    /// The moment of a schedule that the run is for.
    pub tick: Option<DueTick>,
}

/// Whether a turn's events count as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// They do, and the machine has taken them in.
    #[default]
    Now,
    /// The run's [`Rules`] decide, so the machine has not taken them in, and there are no effects. The only event is the
    /// one that begins the run: the first one, or `Released` for a run that was held because of a burst. When the run
    /// may not begin yet the store applies `Held` in place of the first one, or keeps a `Released` back.
    IfAllowed,
    /// Nothing of it: part of the run's journal is lost, and it ends as failed at this moment. There are no events and no
    /// effects, and the machine is a new one.
    Never(DateTime<Utc>),
}

/// What became of a turn.
#[derive(Debug)]
pub enum Settled {
    /// It is durable.
    Done(Box<Done>),
    /// The run's event key was seen before, its event counts as a repeat or was taken together with one that waits for
    /// a quiet moment, or the effect that calls it already has a run: this run has it.
    Duplicate(RunId),
}

/// A durable turn.
#[derive(Debug)]
pub struct Done {
    /// The machine, moved on as far as lead operations carry it.
    pub machine: Machine,
    /// What is still asked of the world outside, in order.
    pub effects: Vec<Effect>,
    /// The header for the next turn.
    pub header: RunHeader,
    /// Everything that happened in this turn.
    pub events: Vec<Event>,
    /// The run as lists show it now.
    pub state: RunState,
    /// Letters that this turn caused, to be delivered now; the same ones are found by `letters.list` after a crash.
    pub letters: Vec<Letter>,
}

/// How a run stands after a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Its status.
    pub status: RunStatus,
    /// The lead it is about; after a later turn only if that turn touched it.
    pub lead: Option<Uuid>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it next wakes.
    pub wake_at: Option<DateTime<Utc>>,
    /// Whether a restart must take it up again.
    pub resume: bool,
    /// The step that failed it, and why.
    pub error: Option<(StepId, Failure)>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// It was accepted and begins later.
    Queued,
    /// Something is being done for it.
    Running,
    /// It sleeps, or waits for a workflow it called or for a word from outside.
    Waiting,
    /// A person paused it: what was under way ends, nothing new begins.
    Paused,
    /// It ended well.
    Completed,
    /// A step failed for good.
    Failed,
    /// A person ended it.
    Cancelled,
}

impl RunStatus {
    /// Its word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        use RunStatus::{Cancelled, Completed, Failed, Paused, Queued, Running, Waiting};
        [Queued, Running, Waiting, Paused, Completed, Failed, Cancelled]
            .into_iter()
            .find(|status| status.as_str() == word)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// Which runs to list.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    /// Only of this workflow.
    pub workflow: Option<Uuid>,
    /// Only those that stand so.
    pub status: Option<RunStatus>,
    /// The start of a run id, a lead id, or a lead's e-mail address or external id.
    pub search: Option<String>,
    /// Only those older than this run.
    pub before: Option<RunId>,
    /// Most rows (1 to 500).
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Uuid>,
}

/// A run as lists show it.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The workflow it runs.
    pub workflow: Uuid,
    /// What that is called now.
    pub workflow_name: String,
    /// The document it is pinned to.
    pub version: VersionId,
    /// Number of the published version; `None` for a run of a draft.
    pub number: Option<u32>,
    /// Name of the lead, or first words of the event.
    pub subject: Option<String>,
    /// Kind of its trigger.
    pub trigger_kind: String,
    /// When it was accepted.
    pub started_at: DateTime<Utc>,
    /// How it stands.
    pub state: RunState,
}

/// A run with everything that happened to it.
#[derive(Debug, Clone)]
pub struct History {
    /// The run.
    pub row: RunRow,
    /// What it runs.
    pub document: Document,
    /// What happened, in order; of a run that was thinned out only the first event.
    pub events: Vec<Event>,
    /// When all but its beginning and its end was thinned out.
    pub thinned_at: Option<DateTime<Utc>>,
}

/// A run as it was last written.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What is known of it.
    pub header: RunHeader,
    /// Everything that happened, in order.
    pub events: Vec<Event>,
    /// How it stands.
    pub state: RunState,
}
