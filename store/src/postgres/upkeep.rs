//! Check-up and closing; the sweep is in [`super::sweep`], the backup in [`super::backup`].

use super::{Postgres, backup, budget, connect, sweep};
use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{Answer, Checkup, Load, Swept, Upkeep};
use chrono::{DateTime, Utc};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::path::PathBuf;

impl Upkeep for Postgres {
    fn sweep(&self, now: DateTime<Utc>) -> Answer<'_, Swept> {
        Box::pin(async move {
            let payloads = self.payloads.clone();
            let sweep::Slice { mut swept, is_ready } = self
                .writer
                .write(move |connection| {
                    Box::pin(async move { sweep::slice(connection, now, &payloads).await })
                })
                .await?;
            swept.more |= self.tidy_payloads(now).await?;
            if is_ready {
                self.writer.alone(move |connection| Box::pin(budget::rewrite(connection, now))).await?;
            }
            Ok(swept)
        })
    }

    fn backup(&self, to: PathBuf) -> Answer<'_, ()> {
        let options = self.options.clone();
        Box::pin(async move {
            let (_staying, copy) = (self.payloads.stay().await, to.clone());
            // On a thread of its own: turning rows of one database into rows of the other keeps a processor busy.
            let handle = tokio::runtime::Handle::current();
            let written = tokio::task::spawn_blocking(move || handle.block_on(backup::write(&options, &to)));
            written.await.map_err(|_| Error::Database("the backup panicked".into()))??;
            // What the copy refers to the database still knows: nothing is forgotten before its file goes.
            self.copy_payloads(&copy).await
        })
    }

    fn check(&self) -> Answer<'_, Checkup> {
        Box::pin(async move {
            let mut connection = connect::alone(&self.options).await?;
            let outcome = examine(&mut connection).await;
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
            self.readers.close().await;
            self.writer.close().await;
            Ok(())
        })
    }
}

/// Reads every table, which makes a server with checksums look at every page, and asks the server what it knows of
/// damage.
async fn examine(connection: &mut PgConnection) -> Result<Checkup, Error> {
    let mut problems: Vec<String> = sqlx::query_scalar(
        "SELECT format('index %s is not valid', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let failures: Option<i64> = sqlx::query_scalar(
        "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&mut *connection)
    .await?;
    if let Some(failures) = failures.filter(|failures| *failures > 0) {
        problems.push(format!("{failures} pages have failed their checksum"));
    }
    let sql = "SELECT (SELECT count(*) FROM workflow WHERE deleted_at IS NULL) AS workflows, \
        (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM run WHERE finished_at IS NULL) AS unfinished, \
        (SELECT count(*) FROM lead) AS leads, (SELECT max(version) FROM _sqlx_migrations) AS schema, \
        pg_database_size(current_database()) AS size";
    let counts = sqlx::query(sql).fetch_one(connection).await?;
    Ok(Checkup {
        problems,
        file_bytes: counts.count("size")?,
        wal_bytes: 0,
        free_bytes: 0,
        schema: counts.number("schema")?,
        workflows: counts.count("workflows")?,
        runs: counts.count("runs")?,
        unfinished: counts.count("unfinished")?,
        leads: counts.count("leads")?,
        ..Checkup::default()
    })
}
