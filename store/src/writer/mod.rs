//! The group-commit writer: one task owns the one connection that writes, whatever database is behind it.
//!
//! It takes everything that waits, makes one transaction of it, and answers every caller after the commit: a disk that
//! manages a few hundred commits a second then carries thousands of durable runs. While one batch is being written the
//! next one gathers by itself and is worked out, so no clock is involved and an idle store answers at once.
//!
//! What it must never do: answer before the commit, keep part of a turn, let one caller's mistake fail another's
//! turn, or read a clock and draw an id other than through [`Sources`](crate::Sources). Nothing waits here without a
//! bound: the queue counts entries and bytes, and a full queue refuses new runs.
//!
//! A backend brings a [`Database`]; rounds, duplicates, fencing, budgets, panics and taking a batch apart are here and
//! nowhere else.

mod batch;
mod database;
mod enrichment;
mod errand;
mod flight;
mod flush;
mod hand;
mod in_force;
mod job;
mod journal;
mod listeners;
mod merging;
mod pending;
mod plan;
mod queue;
mod rebuild;
pub(crate) mod registers;
mod round;
mod rows;
pub(crate) mod shelves;
mod supply;
mod tables;
mod task;
mod ticks;
mod transaction;
mod words;

pub(crate) use database::{Claim, Database, OpenReader};
pub(crate) use enrichment::EnrichmentTables;
pub(crate) use in_force::DefinitionsChange;
pub(crate) use journal::{decode as decode_journal, encode as encode_journal};
pub(crate) use listeners::NewLeadEvent;
pub(crate) use merging::{Belongings, Likenesses, MergeTables, Merged, gathered};
pub(crate) use registers::Registers;
pub(crate) use rows::{Ended, JournalRow, NewRun, RunChange, last_moves, renamed, search_text};
pub(crate) use shelves::Shelves;
pub(crate) use tables::{
    ActivityKeys, BurstRow, JobTables, LeadWait, NewLetter, NewRule, NewWait, PayloadTables, RuleRow,
    RuleTables, SeenKey, SeenRow, Words,
};
pub(crate) use ticks::TickTables;

use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::{JobNote, Load, PerformedByHand, Priority, Settled, Turn, WorkspaceId};
use crate::settings::Settings;
use batch::Writing;
use errand::Errand;
use flight::Pen;
use futures_util::future::BoxFuture;
use in_force::InForce;
use job::{Job, Once};
use journal::Draft;
use listeners::Heard;
use pending::Pending;
use plan::Planning;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use task::Task;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use trunkline_leads::Operation;
use trunkline_leads::activity::By;

