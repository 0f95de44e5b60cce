//! Erasing a lead.
//!
//! First every journal is read for mentions of it, and what else can be large for quotes, beside the writer. Then, in one
//! transaction and with nobody else writing, what has happened meanwhile is read as well and all of it goes. Then the
//! database makes sure that nothing can be read from what was free before.

use super::mentions::{Found, Mention, Search};
use super::quotes::{Quotes, Quoting};
use super::retention::{Retention, beginning};
use crate::columns::{Columns, from_json, micros, to_json};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::{Answer, Erase, Erasure, Erasures, WorkspaceId};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::fmt::Write as _;
use trunkline_engine::run::{Event, RunId};
use trunkline_leads::{Lead, Merge};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 500;
/// Most rows of an answer.
const MOST: u32 = 500;
/// What stands where something was erased.
pub(super) const ERASED: &str = "[erased]";

/// What a lead is recognised by in text: its id and its e-mail address, in lower case; and its phone numbers, which are
/// looked for only where a whole text is one.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    texts: Vec<String>,
    phones: Vec<String>,
}

/// Removing what was found, in the writer's transaction.
trait Removal: Send {
    /// Removes the lead, which is the first of `leads`, those that went into it, and every mention of them; answers how many rows went, by what they were.
    fn remove(
        &mut self,
        workspace: WorkspaceId,
        leads: &[Uuid],
        of: &Marks,
        mentions: Vec<Mention>,
        at: DateTime<Utc>,
        payloads: &Payloads,
    ) -> impl Future<Output = Result<Vec<(String, u64)>, Error>> + Send;

