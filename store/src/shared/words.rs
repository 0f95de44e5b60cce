//! What runs wait for, and letters: the ports, and what the writer keeps of both.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{Answer, Letter, Letters, WaitPage, WaitQuery, WaitRow, Waits, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::{letter, wait};
use crate::sqlite::Sqlite;
use crate::writer::{LeadWait, NewLetter, NewWait, Words};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Row};
use std::collections::HashSet;
use trunkline_engine::run::{EffectKey, RunId};
use uuid::Uuid;

/// Most rows of a page.
const MOST: u32 = 500;
/// Most letters of one answer.
const MOST_LETTERS: u32 = 5000;
/// Rows in one statement.
const PIECE: usize = 1000;
/// The columns of a [`WaitRow`]; the subject is the lead's name once there is a lead.
const WAIT: &str = "SELECT t.place, t.run, t.key, r.workflow, w.name AS workflow_name, r.subject, r.lead, \
    l.record AS lead_record, t.kind, t.what, t.asked_at, t.due_at FROM run_wait t JOIN run r ON r.id = t.run \
    JOIN workflow w ON w.id = r.workflow LEFT JOIN lead l ON l.id = r.lead ";

macro_rules! ports {
    ($backend:ty, $database:ty) => {
        impl Waits for $backend {
            fn list(&self, workspace: WorkspaceId, query: WaitQuery) -> Answer<'_, WaitPage> {
                Box::pin(async move {
                    let limit = query.limit.clamp(1, MOST);
                    let mut sql = QueryBuilder::<$database>::new(WAIT);
                    sql.push("WHERE t.workspace = ").push_bind(workspace.0);
                    if !query.kinds.is_empty() {
                        let mut list = sql.push(" AND t.kind IN (").separated(", ");
                        for kind in &query.kinds {
                            list.push_bind(kind.as_str());
                        }
                        list.push_unseparated(")");
                    }
                    if let Some(before) = query.before {
                        sql.push(" AND t.place < ").push_bind(before);
                    }
                    // One more than asked for tells whether there is another page.
                    sql.push(" ORDER BY t.place DESC LIMIT ").push_bind(i64::from(limit) + 1);
                    let rows = sql.build().fetch_all(&self.readers).await?;
                    let mut items = rows.iter().map(wait).collect::<Result<Vec<_>, _>>()?;
                    let more = items.len() > limit as usize;
                    items.truncate(limit as usize);
                    let next = if more { items.last().map(|wait| wait.place) } else { None };
                    Ok(WaitPage { items, next })
                })
            }

            fn count(&self, workspace: WorkspaceId) -> Answer<'_, u64> {
                Box::pin(async move {
                    let sql = "SELECT count(*) AS n FROM run_wait \
                        WHERE workspace = $1 AND kind IN ('approval', 'decision')";
                    sqlx::query(sql).bind(workspace.0).fetch_one(&self.readers).await?.count("n")
                })
            }

            fn find(&self, run: RunId, key: EffectKey) -> Answer<'_, Option<WaitRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(WAIT);
                    sql.push("WHERE t.run = ")
                        .push_bind(run)
                        .push(" AND t.key = ")
                        .push_bind(key.to_string());
                    sql.build().fetch_optional(&self.readers).await?.as_ref().map(wait).transpose()
                })
            }

            fn of_run(&self, run: RunId) -> Answer<'_, Vec<WaitRow>> {
                Box::pin(async move {
                    let mut sql = QueryBuilder::<$database>::new(WAIT);
                    sql.push("WHERE t.run = ").push_bind(run).push(" ORDER BY t.place LIMIT 500");
                    sql.build().fetch_all(&self.readers).await?.iter().map(wait).collect()
                })
            }
        }

        impl Letters for $backend {
            fn list(&self, after: i64, limit: u32) -> Answer<'_, Vec<Letter>> {
                Box::pin(async move {
                    let sql = "SELECT id, run, event FROM letter WHERE id > $1 ORDER BY id LIMIT $2";
                    let rows = sqlx::query(sql).bind(after).bind(i64::from(limit.clamp(1, MOST_LETTERS)));
                    rows.fetch_all(&self.readers).await?.iter().map(letter).collect()
                })
            }

            fn discard(&self, ids: Vec<i64>) -> Answer<'_, ()> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        for piece in ids.chunks(PIECE) {
                            let mut sql = QueryBuilder::<$database>::new("DELETE FROM letter WHERE id IN (");
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
    };
}

ports!(Sqlite, sqlx::Sqlite);
ports!(Postgres, sqlx::Postgres);

