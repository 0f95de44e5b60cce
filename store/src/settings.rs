//! How a store is opened. The defaults suit two cores and a data folder on an ordinary disk.

use std::path::PathBuf;
use std::time::Duration;

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
        }
    }
}
