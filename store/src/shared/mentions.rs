//! Which runs mention a lead that is to be erased.
//!
//! Reading every journal takes long, and work goes on meanwhile. So what was read is remembered where it can still
//! change: runs that had not ended, with the number of their turns, and the ids of runs so new that others may still be
//! accepted between them. Catching up reads only what is new since.

use super::erasures::Marks;
use crate::columns::{Columns, first_id_at};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::WorkspaceId;
use crate::writer::encode_journal;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::{Event, RunId};
use uuid::Uuid;

/// Runs read at a time.
const SLICE: usize = 500;
/// How long a run may have its id before it is in the store.
const ON_THE_WAY: TimeDelta = TimeDelta::minutes(10);

/// A run that mentions the lead.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) run: RunId,
    /// Its journal without the lead, when it is about others as well; `None` when it goes whole.
    pub(super) rest: Option<Vec<u8>>,
}

/// What was found so far, and what has to be looked at again.
#[derive(Debug)]
pub(super) struct Found {
    workspace: WorkspaceId,
    /// The lead and those that went into it.
    leads: Vec<Uuid>,
    marks: Marks,
    /// Runs with a smaller id are all in the store already.
    settled: Uuid,
    mentions: HashMap<RunId, Option<Vec<u8>>>,
    /// Runs that had not ended when they were looked at, with how many turns.
    open: HashMap<RunId, i64>,
    /// Runs that were looked at and are not older than `settled`.
    recent: HashSet<RunId>,
}

impl Found {
    /// Nothing yet; the search begins at `now`.
    pub(super) fn new(workspace: WorkspaceId, leads: Vec<Uuid>, marks: Marks, now: DateTime<Utc>) -> Self {
        Self {
            workspace,
            leads,
            marks,
            settled: first_id_at(now - ON_THE_WAY),
            mentions: HashMap::new(),
            open: HashMap::new(),
            recent: HashSet::new(),
        }
    }

    /// What was looked for, and the runs that mention it.
    pub(super) fn into_mentions(self) -> (Marks, Vec<Mention>) {
        let mentions = self.mentions.into_iter().map(|(run, rest)| Mention { run, rest });
        (self.marks, mentions.collect())
    }

    /// Notes whether a run mentions the lead. A run that does and has not ended is in the way.
    fn note(&mut self, row: &impl Columns, first: Vec<Event>, later: Option<Later>) -> Result<(), Error> {
        let run = row.id("id")?;
        let later = later.unwrap_or_default();
        let is_open = row.maybe_number("finished_at")?.is_none();
        if is_open {
            self.open.insert(run, later.turns);
        } else {
            self.open.remove(&run);
        }
        if run >= self.settled {
            self.recent.insert(run);
        }
        let is_about = row.maybe_id("lead")?.is_some_and(|lead| self.leads.contains(&lead));
        let mut is_mentioned = later.is_mentioned || self.marks.are_in(&first)?;
        for column in ["subject", "event_key", "error"] {
            is_mentioned |= row.maybe_text(column)?.is_some_and(|text| self.marks.are_in_text(text));
        }
        if !is_about && !is_mentioned {
            return Ok(());
        }
        if is_open {
            return Err(Error::Conflict("a run about this lead that has not ended"));
        }
        let is_whole = is_about && self.marks.are_alone_in(&first)?;
        let rest = if is_whole { None } else { Some(encode_journal(&self.marks.erased_from(first)?)?) };
        self.mentions.insert(run, rest);
        Ok(())
    }
}

/// What is in the later turns of a run.
#[derive(Default)]
struct Later {
    turns: i64,
    is_mentioned: bool,
}

