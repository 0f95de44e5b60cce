//! Pinned runs.

use crate::columns::{micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, Pin, Pins, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::pin;
use crate::sqlite::Sqlite;
use uuid::Uuid;

macro_rules! pins {
    ($backend:ty) => {
        impl Pins for $backend {
            fn add(&self, workspace: WorkspaceId, pin: Pin) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO pin (id, workspace, workflow, run, lead, name, trigger_step, output, \
                            expected, answers, created_at) \
                            SELECT $1, $2, id, $4, $5, $6, $7, $8, $9, $10, $11 FROM workflow \
                            WHERE workspace = $2 AND id = $3 AND deleted_at IS NULL";
                        let added = sqlx::query(sql)
                            .bind(pin.id)
                            .bind(workspace.0)
                            .bind(pin.workflow)
                            .bind(pin.run)
                            .bind(pin.lead)
                            .bind(pin.name)
                            .bind(pin.trigger)
                            .bind(to_json(&pin.output)?)
                            .bind(to_json(&pin.expected)?)
                            .bind(to_json(&pin.answers)?)
                            .bind(micros(pin.created_at))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming("a pin with this id"))?;
                        if added.rows_affected() == 0 { Err(Error::NotFound("the workflow")) } else { Ok(()) }
                    })
                }))
            }

            fn list(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, Vec<Pin>> {
                Box::pin(async move {
                    let sql = "SELECT id, workflow, run, lead, name, trigger_step, output, expected, answers, \
                        created_at FROM pin WHERE workspace = $1 AND workflow = $2 ORDER BY id LIMIT 500";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(workflow).fetch_all(&self.readers).await?;
                    rows.iter().map(pin).collect()
                })
            }

            fn remove(&self, workspace: WorkspaceId, workflow: Uuid, id: Uuid) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "DELETE FROM pin WHERE workspace = $1 AND workflow = $2 AND id = $3";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(workflow).bind(id);
                        match gone.execute(connection).await?.rows_affected() {
                            0 => Err(Error::NotFound("the pin")),
                            _ => Ok(()),
                        }
                    })
                }))
            }
        }
    };
}

pins!(Sqlite);
pins!(Postgres);