macro_rules! words {
    ($connection:ty, $database:ty) => {
        impl Words for $connection {
            async fn set_waits(&mut self, runs: Vec<RunId>, waits: Vec<NewWait>) -> Result<(), Error> {
                for piece in runs.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM run_wait WHERE run IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    let kept: Vec<&NewWait> = waits.iter().filter(|wait| piece.contains(&wait.run)).collect();
                    if !kept.is_empty() {
                        sql.push(" AND (run, key) NOT IN (");
                        sql.push_values(kept, |mut row, wait| {
                            row.push_bind(wait.run).push_bind(wait.key.as_str());
                        });
                        sql.push(")");
                    }
                    sql.build().execute(&mut *self).await?;
                }
                for piece in waits.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO run_wait (run, key, workspace, kind, lead, event, what, asked_at, due_at) ",
                    );
                    sql.push_values(piece, |mut row, wait| {
                        row.push_bind(wait.run)
                            .push_bind(wait.key.as_str())
                            .push_bind(wait.workspace.0)
                            .push_bind(wait.kind.as_str())
                            .push_bind(wait.lead.map(|(lead, _)| lead))
                            .push_bind(wait.lead.map(|(_, event)| event))
                            .push_bind(wait.what.as_str())
                            .push_bind(micros(wait.asked_at))
                            .push_bind(wait.due_at.map(micros));
                    });
                    sql.push(" ON CONFLICT (run, key) DO NOTHING");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn lead_waits(
                &mut self,
                asked: &HashSet<(Uuid, &'static str)>,
            ) -> Result<Vec<LeadWait>, Error> {
                let mut found = Vec::new();
                let asked: Vec<_> = asked.iter().collect();
                for piece in asked.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT place, run, key, lead, event, asked_at FROM run_wait \
                        WHERE lead IS NOT NULL AND (lead, event) IN (",
                    );
                    sql.push_values(piece, |mut row, (lead, event)| {
                        row.push_bind(*lead).push_bind(*event);
                    });
                    sql.push(") ORDER BY place");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.push(LeadWait {
                            place: row.number("place")?,
                            run: row.id("run")?,
                            key: row.string("key")?,
                            lead: row.id("lead")?,
                            event: row.string("event")?,
                            asked_at: row.moment("asked_at")?,
                        });
                    }
                }
                Ok(found)
            }

            async fn any_lead_wait(&mut self) -> Result<bool, Error> {
                let sql = "SELECT EXISTS (SELECT 1 FROM run_wait WHERE lead IS NOT NULL) AS found";
                sqlx::query(sql).fetch_one(self).await?.flag("found")
            }

            async fn lead_waits_answered(&mut self, places: Vec<i64>) -> Result<(), Error> {
                for piece in places.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "UPDATE run_wait SET lead = NULL, event = NULL WHERE place IN (",
                    );
                    let mut list = sql.separated(", ");
                    for place in piece {
                        list.push_bind(*place);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn unfinished_of(&mut self, runs: &HashSet<RunId>) -> Result<HashSet<RunId>, Error> {
                let mut found = HashSet::new();
                let runs: Vec<_> = runs.iter().collect();
                for piece in runs.chunks(PIECE) {
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT id FROM run WHERE finished_at IS NULL AND id IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(**run);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        found.insert(row.id("id")?);
                    }
                }
                Ok(found)
            }

            async fn write_letters(&mut self, letters: &[NewLetter]) -> Result<Vec<i64>, Error> {
                let mut ids = Vec::with_capacity(letters.len());
                for piece in letters.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("INSERT INTO letter (run, event) ");
                    sql.push_values(piece, |mut row, letter| {
                        row.push_bind(letter.run).push_bind(letter.event.as_deref());
                    });
                    sql.push(" RETURNING id");
                    for row in &sql.build().fetch_all(&mut *self).await? {
                        ids.push(row.try_get("id")?);
                    }
                }
                // Rows get their numbers in the order of the values; only the order of the answer is not promised.
                ids.sort_unstable();
                Ok(ids)
            }

            async fn take_letters(&mut self, taken: &[(i64, RunId)]) -> Result<u64, Error> {
                let mut gone = 0;
                for piece in taken.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM letter WHERE (id, run) IN (");
                    sql.push_values(piece, |mut row, (id, run)| {
                        row.push_bind(*id).push_bind(*run);
                    });
                    sql.push(")");
                    gone += sql.build().execute(&mut *self).await?.rows_affected();
                }
                Ok(gone)
            }
        }
    };
}

words!(SqliteConnection, sqlx::Sqlite);
words!(PgConnection, sqlx::Postgres);
