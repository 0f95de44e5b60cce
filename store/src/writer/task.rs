//! The writer's side of the queue: batches, and what becomes of those that fail.

use super::attempt::{self, Limits};
use super::database::Database;
use super::job::Job;
use super::journal::Press;
use super::pending::Pending;
use super::{Counts, Work, rebuild};
use crate::error::Error;
use crate::settings::Sources;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;

/// Most administrative writes in one transaction.
const MAX_JOBS: usize = 64;

/// Owns the database's one writing connection.
pub(super) struct Task<D: Database> {
    pub(super) database: D,
    pub(super) press: Press,
    pub(super) waiting: mpsc::Receiver<Work<D::Connection>>,
    pub(super) counts: Arc<Counts>,
    pub(super) sources: Sources,
    pub(super) batch_turns: usize,
    pub(super) limits: Limits,
}

impl<D: Database> Task<D> {
    pub(super) async fn run(mut self) {
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
        self.database.close().await;
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
        let rebuilt = rebuild::machine(&mut self.database, &turn).await;
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
            attempt::commit(&mut self.database, turns, &mut self.press, &self.sources, self.limits).await;
        self.count(&outcome);
        outcome
    }

    fn count(&self, outcome: &Result<(), Error>) {
        let count = if outcome.is_ok() { &self.counts.batches } else { &self.counts.failures };
        count.fetch_add(1, Ordering::Relaxed);
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

    /// Commits `jobs` together, each in a part of its own.
    async fn settle_jobs(&mut self, mut jobs: Vec<Box<dyn Job<D::Connection>>>) {
        let mut outcomes = Vec::with_capacity(jobs.len());
        let committed = attempt::jobs(&mut self.database, &mut jobs, &mut outcomes).await;
        self.count(&committed);
        outcomes.resize(jobs.len(), Ok(()));
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            job.settle(outcome.and_then(|()| committed.clone()));
        }
    }
}
