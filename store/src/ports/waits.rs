//! What runs wait for: a person's choice, a callback, something that happens to a lead, a person's finding.
//!
//! Rows follow the runs' machines: the writer adds and removes them in the transaction of the turn that made the
//! difference, and nobody else does.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_engine::kind::Awaited;
use trunkline_engine::run::{EffectKey, RunId};
use uuid::Uuid;

/// Open waits as the server needs them.
pub trait Waits: Debug + Send + Sync {
    /// Open waits, the one asked last first.
    fn list(&self, workspace: WorkspaceId, query: WaitQuery) -> Answer<'_, WaitPage>;

    /// How many approvals and decisions wait for a person.
    fn count(&self, workspace: WorkspaceId) -> Answer<'_, u64>;

    /// One open wait.
    fn find(&self, run: RunId, key: EffectKey) -> Answer<'_, Option<WaitRow>>;

    /// All open waits of a run, in the order they were asked.
    fn of_run(&self, run: RunId) -> Answer<'_, Vec<WaitRow>>;
}

/// What sort of word is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitKind {
    /// A person's choice.
    Approval,
    /// A call of the run's callback address.
    Callback,
    /// Something that happens to a lead.
    LeadEvent,
    /// A person who finds out whether a write happened.
    Decision,
}

impl WaitKind {
    /// Its word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Callback => "callback",
            Self::LeadEvent => "lead_event",
            Self::Decision => "decision",
        }
    }

    /// The kind called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Approval, Self::Callback, Self::LeadEvent, Self::Decision]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// The kind of `what`.
    #[must_use]
    pub fn of(what: &Awaited) -> Self {
        match what {
            Awaited::Approval { .. } => Self::Approval,
            Awaited::Callback => Self::Callback,
            Awaited::LeadEvent { .. } => Self::LeadEvent,
            Awaited::Decision { .. } => Self::Decision,
        }
    }
}

/// Which waits to list.
#[derive(Debug, Clone, Default)]
pub struct WaitQuery {
    /// Only of these kinds; empty for all.
    pub kinds: Vec<WaitKind>,
    /// Only those before this place.
    pub before: Option<i64>,
    /// Most rows (1 to 500).
    pub limit: u32,
}

/// A page of waits.
#[derive(Debug, Clone)]
pub struct WaitPage {
    /// The rows.
    pub items: Vec<WaitRow>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<i64>,
}

/// An open wait.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitRow {
    /// Its place in the order in which waits were asked.
    pub place: i64,
    /// The run that waits.
    pub run: RunId,
    /// The effect that waits.
    pub key: EffectKey,
    /// The workflow of the run.
    pub workflow: Uuid,
    /// What that is called now.
    pub workflow_name: String,
    /// Name of the run's lead, or first words of its event.
    pub subject: Option<String>,
    /// The lead the run is about.
    pub lead: Option<Uuid>,
    /// What sort of word is waited for.
    pub kind: WaitKind,
    /// What is waited for, as the step asked.
    pub what: Awaited,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when it waits.
    pub due_at: Option<DateTime<Utc>>,
}
