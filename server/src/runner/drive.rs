//! A run in memory: performs what the machine asked for, hands the results back, one durable turn after the other.
//!
//! It never tells anyone of anything that is not durable, and never begins an operation before the turn that asked for
//! it is. When nothing is under way the run leaves memory; the store knows when to wake it.

use super::gate::{is_unrepeatable, unknown_outcome};
use super::slots::Inbox;
use super::{Answer, Runner};
use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashSet;
use std::time::Duration;
use trunkline_engine::kind::Operation;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine};
use trunkline_store::ports::{RunHeader, Settled, Turn};

/// Events that go into one turn at most.
const TOGETHER: usize = 64;
/// Longest pause between attempts to make a turn durable.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long after its own time-out an operation is given up from here.
const GRACE: Duration = Duration::from_secs(2);

/// A run in memory.
pub(super) struct Drive {
    runner: Runner,
    header: RunHeader,
    machine: Machine,
    inbox: Inbox,
    depth: u32,
    wakes: Vec<(DateTime<Utc>, EffectKey)>,
    under_way: FuturesUnordered<BoxFuture<'static, Option<Event>>>,
    /// Operations that were begun before a restart.
    begun: HashSet<EffectKey>,
}

impl Drive {
    pub(super) fn new(runner: Runner, header: RunHeader, machine: Machine, inbox: Inbox, depth: u32) -> Self {
        let (wakes, under_way, begun) = (Vec::new(), FuturesUnordered::new(), HashSet::new());
        Self { runner, header, machine, inbox, depth, wakes, under_way, begun }
    }

    /// With operations that were begun before a restart, whose outcome nobody knows.
    pub(super) fn with_begun(mut self, begun: HashSet<EffectKey>) -> Self {
        self.begun = begun;
        self
    }

    /// Drives the run until it ends or sleeps.
    pub(super) async fn run(mut self, effects: Vec<Effect>) {
        let mut effects = effects;
        loop {
            for effect in std::mem::take(&mut effects) {
                if self.begin(effect) {
                    self.runner.inner.slots.release(self.header.id);
                    return;
                }
            }
            let Some(events) = self.next_events().await else { return };
            match self.settle(events).await {
                Some(next) => effects = next,
                None => {
                    self.runner.inner.slots.release(self.header.id);
                    return;
                }
            }
        }
    }

    /// Begins one effect; true when it was the end.
    fn begin(&mut self, effect: Effect) -> bool {
        match effect {
            Effect::Perform { key, operation, timeout } => self.perform(key, operation, timeout),
            Effect::Wake { key, at } => self.wakes.push((at, key)),
            Effect::Call { key, call } => {
                let (runner, depth) = (self.runner.clone(), self.depth);
                let (workspace, parent) = (self.header.workspace, self.header.id);
                let called = async move { runner.call(workspace, parent, key, call, depth).await };
                self.under_way.push(called.boxed());
            }
            Effect::Respond(reply) => self.runner.answer(self.header.id, Answer::Reply(reply)),
            Effect::Finish(verdict) => {
                self.runner.ended(&self.header, &verdict);
                self.runner.answer(self.header.id, Answer::Ended(verdict));
                return true;
            }
        }
        false
    }

    fn perform(&mut self, key: EffectKey, operation: Operation, timeout: Duration) {
        if self.begun.remove(&key) && is_unrepeatable(&operation) {
            let event = Event::Performed { key, result: Err(unknown_outcome()), at: self.runner.now() };
            self.under_way.push(async move { Some(event) }.boxed());
            return;
        }
        let runner = self.runner.clone();
        let performed = async move {
            let performing = runner.inner.gate.perform(&operation, timeout);
            let result = match tokio::time::timeout(timeout + GRACE, performing).await {
                Ok(result) => result,
                Err(_) => Err(super::gate::too_late(&operation, timeout)),
            };
            Some(Event::Performed { key, result, at: runner.now() })
        };
        self.under_way.push(performed.boxed());
    }

    /// The next events, or `None` once the run has left memory.
    async fn next_events(&mut self) -> Option<Vec<Event>> {
        let mut events = Vec::new();
        while events.is_empty() {
            if self.under_way.is_empty() {
                match self.runner.inner.slots.leave(self.header.id, &mut self.inbox) {
                    Some(event) => events.push(event),
                    None => {
                        self.runner.inner.asleep.notify_one();
                        return None;
                    }
                }
            } else {
                events.extend(self.wait().await);
            }
        }
        while events.len() < TOGETHER {
            if let Ok(event) = self.inbox.try_recv() {
                events.push(event);
            } else if let Some(Some(done)) = self.under_way.next().now_or_never() {
                events.extend(done);
            } else {
                break;
            }
        }
        Some(events)
    }

    async fn wait(&mut self) -> Option<Event> {
        let alarm = self.wakes.iter().map(|(at, _)| *at).min();
        let alarm = async {
            match alarm {
                Some(at) => tokio::time::sleep((at - self.runner.now()).to_std().unwrap_or_default()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Looked at in this order, so that the same world always gives the same order of events.
            biased;
            Some(done) = self.under_way.next() => done,
            Some(event) = self.inbox.recv() => Some(event),
            () = alarm => self.woken(),
        }
    }

    fn woken(&mut self) -> Option<Event> {
        let now = self.runner.now();
        let due = self.wakes.iter().position(|(at, _)| *at <= now)?;
        let (_, key) = self.wakes.swap_remove(due);
        Some(Event::Woke { key, at: now })
    }

    /// Makes the events durable; gives the next effects, or `None` when the run is not ours any more.
    async fn settle(&mut self, events: Vec<Event>) -> Option<Vec<Effect>> {
        let mut pause = Duration::from_millis(50);
        loop {
            let mut effects = Vec::new();
            for event in &events {
                effects.extend(self.machine.apply(event));
            }
            let machine = self.fresh_machine();
            let machine = std::mem::replace(&mut self.machine, machine);
            let turn = Turn { header: self.header.clone(), machine, events: events.clone(), effects };
            match self.runner.turn(turn).await {
                Ok(Settled::Done(done)) => {
                    (self.machine, self.header) = (done.machine, done.header);
                    return Some(done.effects);
                }
                Ok(Settled::Duplicate(_)) => return None,
                Err(error @ (trunkline_store::Error::Fenced | trunkline_store::Error::Closed)) => {
                    tracing::warn!(%error, run = %self.header.id, "the run is left to whoever takes it up next");
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, run = %self.header.id, "a turn could not be made durable; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    self.reload().await?;
                }
            }
        }
    }

    fn fresh_machine(&self) -> Machine {
        Machine::new(self.machine.compiled().clone(), self.machine.facts().clone())
    }

    /// Rebuilds the machine from what is durable, after a turn that was not.
    async fn reload(&mut self) -> Option<()> {
        loop {
            match self.runner.inner.store.runs.stored(self.header.id).await {
                Ok(Some(stored)) => {
                    let mut machine = self.fresh_machine();
                    for event in &stored.events {
                        machine.apply(event);
                    }
                    (self.machine, self.header) = (machine, stored.header);
                    return Some(());
                }
                Ok(None) | Err(trunkline_store::Error::Closed) => return None,
                Err(error) => {
                    tracing::warn!(%error, run = %self.header.id, "the run cannot be read; trying again");
                    tokio::time::sleep(LONGEST_PAUSE / 10).await;
                }
            }
        }
    }
}