    /// Writes down that it happened, with how many rows went.
    fn prove(
        &mut self,
        workspace: WorkspaceId,
        written: &Erasure,
        counts: &[(String, u64)],
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Removes rows about `runs` that stand in other tables, and what run rows say of the lead.
    fn remove_rows(
        &mut self,
        leads: &[Uuid],
        whole: &[RunId],
        thinned: &[RunId],
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

macro_rules! erasures {
    ($backend:ty, $connection:ty, $database:ty) => {
        impl Erasures for $backend {
            fn erase(&self, workspace: WorkspaceId, request: Erase) -> Answer<'_, Erasure> {
                Box::pin(async move {
                    let (lead, merged) = self.lead_to_erase(workspace, request.lead).await?;
                    let marks = Marks::of(std::iter::once(&lead).chain(&merged));
                    let leads: Vec<Uuid> = std::iter::once(&lead).chain(&merged).map(|lead| lead.id).collect();
                    let mut found = Found::new(workspace, leads.clone(), marks.clone(), self.sources.now());
                    let mut reader = self.readers.acquire().await?;
                    let mut quotes = Quotes::new(workspace, leads.clone(), marks.clone(), self.sources.now());
                    reader.look_for_quotes(&mut quotes).await?;
                    reader.look_at_all(&mut found, &self.payloads).await?;
                    // Most of what came while that was read is caught up with beside the writer.
                    reader.catch_up(&mut found, &self.payloads).await?;
                    drop(reader);
                    let mut erasure = Erasure {
                        id: request.id,
                        at: request.at,
                        by: request.by,
                        proof: proof(request.salt, &lead),
                        counts: Vec::new(),
                    };
                    let (written, payloads) = (erasure.clone(), self.payloads.clone());
                    let changed = self.writer.definitions_change();
                    erasure.counts = self
                        .writer
                        .write(move |connection| {
                            // Rules may quote the lead.
                            changed.note();
                            Box::pin(async move {
                                connection.catch_up(&mut found, &payloads).await?;
                                let (of, mentions) = found.into_mentions();
                                let mut counts = connection
                                    .remove(workspace, &leads, &of, mentions, written.at, &payloads)
                                    .await?;
                                counts.extend(connection.erase_quotes(quotes).await?);
                                connection.prove(workspace, &written, &counts).await?;
                                Ok(counts)
                            })
                        })
                        .await?;
                    self.clear_payloads(self.sources.now()).await?;
                    // What is left in the files is named in the answer and not in the proof: a later erasure may be
                    // what removes it.
                    let naming = self.readers.acquire().await?.workflows_naming(workspace, &marks).await?;
                    erasure.counts.push(("left_in_workflows".to_owned(), naming));
                    let remains = self.scrub(&marks).await?;
                    erasure.counts.push(("left_in_files".to_owned(), remains));
                    Ok(erasure)
                })
            }

            fn addresses(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<String>> {
                Box::pin(async move {
                    let (lead, merged) = self.lead_to_erase(workspace, lead).await?;
                    let marks = Marks::of(std::iter::once(&lead).chain(&merged));
                    Ok(marks.addresses().map(str::to_owned).collect())
                })
            }

            fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Erasure>> {
                Box::pin(async move {
                    let sql = "SELECT id, at, by, proof, counts FROM erasure WHERE workspace = $1 \
                        ORDER BY id DESC LIMIT $2";
                    let rows = sqlx::query(sql).bind(workspace.0).bind(i64::from(limit.clamp(1, MOST)));
                    rows.fetch_all(&self.readers).await?.iter().map(erasure).collect()
                })
            }
        }

        impl $backend {
            /// The lead, and those that went into it.
            async fn lead_to_erase(
                &self,
                workspace: WorkspaceId,
                lead: Uuid,
            ) -> Result<(Lead, Vec<Lead>), Error> {
                let row = sqlx::query("SELECT record FROM lead WHERE workspace = $1 AND id = $2")
                    .bind(workspace.0)
                    .bind(lead)
                    .fetch_optional(&self.readers)
                    .await?;
                let lead: Lead = row.ok_or(Error::NotFound("the lead"))?.json("record")?;
                let merged = self.merged_into(workspace, lead.id).await?;
                Ok((lead, merged))
            }

            /// The leads that went into `lead`, also through others.
            async fn merged_into(&self, workspace: WorkspaceId, lead: Uuid) -> Result<Vec<Lead>, Error> {
                let sql = "SELECT record FROM lead_merge WHERE workspace = $1 AND undone_at IS NULL \
                    AND survivor = $2 ORDER BY id";
                let mut found: Vec<Lead> = Vec::new();
                let mut waiting = vec![lead];
                while let Some(survivor) = waiting.pop() {
                    let rows = sqlx::query(sql).bind(workspace.0).bind(survivor).fetch_all(&self.readers).await?;
                    for row in &rows {
                        let merge: Merge = row.json("record")?;
                        waiting.push(merge.merged.id);
                        found.push(*merge.merged);
                    }
                }
                Ok(found)
            }
        }

        impl Removal for $connection {
            async fn remove(
                &mut self,
                workspace: WorkspaceId,
                leads: &[Uuid],
                of: &Marks,
                mentions: Vec<Mention>,
                at: DateTime<Utc>,
                payloads: &Payloads,
            ) -> Result<Vec<(String, u64)>, Error> {
                let mut counts: Vec<(String, u64)> = vec![("lead".to_owned(), 0)];
                for lead in leads {
                    for (what, sql) in [
                        ("lead_key", "DELETE FROM lead_key WHERE lead = $1"),
                        ("activity", "DELETE FROM activity WHERE lead = $1"),
                        ("sla_clock", "DELETE FROM sla_clock WHERE lead = $1"),
                        ("enrichment_provenance", "DELETE FROM enrichment_provenance WHERE lead = $1"),
                        ("enrichment_answer", "DELETE FROM enrichment_answer WHERE lead = $1"),
                        ("list_member", "DELETE FROM list_member WHERE lead = $1"),
                        ("segment_member", "DELETE FROM segment_member WHERE lead = $1"),
                        ("stage_stay", "DELETE FROM stage_stay WHERE lead = $1"),
                        ("activity_key", "DELETE FROM activity_key WHERE lead = $1"),
                        ("account_match", "DELETE FROM account_match WHERE lead = $1"),
                        ("lead_event", "DELETE FROM lead_event WHERE lead = $1"),
                        ("lead_word", "DELETE FROM lead_word WHERE lead = $1"),
                        ("pin", "DELETE FROM pin WHERE lead = $1"),
                        ("lead_merge", "DELETE FROM lead_merge WHERE survivor = $1 OR merged = $1"),
                        (
                            "duplicate_pair",
                            "DELETE FROM duplicate_pair WHERE left_lead = $1 OR right_lead = $1",
                        ),
                        ("lead", "DELETE FROM lead WHERE id = $1"),
                    ] {
                        let gone = sqlx::query(sql).bind(*lead).execute(&mut *self).await?.rows_affected();
                        match counts.iter_mut().find(|(counted, _)| counted == what) {
                            Some((_, count)) => *count += gone,
                            None => counts.push((what.to_owned(), gone)),
                        }
                    }
                }
                // A refusal outlives its address: it is obeyed by its digest, and nobody can read whose it is.
                let mut sql = QueryBuilder::<$database>::new(
                    "UPDATE suppression SET shown = NULL, source = '' WHERE workspace = ",
                );
                sql.push_bind(workspace.0).push(" AND shown IN (");
                let mut list = sql.separated(", ");
                for mark in of.texts().iter().chain(&of.phones) {
                    list.push_bind(mark.clone());
                }
                list.push_unseparated(")");
                let hidden = sql.build().execute(&mut *self).await?.rows_affected();
                counts.push(("suppression".to_owned(), hidden));
                let (mut whole, mut rest) = (Vec::new(), Vec::new());
                for Mention { run, rest: left } in mentions {
                    match left {
                        None => whole.push(run),
                        Some(journal) => rest.push((run, journal)),
                    }
                }
                counts.push(("run".to_owned(), whole.len() as u64));
                counts.push(("run_thinned".to_owned(), rest.len() as u64));
                let thinned: Vec<RunId> = rest.iter().map(|(run, _)| *run).collect();
                self.remove_rows(leads, &whole, &thinned).await?;
                self.delete_runs(&whole).await?;
                self.replace_journals(rest, at, payloads).await?;
                for (what, table, text) in [
                    ("job_item", "job_item", "coalesce(subject, '') || detail"),
                    ("pin", "pin", "name || output || expected || answers"),
                    ("letter", "letter", "coalesce(event, '')"),
                ] {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM ");
                    sql.push(table).push(" WHERE ");
                    let mut any = sql.separated(" OR ");
                    for mark in of.texts() {
                        any.push("lower(").push_unseparated(text).push_unseparated(") LIKE ");
                        any.push_bind_unseparated(like(mark)).push_unseparated(" ESCAPE '!'");
                    }
                    let gone = sql.build().execute(&mut *self).await?.rows_affected();
                    match counts.iter_mut().find(|(counted, _)| counted == what) {
                        Some((_, count)) => *count += gone,
                        None => counts.push((what.to_owned(), gone)),
                    }
                }
                Ok(counts)
            }

            async fn prove(
                &mut self,
                workspace: WorkspaceId,
                written: &Erasure,
                counts: &[(String, u64)],
            ) -> Result<(), Error> {
                let sql = "INSERT INTO erasure (id, workspace, at, by, proof, counts) VALUES ($1, $2, $3, $4, $5, $6)";
                sqlx::query(sql)
                    .bind(written.id)
                    .bind(workspace.0)
                    .bind(micros(written.at))
                    .bind(written.by.clone())
                    .bind(written.proof.clone())
                    .bind(to_json(&counts)?)
                    .execute(self)
                    .await?;
                Ok(())
            }

            async fn remove_rows(
                &mut self,
                leads: &[Uuid],
                whole: &[RunId],
                thinned: &[RunId],
            ) -> Result<(), Error> {
                for piece in whole.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM job_item WHERE run IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                for piece in thinned.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "UPDATE run SET subject = NULL, event_key = NULL, error = NULL, error_step = NULL, \
                        lead = CASE WHEN lead IN (",
                    );
                    let mut list = sql.separated(", ");
                    for lead in leads {
                        list.push_bind(*lead);
                    }
                    list.push_unseparated(") THEN NULL ELSE lead END WHERE id IN (");
                    let mut list = sql.separated(", ");
                    for run in piece {
                        list.push_bind(*run);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *self).await?;
                }
                Ok(())
            }
        }
    };
}

erasures!(Sqlite, SqliteConnection, sqlx::Sqlite);
erasures!(Postgres, PgConnection, sqlx::Postgres);

impl Marks {
    fn of<'a>(leads: impl Iterator<Item = &'a Lead>) -> Self {
        let (mut texts, mut phones) = (Vec::new(), Vec::new());
        for lead in leads {
            texts.extend([lead.id.to_string(), lead.id.simple().to_string()]);
            texts.extend(lead.email.as_ref().map(|email| email.to_lowercase()));
            phones.extend(lead.phone.clone());
        }
        Self { texts, phones }
    }

