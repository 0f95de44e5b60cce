//! What the senders of webhooks have to know.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, HookSecret, HookSecrets, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use uuid::Uuid;

macro_rules! fields {
    ($rest:literal) => {
        concat!("SELECT id, workspace, workflow, step, sealed, seal_key, created_at FROM hook_secret ", $rest)
    };
}

fn hook_secret(row: &impl Columns) -> Result<HookSecret, Error> {
    Ok(HookSecret {
        id: row.id("id")?,
        workflow: row.id("workflow")?,
        step: row.string("step")?,
        sealed: row.bytes("sealed")?.to_vec(),
        seal_key: row.bytes("seal_key")?.to_vec(),
        created_at: row.moment("created_at")?,
    })
}

macro_rules! hook_secrets {
    ($backend:ty) => {
        impl HookSecrets for $backend {
            fn keep(&self, workspace: WorkspaceId, secrets: Vec<HookSecret>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        // A workflow has a few webhooks at most.
                        for new in secrets {
                            let sql = "INSERT INTO hook_secret \
                                (id, workspace, workflow, step, sealed, seal_key, published, created_at) \
                                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
                            sqlx::query(sql)
                                .bind(new.id)
                                .bind(workspace.0)
                                .bind(new.workflow)
                                .bind(new.step)
                                .bind(new.sealed)
                                .bind(new.seal_key)
                                .bind(false)
                                .bind(micros(new.created_at))
                                .execute(&mut *transaction)
                                .await?;
                        }
                        Ok(())
                    })
                }))
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<HookSecret>> {
                Box::pin(async move {
                    let row = sqlx::query(fields!("WHERE workspace = $1 AND id = $2")).bind(workspace.0).bind(id);
                    row.fetch_optional(&self.readers).await?.as_ref().map(hook_secret).transpose()
                })
            }

            fn of_workflow(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, Vec<HookSecret>> {
                Box::pin(async move {
                    let sql = fields!("WHERE workspace = $1 AND workflow = $2 ORDER BY id LIMIT 500");
                    let rows = sqlx::query(sql).bind(workspace.0).bind(workflow);
                    rows.fetch_all(&self.readers).await?.iter().map(hook_secret).collect()
                })
            }

            fn publish(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        for id in ids {
                            let sql = "UPDATE hook_secret SET published = $3 WHERE workspace = $1 AND id = $2";
                            let one = sqlx::query(sql).bind(workspace.0).bind(id).bind(true);
                            one.execute(&mut *transaction).await?;
                        }
                        Ok(())
                    })
                }))
            }

            fn tidy(&self, workspace: WorkspaceId, workflow: Uuid, named: Vec<Uuid>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "SELECT id FROM hook_secret \
                            WHERE workspace = $1 AND workflow = $2 AND published = $3";
                        let rows = sqlx::query(sql).bind(workspace.0).bind(workflow).bind(false);
                        for row in rows.fetch_all(&mut *transaction).await? {
                            let id = row.id("id")?;
                            if !named.contains(&id) {
                                let gone = sqlx::query("DELETE FROM hook_secret WHERE id = $1").bind(id);
                                gone.execute(&mut *transaction).await?;
                            }
                        }
                        Ok(())
                    })
                }))
            }

            fn forget(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "DELETE FROM hook_secret WHERE workspace = $1 AND workflow = $2";
                        sqlx::query(sql).bind(workspace.0).bind(workflow).execute(transaction).await?;
                        Ok(())
                    })
                }))
            }

            fn sealed_otherwise(
                &self,
                seal_key: Vec<u8>,
                limit: u32,
            ) -> Answer<'_, Vec<(WorkspaceId, HookSecret)>> {
                Box::pin(async move {
                    let rows = sqlx::query(fields!("WHERE seal_key <> $1 ORDER BY id LIMIT $2"))
                        .bind(seal_key)
                        .bind(i64::from(limit));
                    let rows = rows.fetch_all(&self.readers).await?;
                    rows.iter().map(|row| Ok((WorkspaceId(row.number("workspace")?), hook_secret(row)?))).collect()
                })
            }

            fn reseal(&self, id: Uuid, sealed: Vec<u8>, seal_key: Vec<u8>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |transaction| {
                    Box::pin(async move {
                        let sql = "UPDATE hook_secret SET sealed = $2, seal_key = $3 WHERE id = $1";
                        sqlx::query(sql).bind(id).bind(sealed).bind(seal_key).execute(transaction).await?;
                        Ok(())
                    })
                }))
            }
        }
    };
}

hook_secrets!(Sqlite);
hook_secrets!(Postgres);
