//! Enrichment: where values came from, what was answered and what was spent; written with what leads changed.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, Enrichment, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::writer::EnrichmentTables;
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashSet;
use trunkline_leads::book::Enriched;
use trunkline_leads::enrichment::{Meter, Provenance, Remembered};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 500;

macro_rules! enrichment {
    ($backend:ty, $connection:ty, $database:ty) => {
        impl EnrichmentTables for $connection {
            async fn provenance(
                &mut self,
                workspace: WorkspaceId,
                leads: &HashSet<Uuid>,
            ) -> Result<Vec<(Uuid, Provenance)>, Error> {
                let leads: Vec<Uuid> = leads.iter().copied().collect();
                let mut found = Vec::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT lead, record FROM enrichment_provenance WHERE workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND lead IN (");
                    let mut list = sql.separated(", ");
                    for lead in piece {
                        list.push_bind(*lead);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push((row.id("lead")?, row.json("record")?));
                    }
                }
                Ok(found)
            }

            async fn spending(
                &mut self,
                workspace: WorkspaceId,
                waterfalls: &HashSet<Uuid>,
            ) -> Result<Vec<(Uuid, Meter)>, Error> {
                let waterfalls: Vec<Uuid> = waterfalls.iter().copied().collect();
                let mut found = Vec::new();
                for piece in waterfalls.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT waterfall, record FROM enrichment_meter WHERE workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND waterfall IN (");
                    let mut list = sql.separated(", ");
                    for waterfall in piece {
                        list.push_bind(*waterfall);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push((row.id("waterfall")?, row.json("record")?));
                    }
                }
                Ok(found)
            }

            async fn remembered(
                &mut self,
                workspace: WorkspaceId,
                questions: &HashSet<String>,
            ) -> Result<Vec<Remembered>, Error> {
                let questions: Vec<&String> = questions.iter().collect();
                let mut found = Vec::new();
                for piece in questions.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT record FROM enrichment_answer WHERE workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND question IN (");
                    let mut list = sql.separated(", ");
                    for question in piece {
                        list.push_bind(question.as_str());
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(row.json("record")?);
                    }
                }
                Ok(found)
            }

            async fn write_enrichment(
                &mut self,
                workspace: WorkspaceId,
                changed: Enriched,
            ) -> Result<(), Error> {
                for piece in changed.provenance.chunks(PIECE) {
                    let records =
                        piece.iter().map(|(_, origin)| to_json(origin)).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO enrichment_provenance (workspace, lead, field, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, ((lead, origin), record)| {
                        row.push_bind(workspace.0).push_bind(*lead);
                        row.push_bind(origin.field.as_str()).push_bind(record);
                    });
                    sql.push(" ON CONFLICT (lead, field) DO UPDATE SET record = excluded.record");
                    sql.build().execute(&mut *self).await?;
                }
                for piece in changed.meters.chunks(PIECE) {
                    let records =
                        piece.iter().map(|(_, meter)| to_json(meter)).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO enrichment_meter (workspace, waterfall, provider, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, ((waterfall, meter), record)| {
                        row.push_bind(workspace.0).push_bind(*waterfall);
                        row.push_bind(meter.provider.as_str()).push_bind(record);
                    });
                    sql.push(" ON CONFLICT (waterfall, provider) DO UPDATE SET record = excluded.record");
                    sql.build().execute(&mut *self).await?;
                }
                for piece in changed.remembered.chunks(PIECE) {
                    let records = piece.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO enrichment_answer (workspace, question, lead, keep_until, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, (remembered, record)| {
                        row.push_bind(workspace.0).push_bind(remembered.key.as_str());
                        row.push_bind(remembered.lead_id).push_bind(micros(remembered.keep_until));
                        row.push_bind(record);
                    });
                    sql.push(
                        " ON CONFLICT (workspace, question) DO UPDATE SET lead = excluded.lead, \
                        keep_until = excluded.keep_until, record = excluded.record",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }

        impl Enrichment for $backend {
            fn provenance(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<Provenance>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM enrichment_provenance WHERE workspace = $1 AND lead = $2 \
                        ORDER BY field";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(lead).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| row.json("record")).collect()
                })
            }

            fn spending(&self, workspace: WorkspaceId, waterfall: Uuid) -> Answer<'_, Vec<Meter>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM enrichment_meter WHERE workspace = $1 AND waterfall = $2 \
                        ORDER BY provider";
                    let rows =
                        sqlx::query(sql).bind(workspace.0).bind(waterfall).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| row.json("record")).collect()
                })
            }

            fn remembered(&self, workspace: WorkspaceId, question: String) -> Answer<'_, Option<Remembered>> {
                Box::pin(async move {
                    let sql = "SELECT record FROM enrichment_answer WHERE workspace = $1 AND question = $2";
                    let row = sqlx::query(sql)
                        .bind(workspace.0)
                        .bind(question)
                        .fetch_optional(&self.readers)
                        .await?;
                    row.map(|row| row.json("record")).transpose()
                })
            }
        }
    };
}

enrichment!(Sqlite, SqliteConnection, sqlx::Sqlite);
enrichment!(Postgres, PgConnection, sqlx::Postgres);
