//! Merges as the writer sees them.

use crate::columns::{Columns, micros, to_json};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::writer::{Belongings, MergeTables, Merged};
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use trunkline_leads::{Key, KeyKind, Membership, Merge};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 500;
/// Longest chain of merges that is followed; each link is one merge of a lead that had taken others in.
const LONGEST_CHAIN: i64 = 1_000;

/// Ends a list of ids.
macro_rules! any_of {
    ($sql:ident, $ids:expr) => {
        let mut list = $sql.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        list.push_unseparated(")");
    };
}

macro_rules! merging {
    ($connection:ty, $database:ty) => {
        impl MergeTables for $connection {
            async fn belongings(
                &mut self,
                workspace: WorkspaceId,
                leads: &HashSet<Uuid>,
            ) -> Result<HashMap<Uuid, Belongings>, Error> {
                let leads: Vec<Uuid> = leads.iter().copied().collect();
                let mut found: HashMap<Uuid, Belongings> = HashMap::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT lead, kind, value FROM lead_key WHERE workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND lead IN (");
                    any_of!(sql, piece);
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let kind = row.text("kind")?;
                        let kind: KeyKind =
                            kind.parse().map_err(|_| Error::Corrupt(format!("key kind {kind}").into()))?;
                        let key = Key { kind, value: row.string("value")? };
                        found.entry(row.id("lead")?).or_default().keys.push(key);
                    }
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT list, lead, added_at FROM list_member WHERE lead IN (");
                    any_of!(sql, piece);
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        let lead = row.id("lead")?;
                        found.entry(lead).or_default().lists.push(Membership {
                            list_id: row.id("list")?,
                            lead_id: lead,
                            added_at: row.moment("added_at")?,
                        });
                    }
                }
                Ok(found)
            }

            async fn merges(
                &mut self,
                workspace: WorkspaceId,
                ids: &HashSet<Uuid>,
            ) -> Result<Vec<Merge>, Error> {
                let ids: Vec<Uuid> = ids.iter().copied().collect();
                let mut found = Vec::new();
                for piece in ids.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT record FROM lead_merge WHERE undone_at IS NULL AND workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND id IN (");
                    any_of!(sql, piece);
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(row.json("record")?);
                    }
                }
                Ok(found)
            }

            async fn parts(
                &mut self,
                workspace: WorkspaceId,
                leads: &HashSet<Uuid>,
            ) -> Result<Vec<(Uuid, Uuid)>, Error> {
                let leads: Vec<Uuid> = leads.iter().copied().collect();
                let mut found = Vec::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "WITH RECURSIVE part (survivor, merged, links) AS (\
                        SELECT survivor, merged, 1 FROM lead_merge WHERE undone_at IS NULL AND workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND survivor IN (");
                    any_of!(sql, piece);
                    sql.push(
                        " UNION ALL SELECT m.survivor, m.merged, p.links + 1 FROM part p JOIN lead_merge m \
                        ON m.survivor = p.merged AND m.undone_at IS NULL WHERE p.links < ",
                    );
                    sql.push_bind(LONGEST_CHAIN).push(") SELECT survivor, merged FROM part");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push((row.id("survivor")?, row.id("merged")?));
                    }
                }
                Ok(found)
            }

            async fn redirects(
                &mut self,
                workspace: WorkspaceId,
                leads: &HashSet<Uuid>,
            ) -> Result<HashMap<Uuid, Uuid>, Error> {
                let leads: Vec<Uuid> = leads.iter().copied().collect();
                let mut found = HashMap::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "WITH RECURSIVE chain (lead, survivor, links) AS (\
                        SELECT merged, survivor, 1 FROM lead_merge WHERE undone_at IS NULL AND workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND merged IN (");
                    any_of!(sql, piece);
                    sql.push(
                        " UNION ALL SELECT c.lead, m.survivor, c.links + 1 FROM chain c JOIN lead_merge m \
                        ON m.merged = c.survivor AND m.undone_at IS NULL WHERE c.links < ",
                    );
                    sql.push_bind(LONGEST_CHAIN).push(") SELECT lead, survivor FROM chain ORDER BY links");
                    // The last link of each chain stands last.
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.insert(row.id("lead")?, row.id("survivor")?);
                    }
                }
                Ok(found)
            }

            async fn write_merges(
                &mut self,
                workspace: WorkspaceId,
                changed: Merged,
                at: DateTime<Utc>,
            ) -> Result<(), Error> {
                let mut keys: HashMap<Uuid, Vec<Key>> = HashMap::new();
                for (key, lead) in changed.moved_keys {
                    keys.entry(lead).or_default().push(key);
                }
                for (lead, keys) in keys {
                    for piece in keys.chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new("UPDATE lead_key SET lead = ");
                        sql.push_bind(lead).push(" WHERE workspace = ").push_bind(workspace.0);
                        sql.push(" AND (kind, value) IN (");
                        sql.push_values(piece, |mut row, key| {
                            row.push_bind(key.kind.as_str()).push_bind(key.value.as_str());
                        });
                        sql.push(")").build().execute(&mut *self).await?;
                    }
                }
                for piece in changed.gone.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM lead WHERE workspace = ");
                    sql.push_bind(workspace.0).push(" AND id IN (");
                    any_of!(sql, piece);
                    sql.build().execute(&mut *self).await?;
                }
                let unmatched: Vec<Uuid> = changed.gone.into_iter().chain(changed.unmatched).collect();
                for piece in unmatched.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM account_match WHERE workspace = ");
                    sql.push_bind(workspace.0).push(" AND lead IN (");
                    any_of!(sql, piece);
                    sql.build().execute(&mut *self).await?;
                }
                for piece in changed.merges.chunks(PIECE) {
                    let mut rows = Vec::with_capacity(piece.len());
                    for merge in piece {
                        rows.push((merge, to_json(merge)?));
                    }
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO lead_merge (id, workspace, survivor, merged, at, record) ",
                    );
                    sql.push_values(rows, |mut row, (merge, record)| {
                        row.push_bind(merge.id).push_bind(workspace.0).push_bind(merge.survivor);
                        row.push_bind(merge.merged.id).push_bind(micros(merge.at)).push_bind(record);
                    });
                    sql.build().execute(&mut *self).await?;
                    // Where values came from goes along with them; of a value that did not win it says nothing any more.
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO enrichment_provenance (workspace, lead, field, record) \
                        SELECT p.workspace, m.survivor, p.field, p.record FROM enrichment_provenance p \
                        JOIN lead_merge m ON m.merged = p.lead WHERE m.id IN (",
                    );
                    any_of!(sql, piece.iter().map(|merge| &merge.id));
                    sql.push(" ON CONFLICT (lead, field) DO NOTHING").build().execute(&mut *self).await?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "UPDATE duplicate_pair SET state = 'merged', decided_by = NULL, decided_at = ",
                    );
                    sql.push_bind(micros(at)).push(" WHERE workspace = ").push_bind(workspace.0);
                    sql.push(" AND (left_lead, right_lead) IN (");
                    sql.push_values(piece, |mut row, merge| {
                        let (left, right) = (merge.survivor, merge.merged.id);
                        row.push_bind(left.min(right)).push_bind(left.max(right));
                    });
                    sql.push(")").build().execute(&mut *self).await?;
                }
                for piece in changed.unmerged.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("UPDATE lead_merge SET undone_at = ");
                    sql.push_bind(micros(at)).push(" WHERE workspace = ").push_bind(workspace.0);
                    sql.push(" AND id IN (");
                    any_of!(sql, piece);
                    sql.build().execute(&mut *self).await?;
                    // Somebody has to look at the pair again, and no program may merge it meanwhile.
                    let mut sql = QueryBuilder::<$database>::new(
                        "UPDATE duplicate_pair SET state = 'later' WHERE state = 'merged' AND workspace = ",
                    );
                    sql.push_bind(workspace.0).push(
                        " AND EXISTS (SELECT 1 FROM lead_merge m WHERE ((m.survivor = left_lead AND m.merged = right_lead) \
                        OR (m.survivor = right_lead AND m.merged = left_lead)) AND m.id IN (",
                    );
                    any_of!(sql, piece);
                    sql.push(")").build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }
    };
}

merging!(SqliteConnection, sqlx::Sqlite);
merging!(PgConnection, sqlx::Postgres);
