//! What is known of journals that lie in files: which turns, and which files nobody needs any more.

use crate::columns::Columns;
use crate::error::Error;
use crate::payloads::{Hash, PayloadRow, Payloads, Reference};
use crate::postgres::Postgres;
use crate::records::digest;
use crate::sqlite::Sqlite;
use crate::writer::PayloadTables;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashSet;
use trunkline_engine::run::RunId;

/// Rows in one statement.
const PIECE: usize = 1000;
/// Files that go, or are looked up, in one step.
const STEP: usize = 500;
/// What a check-up names at most.
const MOST_NAMED: usize = 20;
/// When a run that cannot be read is tried again.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// What the store's own work asks of these tables.
pub(crate) trait PayloadUse: Send {
    /// Forgets which files hold turns of `runs`, and notes that somebody has to look whether others need them.
    fn loosen(&mut self, runs: &[RunId]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Bytes of all files.
    fn payload_bytes(&mut self) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Files after the file `after`, in the order of their names, at most `most`.
    fn payloads_after(
        &mut self,
        after: Option<Hash>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Reference>, Error>> + Send;

    /// Whether a turn lies in the file.
    fn is_used(&mut self, file: Hash) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes files whose last use is gone, and rows of theirs; answers whether there may be more. Never inside a
    /// transaction: what removed the last use must be durable.
    fn collect(&mut self, payloads: &Payloads) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes files that no row knows, of those that the search comes across next; answers whether it goes on. Never
    /// inside a transaction.
    fn collect_unknown(
        &mut self,
        payloads: &Payloads,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Lets runs rest whose journal cannot be read, and tries them again later.
    fn put_off(
        &mut self,
        runs: &[RunId],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// What this database calls its folder of files.
    fn payload_folder(&mut self, new: String) -> impl Future<Output = Result<String, Error>> + Send;
}

macro_rules! payloads {
    ($connection:ty, $database:ty) => {
        impl PayloadTables for $connection {
            async fn add_payloads(&mut self, rows: Vec<PayloadRow>) -> Result<(), Error> {
                // One statement cannot write a row twice.
                let files: HashSet<_> = rows.iter().map(|row| (row.reference.sha256, row.reference.bytes)).collect();
                let files: Vec<_> = files.into_iter().collect();
                for piece in files.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("INSERT INTO payload (sha256, bytes) ");
                    sql.push_values(piece, |mut row, (sha256, bytes)| {
                        row.push_bind(sha256.to_vec()).push_bind(i64::try_from(*bytes).unwrap_or(i64::MAX));
                    });
                    sql.push(" ON CONFLICT (sha256) DO NOTHING");
                    sql.build().execute(&mut *self).await?;
                }
                for piece in rows.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("INSERT INTO payload_use (run, seq, sha256) ");
                    sql.push_values(piece, |mut row, used| {
                        row.push_bind(used.run).push_bind(used.seq).push_bind(used.reference.sha256.to_vec());
                    });
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }

        impl PayloadUse for $connection {
            async fn loosen(&mut self, runs: &[RunId]) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    for (start, end) in [
                        (
                            "UPDATE payload SET loose = TRUE WHERE sha256 IN (SELECT sha256 FROM payload_use WHERE run IN (",
                            "))",
                        ),
                        ("DELETE FROM payload_use WHERE run IN (", ")"),
                    ] {
                        let mut sql = QueryBuilder::<$database>::new(start);
                        let mut list = sql.separated(", ");
                        for run in piece {
                            list.push_bind(*run);
                        }
                        list.push_unseparated(end);
                        sql.build().execute(&mut *self).await?;
                    }
                }
                Ok(())
            }

            async fn payload_bytes(&mut self) -> Result<u64, Error> {
                let sql = "SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) AS n FROM payload";
                sqlx::query(sql).fetch_one(self).await?.count("n")
            }

            async fn payloads_after(&mut self, after: Option<Hash>, most: usize) -> Result<Vec<Reference>, Error> {
                let sql = "SELECT sha256, bytes FROM payload WHERE sha256 > $1 ORDER BY sha256 LIMIT $2";
                let rows = sqlx::query(sql)
                    .bind(after.map_or_else(Vec::new, |after| after.to_vec()))
                    .bind(i64::try_from(most).unwrap_or(i64::MAX))
                    .fetch_all(self)
                    .await?;
                rows.iter().map(|row| Ok(Reference { sha256: digest(row)?, bytes: row.count("bytes")? })).collect()
            }

            async fn is_used(&mut self, file: Hash) -> Result<bool, Error> {
                let sql = "SELECT count(*) AS n FROM payload_use WHERE sha256 = $1";
                Ok(sqlx::query(sql).bind(file.to_vec()).fetch_one(self).await?.count("n")? > 0)
            }

            async fn collect(&mut self, payloads: &Payloads) -> Result<bool, Error> {
                let sql = "SELECT sha256, EXISTS (SELECT 1 FROM payload_use u WHERE u.sha256 = payload.sha256) AS used \
                    FROM payload WHERE loose = TRUE ORDER BY sha256 LIMIT $1";
                let rows = sqlx::query(sql).bind(i64::try_from(STEP).unwrap_or(i64::MAX));
                let rows = rows.fetch_all(&mut *self).await?;
                let (mut used, mut unused) = (Vec::new(), Vec::new());
                for row in &rows {
                    if row.flag("used")? { used.push(digest(row)?) } else { unused.push(digest(row)?) }
                }
                payloads.remove(unused.clone()).await?;
                for (start, hashes) in [
                    ("DELETE FROM payload WHERE sha256 IN (", unused),
                    ("UPDATE payload SET loose = FALSE WHERE sha256 IN (", used),
                ] {
                    if hashes.is_empty() {
                        continue;
                    }
                    let mut sql = QueryBuilder::<$database>::new(start);
                    let mut list = sql.separated(", ");
                    for hash in hashes {
                        list.push_bind(hash.to_vec());
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(rows.len() >= STEP)
            }

            async fn collect_unknown(&mut self, payloads: &Payloads, now: DateTime<Utc>) -> Result<bool, Error> {
                let found = payloads.next_files(STEP, now).await?;
                if found.is_empty() {
                    return Ok(false);
                }
                let mut sql = QueryBuilder::<$database>::new("SELECT sha256 FROM payload WHERE sha256 IN (");
                let mut list = sql.separated(", ");
                for hash in &found {
                    list.push_bind(hash.to_vec());
                }
                list.push_unseparated(")");
                let rows = sql.build().fetch_all(self).await?;
                let known: HashSet<Hash> = rows.iter().map(digest).collect::<Result<_, _>>()?;
                let goes_on = found.len() >= STEP;
                payloads.remove(found.into_iter().filter(|hash| !known.contains(hash)).collect()).await?;
                Ok(goes_on)
            }

            async fn put_off(&mut self, runs: &[RunId], now: DateTime<Utc>) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("UPDATE run SET wake_at = ");
                    sql.push_bind(crate::columns::micros(now + AGAIN));
                    let mut list = sql.push(" WHERE finished_at IS NULL AND id IN (").separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn payload_folder(&mut self, new: String) -> Result<String, Error> {
                let sql = "INSERT INTO store_setting (name, value) VALUES ('payloads', $1) ON CONFLICT DO NOTHING";
                sqlx::query(sql).bind(new).execute(&mut *self).await?;
                let sql = "SELECT value FROM store_setting WHERE name = 'payloads'";
                sqlx::query(sql).fetch_one(self).await?.string("value")
            }
        }
    };
}

payloads!(SqliteConnection, sqlx::Sqlite);
payloads!(PgConnection, sqlx::Postgres);

macro_rules! files {
    ($backend:ty) => {
        impl $backend {
            /// Removes files that are due to go, one step of it; answers whether there is more. When a backup needs
            /// them to stay, they do.
            pub(crate) async fn tidy_payloads(&self, now: DateTime<Utc>) -> Result<bool, Error> {
                let Some(_going) = self.payloads.may_go_now() else { return Ok(false) };
                self.remove_loose(now).await
            }

            /// Removes every file that nothing refers to.
            pub(crate) async fn clear_payloads(&self, now: DateTime<Utc>) -> Result<(), Error> {
                let _going = self.payloads.may_go().await;
                self.payloads.search_anew().await;
                while self.remove_loose(now).await? {}
                Ok(())
            }

            async fn remove_loose(&self, now: DateTime<Utc>) -> Result<bool, Error> {
                let payloads = self.payloads.clone();
                self.writer
                    .alone(move |connection| {
                        Box::pin(async move {
                            let more = connection.collect(&payloads).await?;
                            Ok(more | connection.collect_unknown(&payloads, now).await?)
                        })
                    })
                    .await
            }

            /// Runs that cannot be read rest for a while, so that they stand in nobody's way.
            pub(crate) async fn put_off(&self, runs: Vec<RunId>) -> Result<(), Error> {
                if runs.is_empty() {
                    return Ok(());
                }
                let now = self.sources.now();
                self.writer
                    .write(move |connection| Box::pin(async move { connection.put_off(&runs, now).await }))
                    .await
            }

            /// Copies every file that the database refers to beside the backup `to`. The caller makes files stay.
            pub(crate) async fn copy_payloads(&self, to: &std::path::Path) -> Result<(), Error> {
                let folder = crate::settings::payloads_beside(to);
                let mut after = None;
                loop {
                    let found = self.readers.acquire().await?.payloads_after(after, STEP).await?;
                    let Some(last) = found.last() else { return Ok(()) };
                    after = Some(last.sha256);
                    self.payloads.copy(found.iter().map(|file| file.sha256).collect(), &folder).await?;
                }
            }

            /// Reads every file; answers how many there are, their bytes, and what is wrong.
            pub(crate) async fn check_payloads(&self) -> Result<(u64, u64, Vec<String>), Error> {
                let (mut count, mut bytes, mut problems) = (0, 0, Vec::new());
                let mut after = None;
                loop {
                    let found = self.readers.acquire().await?.payloads_after(after, STEP).await?;
                    let Some(last) = found.last() else { return Ok((count, bytes, problems)) };
                    after = Some(last.sha256);
                    for file in found {
                        count += 1;
                        bytes += file.bytes;
                        if problems.len() < MOST_NAMED
                            && let Err(error) = self.payloads.content(file).await
                            && self.readers.acquire().await?.is_used(file.sha256).await?
                        {
                            problems.push(format!("{}: {error}", error.code()));
                        }
                    }
                }
            }
        }
    };
}

files!(Sqlite);
files!(Postgres);
