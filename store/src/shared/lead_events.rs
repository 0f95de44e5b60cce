//! What happened to leads that a workflow listens to.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, LeadEvent, LeadEvents, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::writer::NewLeadEvent;
use futures_util::future::BoxFuture;
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use trunkline_engine::document::Document;
use uuid::Uuid;

/// Most events of one answer.
const MOST: u32 = 1_000;
/// Rows in one statement.
const PIECE: usize = 1_000;
/// Published workflows that are switched on and may listen to leads; the text is looked at more closely by the writer.
const LISTENING: &str = "SELECT w.id, v.document FROM workflow w JOIN workflow_version v ON v.id = w.published \
    WHERE w.workspace = $1 AND w.deleted_at IS NULL AND w.active AND v.document LIKE '%\"lead_event\"%' ORDER BY w.id";

macro_rules! lead_events {
    ($backend:ty, $database:ty, $connection:ty, $write:ident, $listening:ident) => {
        impl LeadEvents for $backend {
            fn arrived(&self) -> BoxFuture<'_, ()> {
                Box::pin(self.writer.lead_events_arrived())
            }

            fn list(&self, limit: u32) -> Answer<'_, Vec<LeadEvent>> {
                Box::pin(async move {
                    let sql = "SELECT id, workspace, workflow, step, lead, output, at FROM lead_event \
                        ORDER BY id LIMIT $1";
                    let rows = sqlx::query(sql).bind(i64::from(limit.clamp(1, MOST)));
                    rows.fetch_all(&self.readers).await?.iter().map(event).collect()
                })
            }

            fn done(&self, ids: Vec<i64>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        for piece in ids.chunks(PIECE) {
                            let mut sql =
                                QueryBuilder::<$database>::new("DELETE FROM lead_event WHERE id IN (");
                            let mut list = sql.separated(", ");
                            for id in piece {
                                list.push_bind(*id);
                            }
                            list.push_unseparated(")");
                            sql.build().execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                }))
            }
        }

        /// Writes events down, in the order in which they happened.
        pub(crate) async fn $write(
            connection: &mut $connection,
            events: Vec<NewLeadEvent>,
        ) -> Result<(), Error> {
            for piece in events.chunks(PIECE) {
                let mut sql = QueryBuilder::<$database>::new(
                    "INSERT INTO lead_event (workspace, workflow, step, lead, output, at) ",
                );
                sql.push_values(piece, |mut row, event| {
                    row.push_bind(event.workspace.0)
                        .push_bind(event.workflow)
                        .push_bind(event.step.clone())
                        .push_bind(event.lead)
                        .push_bind(event.output.clone())
                        .push_bind(micros(event.at));
                });
                sql.build().execute(&mut *connection).await?;
            }
            Ok(())
        }

        /// The documents of a workspace that may listen to leads.
        pub(crate) async fn $listening(
            connection: &mut $connection,
            workspace: WorkspaceId,
        ) -> Result<Vec<(Uuid, Document)>, Error> {
            let rows = sqlx::query(LISTENING).bind(workspace.0).fetch_all(connection).await?;
            rows.iter().map(|row| Ok((row.id("id")?, row.json("document")?))).collect()
        }
    };
}

lead_events!(Sqlite, sqlx::Sqlite, SqliteConnection, write_in_sqlite, listening_in_sqlite);
lead_events!(Postgres, sqlx::Postgres, PgConnection, write_in_postgres, listening_in_postgres);

fn event(row: &impl Columns) -> Result<LeadEvent, Error> {
    Ok(LeadEvent {
        id: row.number("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        workflow: row.id("workflow")?,
        step: row.string("step")?,
        lead: row.id("lead")?,
        output: row.json("output")?,
        at: row.moment("at")?,
    })
}
