//! Suppression: the port, and what the writer needs of a connection.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::{Answer, HeldBack, SuppressionPage, SuppressionQuery, Suppressions, WorkspaceId};
use crate::postgres::{Postgres, plain};
use crate::records::suppression;
use crate::shared::tables::anywhere;
use crate::sqlite::Sqlite;
use crate::writer::{Registers, registers};
use sha2::{Digest, Sha256};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::suppression::{self as law, Address, Entry, SuppressionOperation};
use trunkline_leads::{ActivityKind, By, Key, Lead};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 1000;
/// Most entries of a page.
const MOST: u32 = 500;
/// The columns of an [`Entry`].
const ENTRY: &str = "SELECT digest, id, kind, shown, reason, source, added_by, run, at FROM suppression ";

/// What an entry is found by, also when the address itself was erased.
fn digest(address: &Address) -> [u8; 32] {
    Sha256::new()
        .chain_update(address.kind.as_str())
        .chain_update(":")
        .chain_update(&address.value)
        .finalize()
        .into()
}

macro_rules! connection {
    ($connection:ty, $database:ty) => {
        impl Registers for $connection {
            async fn suppressions(
                &mut self,
                workspace: WorkspaceId,
                asked: &HashSet<Address>,
            ) -> Result<Vec<law::Answer>, Error> {
                let asked: Vec<&Address> = asked.iter().collect();
                let mut answers = Vec::with_capacity(asked.len());
                for piece in asked.chunks(PIECE) {
                    let mut entries: HashMap<[u8; 32], Entry> = HashMap::new();
                    let mut sql = QueryBuilder::<$database>::new(ENTRY);
                    sql.push("WHERE workspace = ").push_bind(workspace.0).push(" AND digest IN (");
                    let mut list = sql.separated(", ");
                    for address in piece {
                        list.push_bind(digest(address).to_vec());
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let digest = row.bytes("digest")?.try_into();
                        let digest = digest.map_err(|_| Error::Corrupt("a digest of another length".into()))?;
                        entries.insert(digest, suppression(row)?);
                    }
                    let keys: Vec<Key> = piece.iter().filter_map(|address| address.key()).collect();
                    let mut refused: HashMap<(String, String), Uuid> = HashMap::new();
                    if !keys.is_empty() {
                        let mut sql = QueryBuilder::<$database>::new(
                            "SELECT k.kind, k.value, l.record FROM lead_key k JOIN lead l ON l.id = k.lead \
                            WHERE (k.workspace, k.kind, k.value) IN (",
                        );
                        sql.push_values(&keys, |mut row, key| {
                            row.push_bind(workspace.0)
                                .push_bind(key.kind.as_str())
                                .push_bind(plain(&key.value).into_owned());
                        });
                        sql.push(")");
                        for row in &sql.build().fetch_all(&mut *self).await? {
                            let lead: Lead = row.json("record")?;
                            if lead.consent == Some(false) {
                                refused.insert((row.string("kind")?, row.string("value")?), lead.id);
                            }
                        }
                    }
                    answers.extend(piece.iter().map(|address| {
                        // A domain is found under the digest alone; of what was erased the address comes from the question.
                        let entry = entries.get(&digest(address)).cloned();
                        let entry = entry.map(|entry| Entry { address: (*address).clone(), ..entry });
                        let key = (address.kind.as_str().to_owned(), plain(&address.value).into_owned());
                        law::Answer { address: (*address).clone(), entry, refused_by: refused.get(&key).copied() }
                    }));
                }
                Ok(answers)
            }

            async fn write_suppressions(&mut self, workspace: WorkspaceId, entries: Vec<Entry>) -> Result<(), Error> {
                for piece in entries.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO suppression (workspace, digest, id, kind, shown, reason, source, added_by, run, at) ",
                    );
                    sql.push_values(piece, |mut row, entry| {
                        row.push_bind(workspace.0)
                            .push_bind(digest(&entry.address).to_vec())
                            .push_bind(entry.id)
                            .push_bind(entry.address.kind.as_str())
                            .push_bind(plain(&entry.address.value).into_owned())
                            .push_bind(entry.reason.as_str())
                            .push_bind(plain(&entry.source).into_owned())
                            .push_bind(entry.by.as_deref().map(|by| plain(by).into_owned()))
                            .push_bind(entry.run_id)
                            .push_bind(micros(entry.at));
                    });
                    sql.push(
                        " ON CONFLICT (workspace, digest) DO UPDATE SET shown = excluded.shown, reason = excluded.reason, \
                        source = excluded.source, added_by = excluded.added_by, run = excluded.run, at = excluded.at",
                    );
                    sql.build().execute(&mut *self).await?;
                    let noted: Vec<(Key, &Entry)> =
                        piece.iter().filter_map(|entry| Some((entry.address.key()?, entry))).collect();
                    if noted.is_empty() {
                        continue;
                    }
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO activity (lead, at, kind, title, why, new_value, run) \
                        SELECT k.lead, a.column4, a.column5, a.column6, a.column7, a.column8, a.column9 FROM (",
                    );
                    sql.push_values(&noted, |mut row, (key, entry)| {
                        row.push_bind(workspace.0)
                            .push_bind(key.kind.as_str())
                            .push_bind(plain(&key.value).into_owned())
                            .push_bind(micros(entry.at))
                            .push_bind(ActivityKind::ConsentChanged.as_str())
                            .push_bind(format!("Not to be written to: {}", entry.reason.label()))
                            .push_bind(source_of(entry))
                            .push_bind(format!("\"{}\"", entry.reason.as_str()))
                            .push_bind(entry.run_id);
                    });
                    sql.push(
                        ") a JOIN lead_key k ON k.workspace = a.column1 AND k.kind = a.column2 AND k.value = a.column3",
                    );
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }
    };
}

