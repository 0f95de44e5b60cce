//! Keeping the store small, safe and watched.

use super::Answer;
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use std::path::PathBuf;

/// Upkeep as the server and the command line need it.
pub trait Upkeep: Debug + Send + Sync {
    /// One small slice of what makes the store smaller: deletes finished runs that are older than their workflow keeps
    /// them, thins completed ones out, deletes the oldest finished ones while the budget is exceeded, forgets expired
    /// sessions, and gives freed space back. Small, so that events never wait long for it.
    fn sweep(&self, now: DateTime<Utc>) -> Answer<'_, Swept>;

    /// Writes a complete, consistent copy to a file that must not exist yet, while work goes on. Files that hold large
    /// journals are copied to the folder `payloads` beside it.
    fn backup(&self, to: PathBuf) -> Answer<'_, ()>;

    /// Reads the whole database and the files beside it, and says what is wrong with it.
    fn check(&self) -> Answer<'_, Checkup>;

    /// How busy the writer is. Never waits.
    fn load(&self) -> Load;

    /// Finishes what waits and closes the files. Later calls answer [`Error::Closed`](crate::Error::Closed).
    fn close(&self) -> Answer<'_, ()>;
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs deleted.
    pub runs: u64,
    /// Runs thinned out.
    pub thinned: u64,
    /// Whether more are due, so that it is worth calling again at once.
    pub more: bool,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Checkup {
    /// Damage, in the database's own words; empty when there is none.
    pub problems: Vec<String>,
    /// Size of the database file in bytes.
    pub file_bytes: u64,
    /// Size of its write-ahead log in bytes.
    pub wal_bytes: u64,
    /// Bytes in the file that are free for reuse.
    pub free_bytes: u64,
    /// Files beside the database that hold journals too large for it.
    pub spilled_files: u64,
    /// Their bytes.
    pub spilled_bytes: u64,
    /// Number of the newest migration.
    pub schema: i64,
    /// Workflows.
    pub workflows: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that have not ended.
    pub unfinished: u64,
    /// Leads.
    pub leads: u64,
}

/// How busy the writer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Writes that wait.
    pub queued: usize,
    /// Writes that may wait.
    pub capacity: usize,
    /// Transactions committed since the start.
    pub batches: u64,
    /// How many of them were worked out while the one before was written.
    pub ahead: u64,
    /// Turns made durable since the start.
    pub turns: u64,
    /// Transactions that failed and were taken apart.
    pub failures: u64,
}
