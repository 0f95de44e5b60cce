//! The group-commit writer: one task owns the one connection that writes.
//!
//! It takes everything that waits, makes one transaction of it, and answers every caller after the commit: a disk that
//! manages a few hundred commits a second then carries thousands of durable runs. While one batch is being committed
//! the next one gathers by itself, so no clock is involved and an idle store answers at once.
//!
//! What it must never do: answer before the commit, keep part of a turn, or let one caller's mistake fail another's
//! turn. Nothing waits here without a bound: the queue counts entries and bytes, and a full queue refuses new runs.

mod attempt;
mod flush;
mod journal;
mod pending;
mod rebuild;
mod supply;

pub(super) use journal::decode as decode_journal;

use crate::error::Error;
use crate::ports::{Load, Settled, Turn};
use crate::settings::Settings;
use futures_util::future::BoxFuture;
use journal::{Draft, Press};
use pending::Pending;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// How long callers should wait when the queue is full: a few batches.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Most administrative writes in one transaction.
const MAX_JOBS: usize = 64;

/// The callers' side of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Work>,
    bytes: Arc<Semaphore>,
    queue_bytes: usize,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    batches: AtomicU64,
    turns: AtomicU64,
    failures: AtomicU64,
}

/// Something to be written.
enum Work {
    Turn(Box<Pending>),
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A write that is not a turn: it runs in a savepoint of the batch, so its failure is its own.
trait Job: Send {
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), Error>>;
    fn settle(self: Box<Self>, outcome: Result<(), Error>);
}

impl Writer {
    /// Starts the task that owns `connection`.
    pub(super) fn start(connection: SqliteConnection, settings: &Settings) -> Result<Self, Error> {
        let (queue, waiting) = mpsc::channel(settings.queue);
        let counts = Arc::new(Counts::default());
        let task = Task {
            connection,
            press: Press::new()?,
            waiting,
            counts: Arc::clone(&counts),
            batch_turns: settings.batch_turns.max(1),
            effects_per_turn: settings.effects_per_turn.max(1),
        };
        tokio::spawn(task.run());
        let queue_bytes = settings.queue_bytes;
        Ok(Self { queue, bytes: Arc::new(Semaphore::new(queue_bytes)), queue_bytes, counts })
    }

    /// Hands a turn in and waits until it is durable. A new run is refused when the queue is full; a later turn waits
    /// for room, because what happened to the run has happened and must not be lost.
    pub(super) async fn turn(&self, turn: Turn) -> Result<Settled, Error> {
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
        let place = if is_new {
            self.queue.try_reserve().map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(()) => full,
                mpsc::error::TrySendError::Closed(()) => Error::Closed,
            })?
        } else {
            self.queue.reserve().await.map_err(|_| Error::Closed)?
        };
        let (answer, settled) = oneshot::channel();
        place.send(Work::Turn(Box::new(Pending::new(turn, draft, room, answer))));
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Runs `task` in the next transaction and waits until it is durable.
    pub(super) async fn write<T, F>(&self, task: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Error>> + Send + 'static,
    {
        let (answer, settled) = oneshot::channel();
        let job = Box::new(Once { task: Some(task), value: None, answer });
        self.queue.send(Work::Job(job)).await.map_err(|_| Error::Closed)?;
        settled.await.map_err(|_| Error::Closed)?
    }

    /// Writes what waits, then closes the connection.
    pub(super) async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        if self.queue.send(Work::Close(answer)).await.is_ok() {
            // An error means that the task has ended, which is what was asked for.
            let _ = closed.await;
        }
    }

    /// How busy the task is.
    pub(super) fn load(&self) -> Load {
        let capacity = self.queue.max_capacity();
        Load {
            queued: capacity - self.queue.capacity(),
            capacity,
            batches: self.counts.batches.load(Ordering::Relaxed),
            turns: self.counts.turns.load(Ordering::Relaxed),
            failures: self.counts.failures.load(Ordering::Relaxed),
        }
    }
}

/// A job made of a closure and the caller who waits for its value.
struct Once<T, F> {
    task: Option<F>,
    value: Option<T>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Once<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Error>> + Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let task = self.task.take().expect("a job runs once");
            self.value = Some(task(connection).await?);
            Ok(())
        })
    }

    fn settle(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { value, answer, .. } = *self;
        let value = outcome.and_then(|()| value.ok_or(Error::Closed));
        // A caller who went away is not waiting for the answer.
        let _ = answer.send(value);
    }
}