    /// These texts, in lower case.
    #[cfg(test)]
    pub(super) fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self { texts: texts.into_iter().map(str::to_owned).collect(), phones: Vec::new() }
    }

    /// The texts to look for, in lower case.
    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The e-mail addresses among them.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str).filter(|text| text.contains('@'))
    }

    pub(super) fn are_in_text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.texts.iter().any(|mark| text.contains(mark))
    }

    pub(super) fn are_in(&self, events: &[Event]) -> Result<bool, Error> {
        Ok(self.are_in_text(&to_json(&events)?))
    }

    /// Whether the event that began a run is about nobody else: it is no list of several.
    pub(super) fn are_alone_in(&self, events: &[Event]) -> Result<bool, Error> {
        let Some(first) = events.first() else { return Ok(true) };
        let mut value: Value = from_json("an event", &to_json(first)?)?;
        let mut lists = Vec::new();
        lists_of_many(&mut value, &mut lists);
        Ok(lists.iter().all(|list| !self.are_in_text(list)))
    }

    /// The first of `events`, with everything erased that stands together with the lead.
    pub(super) fn erased_from(&self, events: Vec<Event>) -> Result<Vec<Event>, Error> {
        let mut value: Value = from_json("a run's journal", &to_json(&beginning(events))?)?;
        // The event itself stays one; only what it carries is looked at.
        for event in value.as_array_mut().into_iter().flatten() {
            for (field, carried) in event.as_object_mut().into_iter().flatten() {
                if !matches!(field.as_str(), "event" | "at" | "trigger" | "why" | "from") {
                    self.erase(carried);
                }
            }
        }
        from_json("a run's journal", &value.to_string())
    }

    /// Erases every object that names the lead itself, and every text that does.
    fn erase(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) if self.are_in_text(text) => {
                *text = ERASED.to_owned();
                true
            }
            Value::Array(items) => {
                for item in items {
                    self.erase(item);
                }
                false
            }
            Value::Object(fields) => {
                let mut is_about = false;
                for field in fields.values_mut() {
                    is_about |= self.erase(field);
                }
                if is_about {
                    for field in fields.values_mut().filter(|field| field.is_string() || field.is_number()) {
                        *field = Value::from(ERASED);
                    }
                }
                false
            }
            _ => false,
        }
    }
}

