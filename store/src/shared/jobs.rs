//! Jobs and their results.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, Job, JobEnd, JobItem, Jobs, NewJob, Progress, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::{job, job_item};
use crate::sqlite::Sqlite;
use crate::writer::JobTables;
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

/// Most rows of an answer.
const MOST: u32 = 500;
/// Results added by one statement; a multiple of it of columns stays below what either database takes.
const PIECE: usize = 500;
/// The columns of a [`Job`].
const JOB: &str = "SELECT j.id, j.workspace, j.kind, j.title, j.workflow, w.name AS workflow_name, j.params, j.status, \
    j.done, j.total, j.state, j.cancel_requested, j.created_by, j.created_at, j.finished_at, j.error \
    FROM job j LEFT JOIN workflow w ON w.id = j.workflow ";

macro_rules! jobs {
    ($backend:ty, $database:ty, $connection:ty) => {
        impl Jobs for $backend {
            fn create(&self, workspace: WorkspaceId, new: NewJob) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO job (id, workspace, kind, title, workflow, params, status, total, \
                            created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9)";
                        sqlx::query(sql)
                            .bind(new.id)
                            .bind(workspace.0)
                            .bind(new.kind)
                            .bind(new.title)
                            .bind(new.workflow)
                            .bind(to_json(&new.params)?)
                            .bind(new.total.map(signed))
                            .bind(new.by)
                            .bind(micros(new.created_at))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming("a job with this id"))?;
                        Ok(())
                    })
                }))
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Job>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(JOB);
                    sql.push("WHERE j.workspace = ").push_bind(workspace.0).push(" AND j.id = ").push_bind(id);
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(job).transpose()
                })
            }

            fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Job>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(JOB);
                    sql.push("WHERE j.workspace = ").push_bind(workspace.0);
                    sql.push(" ORDER BY j.id DESC LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    sql.build().fetch_all(&self.readers).await?.iter().map(job).collect()
                })
            }

            fn advance(&self, id: Uuid, items: Vec<JobItem>, progress: Progress) -> Answer<'_, ()> {
                Box::pin(
                    self.writer.write(move |connection| Box::pin(connection.advance_job(id, items, progress))),
                )
            }

            fn finish(&self, id: Uuid, end: JobEnd) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "UPDATE job SET status = $2, error = $3, finished_at = $4 \
                            WHERE id = $1 AND status = 'running'";
                        sqlx::query(sql)
                            .bind(id)
                            .bind(end.status.as_str())
                            .bind(end.error)
                            .bind(micros(end.at))
                            .execute(connection)
                            .await?;
                        Ok(())
                    })
                }))
            }

            fn request_cancel(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "UPDATE job SET cancel_requested = $3 \
                            WHERE workspace = $1 AND id = $2 AND status = 'running'";
                        let asked = sqlx::query(sql).bind(workspace.0).bind(id).bind(true);
                        match asked.execute(connection).await?.rows_affected() {
                            0 => Err(Error::NotFound("a job under way")),
                            _ => Ok(()),
                        }
                    })
                }))
            }

            fn unfinished(&self) -> Answer<'_, Vec<Job>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(JOB);
                    sql.push("WHERE j.status = 'running' ORDER BY j.id");
                    sql.build().fetch_all(&self.readers).await?.iter().map(job).collect()
                })
            }

            fn items(
                &self,
                id: Uuid,
                group: Option<String>,
                after: Option<i64>,
                limit: u32,
            ) -> Answer<'_, Vec<JobItem>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT seq, run, subject, grouping, detail FROM job_item WHERE job = ",
                    );
                    sql.push_bind(id);
                    if let Some(group) = group {
                        sql.push(" AND grouping = ").push_bind(group);
                    }
                    if let Some(after) = after {
                        sql.push(" AND seq > ").push_bind(after);
                    }
                    sql.push(" ORDER BY seq LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    sql.build().fetch_all(&self.readers).await?.iter().map(job_item).collect()
                })
            }

            fn groups(&self, id: Uuid) -> Answer<'_, Vec<(String, u64)>> {
                Box::pin(async move {
                    let sql = "SELECT grouping, count(*) AS n FROM job_item WHERE job = $1 \
                        GROUP BY grouping ORDER BY n DESC, grouping";
                    let rows = sqlx::query(sql).bind(id).fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((row.try_get("grouping")?, row.count("n")?))).collect()
                })
            }
        }

        impl JobTables for $connection {
            async fn advance_job(
                &mut self,
                id: Uuid,
                items: Vec<JobItem>,
                progress: Progress,
            ) -> Result<(), Error> {
                let mut rows = Vec::with_capacity(items.len());
                for item in items {
                    let detail = to_json(&item.detail)?;
                    rows.push((item, detail));
                }
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min(PIECE));
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO job_item (job, seq, run, subject, grouping, detail) ",
                    );
                    sql.push_values(std::mem::replace(&mut rows, rest), |mut row, (item, detail)| {
                        row.push_bind(id)
                            .push_bind(item.seq)
                            .push_bind(item.run)
                            .push_bind(item.subject)
                            .push_bind(item.group)
                            .push_bind(detail);
                    });
                    sql.push(
                        " ON CONFLICT (job, seq) DO UPDATE SET run = excluded.run, \
                        subject = excluded.subject, grouping = excluded.grouping, detail = excluded.detail",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                let sql = "UPDATE job SET done = $2, total = $3, state = $4 WHERE id = $1";
                sqlx::query(sql)
                    .bind(id)
                    .bind(signed(progress.done))
                    .bind(progress.total.map(signed))
                    .bind(to_json(&progress.state)?)
                    .execute(&mut *self)
                    .await?;
                Ok(())
            }
        }
    };
}

jobs!(Sqlite, sqlx::Sqlite, sqlx::sqlite::SqliteConnection);
jobs!(Postgres, sqlx::Postgres, sqlx::postgres::PgConnection);

/// A count as its column holds it.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
