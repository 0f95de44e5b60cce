//! The ports on PostgreSQL 15 or newer: one connection that writes, a few that read.
//!
//! Readers see the last committed state and never wait for the writer. Nothing here writes but through [`Writer`]. One
//! Trunkline server works on a database at a time; a lock held by its writing connection says which.

mod accounts;
mod backup;
mod budget;
mod connect;
mod leads;
mod pools;
mod runs;
mod search;
mod session;
mod sweep;
mod traces;
mod upkeep;
mod versions;
mod workflows;
mod writer;

pub(crate) use pools::change as change_pool;
pub(crate) use traces::traces;
pub(crate) use writer::leads_with_keys;

use crate::columns::micros;
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::WorkspaceId;
use crate::settings::{Settings, Sources};
use crate::shared::erasures::Marks;
use crate::shared::lead_words;
use crate::shared::payloads::PayloadUse;
use crate::writer::{OpenReader, Writer};
use session::Session;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use std::borrow::Cow;

/// Begins reads that all see the same moment.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// An open PostgreSQL store.
#[derive(Debug)]
pub(crate) struct Postgres {
    options: PgConnectOptions,
    pub(crate) readers: PgPool,
    pub(crate) writer: Writer<PgConnection>,
    pub(crate) payloads: Payloads,
    pub(crate) sources: Sources,
}

impl Postgres {
    /// Opens the database of `settings`, making its tables when they are missing.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Error> {
        let options = connect::options(&settings)?;
        let mut session = Session::open(options.clone(), settings.clone()).await?;
        first_workspace(session.connection(), &settings).await?;
        lead_words::index_in_postgres(session.connection()).await?;
        let sources = settings.sources.clone();
        let name = session.connection().payload_folder(sources.new_id().simple().to_string()).await?;
        let payloads = Payloads::of(&settings.payloads, &name, settings.spill_above);
        let readers = connect::readers(&options, &settings).await?;
        let writer = Writer::start(session, reader_of(&options, &settings), payloads.clone(), &settings)?;
        Ok(Self { options, readers, writer, payloads, sources })
    }
}

/// Opens what the writer reads through beside a batch that is being written. Only who has the database alone may work so.
fn reader_of(options: &PgConnectOptions, settings: &Settings) -> Option<OpenReader<Session>> {
    let (options, settings) = (options.clone(), settings.clone());
    settings.exclusive.then(|| -> OpenReader<Session> {
        Box::new(move || Box::pin(Session::beside(options.clone(), settings.clone())))
    })
}

/// Finding rows of data tables by a cell: what stands before the list of places, tables, columns and cells, between the
/// list and the most rows of each, and after that.
pub(crate) const ROWS_BY_CELL: [&str; 3] = [
    "SELECT a.column1 AS place, r.id, r.record, r.created_at, r.updated_at FROM (",
    ") a CROSS JOIN LATERAL (SELECT c.row_id FROM data_cell c WHERE c.data_table = a.column2 \
        AND c.column_key = a.column3 AND c.value = a.column4 ORDER BY c.row_id LIMIT ",
    ") c CROSS JOIN LATERAL (SELECT id, record, created_at, updated_at FROM data_row WHERE id = c.row_id LIMIT 1) r",
];

impl Postgres {
    /// Reads that all see the same moment.
    pub(crate) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, Error> {
        Ok(self.readers.begin_with(SNAPSHOT).await?)
    }

    /// Bytes of the tables on the server and of the files beside them.
    pub(crate) async fn bytes(&self) -> Result<u64, Error> {
        budget::bytes(&mut *self.readers.acquire().await?).await
    }

    /// Lets the server reuse the room of what was erased. Its files cannot be searched from here, so nothing is said
    /// about them.
    pub(crate) async fn scrub(&self, _: &Marks) -> Result<u64, Error> {
        let mut connection = connect::alone(&self.options).await?;
        let outcome =
            sqlx::query("VACUUM run, journal, lead, lead_key, lead_word, activity, list_member, stage_stay")
                .execute(&mut connection)
                .await;
        connection.close().await?;
        outcome?;
        Ok(0)
    }
}

/// Makes the workspace every installation starts with, and its ladder of stages.
async fn first_workspace(connection: &mut PgConnection, settings: &Settings) -> Result<(), Error> {
    let made = sqlx::query(
        "INSERT INTO workspace (id, name, created_at) VALUES ($1, 'My workspace', $2) ON CONFLICT DO NOTHING",
    )
    .bind(WorkspaceId::FIRST.0)
    .bind(micros(settings.sources.now()))
    .execute(&mut *connection)
    .await?;
    if made.rows_affected() > 0 {
        pools::write_stages(connection, WorkspaceId::FIRST, &trunkline_leads::stage::default_ladder())
            .await?;
    }
    Ok(())
}

/// `text` as a column can hold it: of all characters, PostgreSQL refuses NUL alone, and an event that brings one must
/// not fail for it.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}
