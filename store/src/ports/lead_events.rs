//! What happened to leads that a workflow listens to.
//!
//! An event is written in the transaction in which it happened, once for every trigger that hears it, and removed when
//! its run has been accepted. The run's event key is made of the event's number, so that a crash between the two starts
//! no second run.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// Lead events as the server needs them.
pub trait LeadEvents: Debug + Send + Sync {
    /// Ends when events may have been written since it last ended.
    fn arrived(&self) -> BoxFuture<'_, ()>;

    /// The oldest events, at most `limit` (1 to 1,000).
    fn list(&self, limit: u32) -> Answer<'_, Vec<LeadEvent>>;

    /// Removes events whose runs have been accepted, or that nobody listens to any more.
    fn done(&self, ids: Vec<i64>) -> Answer<'_, ()>;
}

/// Something that happened to a lead, for one trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadEvent {
    /// Its number; a later one is greater, and none is used twice.
    pub id: i64,
    /// Whose lead.
    pub workspace: WorkspaceId,
    /// The workflow that listens.
    pub workflow: Uuid,
    /// Its trigger.
    pub step: String,
    /// The lead.
    pub lead: Uuid,
    /// What the run sees as its trigger.
    pub output: Value,
    /// When it happened.
    pub at: DateTime<Utc>,
}
