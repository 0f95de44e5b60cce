//! Flawed stores and gates, one for each law: the checker has to catch every one of them, or it catches nothing.

mod apart;
mod outbox;

use crate::fate;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use outbox::FlawedEvents;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Operation;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Performed, RunId};
use trunkline_server::runner::gate::World;
use trunkline_store::ports::{
    Begin, History, Letter, Letters, Page, RunHeader, RunQuery, RunRow, Settled, Stored, Tick, Ticks, Turn,
};
use trunkline_store::{Answer, DataTables, Error, Runs, Store, WorkspaceId};
use uuid::Uuid;

/// A guard that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Writes begin while the turn that asks for them is being written.
    WritesAhead,
    /// Turns are acknowledged before they are safe.
    AcknowledgesEarly,
    /// A second event with the same key is another run.
    ForgetsEventKeys,
    /// A turn that someone else has written is written on top.
    LetsTwoWrite,
    /// Sleeping runs are not found when they are due.
    ForgetsWakes,
    /// What happened for another run is forgotten.
    LosesLetters,
    /// Runs about the same thing do not wait for one another.
    ForgetsOrder,
    /// As many runs begin as come.
    ForgetsLimits,
    /// The key that the other side remembers is another at every attempt.
    NewKeyPerAttempt,
    /// A write whose answer was lost is sent again.
    RepeatsBlindly,
    /// A stretch that was begun before a crash is begun again.
    RepeatsStretches,
    /// A pause is confirmed and not kept.
    ForgetsPauses,
    /// What became of moments of schedules is not noted now and then.
    ForgetsTicks,
    /// Nobody is told of some failures.
    KeepsFailuresQuiet,
    /// Repeats are not recognised.
    ForgetsRepeats,
    /// A change of a lead is made twice.
    ChangesTwice,
    /// Some runs begin at once, whatever they are about.
    Overtakes,
    /// What was answered is not journaled as it was.
    ForgetsAnswers,
    /// Tables and counters are written in a transaction of their own.
    WritesApart,
    /// What is to be written to tables and counters follows from what stood there before the transaction.
    DecidesBeforehand,
    /// Events of leads go before their runs are accepted.
    ForgetsEvents,
    /// The run of an event of a lead is not known by that event.
    HearsTwice,
    /// Of the events of a lead later ones start their runs first.
    HearsBackwards,
}

impl Flaw {
    /// `store` with this flaw, in `world`.
    pub(crate) fn store(self, store: Store, world: Arc<dyn World>) -> Store {
        let (runs, tables) = (Arc::clone(&store.runs), Arc::clone(&store.tables));
        let runs = Arc::new(Flawed { flaw: self, runs, tables, world });
        if self == Self::ForgetsTicks {
            let ticks = Arc::new(FlawedTicks(Arc::clone(&store.ticks)));
            return Store { runs, ticks, ..store };
        }
        if matches!(self, Self::LosesLetters | Self::KeepsFailuresQuiet) {
            let letters = Arc::new(FlawedLetters { flaw: self, letters: Arc::clone(&store.letters) });
            return Store { runs, letters, ..store };
        }
        if matches!(self, Self::ForgetsEvents | Self::HearsBackwards) {
            let lead_events = Arc::new(FlawedEvents { flaw: self, events: Arc::clone(&store.lead_events) });
            return Store { runs, lead_events, ..store };
        }
        Store { runs, ..store }
    }

    /// `world` as a gate with this flaw reaches it.
    pub(crate) fn gate(self, world: Arc<dyn World>) -> Arc<dyn World> {
        Arc::new(FlawedGate { flaw: self, world, attempts: AtomicU64::new(0) })
    }
}

/// Runs with a flaw.
#[derive(Debug)]
struct Flawed {
    flaw: Flaw,
    runs: Arc<dyn Runs>,
    tables: Arc<dyn DataTables>,
    world: Arc<dyn World>,
}

impl Flawed {
    /// Begins a stretch a second time, under nobody, when somebody has begun it.
    async fn begin_again(&self, turn: Turn) -> Result<Settled, Error> {
        let is_first = turn.header.next_seq == 0;
        let mut header = turn.header.clone();
        let fresh = Machine::new(Arc::clone(turn.machine.compiled()), turn.machine.facts().clone());
        let events = turn.events.clone();
        let settled = self.runs.turn(turn).await?;
        if is_first && matches!(settled, Settled::Duplicate(_)) {
            header.parent = None;
            let mut machine = fresh;
            let effects = events.iter().flat_map(|event| machine.apply(event)).collect();
            let (begin, letters) = (Begin::Now, Vec::new());
            self.runs.turn(Turn { header, machine, events, effects, begin, letters, tick: None }).await?;
        }
        Ok(settled)
    }

