//! What is known of uploaded files.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, Files, StoredFile, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::{digest, stored_file};
use crate::sqlite::Sqlite;
use sqlx::QueryBuilder;
use uuid::Uuid;

/// Most rows of an answer.
const MOST: u32 = 500;
/// Digests looked up by one statement.
const PIECE: usize = 1000;
/// The columns of a [`StoredFile`].
const FILE: &str = "SELECT id, name, sha256, bytes, kind, created_at FROM file ";

macro_rules! files {
    ($backend:ty, $database:ty) => {
        impl Files for $backend {
            fn add(&self, workspace: WorkspaceId, file: StoredFile) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "INSERT INTO file (id, workspace, name, sha256, bytes, kind, created_at) \
                            VALUES ($1, $2, $3, $4, $5, $6, $7)";
                        sqlx::query(sql)
                            .bind(file.id)
                            .bind(workspace.0)
                            .bind(file.name)
                            .bind(file.sha256.to_vec())
                            .bind(i64::try_from(file.bytes).unwrap_or(i64::MAX))
                            .bind(file.kind)
                            .bind(micros(file.created_at))
                            .execute(connection)
                            .await
                            .map_err(|error| Error::from(error).naming("a file with this id"))?;
                        Ok(())
                    })
                }))
            }

            fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<StoredFile>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(FILE);
                    sql.push("WHERE workspace = ").push_bind(workspace.0).push(" AND id = ").push_bind(id);
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(stored_file).transpose()
                })
            }

            fn list(
                &self,
                workspace: WorkspaceId,
                before: Option<Uuid>,
                limit: u32,
            ) -> Answer<'_, Vec<StoredFile>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(FILE);
                    sql.push("WHERE workspace = ").push_bind(workspace.0);
                    if let Some(before) = before {
                        sql.push(" AND id < ").push_bind(before);
                    }
                    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit.clamp(1, MOST)));
                    sql.build().fetch_all(&self.readers).await?.iter().map(stored_file).collect()
                })
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<[u8; 32]>> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql = "DELETE FROM file WHERE workspace = $1 AND id = $2 RETURNING sha256";
                        let gone = sqlx::query(sql).bind(workspace.0).bind(id);
                        let gone = gone.fetch_optional(&mut *connection).await?;
                        let digest = digest(&gone.ok_or(Error::NotFound("the file"))?)?;
                        let sql = "SELECT count(*) AS n FROM file WHERE sha256 = $1";
                        let others = sqlx::query(sql).bind(digest.to_vec()).fetch_one(connection).await?;
                        Ok((others.count("n")? == 0).then_some(digest))
                    })
                }))
            }

            fn unknown(&self, digests: Vec<[u8; 32]>) -> Answer<'_, Vec<[u8; 32]>> {
                Box::pin(async move {
                    let mut left = digests;
                    let mut known = std::collections::HashSet::new();
                    for piece in left.chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new(
                            "SELECT DISTINCT sha256 FROM file WHERE sha256 IN (",
                        );
                        let mut list = sql.separated(", ");
                        for digest in piece {
                            list.push_bind(digest.to_vec());
                        }
                        list.push_unseparated(")");
                        for row in &sql.build().fetch_all(&self.readers).await? {
                            known.insert(digest(row)?);
                        }
                    }
                    left.retain(|digest| !known.contains(digest));
                    Ok(left)
                })
            }
        }
    };
}

files!(Sqlite, sqlx::Sqlite);
files!(Postgres, sqlx::Postgres);