/// The task's side.
struct Task {
    connection: SqliteConnection,
    press: Press,
    waiting: mpsc::Receiver<Work>,
    counts: Arc<Counts>,
    batch_turns: usize,
    effects_per_turn: usize,
}

impl Task {
    async fn run(mut self) {
        let mut arrived = Vec::with_capacity(self.batch_turns);
        // Turns that had more to do than one batch allows: they go on in the next.
        let mut unfinished: Vec<Pending> = Vec::new();
        let mut closing = Vec::new();
        loop {
            if unfinished.is_empty() {
                if self.waiting.recv_many(&mut arrived, self.batch_turns).await == 0 {
                    break;
                }
            } else {
                let room = self.batch_turns.saturating_sub(unfinished.len());
                while arrived.len() < room
                    && let Ok(work) = self.waiting.try_recv()
                {
                    arrived.push(work);
                }
            }
            let mut turns = std::mem::take(&mut unfinished);
            let mut jobs = Vec::new();
            for work in arrived.drain(..) {
                match work {
                    Work::Turn(turn) => turns.push(*turn),
                    Work::Job(job) => jobs.push(job),
                    Work::Close(answer) => {
                        self.waiting.close();
                        closing.push(answer);
                    }
                }
            }
            unfinished = self.settle_turns(turns).await;
            while !jobs.is_empty() {
                let rest = jobs.split_off(jobs.len().min(MAX_JOBS));
                self.settle_jobs(std::mem::replace(&mut jobs, rest)).await;
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the database was not closed cleanly; the next start repairs it");
        }
        for answer in closing {
            // Whoever asked may have gone; the store is closed all the same.
            let _ = answer.send(());
        }
    }

    /// Commits `turns` together, or each alone when that fails, and answers for them. Gives back those that have more
    /// to do.
    async fn settle_turns(&mut self, mut turns: Vec<Pending>) -> Vec<Pending> {
        if turns.is_empty() {
            return turns;
        }
        match self.commit(&mut turns).await {
            Ok(()) => self.answer(turns),
            Err(error) if error.is_of_disk() => {
                turns.into_iter().for_each(|turn| turn.refuse(error.clone()));
                Vec::new()
            }
            Err(error) => {
                tracing::warn!(%error, turns = turns.len(), "a batch was taken apart because one of its turns failed");
                let mut unfinished = Vec::new();
                for turn in turns {
                    unfinished.extend(self.settle_alone(turn).await);
                }
                unfinished
            }
        }
    }

    /// Commits one turn of a batch that failed, from its beginning.
    async fn settle_alone(&mut self, mut turn: Pending) -> Vec<Pending> {
        let rebuilt = rebuild::machine(&mut self.connection, &turn).await;
        if let Err(error) = rebuilt.and_then(|machine| turn.restart(machine)) {
            turn.refuse(error);
            return Vec::new();
        }
        let mut alone = vec![turn];
        match self.commit(&mut alone).await {
            Ok(()) => self.answer(alone),
            Err(error) => {
                alone.into_iter().for_each(|turn| turn.refuse(error.clone()));
                Vec::new()
            }
        }
    }

    async fn commit(&mut self, turns: &mut [Pending]) -> Result<(), Error> {
        let outcome =
            attempt::commit(&mut self.connection, turns, &mut self.press, self.effects_per_turn).await;
        let count = if outcome.is_ok() { &self.counts.batches } else { &self.counts.failures };
        count.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    fn answer(&self, turns: Vec<Pending>) -> Vec<Pending> {
        let mut unfinished = Vec::new();
        for mut turn in turns {
            turn.committed();
            if turn.has_more() {
                unfinished.push(turn);
            } else {
                self.counts.turns.fetch_add(1, Ordering::Relaxed);
                turn.settle();
            }
        }
        unfinished
    }

    /// Commits `jobs` together, each in its own savepoint.
    async fn settle_jobs(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let mut outcomes = Vec::with_capacity(jobs.len());
        let committed = attempt::jobs(&mut self.connection, &mut jobs, &mut outcomes).await;
        let count = if committed.is_ok() { &self.counts.batches } else { &self.counts.failures };
        count.fetch_add(1, Ordering::Relaxed);
        outcomes.resize(jobs.len(), Ok(()));
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            job.settle(outcome.and_then(|()| committed.clone()));
        }
    }
}
