//! What can go wrong with durable state, each with a stable code and with what to do about it.

use sqlx::postgres::PgDatabaseError;
use std::borrow::Cow;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More writes wait than the queue may hold. Nothing was written.
    #[error("more events are arriving than the disk can keep up with")]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The object is not there, or belongs to another workspace.
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// The draft was changed by someone else in the meantime.
    #[error("the draft was changed elsewhere and is now at revision {current}")]
    Stale {
        /// The revision it is at now.
        current: i64,
    },
    /// Something with the same name or key is there already.
    #[error("{0} exists already")]
    Conflict(&'static str),
    /// Another process has written this turn of the run. Nothing was written.
    #[error("this run is being moved by another process")]
    Fenced,
    /// The link or token is unknown, was used, or is too old.
    #[error("this link is not valid any more")]
    Expired,
    /// The disk is full. Nothing was written.
    #[error("the disk is full")]
    Full,
    /// The disk answered with an error. Nothing was acknowledged.
    #[error("the disk refused a read or write: {0}")]
    Io(String),
    /// What is in the file cannot be understood.
    #[error("stored data is damaged: {0}")]
    Corrupt(Cow<'static, str>),
    /// The file of the data folder that holds part of a run is not there, or is not what was written. Everything else
    /// goes on.
    #[error("part of this run lies in the file {0}, which is missing or damaged")]
    Lost(String),
    /// Another process holds the file.
    #[error("another process is using the data")]
    Busy,
    /// The database server cannot be reached, or hung up. Nothing was written.
    #[error("the database cannot be reached: {0}")]
    Away(String),
    /// The store is shutting down. Nothing was written.
    #[error("the store is shutting down")]
    Closed,
    /// The database was made by a newer version of Trunkline, or a migration failed.
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    /// A statement failed in a way nobody foresaw. Nothing was written.
    #[error("the database refused a statement: {0}")]
    Database(String),
}

impl Error {
    /// The stable code; each has a page under `docs/errors/`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Overloaded { .. } => "STORE-0001",
            Self::Full => "STORE-0002",
            Self::Io(_) => "STORE-0003",
            Self::Corrupt(_) => "STORE-0004",
            Self::Busy => "STORE-0005",
            Self::Fenced => "STORE-0006",
            Self::Closed => "STORE-0007",
            Self::Migration(_) => "STORE-0008",
            Self::Database(_) => "STORE-0009",
            Self::NotFound(_) => "STORE-0010",
            Self::Conflict(_) => "STORE-0011",
            Self::Expired => "STORE-0012",
            Self::Away(_) => "STORE-0013",
            Self::Lost(_) => "STORE-0016",
            Self::Stale { .. } => "WF-0004",
        }
    }

    /// What to do now, in one sentence.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Overloaded { .. } => "Send the event again a little later; nothing of it was kept.",
            Self::Full => "Free space on the disk that holds the data folder; Trunkline goes on by itself.",
            Self::Io(_) => "Check the disk that holds the data folder and the permissions on it.",
            Self::Corrupt(_) => "Run `trunkline doctor`, and restore the last backup if it reports damage.",
            Self::Lost(_) => {
                "Put the file back from a backup of the `payloads` folder; a run that has not ended goes on within the hour. If there is none, cancel the run."
            }
            Self::Busy => "Stop the other Trunkline process, or give this one data of its own.",
            Self::Fenced => "Nothing: the other process goes on with the run.",
            Self::Away(_) => {
                "Check that PostgreSQL runs and that the address in `database` is right; Trunkline goes on by itself."
            }
            Self::Closed => "Send the event again once Trunkline is back.",
            Self::Migration(_) => {
                "Start the version of Trunkline that wrote this data folder, or a newer one."
            }
            Self::Database(_) => "Try again; if it stays, run `trunkline doctor` and report what it says.",
            Self::NotFound(_) => "Go back to the list; it may have been deleted.",
            Self::Conflict(_) => "Choose another name.",
            Self::Expired => {
                "Ask for a new link; starting the server prints one as long as nobody has signed up."
            }
            Self::Stale { .. } => "Load the newer draft, or save yours as a copy.",
        }
    }

    /// This error, saying what exists already.
    pub(crate) fn naming(self, what: &'static str) -> Self {
        match self {
            Self::Conflict(_) => Self::Conflict(what),
            other => other,
        }
    }

    /// Whether one run cannot be read while others can.
    #[must_use]
    pub fn is_of_one_run(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Corrupt(_))
    }

    /// Why something cannot be done with a run, when it is because that one run cannot be read.
    #[must_use]
    pub fn of_one_run(&self) -> Option<Failure> {
        self.is_of_one_run()
            .then(|| Failure::new(self.code(), FailureKind::Fatal, self.to_string(), self.action()))
    }

    /// Whether the fault lies with the disk, so that other writes will fail the same way.
    #[must_use]
    pub(crate) fn is_of_disk(&self) -> bool {
        matches!(self, Self::Full | Self::Io(_) | Self::Busy)
    }

    /// Whether the fault lies with the disk, or with the way to the database.
    #[must_use]
    pub(crate) fn is_of_store(&self) -> bool {
        self.is_of_disk() || matches!(self, Self::Away(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.try_downcast_ref::<PgDatabaseError>() {
                Some(database) => from_postgres(database),
                None => from_sqlite(database.as_ref()),
            },
            // A file has no connection that could break: SQLite reports its disk through its own codes.
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::Away(error.to_string())
            }
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::Overloaded { retry_after: Duration::from_secs(1) },
            sqlx::Error::RowNotFound => Self::NotFound("the record"),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt(error.to_string().into())
            }
            _ => Self::Database(error.to_string()),
        }
    }
}

/// Reads SQLite's result codes: two broken constraints by their extended code, the rest by the low byte.
fn from_sqlite(error: &dyn sqlx::error::DatabaseError) -> Error {
    let code: u32 = error.code().and_then(|code| code.parse().ok()).unwrap_or(1);
    match code {
        1555 | 2067 => return Error::Conflict("something with this name or key"),
        787 => return Error::NotFound("something it refers to"),
        _ => {}
    }
    match code & 0xff {
        5 | 6 => Error::Busy,
        8 | 10 | 14 | 23 => Error::Io(error.message().to_owned()),
        11 | 26 => Error::Corrupt(error.message().to_owned().into()),
        13 => Error::Full,
        _ => Error::Database(error.message().to_owned()),
    }
}

/// Reads PostgreSQL's SQLSTATE.
fn from_postgres(error: &PgDatabaseError) -> Error {
    let message = || error.message().to_owned();
    match error.code() {
        "23505" => Error::Conflict("something with this name or key"),
        "23503" => Error::NotFound("something it refers to"),
        "53100" => Error::Full,
        "55P03" => Error::Busy,
        // Shutting down, starting up, a standby, no more connections, not let in, no such database.
        "57P01" | "57P02" | "57P03" | "25006" | "3D000" => Error::Away(message()),
        code if code.starts_with("08") || code.starts_with("53") || code.starts_with("28") => {
            Error::Away(message())
        }
        code if code.starts_with("58") => Error::Io(message()),
        code if code.starts_with("XX00") => Error::Corrupt(message().into()),
        code => Error::Database(format!("{} ({code})", error.message())),
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(inner) => match Self::from(inner) {
                Self::Database(message) => Self::Migration(message),
                other => other,
            },
            other => Self::Migration(other.to_string()),
        }
    }
}
