//! The writer's side of the queue: batches, and what becomes of those that fail.

use super::attempt::{self, Limits, Tools};
use super::database::Database;
use super::job::Job;
use super::pending::Pending;
use super::{Counts, Work, errand, rebuild};
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
    pub(super) tools: Tools,
    pub(super) waiting: mpsc::Receiver<Work<D::Connection>>,
    pub(super) waiting_low: mpsc::Receiver<Work<D::Connection>>,
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
            let room = self.batch_turns.saturating_sub(unfinished.len());
            self.gather(room, &mut arrived);
            if arrived.is_empty() && unfinished.is_empty() {
                match self.next().await {
                    Some(work) => arrived.push(work),
                    None => break,
                }
                // What came in the meantime shares the transaction.
                self.gather(self.batch_turns, &mut arrived);
            }
            let mut turns = std::mem::take(&mut unfinished);
            let (mut jobs, mut lonely, mut errands) = (Vec::new(), Vec::new(), Vec::new());
            for work in arrived.drain(..) {
                match work {
                    Work::Turn(turn) => turns.push(*turn),
                    Work::Job(job) => jobs.push(job),
                    Work::Errand(errand) => errands.push(errand),
                    Work::Alone(job) => lonely.push(job),
                    Work::Close(answer) => {
                        self.waiting.close();
                        self.waiting_low.close();
                        closing.push(answer);
                    }
                }
            }
            unfinished = self.settle_turns(turns).await;
            while !jobs.is_empty() {
                let rest = jobs.split_off(jobs.len().min(MAX_JOBS));
                self.settle_jobs(std::mem::replace(&mut jobs, rest)).await;
            }
            for errand in errands {
                let outcome =
                    errand::commit(&mut self.database, &errand, &mut self.tools, &self.sources).await;
                self.count(&outcome);
                // A caller who went away is not waiting for the answer.
                let _ = errand.answer.send(outcome);
            }
            for job in lonely {
                attempt::alone(&mut self.database, job).await;
            }
        }
        self.database.close().await;
        for answer in closing {
            // Whoever asked may have gone; the store is closed all the same.
            let _ = answer.send(());
        }
    }

    /// Takes what waits, up to `room`: turns of low priority last, and of them as many as there is room for, but an
    /// eighth of a batch at least.
    fn gather(&mut self, room: usize, arrived: &mut Vec<Work<D::Connection>>) {
        let least = (room / 8).max(1);
        let mut low = Vec::new();
        while low.len() < least.min(room)
            && let Ok(work) = self.waiting_low.try_recv()
        {
            low.push(work);
        }
        while arrived.len() + low.len() < room
            && let Ok(work) = self.waiting.try_recv()
        {
            arrived.push(work);
        }
        while arrived.len() + low.len() < room
            && let Ok(work) = self.waiting_low.try_recv()
        {
            low.push(work);
        }
        arrived.append(&mut low);
    }

    /// The next work there is; nothing once the queues are closed and empty.
    async fn next(&mut self) -> Option<Work<D::Connection>> {
        let work = tokio::select! {
            biased;
            work = self.waiting.recv() => work,
            Some(work) = self.waiting_low.recv() => Some(work),
        };
        match work {
            Some(work) => Some(work),
            None => self.waiting_low.recv().await,
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
                // A connection that was lost is such a failure too: the next transaction begins on a new one.
                tracing::warn!(%error, turns = turns.len(), "a batch failed and is taken apart");
                let mut unfinished = Vec::new();
                let mut turns = turns.into_iter();
                while let Some(turn) = turns.next() {
                    match self.settle_alone(turn).await {
                        Ok(more) => unfinished.extend(more),
                        Err(error) => turns.by_ref().for_each(|turn| turn.refuse(error.clone())),
                    }
                }
                unfinished
            }
        }
    }

    /// Commits one turn of a batch that failed, from its beginning. An error is one that every other turn would meet
    /// as well.
    async fn settle_alone(&mut self, mut turn: Pending) -> Result<Vec<Pending>, Error> {
        let rebuilt = rebuild::machine(&mut self.database, &turn, &self.tools.payloads).await;
        let restarted = rebuilt.and_then(|machine| turn.restart(machine));
        let mut alone = vec![turn];
        let outcome = match restarted {
            Ok(()) => self.commit(&mut alone).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => Ok(self.answer(alone)),
            Err(error) => {
                alone.into_iter().for_each(|turn| turn.refuse(error.clone()));
                if error.is_of_store() { Err(error) } else { Ok(Vec::new()) }
            }
        }
    }

    async fn commit(&mut self, turns: &mut [Pending]) -> Result<(), Error> {
        let outcome =
            attempt::commit(&mut self.database, turns, &mut self.tools, &self.sources, self.limits).await;
        self.count(&outcome);
        outcome
    }

    fn count<T>(&self, outcome: &Result<T, Error>) {
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