/// The texts of all lists with more than one object: what was sent about several.
fn lists_of_many(value: &mut Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) if items.iter().filter(|item| item.is_object()).count() > 1 => {
            found.push(Value::from(std::mem::take(items)).to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| lists_of_many(item, found)),
        Value::Object(fields) => fields.values_mut().for_each(|field| lists_of_many(field, found)),
        _ => {}
    }
}

/// `mark` as a pattern that finds it anywhere.
pub(super) fn like(mark: &str) -> String {
    let escaped = mark.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// Salt and digest of what identified the lead.
fn proof(salt: [u8; 16], lead: &Lead) -> String {
    let secret = lead.email.as_ref().map_or_else(|| lead.id.to_string(), |email| email.to_lowercase());
    let digest = Sha256::new().chain_update(salt).chain_update(secret).finalize();
    let mut text = String::new();
    for byte in salt {
        let _ = write!(text, "{byte:02x}");
    }
    text.push(':');
    for byte in digest {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn erasure(row: &impl Columns) -> Result<Erasure, Error> {
    Ok(Erasure {
        id: row.id("id")?,
        at: row.moment("at")?,
        by: row.maybe_string("by")?,
        proof: row.string("proof")?,
        counts: row.json("counts")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_stands_with_the_lead_is_erased() {
        let marks = Marks::from_texts(["ada@example.com"]);
        let mut value = json!({"rows": [
            {"email": "Ada@example.com", "name": "Ada", "age": 36, "ok": true},
            {"email": "ben@example.com", "name": "Ben"},
        ], "note": "from ada@example.com", "list": "June"});
        marks.erase(&mut value);
        assert_eq!(
            value,
            json!({"rows": [
                {"email": ERASED, "name": ERASED, "age": ERASED, "ok": true},
                {"email": "ben@example.com", "name": "Ben"},
            ], "note": ERASED, "list": ERASED})
        );
    }
}