    /// Begins the writes that `turn` asks for, though nothing of it is written.
    fn begin_writes(&self, turn: &Turn) {
        for effect in &turn.effects {
            if let Effect::Perform { operation, timeout, .. } = effect
                && fate::writes(operation)
                && !is_internal(effect)
            {
                let (world, operation, timeout) = (Arc::clone(&self.world), operation.clone(), *timeout);
                tokio::spawn(async move { world.perform(&operation, timeout).await });
            }
        }
    }

    /// Writes a turn that was refused on top of what is there.
    async fn force(&self, header: RunHeader, fresh: Machine, turn: Forced) -> Result<Settled, Error> {
        let Some(stored) = self.runs.stored(header.id).await? else { return Err(Error::Fenced) };
        let mut machine = fresh;
        stored.events.iter().for_each(|event| drop(machine.apply(event)));
        let effects = turn.events.iter().flat_map(|event| machine.apply(event)).collect();
        let (events, begin, letters) = (turn.events, Begin::Now, Vec::new());
        self.runs
            .turn(Turn { header: stored.header, machine, events, effects, begin, letters, tick: None })
            .await
    }
}

/// What is left of a turn that was refused.
struct Forced {
    events: Vec<Event>,
}

impl Runs for Flawed {
    fn turn(&self, mut turn: Turn) -> Answer<'_, Settled> {
        Box::pin(async move {
            match self.flaw {
                Flaw::WritesAhead => self.begin_writes(&turn),
                Flaw::ForgetsEventKeys => turn.header.event_key = None,
                Flaw::ForgetsOrder => turn.header.rules.order = None,
                Flaw::ForgetsLimits => turn.header.rules.most_at_once = None,
                Flaw::ForgetsRepeats => turn.header.rules.dedupe = None,
                Flaw::ForgetsPauses => forget_pause(&mut turn),
                Flaw::ChangesTwice => change_twice(&mut turn),
                Flaw::ForgetsAnswers => forget_answers(&mut turn),
                Flaw::ForgetsTicks => turn.tick.take_if(|tick| !is_noted(tick.at)).map_or((), drop),
                Flaw::HearsTwice if turn.header.trigger_kind == "lead_event" => turn.header.event_key = None,
                Flaw::WritesApart => apart::write(&*self.tables, &mut turn).await?,
                Flaw::DecidesBeforehand => apart::decide(&*self.tables, &mut turn).await?,
                Flaw::Overtakes if turn.header.id.as_u128().is_multiple_of(2) => begin_at_once(&mut turn),
                _ => {}
            }
            if self.flaw == Flaw::RepeatsStretches && turn.header.trigger_kind == "slice" {
                return self.begin_again(turn).await;
            }
            if self.flaw != Flaw::LetsTwoWrite {
                let mut settled = self.runs.turn(turn).await?;
                if let Settled::Done(done) = &mut settled {
                    done.letters.retain(|letter| is_kept(self.flaw, letter));
                }
                return Ok(settled);
            }
            let header = turn.header.clone();
            let fresh = Machine::new(Arc::clone(turn.machine.compiled()), turn.machine.facts().clone());
            let forced = Forced { events: turn.events.clone() };
            match self.runs.turn(turn).await {
                Err(Error::Fenced) => self.force(header, fresh, forced).await,
                settled => settled,
            }
        })
    }

    fn list(&self, workspace: WorkspaceId, query: RunQuery) -> Answer<'_, Page<RunRow>> {
        self.runs.list(workspace, query)
    }

    fn get(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<RunRow>> {
        self.runs.get(workspace, id)
    }

    fn history(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<History>> {
        self.runs.history(workspace, id)
    }

    fn unfinished(&self, after: Option<RunId>, limit: u32) -> Answer<'_, Vec<Stored>> {
        self.runs.unfinished(after, limit)
    }

    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<Stored>> {
        Box::pin(async move {
            let mut due = self.runs.due(now, limit).await?;
            if self.flaw == Flaw::ForgetsWakes {
                due.retain(|stored| stored.header.id.as_u128() % 3 != 0);
            }
            Ok(due)
        })
    }

    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(async move {
            let next = self.runs.next_wake().await?;
            Ok(next.filter(|_| self.flaw != Flaw::ForgetsWakes))
        })
    }

    fn stored(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        self.runs.stored(id)
    }

    fn outline(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        self.runs.outline(id)
    }

    fn child(&self, parent: RunId, key: EffectKey) -> Answer<'_, Option<RunRow>> {
        if self.flaw == Flaw::RepeatsStretches {
            return Box::pin(std::future::ready(Ok(None)));
        }
        self.runs.child(parent, key)
    }
}

