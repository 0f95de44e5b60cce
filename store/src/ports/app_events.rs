//! What happens in apps: how far triggers that ask have come, what apps sent, and the events that wait for their runs.
//!
//! An event is written in the transaction that notes where it came from: the position of a look, or the key of what was
//! sent. It is removed when its run has been accepted; the run's event key is made of the event's number.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// Events of apps as the server needs them.
pub trait AppEvents: Debug + Send + Sync {
    /// How far the triggers of these workflows have come; of all when none is named.
    fn looks(&self, workflows: Vec<Uuid>) -> Answer<'_, Vec<Look>>;

    /// Writes how far a trigger has come and what that brought, in one transaction. `look.revision` is the one that was
    /// read, 0 for the first time; it is then one further.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when it has come further meanwhile.
    fn looked(&self, look: Look, events: Vec<NewAppEvent>) -> Answer<'_, ()>;

    /// Takes what an app sent, in one transaction. Events whose key was seen within `since` start nothing.
    fn deliver(&self, delivery: Delivery) -> Answer<'_, Delivered>;

    /// Counts deliveries that were refused.
    fn refuse(
        &self,
        connection: Uuid,
        webhook: String,
        why: Refused,
        count: u64,
        at: DateTime<Utc>,
    ) -> Answer<'_, ()>;

    /// What came to the addresses of a connection.
    fn deliveries(&self, connection: Uuid) -> Answer<'_, Vec<DeliveryCount>>;

    /// The oldest events that wait for their runs, at most `limit` (1 to 1,000).
    fn list(&self, limit: u32) -> Answer<'_, Vec<AppEvent>>;

    /// Removes events whose runs have been accepted, or that nobody listens to any more.
    fn done(&self, ids: Vec<i64>) -> Answer<'_, ()>;
}

/// How far a trigger that asks has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The workflow.
    pub workflow: Uuid,
    /// The trigger step.
    pub step: String,
    /// What is asked, as a digest.
    pub source: String,
    /// From when on records are wanted.
    pub begin: Value,
    /// How often it was changed.
    pub revision: i64,
    /// Where the next look goes on.
    pub position: Value,
    /// When it last looked with success.
    pub looked_at: Option<DateTime<Utc>>,
    /// When it looks next.
    pub next_at: DateTime<Utc>,
    /// Looks that failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub trouble: Option<Value>,
    /// Records that were read.
    pub seen: u64,
    /// Events that were accepted.
    pub started: u64,
}

/// Something that happened in an app, for one trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAppEvent {
    /// Whose workflow.
    pub workspace: WorkspaceId,
    /// The workflow that listens.
    pub workflow: Uuid,
    /// Its trigger.
    pub step: String,
    /// What the run sees as its trigger.
    pub output: Value,
    /// When it was heard.
    pub at: DateTime<Utc>,
}

/// An event that waits for its run.
#[derive(Debug, Clone, PartialEq)]
pub struct AppEvent {
    /// Its number; a later one is greater, and none is used twice.
    pub id: i64,
    /// What happened.
    pub event: NewAppEvent,
}

/// What an app sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The connection it was sent to.
    pub connection: Uuid,
    /// The webhook.
    pub webhook: String,
    /// Each event: what makes it be the same as another one, as a digest, and who hears it.
    pub events: Vec<(Option<[u8; 32]>, Vec<NewAppEvent>)>,
    /// The delivery as a whole, when it can be told from another one: seen again, nothing of it counts.
    pub proof: Option<[u8; 32]>,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Keys from before that moment are forgotten.
    pub since: DateTime<Utc>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Events that were accepted, heard or not.
    pub accepted: u64,
    /// Events that had come before.
    pub repeated: u64,
}

/// Why a delivery was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its proof does not fit.
    Forged,
    /// It was sent too long ago.
    TooOld,
    /// It cannot be read.
    Unreadable,
}

/// What came to an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryCount {
    /// The webhook.
    pub webhook: String,
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that had come before.
    pub repeated: u64,
    /// Deliveries whose proof did not fit.
    pub forged: u64,
    /// Deliveries that were too old.
    pub too_old: u64,
    /// Deliveries that could not be read.
    pub unreadable: u64,
    /// When the last one was accepted.
    pub last_at: Option<DateTime<Utc>>,
    /// When the last one was refused.
    pub refused_at: Option<DateTime<Utc>>,
}
