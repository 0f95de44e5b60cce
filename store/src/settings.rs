//! How a store is opened. The defaults suit two cores and a data folder on an ordinary disk.

use chrono::{DateTime, Utc};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Folder of journals that are too large for the database, in the data folder and beside a backup.
const PAYLOADS: &str = "payloads";

/// The folder of large journals beside the database file `path`.
pub(crate) fn payloads_beside(path: &Path) -> PathBuf {
    path.with_file_name(PAYLOADS)
}

/// Where the data lives and how much may wait.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which database.
    pub place: Place,
    /// Folder of journals that are too large for the database, made when it is needed. Every database has a folder of its
    /// own in it.
    pub payloads: PathBuf,
    /// Journals of one turn larger than this, compressed, lie in a file there, in bytes.
    pub spill_above: usize,
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
    /// Page cache of each reading connection, in KiB. For a file.
    pub reader_cache_kib: u32,
    /// Page cache of the writing connection, in KiB. For a file.
    pub writer_cache_kib: u32,
    /// Whether to refuse a database that another Trunkline process works on. Only tools beside a server, such as
    /// `trunkline doctor`, turn this off.
    pub exclusive: bool,
    /// How long to wait for another process that holds the file, such as a backup; or for a database server that
    /// restarts, before callers are refused.
    pub busy_timeout: Duration,
    /// Where the writer takes time and ids from.
    pub sources: Sources,
}

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// In this SQLite file. Its folder is made when it is missing.
    File(PathBuf),
    /// On the PostgreSQL server of this URL, in the database it names: `postgres://user:password@host:5432/trunkline`.
    Server(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // The URL holds a password.
            Self::Server(_) => f.write_str("Server"),
        }
    }
}

impl Settings {
    /// The defaults, in the SQLite file `path`, with large journals in a folder beside it.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let payloads = payloads_beside(&path);
        Self::of(Place::File(path), payloads)
    }

    /// The defaults, on the PostgreSQL server of `url`, with large journals in the data folder `data`.
    pub fn url(url: impl Into<String>, data: impl Into<PathBuf>) -> Self {
        Self::of(Place::Server(url.into()), data.into().join(PAYLOADS))
    }

    /// The file; nothing on a server.
    pub(crate) fn file(&self) -> &Path {
        match &self.place {
            Place::File(path) => path,
            Place::Server(_) => Path::new(""),
        }
    }

    fn of(place: Place, payloads: PathBuf) -> Self {
        Self {
            place,
            payloads,
            spill_above: 64 * 1024,
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