connection!(SqliteConnection, sqlx::Sqlite);
connection!(PgConnection, sqlx::Postgres);

/// Where an entry comes from, as a timeline says it.
fn source_of(entry: &Entry) -> Option<String> {
    let source = plain(&entry.source).into_owned();
    match (source.is_empty(), &entry.by) {
        (true, None) => None,
        (false, None) => Some(format!("Source: {source}.")),
        (true, Some(by)) => Some(format!("Added by {}.", plain(by))),
        (false, Some(by)) => Some(format!("Source: {source}. Added by {}.", plain(by))),
    }
}

macro_rules! port {
    ($backend:ty, $database:ty) => {
        impl Suppressions for $backend {
            fn find(&self, workspace: WorkspaceId, addresses: Vec<Address>) -> Answer<'_, Vec<law::Answer>> {
                Box::pin(async move {
                    let mut connection = self.readers.acquire().await?;
                    let asked = addresses.into_iter().collect();
                    (&mut *connection).suppressions(workspace, &asked).await
                })
            }

            fn list(&self, workspace: WorkspaceId, query: SuppressionQuery) -> Answer<'_, SuppressionPage> {
                Box::pin(async move {
                    let limit = query.limit.clamp(1, MOST);
                    let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
                    let narrow = |sql: &mut QueryBuilder<$database>| {
                        sql.push("WHERE workspace = ").push_bind(workspace.0);
                        if let Some(text) = text {
                            sql.push(" AND shown LIKE ").push_bind(anywhere(text)).push(r" ESCAPE '\'");
                        }
                    };
                    let mut sql = QueryBuilder::<$database>::new("SELECT count(*) AS n FROM suppression ");
                    narrow(&mut sql);
                    let total = sql.build().fetch_one(&self.readers).await?.count("n")?;
                    let mut sql = QueryBuilder::<$database>::new(ENTRY);
                    narrow(&mut sql);
                    if let Some(before) = query.before {
                        sql.push(" AND id < ").push_bind(before);
                    }
                    // One more than asked for tells whether there is another page.
                    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit) + 1);
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    let mut items = rows.iter().map(suppression).collect::<Result<Vec<_>, _>>()?;
                    let more = items.len() > limit as usize;
                    items.truncate(limit as usize);
                    let next = if more { items.last().map(|entry| entry.id) } else { None };
                    Ok(SuppressionPage { items, next, total })
                })
            }

            fn perform(
                &self,
                workspace: WorkspaceId,
                operations: Vec<SuppressionOperation>,
                by: By,
            ) -> Answer<'_, Vec<Result<Performed, Failure>>> {
                let sources = self.sources.clone();
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        registers::perform(connection, workspace, &operations, &by, &sources).await
                    })
                }))
            }

            fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Entry> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let mut sql = QueryBuilder::<$database>::new(ENTRY);
                        sql.push("WHERE workspace = ")
                            .push_bind(workspace.0)
                            .push(" AND id = ")
                            .push_bind(id);
                        let found = sql.build().fetch_optional(&mut *connection).await?;
                        let entry = suppression(&found.ok_or(Error::NotFound("the entry"))?)?;
                        let sql = "DELETE FROM suppression WHERE workspace = $1 AND id = $2";
                        sqlx::query(sql).bind(workspace.0).bind(id).execute(&mut *connection).await?;
                        Ok(entry)
                    })
                }))
            }

            fn note_held_back(&self, workspace: WorkspaceId, held: HeldBack) -> Answer<'_, u64> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let Some(key) = held.address.key() else { return Ok(0) };
                        let sql = "INSERT INTO activity (lead, at, kind, title, why, new_value, run, step) \
                            SELECT lead, $1, $2, $3, $4, $5, $6, $7 FROM lead_key \
                            WHERE workspace = $8 AND kind = $9 AND value = $10";
                        let noted = sqlx::query(sql)
                            .bind(micros(held.at))
                            .bind(ActivityKind::Suppressed.as_str())
                            .bind("A message was held back")
                            .bind(plain(&held.why).into_owned())
                            .bind(to_json(&held.evidence)?)
                            .bind(held.run)
                            .bind(held.step)
                            .bind(workspace.0)
                            .bind(key.kind.as_str())
                            .bind(plain(&key.value).into_owned())
                            .execute(connection)
                            .await?;
                        Ok(noted.rows_affected())
                    })
                }))
            }
        }
    };
}

port!(Sqlite, sqlx::Sqlite);
port!(Postgres, sqlx::Postgres);
