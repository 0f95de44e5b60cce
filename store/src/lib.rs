//! Durable state: SQLite behind ports.
//!
//! What this crate must never do:
//! - It never answers a write before it is on disk, and never keeps part of a turn: events, run and changes to leads
//!   are committed together or not at all.
//! - It never decides what a run does next; it feeds the engine's machine with results and writes down what happened.
//! - It never sees a secret: sessions and tokens come as hashes.
//! - No SQL and no database type leaves it. PostgreSQL will stand behind the same [`ports`], held by the same suite of
//!   tests (`tests/contract`).
//! - No list grows without a bound: queries are paged by key, the write queue refuses when it is full.
//!
//! | Task | Files |
//! |---|---|
//! | Change a table | a new file in `migrations/sqlite`, then its module in `sqlite/` |
//! | Change what callers can ask | `ports/`, `sqlite/`, `tests/contract` |
//! | Change how turns become durable | `writer/` |
//! | Add an error | `error.rs`, a page in `docs/errors` |

mod columns;
pub mod error;
pub mod ports;
mod records;
pub mod settings;
mod sqlite;
mod writer;

pub use error::Error;
pub use ports::{Accounts, Answer, Keys, Leads, Runs, Ticks, Upkeep, VersionId, Workflows, WorkspaceId};
pub use settings::{Settings, Sources};

use std::sync::Arc;

/// All ports of one store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    /// Runs.
    pub runs: Arc<dyn Runs>,
    /// Workflows.
    pub workflows: Arc<dyn Workflows>,
    /// People, sessions and keys.
    pub accounts: Arc<dyn Accounts>,
    /// Leads.
    pub leads: Arc<dyn Leads>,
    /// Moments of schedules.
    pub ticks: Arc<dyn Ticks>,
    /// Secrets that the server makes for itself.
    pub keys: Arc<dyn Keys>,
    /// Upkeep.
    pub upkeep: Arc<dyn Upkeep>,
}

impl Store {
    /// Opens the SQLite store, making it when it is missing and bringing it up to date.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process has it, [`Error::Migration`] when it was written by a newer version,
    /// [`Error::Io`] and [`Error::Full`] when the disk refuses.
    pub async fn open(settings: Settings) -> Result<Self, Error> {
        let sqlite = Arc::new(sqlite::Sqlite::open(settings).await?);
        Ok(Self {
            runs: Arc::clone(&sqlite) as Arc<dyn Runs>,
            workflows: Arc::clone(&sqlite) as Arc<dyn Workflows>,
            accounts: Arc::clone(&sqlite) as Arc<dyn Accounts>,
            leads: Arc::clone(&sqlite) as Arc<dyn Leads>,
            ticks: Arc::clone(&sqlite) as Arc<dyn Ticks>,
            keys: Arc::clone(&sqlite) as Arc<dyn Keys>,
            upkeep: sqlite,
        })
    }

    /// Writes what waits and closes the files. Later calls answer [`Error::Closed`].
    ///
    /// # Errors
    /// None at present; the writer logs what it cannot close.
    pub async fn close(&self) -> Result<(), Error> {
        self.upkeep.close().await
    }
}