/// How long callers should wait when the queue is full: a few batches.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The callers' side of the writer; `C` is the connection that writes other than turns work with.
#[derive(Debug)]
pub(crate) struct Writer<C> {
    queue: mpsc::Sender<Work<C>>,
    /// Turns of low priority: they get what room the others leave, and an eighth.
    low: mpsc::Sender<Work<C>>,
    bytes: Arc<Semaphore>,
    queue_bytes: usize,
    counts: Arc<Counts>,
    definitions: DefinitionsChange,
    /// Told when events of leads were written.
    heard: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Counts {
    batches: AtomicU64,
    ahead: AtomicU64,
    turns: AtomicU64,
    failures: AtomicU64,
}

/// Something to be written.
enum Work<C> {
    Turn(Box<Pending>),
    Job(Box<dyn Job<C>>),
    /// Lead operations of a person.
    Errand(Box<Errand>),
    /// A job that begins and ends what transactions it needs.
    Alone(Box<dyn Job<C>>),
    Close(oneshot::Sender<()>),
}

impl<C> Writer<C>
where
    C: PayloadTables
        + RuleTables
        + Words
        + Shelves
        + Registers
        + MergeTables
        + EnrichmentTables
        + JobTables
        + ActivityKeys
        + TickTables
        + Likenesses
        + 'static,
{
    /// Starts the task that owns `database`; what is too large for it goes to `payloads`. With `open_reader` the next batch
    /// is worked out while one is written.
    pub(crate) fn start<D>(
        database: D,
        open_reader: Option<OpenReader<D>>,
        payloads: Payloads,
        settings: &Settings,
    ) -> Result<Self, Error>
    where
        D: Database<Connection = C>,
    {
        let (queue, waiting) = mpsc::channel(settings.queue);
        let (low, waiting_low) = mpsc::channel(settings.queue);
        let counts = Arc::new(Counts::default());
        let definitions = DefinitionsChange::default();
        let heard = Arc::new(Notify::new());
        let sources = settings.sources.clone();
        let pen = Pen {
            database,
            writing: Writing {
                payloads: payloads.clone(),
                lead_waits: true,
                heard: Heard::new(Arc::clone(&heard)),
                sources: sources.clone(),
            },
            counts: Arc::clone(&counts),
        };
        let task = Task {
            planning: Planning {
                payloads,
                in_force: InForce::new(definitions.clone()),
                sources,
                effects_per_turn: settings.effects_per_turn.max(1),
            },
            waiting,
            waiting_low,
            batch_turns: settings.batch_turns.max(1),
            open_reader,
            reader: None,
        };
        tokio::spawn(task.run(pen));
        let queue_bytes = settings.queue_bytes;
        Ok(Self {
            queue,
            low,
            bytes: Arc::new(Semaphore::new(queue_bytes)),
            queue_bytes,
            counts,
            definitions,
            heard,
        })
    }

    /// Hands a turn in and waits until it is durable. A new run is refused when the queue is full; a later turn waits
    /// for room, because what happened to the run has happened and must not be lost.
    pub(crate) async fn turn(&self, turn: Turn) -> Result<Settled, Error> {
        let full = Error::Overloaded { retry_after: RETRY_AFTER };
        let is_new = turn.header.next_seq == 0;
        // Written out here, on the caller's thread: the one writer has better things to do.
        let draft = Draft::of(&turn.events)?;
        // A turn larger than the whole queue may still go through, alone.
        let bytes = u32::try_from(draft.len().clamp(1, self.queue_bytes)).unwrap_or(u32::MAX);
        let bytes_left = Arc::clone(&self.bytes);
        let room = if is_new {
            bytes_left.try_acquire_many_owned(bytes).map_err(|_| full.clone())?
        } else {
            bytes_left.acquire_many_owned(bytes).await.map_err(|_| Error::Closed)?
        };
        let queue = if turn.header.rules.priority == Priority::Low { &self.low } else { &self.queue };
        let place = if is_new {
            queue.try_reserve().map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(()) => full,
                mpsc::error::TrySendError::Closed(()) => Error::Closed,
            })?
        } else {
            queue.reserve().await.map_err(|_| Error::Closed)?
        };
        let (answer, settled) = oneshot::channel();
        place.send(Work::Turn(Box::new(Pending::new(turn, draft, room, answer))));
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Ends when events of leads may have been written since it last ended.
    pub(crate) async fn lead_events_arrived(&self) {
        self.heard.notified().await;
    }

    /// What says, from within a write, that definitions or listening workflows change.
    pub(crate) fn definitions_change(&self) -> DefinitionsChange {
        self.definitions.clone()
    }

    /// Runs `task` in the next transaction and waits until it is durable.
    pub(crate) async fn write<T, F>(&self, task: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Result<T, Error>> + Send + 'static,
    {
        let (answer, settled) = oneshot::channel();
        let job = Box::new(Once::new(task, answer));
        self.queue.send(Work::Job(job)).await.map_err(|_| Error::Closed)?;
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Performs lead operations for a person, in one transaction and with what a job notes of it, and waits until they are
    /// durable.
    pub(crate) async fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
        note: Option<JobNote>,
    ) -> Result<PerformedByHand, Error> {
        let (answer, settled) = oneshot::channel();
        let errand = Box::new(Errand { workspace, operations, by, note, answer });
        self.queue.send(Work::Errand(errand)).await.map_err(|_| Error::Closed)?;
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Runs `task` between two transactions, for what cannot be part of one. Everything else waits for it.
    pub(crate) async fn alone<T, F>(&self, task: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Result<T, Error>> + Send + 'static,
    {
        let (answer, settled) = oneshot::channel();
        let job = Box::new(Once::new(task, answer));
        self.queue.send(Work::Alone(job)).await.map_err(|_| Error::Closed)?;
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Writes what waits, then closes the connection.
    pub(crate) async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        if self.queue.send(Work::Close(answer)).await.is_ok() {
            // An error means that the task has ended, which is what was asked for.
            let _ = closed.await;
        }
    }

    /// How busy the task is.
    pub(crate) fn load(&self) -> Load {
        let capacity = self.queue.max_capacity();
        Load {
            queued: capacity - self.queue.capacity() + self.low.max_capacity() - self.low.capacity(),
            capacity,
            batches: self.counts.batches.load(Ordering::Relaxed),
            ahead: self.counts.ahead.load(Ordering::Relaxed),
            turns: self.counts.turns.load(Ordering::Relaxed),
            failures: self.counts.failures.load(Ordering::Relaxed),
        }
    }
}
