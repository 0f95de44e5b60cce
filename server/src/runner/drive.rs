//! A run in memory: performs what the machine asked for, hands the results back, one durable turn after the other.
//!
//! It never tells anyone of anything that is not durable, and never begins a write before the turn that asked for it is;
//! a read may begin while its turn is being written. When nothing is under way the run leaves memory; the store knows
//! when to wake it.

use super::slots::{Inbox, Post};
use super::under_way::UnderWay;
use super::{Answer, Runner};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::time::Duration;
use trunkline_engine::kind::Access;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine};
use trunkline_store::ports::{Begin, RunHeader, Settled, Turn};

/// Events that go into one turn at most.
const TOGETHER: usize = 64;
/// Longest pause between attempts to make a turn durable.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A run in memory.
pub(super) struct Drive {
    runner: Runner,
    header: RunHeader,
    machine: Machine,
    inbox: Inbox,
    depth: u32,
    wakes: Vec<(DateTime<Utc>, EffectKey)>,
    under_way: UnderWay,
    /// Writes that were begun before a restart, whose outcome nobody knows.
    begun: HashSet<EffectKey>,
}

impl Drive {
    pub(super) fn new(runner: Runner, header: RunHeader, machine: Machine, inbox: Inbox, depth: u32) -> Self {
        let (wakes, under_way, begun) = (Vec::new(), UnderWay::default(), HashSet::new());
        Self { runner, header, machine, inbox, depth, wakes, under_way, begun }
    }

    /// With reads that began ahead.
    pub(super) fn with_under_way(mut self, under_way: UnderWay) -> Self {
        self.under_way = under_way;
        self
    }

    /// With writes that were begun before a restart.
    pub(super) fn with_begun(mut self, begun: HashSet<EffectKey>) -> Self {
        self.begun = begun;
        self
    }

