//! A batch on its way to the disk, in a task of its own, so that the next can be worked out meanwhile.
//!
//! What it must never do: answer before the commit, or write what was worked out when somebody else may have written
//! since.

use super::Counts;
use super::batch::{Batch, Writing};
use super::database::Database;
use super::pending::Pending;
use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::task::{JoinError, JoinHandle};

/// The one connection that writes, and what writing needs. Whoever has it may write.
pub(super) struct Pen<D> {
    pub(super) database: D,
    pub(super) writing: Writing,
    pub(super) counts: Arc<Counts>,
}

/// What a batch that begins finds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    /// Its transaction is open: it was worked out in it.
    Open,
    /// None is; it was worked out beside the batch before, whose transaction was in this [tenure](Database::tenure).
    After(u64),
}

/// See the [module](self).
pub(super) struct Flight<D> {
    state: State<D>,
    turns: usize,
}

enum State<D> {
    Away(JoinHandle<Landed<D>>),
    Here(Landed<D>),
}

/// What became of a batch.
pub(super) struct Landed<D> {
    pub(super) pen: Pen<D>,
    /// Its turns that have more to do; the others are answered.
    pub(super) outcome: Result<Vec<Pending>, Failed>,
}

/// A batch of which nothing is durable.
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) turns: Vec<Pending>,
}

impl<D: Database> Flight<D> {
    /// Sends `batch` off.
    pub(super) fn launch(pen: Pen<D>, batch: Batch, begin: Begin) -> Self {
        let turns = batch.turns.len();
        Self { state: State::Away(tokio::spawn(fly(pen, batch, begin))), turns }
    }

    /// How many turns it has.
    pub(super) fn len(&self) -> usize {
        self.turns
    }

    /// Whether it is known what became of it.
    pub(super) fn has_landed(&self) -> bool {
        matches!(self.state, State::Here(_))
    }

    /// Ends when it is known what became of it. Its error is the batch's.
    pub(super) async fn landed(&mut self) -> Result<(), Error> {
        if let State::Away(task) = &mut self.state {
            self.state = State::Here(arrival(task).await);
        }
        match &self.state {
            State::Here(Landed { outcome: Err(failed), .. }) => Err(failed.error.clone()),
            _ => Ok(()),
        }
    }

    /// What became of it.
    pub(super) async fn end(self) -> Landed<D> {
        match self.state {
            State::Here(landed) => landed,
            State::Away(task) => arrival(task).await,
        }
    }
}

/// What `task` comes to. A bug of ours in it ends the writer; a runtime that shuts down ends everything.
async fn arrival<T>(task: impl Future<Output = Result<T, JoinError>>) -> T {
    match task.await.map_err(JoinError::try_into_panic) {
        Ok(landed) => landed,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => std::future::pending().await,
    }
}

async fn fly<D: Database>(mut pen: Pen<D>, mut batch: Batch, begin: Begin) -> Landed<D> {
    let outcome = pen.write(&mut batch, begin).await;
    let turns = batch.turns;
    let outcome = match outcome {
        Ok(()) => Ok(pen.answer(turns)),
        Err(error) => Err(Failed { error, turns }),
    };
    Landed { pen, outcome }
}

impl<D: Database> Pen<D> {
    /// Makes `batch` durable, or nothing of it.
    pub(super) async fn write(&mut self, batch: &mut Batch, begin: Begin) -> Result<(), Error> {
        let begun = match begin {
            Begin::Open => Ok(()),
            Begin::After(tenure) => self.begin_in(tenure).await,
        };
        let outcome = match begun {
            Ok(()) => batch.commit(&mut self.database, &mut self.writing).await,
            Err(error) => Err(error),
        };
        self.count(outcome.is_ok());
        if outcome.is_ok() && matches!(begin, Begin::After(_)) {
            self.counts.ahead.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Begins a transaction, unless somebody else may have written since.
    async fn begin_in(&mut self, tenure: u64) -> Result<(), Error> {
        self.database.begin().await?;
        if self.database.tenure() == tenure {
            return Ok(());
        }
        self.database.roll_back().await;
        Err(Error::Database("somebody else may have written while the batch was worked out".into()))
    }

    /// Answers for turns that are durable. Gives back those that have more to do.
    pub(super) fn answer(&self, turns: Vec<Pending>) -> Vec<Pending> {
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

    /// Counts a transaction, which is durable or not.
    pub(super) fn count(&self, is_durable: bool) {
        let count = if is_durable { &self.counts.batches } else { &self.counts.failures };
        count.fetch_add(1, Ordering::Relaxed);
    }
}
