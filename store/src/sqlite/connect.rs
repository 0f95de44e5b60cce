//! Opening the database file: the settings of every connection, the lock on the folder, and the migrations.

use crate::error::Error;
use crate::settings::Settings;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Write-ahead log pages after which SQLite copies them into the database file: 16 MiB. With the usual 4 MiB the
/// same hot pages would be copied four times as often.
const CHECKPOINT_PAGES: &str = "4000";
/// The log file is cut back to this many bytes after a checkpoint.
const LOG_LIMIT_BYTES: &str = "67108864";

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/sqlite");

/// Takes the folder's lock, which the operating system gives back however this process ends.
pub(super) fn lock(settings: &Settings) -> Result<Option<File>, Error> {
    let io = |error: std::io::Error| Error::Io(format!("{}: {error}", settings.file().display()));
    if let Some(folder) = settings.file().parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    if !settings.exclusive {
        return Ok(None);
    }
    let file = File::create(settings.file().with_extension("lock")).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// Opens the one connection that writes, making the file when it is missing, and brings the schema up to date.
pub(crate) async fn writer(settings: &Settings) -> Result<SqliteConnection, Error> {
    let mut connection = options(settings)
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .pragma("cache_size", format!("-{}", settings.writer_cache_kib))
        // What is deleted is overwritten, so that it cannot be read from the file.
        .pragma("secure_delete", "on")
        .statement_cache_capacity(256)
        .connect()
        .await?;
    MIGRATIONS.run(&mut connection).await?;
    Ok(connection)
}

/// Opens the connections that only read. Each keeps its own snapshot and never waits for the writer.
pub(super) async fn readers(settings: &Settings) -> Result<SqlitePool, Error> {
    let options = options(settings)
        .pragma("query_only", "on")
        .pragma("cache_size", format!("-{}", settings.reader_cache_kib));
    let pool = SqlitePoolOptions::new()
        .max_connections(settings.readers)
        .min_connections(0)
        .test_before_acquire(false)
        .acquire_timeout(settings.busy_timeout)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// A connection that the writer reads through while it is writing.
pub(super) async fn beside(settings: &Settings) -> Result<SqliteConnection, Error> {
    let options = options(settings)
        .pragma("query_only", "on")
        .pragma("cache_size", format!("-{}", settings.reader_cache_kib))
        .statement_cache_capacity(256);
    Ok(options.connect().await?)
}

/// Copies the log into the file and cuts it to nothing, waiting for readers at most `patience`; false when one of them
/// was still in the way.
pub(super) async fn checkpoint(settings: &Settings, patience: Duration) -> Result<bool, Error> {
    let mut connection = options(settings).busy_timeout(patience).connect().await?;
    let outcome =
        sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await;
    connection.close().await?;
    match outcome.map_err(Error::from) {
        Ok(busy) => Ok(busy == 0),
        Err(Error::Busy) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The database file and those beside it that hold its data.
pub(super) fn files(settings: &Settings) -> [PathBuf; 2] {
    let mut log = settings.file().as_os_str().to_owned();
    log.push("-wal");
    [settings.file().to_owned(), log.into()]
}

/// A connection of its own for long reads, so that they do not take a reader away from people.
pub(super) async fn alone(settings: &Settings) -> Result<SqliteConnection, Error> {
    Ok(options(settings).connect().await?)
}

fn options(settings: &Settings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(settings.file())
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(settings.busy_timeout)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_LIMIT_BYTES)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// Size of a file in bytes; 0 when it is not there.
pub(super) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
