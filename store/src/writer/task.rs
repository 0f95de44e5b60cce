//! The writer's side of the queue: batches, and what becomes of those that fail.
//!
//! While one batch is written the next is worked out. What is no turn, and turns on which rules decide, wait until
//! nothing is under way.

use super::batch::Batch;
use super::database::{Database, OpenReader};
use super::errand;
use super::flight::{Begin, Failed, Flight, Pen};
use super::hand::Hand;
use super::job::Job;
use super::pending::Pending;
use super::plan::{Plan, Planning, Sequel};
use super::transaction;
use super::{Work, rebuild};
use crate::error::Error;
use tokio::sync::mpsc;

/// Most administrative writes in one transaction.
const MAX_JOBS: usize = 64;

/// A batch to be written, and what the one after it has to know meanwhile.
type WorkedOut = (Batch, Option<Sequel>);

/// Works batches out, and has them written.
pub(super) struct Task<D: Database> {
    pub(super) planning: Planning,
    pub(super) waiting: mpsc::Receiver<Work<D::Connection>>,
    pub(super) waiting_low: mpsc::Receiver<Work<D::Connection>>,
    pub(super) batch_turns: usize,
    /// Opens `reader`; without it nothing is worked out beside a batch that is being written.
    pub(super) open_reader: Option<OpenReader<D>>,
    /// Reads beside the connection that writes. Opened when it is first of use, and again after an error.
    pub(super) reader: Option<D>,
}

impl<D: Database> Task<D> {
    pub(super) async fn run(mut self, mut pen: Pen<D>) {
        let mut hand = Hand::new();
        while self.fill(&mut hand).await {
            pen = self.settle_turns(pen, &mut hand).await;
            while !hand.jobs.is_empty() {
                let most = hand.jobs.len().min(MAX_JOBS);
                settle_jobs(&mut pen, hand.jobs.drain(..most).collect()).await;
            }
            for errand in hand.errands.drain(..) {
                let outcome = errand::commit(&mut pen, &errand, &mut self.planning).await;
                // A caller who went away is not waiting for the answer.
                let _ = errand.answer.send(outcome);
            }
            for job in hand.lonely.drain(..) {
                transaction::alone(&mut pen.database, job).await;
            }
        }
        if let Some(reader) = self.reader {
            reader.close().await;
        }
        pen.database.close().await;
        for answer in hand.closing {
            // Whoever asked may have gone; the store is closed all the same.
            let _ = answer.send(());
        }
    }

    /// Waits until there is something to do, and takes all that may share a transaction; false once the queues are closed
    /// and empty.
    async fn fill(&mut self, hand: &mut Hand<D::Connection>) -> bool {
        self.gather(self.batch_turns, hand);
        if hand.is_empty() {
            match self.next().await {
                Some(work) => self.take(work, hand),
                None => return false,
            }
            // What came in the meantime shares the transaction.
            self.gather(self.batch_turns, hand);
        }
        true
    }

    /// Takes what waits, until there is as much as `room`: turns of low priority last, and of them as many as there is
    /// room for, but an eighth of a batch at least.
    fn gather(&mut self, room: usize, hand: &mut Hand<D::Connection>) {
        let room = room.saturating_sub(hand.len());
        let least = (room / 8).max(1).min(room);
        let (mut arrived, mut low) = (Vec::new(), Vec::new());
        while low.len() < least
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
        for work in arrived.into_iter().chain(low) {
            self.take(work, hand);
        }
    }