/// Keeps that calls were answered, and not what with.
fn forget_answers(turn: &mut Turn) {
    for event in &mut turn.events {
        if let Event::Performed { result: Ok(performed), .. } = event
            && performed.output.pointer("/body/of").is_some()
        {
            performed.output = json!({});
        }
    }
}

/// Takes the pause out of what is kept.
fn forget_pause(turn: &mut Turn) {
    turn.events.retain(|event| !matches!(event, Event::Paused { .. }));
}

/// Asks for every change of a lead a second time.
fn change_twice(turn: &mut Turn) {
    let again: Vec<Effect> = turn.effects.iter().filter(|effect| is_internal(effect)).cloned().collect();
    turn.effects.extend(again);
}

fn is_internal(effect: &Effect) -> bool {
    matches!(effect, Effect::Perform { operation, .. } if operation.performer.is_internal())
}

/// Lets a run begin on which its rules should decide.
fn begin_at_once(turn: &mut Turn) {
    if turn.begin == Begin::IfAllowed && turn.header.rules.order.is_some() {
        turn.effects = turn.events.iter().flat_map(|event| turn.machine.apply(event)).collect();
        turn.begin = Begin::Now;
    }
}

/// Whether a moment is none of those that are forgotten.
fn is_noted(at: DateTime<Utc>) -> bool {
    at.timestamp() / 180 % 2 != 0
}

/// Moments of schedules, some of which are forgotten.
#[derive(Debug)]
struct FlawedTicks(Arc<dyn Ticks>);

impl Ticks for FlawedTicks {
    fn note(&self, workflow: Uuid, step: String, mut ticks: Vec<Tick>) -> Answer<'_, ()> {
        ticks.retain(|tick| is_noted(tick.at));
        self.0.note(workflow, step, ticks)
    }

    fn between(
        &self,
        workflow: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'_, Vec<(String, Tick)>> {
        self.0.between(workflow, from, until)
    }

    fn last_run(&self, workflow: Uuid, step: String) -> Answer<'_, Option<RunId>> {
        self.0.last_run(workflow, step)
    }

    fn queued(&self, workflow: Uuid, step: String, limit: u32) -> Answer<'_, Vec<DateTime<Utc>>> {
        self.0.queued(workflow, step, limit)
    }
}

/// Letters of which some are lost.
#[derive(Debug)]
struct FlawedLetters {
    flaw: Flaw,
    letters: Arc<dyn Letters>,
}

impl Letters for FlawedLetters {
    fn list(&self, after: i64, limit: u32) -> Answer<'_, Vec<Letter>> {
        Box::pin(async move {
            let mut letters = self.letters.list(after, limit).await?;
            letters.retain(|letter| is_kept(self.flaw, letter));
            Ok(letters)
        })
    }

    fn discard(&self, ids: Vec<i64>) -> Answer<'_, ()> {
        self.letters.discard(ids)
    }
}

fn is_kept(flaw: Flaw, letter: &Letter) -> bool {
    match flaw {
        Flaw::LosesLetters => letter.id % 3 != 0,
        Flaw::KeepsFailuresQuiet => letter.event.is_some() || letter.id % 2 != 0,
        _ => true,
    }
}

/// A gate with a flaw.
#[derive(Debug)]
struct FlawedGate {
    flaw: Flaw,
    world: Arc<dyn World>,
    attempts: AtomicU64,
}

impl World for FlawedGate {
    fn perform<'a>(
        &'a self,
        operation: &'a Operation,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Performed, Failure>> {
        Box::pin(async move {
            match self.flaw {
                Flaw::NewKeyPerAttempt => {
                    let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
                    let mut operation = operation.clone();
                    if let Some(key) = fate::sent_key(&operation) {
                        operation.input["headers"] = json!([["Idempotency-Key", format!("{key}:{attempt}")]]);
                    }
                    self.world.perform(&operation, timeout).await
                }
                Flaw::RepeatsBlindly if fate::writes(operation) => {
                    let first = self.world.perform(operation, timeout);
                    match tokio::time::timeout(timeout, first).await {
                        Ok(result) => result,
                        Err(_) => self.world.perform(operation, timeout).await,
                    }
                }
                _ => self.world.perform(operation, timeout).await,
            }
        })
    }
}