/// Looking for mentions through a connection of either database.
pub(super) trait Search: Send {
    /// Looks at every run of the workspace.
    fn look_at_all(
        &mut self,
        found: &mut Found,
        payloads: &Payloads,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Looks at what is new since a run was looked at, or is not there any more.
    fn catch_up(
        &mut self,
        found: &mut Found,
        payloads: &Payloads,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Looks at these runs, at most [`SLICE`].
    fn look_at(
        &mut self,
        runs: &[RunId],
        found: &mut Found,
        payloads: &Payloads,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Which of `runs`, at most [`SLICE`], are there, and how many later turns each has.
    fn turns_of(&mut self, runs: &[RunId])
    -> impl Future<Output = Result<HashMap<RunId, i64>, Error>> + Send;
}

macro_rules! search {
    ($connection:ty, $database:ty) => {
        impl Search for $connection {
            async fn look_at_all(&mut self, found: &mut Found, payloads: &Payloads) -> Result<(), Error> {
                let mut after = Uuid::nil();
                loop {
                    let sql = "SELECT id FROM run WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";
                    let runs: Vec<RunId> = sqlx::query_scalar(sql)
                        .bind(found.workspace.0)
                        .bind(after)
                        .bind(SLICE as i64)
                        .fetch_all(&mut *self)
                        .await?;
                    let Some(last) = runs.last() else { return Ok(()) };
                    after = *last;
                    self.look_at(&runs, found, payloads).await?;
                }
            }

            async fn catch_up(&mut self, found: &mut Found, payloads: &Payloads) -> Result<(), Error> {
                let sql = "SELECT id FROM run WHERE workspace = $1 AND id >= $2 ORDER BY id";
                let mut news: Vec<RunId> = sqlx::query_scalar(sql)
                    .bind(found.workspace.0)
                    .bind(found.settled)
                    .fetch_all(&mut *self)
                    .await?;
                news.retain(|run| !found.recent.contains(run));
                let open: Vec<(RunId, i64)> = found.open.iter().map(|(run, turns)| (*run, *turns)).collect();
                for piece in open.chunks(SLICE) {
                    let runs: Vec<RunId> = piece.iter().map(|(run, _)| *run).collect();
                    let now = self.turns_of(&runs).await?;
                    news.extend(piece.iter().filter_map(|(run, turns)| (now.get(run)? != turns).then_some(*run)));
                }
                for piece in news.chunks(SLICE) {
                    self.look_at(piece, found, payloads).await?;
                }
                // A run that the sweep took meanwhile must not be written to.
                let runs: Vec<RunId> = found.mentions.keys().copied().collect();
                for piece in runs.chunks(SLICE) {
                    let there = self.turns_of(piece).await?;
                    for run in piece.iter().filter(|run| !there.contains_key(run)) {
                        found.mentions.remove(run);
                    }
                }
                Ok(())
            }

            async fn look_at(
                &mut self,
                runs: &[RunId],
                found: &mut Found,
                payloads: &Payloads,
            ) -> Result<(), Error> {
                let mut sql = QueryBuilder::<$database>::new(
                    "SELECT id, lead, subject, event_key, error, finished_at, journal FROM run WHERE id IN (",
                );
                let mut list = sql.separated(", ");
                for run in runs {
                    list.push_bind(*run);
                }
                list.push_unseparated(")");
                let rows = sql.build().fetch_all(&mut *self).await?;
                // Read after the rows: a run that has ended there has all its turns here.
                let mut sql = QueryBuilder::<$database>::new("SELECT run, body FROM journal WHERE run IN (");
                let mut list = sql.separated(", ");
                for run in runs {
                    list.push_bind(*run);
                }
                list.push_unseparated(")");
                let mut later: HashMap<RunId, Later> = HashMap::new();
                for row in &sql.build().fetch_all(self).await? {
                    let events = readable(payloads.events(row.bytes("body")?).await)?;
                    let is_mentioned = found.marks.are_in(&events)?;
                    let later = later.entry(row.id("run")?).or_default();
                    later.turns += 1;
                    later.is_mentioned |= is_mentioned;
                }
                for row in &rows {
                    let first = readable(payloads.events(row.bytes("journal")?).await)?;
                    found.note(row, first, later.remove(&row.id("id")?))?;
                }
                Ok(())
            }

            async fn turns_of(&mut self, runs: &[RunId]) -> Result<HashMap<RunId, i64>, Error> {
                let mut sql = QueryBuilder::<$database>::new(
                    "SELECT r.id, (SELECT count(*) FROM journal j WHERE j.run = r.id) AS turns FROM run r WHERE r.id IN (",
                );
                let mut list = sql.separated(", ");
                for run in runs {
                    list.push_bind(*run);
                }
                list.push_unseparated(")");
                let rows = sql.build().fetch_all(self).await?;
                rows.iter().map(|row| Ok((row.id("id")?, row.number("turns")?))).collect()
            }
        }
    };
}

search!(SqliteConnection, sqlx::Sqlite);
search!(PgConnection, sqlx::Postgres);

/// The events of a turn; none of one that is lost, for what cannot be read by anybody names nobody.
fn readable(events: Result<Vec<Event>, Error>) -> Result<Vec<Event>, Error> {
    match events {
        Err(Error::Lost(_)) => Ok(Vec::new()),
        other => other,
    }
}
