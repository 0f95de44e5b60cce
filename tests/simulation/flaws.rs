//! Flawed stores and gates, one for each law: the checker has to catch every one of them, or it catches nothing.

use crate::fate;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Operation;
use trunkline_engine::run::{EffectKey, Event, Machine, Performed, RunId};
use trunkline_server::runner::gate::World;
use trunkline_store::ports::{
    Begin, History, Letter, Letters, Page, RunHeader, RunQuery, RunRow, Settled, Stored, Turn,
};
use trunkline_store::{Answer, Error, Runs, Store, WorkspaceId};

/// A guard that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
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
}

impl Flaw {
    /// `store` with this flaw.
    pub(crate) fn store(self, store: Store) -> Store {
        let runs = Arc::new(Flawed { flaw: self, runs: Arc::clone(&store.runs) });
        if self == Self::LosesLetters {
            let letters = Arc::new(FlawedLetters(Arc::clone(&store.letters)));
            return Store { runs, letters, ..store };
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
}

impl Flawed {
    /// Writes a turn that was refused on top of what is there.
    async fn force(&self, header: RunHeader, fresh: Machine, turn: Forced) -> Result<Settled, Error> {
        let Some(stored) = self.runs.stored(header.id).await? else { return Err(Error::Fenced) };
        let mut machine = fresh;
        stored.events.iter().for_each(|event| drop(machine.apply(event)));
        let effects = turn.events.iter().flat_map(|event| machine.apply(event)).collect();
        let (events, begin, letters) = (turn.events, Begin::Now, Vec::new());
        self.runs.turn(Turn { header: stored.header, machine, events, effects, begin, letters }).await
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
                Flaw::ForgetsEventKeys => turn.header.event_key = None,
                Flaw::ForgetsOrder => turn.header.rules.order = None,
                Flaw::ForgetsLimits => turn.header.rules.most_at_once = None,
                _ => {}
            }
            if self.flaw != Flaw::LetsTwoWrite {
                let mut settled = self.runs.turn(turn).await?;
                if let (Settled::Done(done), Flaw::LosesLetters) = (&mut settled, self.flaw) {
                    done.letters.retain(|letter| is_kept(letter.id));
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
        self.runs.child(parent, key)
    }
}

/// Letters of which some are lost.
#[derive(Debug)]
struct FlawedLetters(Arc<dyn Letters>);

impl Letters for FlawedLetters {
    fn list(&self, after: i64, limit: u32) -> Answer<'_, Vec<Letter>> {
        Box::pin(async move {
            let mut letters = self.0.list(after, limit).await?;
            letters.retain(|letter| is_kept(letter.id));
            Ok(letters)
        })
    }

    fn discard(&self, ids: Vec<i64>) -> Answer<'_, ()> {
        self.0.discard(ids)
    }
}

fn is_kept(letter: i64) -> bool {
    letter % 3 != 0
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
