//! The ports on SQLite: one connection that writes, a few that read.
//!
//! Readers see the last committed state and never wait for the writer. Nothing here writes but through
//! [`Writer`].

mod accounts;
mod bulk;
mod codec;
mod connect;
mod leads;
mod pools;
mod runs;
mod scrub;
mod search;
mod sweep;
mod traces;
mod upkeep;
mod versions;
mod workflows;
mod writer;

pub(crate) use pools::change as change_pool;

pub(crate) use connect::writer as new_file;
pub(crate) use traces::traces;
pub(crate) use upkeep::flush;

pub(crate) use writer::leads_with_keys;

use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::WorkspaceId;
use crate::settings::{Settings, Sources};
use crate::shared::lead_words;
use crate::shared::payloads::PayloadUse;
use crate::writer::{OpenReader, Writer};
use codec::micros;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::fs::File;
use std::sync::Mutex;

/// An open SQLite store.
#[derive(Debug)]
pub(crate) struct Sqlite {
    settings: Settings,
    pub(crate) readers: SqlitePool,
    pub(crate) writer: Writer<SqliteConnection>,
    pub(crate) payloads: Payloads,
    pub(crate) sources: Sources,
    /// Held as long as the store is open, so that no second process writes.
    lock: Mutex<Option<File>>,
}

impl Sqlite {
    /// Opens the file of `settings`, making it when it is missing.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Error> {
        let lock = connect::lock(&settings)?;
        let mut connection = connect::writer(&settings).await?;
        first_workspace(&mut connection).await?;
        lead_words::index_in_sqlite(&mut connection).await?;
        let sources = settings.sources.clone();
        let name = connection.payload_folder(sources.new_id().simple().to_string()).await?;
        let payloads = Payloads::of(&settings.payloads, &name, settings.spill_above);
        let readers = connect::readers(&settings).await?;
        let writer = Writer::start(connection, reader_of(&settings), payloads.clone(), &settings)?;
        Ok(Self { settings, readers, writer, payloads, sources, lock: Mutex::new(lock) })
    }
}

/// Opens what the writer reads through beside a batch that is being written. Only who has the file alone may work so.
fn reader_of(settings: &Settings) -> Option<OpenReader<SqliteConnection>> {
    let settings = settings.clone();
    settings.exclusive.then(|| -> OpenReader<SqliteConnection> {
        Box::new(move || {
            let settings = settings.clone();
            Box::pin(async move { connect::beside(&settings).await })
        })
    })
}

/// Finding rows of data tables by a cell: what stands before the list of places, tables, columns and cells, between the
/// list and the most rows of each, and after that.
pub(crate) const ROWS_BY_CELL: [&str; 3] = [
    "SELECT a.column1 AS place, r.id, r.record, r.created_at, r.updated_at FROM (",
    ") a CROSS JOIN data_row r ON r.id IN (SELECT c.row_id FROM data_cell c WHERE c.data_table = a.column2 \
        AND c.column_key = a.column3 AND c.value = a.column4 ORDER BY c.row_id LIMIT ",
    ")",
];

impl Sqlite {
    /// Reads that all see the same moment.
    pub(crate) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, Error> {
        Ok(self.readers.begin().await?)
    }

    /// Bytes of the database on disk, its log and the files beside it included.
    pub(crate) async fn bytes(&self) -> Result<u64, Error> {
        let files: u64 = connect::files(&self.settings).iter().map(|file| connect::size(file)).sum();
        Ok(files + self.readers.acquire().await?.payload_bytes().await?)
    }
}

/// Makes the workspace every installation starts with, and its ladder of stages.
async fn first_workspace(connection: &mut SqliteConnection) -> Result<(), Error> {
    let made = sqlx::query(
        "INSERT INTO workspace (id, name, created_at) VALUES (?1, 'My workspace', ?2) ON CONFLICT DO NOTHING",
    )
    .bind(WorkspaceId::FIRST.0)
    .bind(micros(chrono::Utc::now()))
    .execute(&mut *connection)
    .await?;
    if made.rows_affected() > 0 {
        pools::write_stages(connection, WorkspaceId::FIRST, &trunkline_leads::stage::default_ladder())
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