    /// Drives the run until it ends or sleeps.
    pub(super) async fn run(mut self, mut effects: Vec<Effect>) {
        loop {
            for effect in std::mem::take(&mut effects) {
                if self.begin(effect) {
                    self.runner.inner.slots.release(self.header.id);
                    return;
                }
            }
            let Some(posts) = self.next_posts().await else { return };
            match self.settle(posts).await {
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
        let (runner, parent) = (self.runner.clone(), self.header.id);
        match effect {
            Effect::Perform { key, operation, timeout } => {
                if self.begun.remove(&key) && operation.access == Access::Write {
                    self.under_way.begin(key.clone(), async move { Some(runner.lost(key)) });
                } else {
                    runner.begin_operation(&self.header, (key, operation, timeout), &mut self.under_way);
                }
            }
            Effect::Wake { key, at } => self.wakes.push((at, key)),
            Effect::Await { key, until, .. } => self.wakes.extend(until.map(|at| (at, key))),
            Effect::Call { key, call } => {
                let (workspace, depth, for_key) = (self.header.workspace, self.depth, key.clone());
                let called = async move { runner.call(workspace, parent, for_key, call, depth).await };
                self.under_way.begin(key, called);
            }
            Effect::Slice { key, slice } => {
                let (header, for_key) = (self.header.clone(), key.clone());
                self.under_way.begin(key, async move { runner.slice(header, for_key, *slice).await });
            }
            Effect::Abandon { key } => {
                self.wakes.retain(|(_, waiting)| *waiting != key);
                self.under_way.abandon(&key);
                let tasks = self.runner.inner.tasks.clone();
                tasks.spawn(async move { runner.cancel_child(parent, key).await });
            }
            Effect::Respond(reply) => self.runner.answer(self.header.id, Answer::Reply(reply)),
            Effect::Finish(verdict) => {
                self.runner.ended(&verdict);
                self.runner.answer(self.header.id, Answer::Ended(verdict));
                return true;
            }
        }
        false
    }

    /// The next events, or `None` once the run has left memory.
    async fn next_posts(&mut self) -> Option<Vec<Post>> {
        let mut posts = Vec::new();
        while posts.is_empty() {
            if self.under_way.is_empty() {
                match self.runner.inner.slots.leave(self.header.id, &mut self.inbox) {
                    Some(post) => posts.push(post),
                    None => {
                        let burst = self.header.rules.debounce.as_ref().filter(|_| self.machine.is_held());
                        let wakes =
                            self.wakes.iter().map(|(at, _)| *at).chain(burst.map(|burst| burst.until));
                        self.runner.went_to_sleep(wakes.min());
                        return None;
                    }
                }
            } else {
                posts.extend(self.wait().await);
            }
        }
        while posts.len() < TOGETHER {
            if let Ok(post) = self.inbox.try_recv() {
                posts.push(post);
            } else if let Some(done) = self.under_way.at_hand() {
                posts.extend(done.map(Post::from));
            } else {
                break;
            }
        }
        Some(posts)
    }

    async fn wait(&mut self) -> Option<Post> {
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
            Some(done) = self.under_way.next() => done.map(Post::from),
            Some(post) = self.inbox.recv() => Some(post),
            () = alarm => self.woken().map(Post::from),
        }
    }

    fn woken(&mut self) -> Option<Event> {
        let now = self.runner.now();
        let due = self.wakes.iter().position(|(at, _)| *at <= now)?;
        let (_, key) = self.wakes.swap_remove(due);
        Some(Event::Woke { key, at: now })
    }

    /// Makes the events durable; gives the next effects, or `None` when the run is not ours any more.
    async fn settle(&mut self, mut posts: Vec<Post>) -> Option<Vec<Effect>> {
        let (mut pause, mut failed) = (Duration::from_millis(50), false);
        for key in posts.iter().filter_map(|post| post.event.key()) {
            // What is answered does not time out any more.
            self.wakes.retain(|(_, waiting)| waiting != key);
        }
        loop {
            let (mut events, mut effects, mut unwanted) = (Vec::new(), Vec::new(), Vec::new());
            posts.retain(|post| {
                let wanted = is_wanted(&self.machine, &post.event);
                if wanted {
                    effects.extend(self.machine.apply(&post.event));
                    events.push(post.event.clone());
                } else {
                    unwanted.extend(post.letter);
                }
                wanted
            });
            self.runner.discard(unwanted).await;
            if events.is_empty() {
                return Some(Vec::new());
            }
            let letters: Vec<i64> = posts.iter().filter_map(|post| post.letter).collect();
            let machine = self.fresh_machine();
            let machine = std::mem::replace(&mut self.machine, machine);
            let (header, by_letter) = (self.header.clone(), !letters.is_empty());
            let turn = Turn { header, machine, events, effects, begin: Begin::Now, letters, tick: None };
            // A store that refuses turns does not have other systems asked anew at every attempt.
            let settled = match failed {
                false => self.runner.turn_and_read(turn, &mut self.under_way).await,
                true => self.runner.turn(turn).await,
            };
            failed = settled.is_err();
            match settled {
                Ok(Settled::Done(done)) => {
                    (self.machine, self.header) = (done.machine, done.header);
                    for taken in posts.into_iter().filter_map(|post| post.taken) {
                        // An error means that nobody waits for it any more.
                        let _ = taken.send(());
                    }
                    return Some(done.effects);
                }
                Ok(Settled::Duplicate(_)) => return None,
                Err(trunkline_store::Error::Fenced) if by_letter => {
                    // A letter that was taken in before counts once; everything else is still to be told.
                    let turns = self.header.next_seq;
                    self.reload().await?;
                    if self.header.next_seq != turns {
                        tracing::warn!(run = %self.header.id, "the run is left to whoever took it up");
                        return None;
                    }
                    posts.retain(|post| post.letter.is_none());
                    if posts.is_empty() {
                        return Some(Vec::new());
                    }
                }
                Err(error @ (trunkline_store::Error::Fenced | trunkline_store::Error::Closed)) => {
                    tracing::warn!(%error, run = %self.header.id, "the run is left to whoever takes it up next");
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, run = %self.header.id, "a turn could not be made durable; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    let turns = self.header.next_seq;
                    self.reload().await?;
                    if self.header.next_seq != turns {
                        tracing::warn!(run = %self.header.id, "the run is left to whoever took it up");
                        return None;
                    }
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

/// Whether `event` changes anything: an answer to what was answered already, or to what is not waited for any more, is
/// not worth a line in the journal.
pub(super) fn is_wanted(machine: &Machine, event: &Event) -> bool {
    let Some(key) = event.key() else { return true };
    // A step may ask for one thing after the other under its one key, so the kind counts as well.
    let is_asked = machine.waits_for().filter(|effect| effect.key() == Some(key)).any(|effect| match event {
        Event::Performed { .. } => matches!(effect, Effect::Perform { .. }),
        Event::Woke { .. } => matches!(effect, Effect::Wake { .. } | Effect::Await { .. }),
        Event::Returned { .. } => matches!(effect, Effect::Call { .. } | Effect::Slice { .. }),
        _ => matches!(effect, Effect::Await { .. }),
    });
    // A callback may come before the run gets to the step that waits for it.
    is_asked || (matches!(event, Event::Signalled { .. }) && machine.compiled().is_callback(&key.step))
}
