//! Letters: what has happened for a run that has not taken it in yet.
//!
//! A letter is written in the transaction that caused it (a called run ended, the run before it in an ordered row
//! ended, a lead that it waits for changed) and removed in the one that takes it in. So it survives any crash between
//! the two, and counts once: a turn that hands in a letter which is gone is refused as
//! [`Error::Fenced`](crate::Error::Fenced).

use super::Answer;
use std::fmt::Debug;
use trunkline_engine::run::{Event, RunId};

/// Letters as the server needs them.
pub trait Letters: Debug + Send + Sync {
    /// Letters with a number greater than `after`, in order, at most `limit` (1 to 5,000): for the start of the server.
    fn list(&self, after: i64, limit: u32) -> Answer<'_, Vec<Letter>>;

    /// Throws letters away that nobody will take in: their run is over, or what they asked for is done.
    fn discard(&self, ids: Vec<i64>) -> Answer<'_, ()>;
}

/// What has happened for a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its number; a later one is greater, and none is used twice.
    pub id: i64,
    /// For which run.
    pub run: RunId,
    /// The event to apply; `None` asks for the error workflow of this failed run to be started.
    pub event: Option<Event>,
}
