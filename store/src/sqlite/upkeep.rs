//! Backup, check-up and closing; the sweep is in [`super::sweep`].

use super::codec::Columns;
use super::{Sqlite, connect, sweep};
use crate::error::Error;
use crate::ports::{Answer, Checkup, Load, Swept, Upkeep};
use chrono::{DateTime, Utc};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long emptying the log waits for readers; the writer waits meanwhile.
const BRIEFLY: Duration = Duration::from_millis(50);

impl Upkeep for Sqlite {
    fn sweep(&self, now: DateTime<Utc>) -> Answer<'_, Swept> {
        Box::pin(async move {
            let payloads = self.payloads.clone();
            let mut slice = self
                .writer
                .write(move |connection| {
                    Box::pin(async move { sweep::slice(connection, now, &payloads).await })
                })
                .await?;
            slice.swept.more |= self.tidy_payloads(now).await?;
            if slice.gave_back {
                // Somebody who reads for long only delays it until the next slice.
                connect::checkpoint(&self.settings, BRIEFLY).await?;
            }
            Ok(slice.swept)
        })
    }

    fn backup(&self, to: PathBuf) -> Answer<'_, ()> {
        Box::pin(async move {
            let text =
                to.to_str().ok_or_else(|| Error::Io(format!("{}: not a name in UTF-8", to.display())))?;
            // `VACUUM INTO` takes an empty file for a new one; a backup never writes over anything.
            if to.exists() {
                return Err(Error::Conflict("a file with this name"));
            }
            let _staying = self.payloads.stay().await;
            let mut connection = connect::alone(&self.settings).await?;
            let outcome = sqlx::query("VACUUM INTO ?1").bind(text).execute(&mut connection).await;
            connection.close().await?;
            outcome?;
            // What the copy refers to the database still knows: nothing is forgotten before its file goes.
            self.copy_payloads(&to).await?;
            flush(&to)
        })
    }

    fn check(&self) -> Answer<'_, Checkup> {
        Box::pin(async move {
            let mut connection = connect::alone(&self.settings).await?;
            let outcome = examine(&mut connection, self.settings.file()).await;
            connection.close().await?;
            let (spilled_files, spilled_bytes, lost) = self.check_payloads().await?;
            let mut checkup = outcome?;
            checkup.problems.extend(lost);
            Ok(Checkup { spilled_files, spilled_bytes, ..checkup })
        })
    }

    fn load(&self) -> Load {
        self.writer.load()
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            // Readers first: the last connection to close is the one that empties the log.
            self.readers.close().await;
            self.writer.close().await;
            drop(self.lock.lock().expect("nothing panics while it holds the lock").take());
            Ok(())
        })
    }
}

/// Waits until a file and its name are on disk.
pub(crate) fn flush(path: &Path) -> Result<(), Error> {
    let io = |error: std::io::Error| Error::Io(format!("{}: {error}", path.display()));
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(io)?;
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io),
        None => Ok(()),
    }
}

async fn examine(connection: &mut SqliteConnection, path: &Path) -> Result<Checkup, Error> {
    let mut problems: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(&mut *connection).await?;
    problems.retain(|problem| problem != "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *connection).await?.len();
    if orphans > 0 {
        problems.push(format!("{orphans} rows refer to rows that are not there"));
    }
    let sql = "SELECT (SELECT count(*) FROM workflow WHERE deleted_at IS NULL) AS workflows, \
        (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM run WHERE finished_at IS NULL) AS unfinished, \
        (SELECT count(*) FROM lead) AS leads, (SELECT max(version) FROM _sqlx_migrations) AS schema, \
        (SELECT freelist_count FROM pragma_freelist_count) * (SELECT page_size FROM pragma_page_size) AS free";
    let counts = sqlx::query(sql).fetch_one(&mut *connection).await?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Ok(Checkup {
        problems,
        file_bytes: connect::size(path),
        wal_bytes: connect::size(Path::new(&log)),
        free_bytes: counts.count("free")?,
        schema: i64::try_from(counts.count("schema")?).unwrap_or_default(),
        workflows: counts.count("workflows")?,
        runs: counts.count("runs")?,
        unfinished: counts.count("unfinished")?,
        leads: counts.count("leads")?,
        ..Checkup::default()
    })
}