    fn take(&mut self, work: Work<D::Connection>, hand: &mut Hand<D::Connection>) {
        if hand.take(work) {
            self.waiting.close();
            self.waiting_low.close();
        }
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

    /// Writes the turns in hand, and those that come meanwhile and can go along, until nothing is under way. Turns that
    /// have more to do are in hand afterwards.
    async fn settle_turns(&mut self, mut pen: Pen<D>, hand: &mut Hand<D::Connection>) -> Pen<D> {
        if hand.turns.is_empty() {
            return pen;
        }
        let turns = std::mem::take(&mut hand.turns);
        let (mut batch, mut sequel) = match self.work_out(&mut pen, turns).await {
            Ok(worked_out) => worked_out,
            Err(failed) => {
                hand.turns = self.take_apart(&mut pen, failed).await;
                return pen;
            }
        };
        let mut begin = Begin::Open;
        let tenure = pen.database.tenure();
        loop {
            let mut flight = Flight::launch(pen, batch, begin);
            let next = self.work_ahead(&mut flight, sequel, hand).await;
            let landed = flight.end().await;
            pen = landed.pen;
            let unfinished = match (landed.outcome, next) {
                (Ok(unfinished), Ok(Some(worked_out))) => {
                    hand.turns.splice(0..0, unfinished);
                    (batch, sequel) = worked_out;
                    begin = Begin::After(tenure);
                    continue;
                }
                (Ok(unfinished), Ok(None)) => unfinished,
                (Ok(mut unfinished), Err(failed)) => {
                    unfinished.extend(self.take_apart(&mut pen, failed).await);
                    unfinished
                }
                (Err(failed), next) => {
                    let mut unfinished = self.take_apart(&mut pen, failed).await;
                    // The next was worked out by what has not happened.
                    let turns = match next {
                        Ok(worked_out) => worked_out.map(|(batch, _)| batch.turns).unwrap_or_default(),
                        Err(failed) => failed.turns,
                    };
                    unfinished.extend(self.one_by_one(&mut pen, turns).await);
                    unfinished
                }
            };
            hand.turns.splice(0..0, unfinished);
            return pen;
        }
    }

    /// Works `turns` out in a transaction that stays open.
    async fn work_out(&mut self, pen: &mut Pen<D>, turns: Vec<Pending>) -> Result<WorkedOut, Failed> {
        let mut plan = Plan::default();
        plan.take(turns);
        let outcome = self.plan_within(&mut pen.database, &mut plan).await;
        if outcome.is_err() {
            pen.database.roll_back().await;
            pen.count(false);
        }
        outcome.map_err(|error| Failed { error, turns: plan.into_turns() })
    }

    async fn plan_within(&mut self, database: &mut D, plan: &mut Plan) -> Result<WorkedOut, Error> {
        database.begin().await?;
        plan.work(database, None, &mut self.planning).await?;
        plan.finish(database, &mut self.planning.in_force).await
    }

    /// Works out what comes while `flight` is under way, by what that changes, and ends when it has landed. Nothing when
    /// nothing came that is worth it and could go along.
    async fn work_ahead(
        &mut self,
        flight: &mut Flight<D>,
        sequel: Option<Sequel>,
        hand: &mut Hand<D::Connection>,
    ) -> Result<Option<WorkedOut>, Failed> {
        let Some(sequel) = sequel else { return Ok(None) };
        let mut plan = Plan::after(sequel);
        let outcome = self.plan_beside(flight, &mut plan, hand).await;
        if outcome.is_err() {
            // What became of it is not worth finding out: the next one is new.
            self.reader = None;
        }
        outcome.map_err(|error| Failed { error, turns: plan.into_turns() })
    }

    async fn plan_beside(
        &mut self,
        flight: &mut Flight<D>,
        plan: &mut Plan,
        hand: &mut Hand<D::Connection>,
    ) -> Result<Option<WorkedOut>, Error> {
        while !flight.has_landed() {
            // Half of all there are: when those in flight have landed, their senders come back with the next, and with one
            // large and one small batch by turns the small one would be all that is worked out ahead.
            let share = (flight.len() + plan.len() + hand.len() + self.waiting.len()).div_ceil(2);
            let room = self.batch_turns.min(share).saturating_sub(plan.len());
            if !hand.waits_for_quiet() {
                self.gather(room, hand);
            }
            if room > 0
                && (plan.len() > 0 || hand.has_operations())
                && hand.has_plain_turns()
                && let Some(reader) = open(&self.open_reader, &mut self.reader).await
            {
                plan.take(hand.take_plain_turns(room));
                plan.work(reader, Some(flight), &mut self.planning).await?;
            } else if hand.waits_for_quiet() || hand.len() >= room {
                // What became of it is looked at by whoever sent it off.
                let _ = flight.landed().await;
            } else {
                tokio::select! {
                    biased;
                    _ = flight.landed() => {}
                    work = self.next() => match work {
                        Some(work) => self.take(work, hand),
                        None => drop(flight.landed().await),
                    },
                }
            }
        }
        match &mut self.reader {
            Some(reader) if plan.len() > 0 => {
                plan.finish(reader, &mut self.planning.in_force).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What becomes of a batch that failed: nothing where no other would fare better, and else each turn alone. Gives
    /// back those that have more to do.
    async fn take_apart(&mut self, pen: &mut Pen<D>, failed: Failed) -> Vec<Pending> {
        let Failed { error, turns } = failed;
        if error.is_of_disk() {
            turns.into_iter().for_each(|turn| turn.refuse(error.clone()));
            return Vec::new();
        }
        // A connection that was lost is such a failure too: the next transaction begins on a new one.
        tracing::warn!(%error, turns = turns.len(), "a batch failed and is taken apart");
        self.one_by_one(pen, turns).await
    }

    /// Commits each of `turns` alone, from its beginning, and answers for it. Gives back those that have more to do.
    async fn one_by_one(&mut self, pen: &mut Pen<D>, turns: Vec<Pending>) -> Vec<Pending> {
        let mut unfinished = Vec::new();
        let mut turns = turns.into_iter();
        while let Some(turn) = turns.next() {
            match self.settle_alone(pen, turn).await {
                Ok(more) => unfinished.extend(more),
                Err(error) => turns.by_ref().for_each(|turn| turn.refuse(error.clone())),
            }
        }
        unfinished
    }

    /// Commits one turn of a batch that failed. An error is one that every other turn would meet as well.
    async fn settle_alone(&mut self, pen: &mut Pen<D>, mut turn: Pending) -> Result<Vec<Pending>, Error> {
        let rebuilt = rebuild::machine(&mut pen.database, &turn, &self.planning.payloads).await;
        let outcome = match rebuilt.and_then(|machine| turn.restart(machine)) {
            Ok(()) => self.commit_alone(pen, turn).await,
            Err(error) => Err(Failed { error, turns: vec![turn] }),
        };
        outcome.or_else(|Failed { error, turns }| {
            turns.into_iter().for_each(|turn| turn.refuse(error.clone()));
            if error.is_of_store() { Err(error) } else { Ok(Vec::new()) }
        })
    }

    async fn commit_alone(&mut self, pen: &mut Pen<D>, turn: Pending) -> Result<Vec<Pending>, Failed> {
        let (mut batch, _) = self.work_out(pen, vec![turn]).await?;
        match pen.write(&mut batch, Begin::Open).await {
            Ok(()) => Ok(pen.answer(batch.turns)),
            Err(error) => Err(Failed { error, turns: batch.turns }),
        }
    }
}

/// Commits `jobs` together, each in a part of its own.
async fn settle_jobs<D: Database>(pen: &mut Pen<D>, mut jobs: Vec<Box<dyn Job<D::Connection>>>) {
    let mut outcomes = Vec::with_capacity(jobs.len());
    let committed = transaction::jobs(&mut pen.database, &mut jobs, &mut outcomes).await;
    pen.count(committed.is_ok());
    outcomes.resize(jobs.len(), Ok(()));
    for (job, outcome) in jobs.into_iter().zip(outcomes) {
        job.settle(outcome.and_then(|()| committed.clone()));
    }
}

/// The connection that only reads, if there can be one.
async fn open<'a, D: Database>(
    open_reader: &Option<OpenReader<D>>,
    reader: &'a mut Option<D>,
) -> Option<&'a mut D> {
    if reader.is_none() {
        match open_reader.as_ref()?().await {
            Ok(opened) => *reader = Some(opened),
            Err(error) => {
                tracing::warn!(%error, "no second connection for the writer; batches are worked out one after the other");
            }
        }
    }
    reader.as_mut()
}
