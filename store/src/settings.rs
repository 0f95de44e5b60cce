//! How a store is opened. The defaults suit two cores and a data folder on an ordinary disk.

use chrono::{DateTime, Utc};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Where the data lives and how much may wait.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database file. Its folder is made when it is missing.
    pub path: PathBuf,
    /// Writes that may wait before callers are told to slow down.
    pub queue: usize,
    /// Bytes of events that may wait before callers are told to slow down.
    pub queue_bytes: usize,
    /// Most turns in one transaction.
    pub batch_turns: usize,
    /// Lead operations one turn may have performed in one transaction; the rest follows in the next.
    pub effects_per_turn: usize,
    /// Connections that only read.
    pub readers: u32,
    /// Page cache of each reading connection, in KiB.
    pub reader_cache_kib: u32,
    /// Page cache of the writing connection, in KiB.
    pub writer_cache_kib: u32,
    /// Whether to refuse a file that another Trunkline process has open for writing. Only tools that read, such as
    /// `trunkline doctor`, turn this off.
    pub exclusive: bool,
    /// How long to wait for another process that holds the file, such as a backup.
    pub busy_timeout: Duration,
    /// Where the writer takes time and ids from.
    pub sources: Sources,
}

impl Settings {
    /// The defaults, at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            queue: 4096,
            queue_bytes: 32 * 1024 * 1024,
            batch_turns: 256,
            effects_per_turn: 512,
            readers: 3,
            reader_cache_kib: 4 * 1024,
            writer_cache_kib: 16 * 1024,
            exclusive: true,
            busy_timeout: Duration::from_secs(5),
            sources: Sources::default(),
        }
    }
}

/// Where the writer takes time and ids from, so that a simulation can hand in its own. The default is the system's
/// clock and random UUIDv7.
#[derive(Clone)]
pub struct Sources {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

impl Sources {
    /// `now` gives the moment something is done; `new_id` a time-ordered id that nothing has yet.
    pub fn new(
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        new_id: impl Fn() -> Uuid + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), new_id: Arc::new(new_id) }
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        (self.new_id)()
    }
}

impl Default for Sources {
    fn default() -> Self {
        Self::new(Utc::now, Uuid::now_v7)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources")
    }
}
