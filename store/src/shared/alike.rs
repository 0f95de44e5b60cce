//! Which leads are like what is looked for: by keys, and by the words that the leads list is searched by.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::search::after_words;
use crate::writer::Likenesses;
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_leads::linkage::{Alike, Holders, Look, Model, Probe, rank};
use uuid::Uuid;

/// Most leads that one word is worth a look for.
const FEW: usize = 1_000;
/// Leads with a common last name that are asked for their first name.
const ASKED: i64 = 5_000;
/// Most of those that have both.
const BOTH: i64 = 200;
/// Leads are counted up to here when no search ever counted them.
const COUNTED: i64 = 10_000;

/// What one look found: whole words with their leads.
struct Found {
    rows: Vec<(String, Uuid)>,
    is_all: bool,
}

impl Found {
    fn holders(&self, word: &str) -> Holders {
        let count = self.rows.iter().filter(|(found, _)| found == word).count();
        Holders { at_least: u32::try_from(count).unwrap_or(u32::MAX), is_all: self.is_all }
    }

    /// The leads, each once.
    fn leads(self) -> Vec<Uuid> {
        let mut leads: Vec<Uuid> = self.rows.into_iter().map(|(_, lead)| lead).collect();
        leads.sort_unstable();
        leads.dedup();
        leads
    }
}

macro_rules! likenesses {
    ($database:ty, $connection:ty) => {
        // A room of its own, so that both databases may call the same things alike.
        const _: () = {
            impl Likenesses for $connection {
                async fn alike(
                    &mut self,
                    workspace: WorkspaceId,
                    lead: Option<Uuid>,
                    probe: &Probe,
                ) -> Result<Alike, Error> {
                    let mut alike = known(self, workspace).await?;
                    let mut outright = Vec::new();
                    for key in &probe.keys {
                        let sql = "SELECT lead FROM lead_key WHERE workspace = $1 AND kind = $2 AND value = $3";
                        let row = sqlx::query(sql).bind(workspace.0).bind(key.kind.as_str()).bind(&key.value);
                        if let Some(row) = row.fetch_optional(&mut *self).await? {
                            outright.push(row.id("lead")?);
                        }
                    }
                    let mut found = Vec::with_capacity(probe.looks.len());
                    for look in &probe.looks {
                        let by_beginning = look_up(self, workspace, look, false).await?;
                        let by_word = if by_beginning.is_all || look.is_whole() {
                            by_beginning
                        } else {
                            look_up(self, workspace, look, true).await?
                        };
                        alike.counts.insert(look.word.clone(), by_word.holders(&look.word));
                        if by_word.is_all {
                            found.push(by_word.leads());
                        }
                    }
                    if let Some((first, last)) = &probe.both
                        && [first, last].iter().all(|word| is_common(&alike.counts, word))
                    {
                        found.push(both(self, workspace, first, last).await?);
                    }
                    if let Some(lead) = lead {
                        alike.ruled_out = ruled_out(self, workspace, lead).await?;
                    }
                    alike.leads = rank(&outright, &found, alike.people);
                    Ok(alike)
                }
            }

            /// What the last search learned; of a workspace without one, how many leads there are, up to a number.
            async fn known(connection: &mut $connection, workspace: WorkspaceId) -> Result<Alike, Error> {
                let sql = "SELECT record, people FROM linkage_model WHERE workspace = $1";
                if let Some(row) = sqlx::query(sql).bind(workspace.0).fetch_optional(&mut *connection).await? {
                    // What another version learned and this one cannot read is learned anew by the next search.
                    let model = serde_json::from_str::<Model>(row.text("record")?).ok().map(Arc::new);
                    return Ok(Alike { model, people: row.count("people")?, ..Alike::default() });
                }
                let sql = "SELECT count(*) AS n FROM (SELECT 1 FROM lead WHERE workspace = $1 LIMIT $2) c";
                let row = sqlx::query(sql).bind(workspace.0).bind(COUNTED).fetch_one(connection).await?;
                Ok(Alike { people: row.count("n")?, ..Alike::default() })
            }

            async fn look_up(
                connection: &mut $connection,
                workspace: WorkspaceId,
                look: &Look,
                whole: bool,
            ) -> Result<Found, Error> {
                let query = if whole || look.is_whole() {
                    let sql = "SELECT word, lead FROM lead_word WHERE workspace = $1 AND word = $2 LIMIT $3";
                    sqlx::query(sql).bind(workspace.0).bind(look.word.clone()).bind(FEW as i64 + 1)
                } else {
                    let sql = "SELECT word, lead FROM lead_word WHERE workspace = $1 AND word >= $2 \
                        AND word < $4 LIMIT $3";
                    let query = sqlx::query(sql).bind(workspace.0).bind(look.beginning.clone());
                    query.bind(FEW as i64 + 1).bind(after_words(&look.beginning))
                };
                let mut rows = Vec::new();
                for row in &query.fetch_all(connection).await? {
                    rows.push((row.string("word")?, row.id("lead")?));
                }
                Ok(Found { is_all: rows.len() <= FEW, rows })
            }

            /// Leads that have both of two words.
            async fn both(
                connection: &mut $connection,
                workspace: WorkspaceId,
                first: &str,
                last: &str,
            ) -> Result<Vec<Uuid>, Error> {
                let sql = "SELECT a.lead FROM (SELECT lead FROM lead_word WHERE workspace = $1 AND word = $2 \
                    ORDER BY lead DESC LIMIT $4) a WHERE EXISTS (SELECT 1 FROM lead_word b WHERE b.workspace = $1 \
                    AND b.word = $3 AND b.lead = a.lead) LIMIT $5";
                let rows = sqlx::query(sql).bind(workspace.0).bind(last).bind(first).bind(ASKED).bind(BOTH);
                rows.fetch_all(connection).await?.iter().map(|row| row.id("lead")).collect()
            }

            /// Whom people said are not `lead`.
            async fn ruled_out(
                connection: &mut $connection,
                workspace: WorkspaceId,
                lead: Uuid,
            ) -> Result<Vec<Uuid>, Error> {
                let sql = "SELECT right_lead AS lead FROM duplicate_pair WHERE workspace = $1 AND left_lead = $2 \
                    AND state = 'different' UNION ALL SELECT left_lead AS lead FROM duplicate_pair \
                    WHERE workspace = $1 AND right_lead = $2 AND state = 'different'";
                let rows = sqlx::query(sql).bind(workspace.0).bind(lead).fetch_all(connection).await?;
                rows.iter().map(|row| row.id("lead")).collect()
            }
        };
    };
}

likenesses!(sqlx::Sqlite, sqlx::sqlite::SqliteConnection);
likenesses!(sqlx::Postgres, sqlx::postgres::PgConnection);

/// Whether so many have the word that nobody was found by it.
fn is_common(counts: &BTreeMap<String, Holders>, word: &str) -> bool {
    counts.get(word).is_some_and(|holders| !holders.is_all)
}
